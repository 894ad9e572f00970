"""The graph around a paper, on the real release."""

from collections import Counter
from pathlib import Path

import pytest

from index.arxiv.identifier import year_of_id
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.embedder import Embedder, embed_papers
from index.errors import NotReady, UnknownPaper
from index.lists.entries import RelatedPaper
from index.lists.finder import RelatedFinder
from index.lists.neighbourhood import Neighbourhood, build_neighbourhood
from index.lists.options import ListOptions
from index.releases.current import CurrentRelease
from index.releases.release import Release
from tests.conftest import SURVEY
from tests.support.catalogue_files import all_entries, withdraw
from tests.support.releases import build_release


@pytest.fixture
def graph(catalogue: Catalogue, release: Release) -> Neighbourhood:
    return build_neighbourhood(catalogue, release, SURVEY)


@pytest.fixture
def finder(catalogue: Catalogue, release: Release) -> RelatedFinder:
    return RelatedFinder(catalogue, release)


def _listed(finder: RelatedFinder, paper_id: str, limit: int = 8) -> list[RelatedPaper]:
    return finder.related(paper_id, ListOptions(limit)).related


def _ids(graph: Neighbourhood, step: int) -> list[str]:
    return [node.id for node in graph.nodes if node.step == step]


def test_the_seed_is_first_and_its_nearest_papers_are_one_step_away(
    graph: Neighbourhood, finder: RelatedFinder
) -> None:
    seed, *others = graph.nodes
    assert (seed.id, seed.step, seed.score) == (SURVEY, 0, 100.0)
    assert (graph.id, graph.meta) == (SURVEY, finder.meta)
    expected = [
        (paper.id, paper.title, paper.score, paper.tags) for paper in _listed(finder, SURVEY)
    ]
    assert [(n.id, n.title, n.score, n.tags) for n in others if n.step == 1] == expected
    assert [node.step for node in graph.nodes] == sorted(node.step for node in graph.nodes)


def test_each_paper_one_step_away_adds_its_three_nearest_new_papers(
    graph: Neighbourhood, finder: RelatedFinder
) -> None:
    met = [SURVEY, *_ids(graph, 1)]
    for paper_id in _ids(graph, 1):
        met += [paper.id for paper in _listed(finder, paper_id) if paper.id not in met][:3]
    assert [node.id for node in graph.nodes] == met
    assert len(met) > 20


def test_an_edge_joins_a_paper_to_one_of_its_nearest(
    graph: Neighbourhood, finder: RelatedFinder
) -> None:
    held = {node.id for node in graph.nodes}
    near = {
        frozenset((paper_id, paper.id)): paper.score
        for paper_id in reversed([SURVEY, *_ids(graph, 1)])
        for paper in _listed(finder, paper_id)
        if paper.id in held
    }
    assert {frozenset((e.source, e.target)): e.score for e in graph.edges} == near
    assert len(graph.edges) == len(near) > len(held) - 1
    ends = Counter(end for edge in graph.edges for end in (edge.source, edge.target))
    assert set(ends) == held


def test_every_score_is_the_similarity_to_the_seed(
    graph: Neighbourhood, finder: RelatedFinder
) -> None:
    scores = {paper.id: paper.score for paper in _listed(finder, SURVEY, 500)}
    told = {node.id: node.score for node in graph.nodes[1:]}
    assert told == pytest.approx({paper_id: scores[paper_id] for paper_id in told}, abs=0.1)


def test_a_node_describes_its_paper(graph: Neighbourhood, catalogue: Catalogue) -> None:
    for node in graph.nodes:
        paper = catalogue.entry(node.id).paper
        assert (node.title, node.url, node.submitted) == (paper.title, paper.url, paper.submitted)
        assert node.first_author == next(iter(paper.authors), None)
        assert node.year == (paper.submitted.year if paper.submitted else year_of_id(node.id))


@pytest.mark.parametrize(
    ("paper_id", "year"),
    [("2401.08092", 2024), ("0704.0001", 2007), ("hep-th/9108001", 1991), ("math/0309136", 2003)],
)
def test_the_year_of_an_identifier(paper_id: str, year: int) -> None:
    assert year_of_id(paper_id) == year


def test_a_paper_with_an_unknown_day_has_the_year_of_its_id(
    catalogue: Catalogue, release: Release
) -> None:
    undated = next(e.paper.id for e in all_entries(catalogue) if e.paper.submitted is None)
    seed = build_neighbourhood(catalogue, release, undated).nodes[0]
    assert (seed.submitted, seed.year) == (None, year_of_id(undated))


def test_the_same_release_gives_the_same_graph(
    graph: Neighbourhood, catalogue: Catalogue, built_data: Path
) -> None:
    assert build_neighbourhood(catalogue, CurrentRelease(built_data).get(), SURVEY) == graph


def test_every_paper_has_a_graph(catalogue: Catalogue, release: Release) -> None:
    for entry in all_entries(catalogue)[::10]:
        graph = build_neighbourhood(catalogue, release, entry.paper.id)
        ids = [node.id for node in graph.nodes]
        assert len(set(ids)) == len(ids)
        assert len(_ids(graph, 1)) == 8
        assert len(ids) <= 1 + 8 + 8 * 3


def test_a_withdrawn_paper_leaves_the_graph_at_once_and_after_the_next_release(
    built_data_copy: Path, graph: Neighbourhood
) -> None:
    near, far = _ids(graph, 1)[0], _ids(graph, 2)[-1]
    with open_catalogue(built_data_copy) as catalogue:
        withdraw(catalogue, near, far)
        release = CurrentRelease(built_data_copy).get()
        before = build_neighbourhood(catalogue, release, SURVEY)
        build_release(catalogue, release.manifest.identity, built_data_copy, 50_000, 2)
        after = build_neighbourhood(catalogue, CurrentRelease(built_data_copy).get(), SURVEY)
    assert before.nodes == after.nodes
    assert len(_ids(after, 1)) == 8
    assert not {near, far} & {node.id for node in after.nodes}
    assert not {near, far} & {end for edge in after.edges for end in (edge.source, edge.target)}


def test_kept_searches_do_not_keep_papers_withdrawn_since(
    built_data_copy: Path, release: Release
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        before = build_neighbourhood(catalogue, release, SURVEY)
        assert build_neighbourhood(catalogue, release, SURVEY) == before
        gone = _ids(before, 2)[0]
        withdraw(catalogue, gone)
        after = build_neighbourhood(catalogue, release, SURVEY)
    assert gone not in _ids(after, 2)


def test_a_withdrawn_paper_has_a_graph_of_its_own(built_data_copy: Path, release: Release) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        withdraw(catalogue, SURVEY)
        graph = build_neighbourhood(catalogue, release, SURVEY)
    assert (_ids(graph, 0), len(_ids(graph, 1))) == ([SURVEY], 8)


def test_few_papers_make_a_small_graph(built_data_copy: Path, release: Release) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        nearest_not_withdrawn = [
            SURVEY,
            *_ids(build_neighbourhood(catalogue, release, SURVEY), 1)[:2],
        ]
        every = [entry.paper.id for entry in all_entries(catalogue)]
        withdraw(
            catalogue, *(paper_id for paper_id in every if paper_id not in nearest_not_withdrawn)
        )
        graph = build_neighbourhood(catalogue, release, SURVEY)
    assert [node.id for node in graph.nodes] == nearest_not_withdrawn
    assert len(graph.edges) == 3


def test_a_catalogue_of_one_paper_gives_that_paper_alone(
    tmp_path: Path, embedder: Embedder
) -> None:
    with open_catalogue(tmp_path) as catalogue:
        paper = Paper("2401.00001", "Nesting of newts", "Newts nest in ponds.")
        catalogue.store([paper])
        vector = embed_papers(embedder, [(paper.title, paper.abstract)])
        catalogue.vectors.of(embedder.identity).add([paper.text_hash], vector)
        build_release(catalogue, embedder.identity, tmp_path, 50_000, 2)
        graph = build_neighbourhood(catalogue, CurrentRelease(tmp_path).get(), paper.id)
    (node,) = graph.nodes
    assert (node.id, node.first_author, node.year, graph.edges) == (paper.id, None, 2024, [])


def test_an_unknown_or_unreleased_paper_is_reported(
    built_data_copy: Path, release: Release
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        with pytest.raises(UnknownPaper):
            build_neighbourhood(catalogue, release, "2401.99999")
        catalogue.store([Paper("2401.00001", "A newcomer")])
        with pytest.raises(NotReady, match="seealso update"):
            build_neighbourhood(catalogue, release, "2401.00001")
