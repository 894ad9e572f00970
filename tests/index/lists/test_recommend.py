"""Recommendations: the exact score from liked and disliked papers, and clear errors."""

from datetime import date

import numpy as np
import pytest

import index.lists.recommend
from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder
from index.errors import BadInput, NoKnownPaper
from index.lists.filters import Filters
from index.lists.finder import MAX_TEXT_LENGTH, RelatedFinder
from index.lists.options import ListOptions
from index.lists.recommend import MAX_PAPERS, recommend
from index.lists.reference_matching import match_references
from index.lists.references import parse_references
from index.releases.release import Release
from tests.conftest import SURVEY
from tests.support.catalogue_files import all_entries

ALL = ListOptions(500)


@pytest.fixture
def finder(catalogue: Catalogue, release: Release) -> RelatedFinder:
    return RelatedFinder(catalogue, release)


@pytest.fixture
def ids(catalogue: Catalogue) -> list[str]:
    return [entry.paper.id for entry in all_entries(catalogue)]


def test_one_liked_paper_gives_its_related_papers(finder: RelatedFinder) -> None:
    recommended = recommend(finder, [SURVEY]).related
    related = finder.related(SURVEY).related
    assert [p.id for p in recommended] == [p.id for p in related]
    assert [p.score for p in recommended] == [p.score for p in related]
    assert all(p.reasons.liked == [SURVEY] for p in recommended)


@pytest.mark.parametrize("depths", [(2, 2_000), (200, 2_000)])
def test_the_score_is_the_mean_of_the_three_nearest_less_half_of_the_disliked(
    finder: RelatedFinder, ids: list[str], monkeypatch: pytest.MonkeyPatch, depths: tuple[int, int]
) -> None:
    """Compare with scores computed from single similarities; the liked papers differ in subject."""
    monkeypatch.setattr(index.lists.recommend, "_DEPTHS", depths)
    liked, disliked = [ids[i] for i in (3, 40, 90, 150, 200)], [ids[i] for i in (60, 120)]
    rows = np.arange(len(ids))

    def similarities(of: list[str]) -> np.ndarray:
        seeds = [finder.paper_query(paper_id).seed for paper_id in of]
        found = np.sort([finder.nearness.similarities(seed, rows) for seed in seeds], axis=0)
        return np.asarray(found[-3:].mean(axis=0))

    scores = np.clip(similarities(liked) - 0.5 * similarities(disliked), 0, 1)
    ranked = sorted(zip(-scores, ids, strict=True))
    expected = [paper_id for _, paper_id in ranked if paper_id not in {*liked, *disliked}]
    found = recommend(finder, liked, disliked).related
    assert [p.id for p in found] == expected[:10]
    assert found[0].score == round(100 * scores[ids.index(found[0].id)], 1)
    for paper in found:
        assert len(paper.reasons.liked) == 3
        assert set(paper.reasons.liked) <= set(liked)


def test_neither_liked_nor_disliked_papers_are_recommended(
    finder: RelatedFinder, ids: list[str]
) -> None:
    found = recommend(finder, ids[:20], ids[20:30], options=ALL)
    assert {p.id for p in found.related} == set(ids[30:])
    assert found.liked == ids[:20]
    assert found.disliked == ids[20:30]


def test_a_disliked_paper_lowers_similar_papers(finder: RelatedFinder) -> None:
    before = [p.id for p in recommend(finder, [SURVEY]).related]
    after = [p.id for p in recommend(finder, [SURVEY], [before[0]], options=ALL).related]
    nearest = finder.related(before[0]).related[0].id
    plain = [p.id for p in recommend(finder, [SURVEY], options=ALL).related]
    assert after.index(nearest) > plain.index(nearest) - 1
    assert before[0] not in after


def test_a_text_counts_as_a_liked_paper(finder: RelatedFinder, embedder: Embedder) -> None:
    text = "Quantization of the weights of language models to four bits"
    alone = recommend(finder, text=text, embedder=embedder)
    assert sum("quanti" in p.title.lower() for p in alone.related) >= 3
    assert all(p.reasons.liked == [] for p in alone.related)
    both = recommend(finder, [SURVEY], text=text, embedder=embedder)
    assert SURVEY not in [p.id for p in both.related]
    assert [p.id for p in both.related] != [p.id for p in alone.related]


def test_unknown_papers_are_reported_and_the_others_are_used(finder: RelatedFinder) -> None:
    found = recommend(finder, [f"arXiv:{SURVEY}v1", "2401.99999", "nonsense", SURVEY], ["9901.1"])
    assert found.liked == [SURVEY]
    assert found.disliked == []
    assert [one.asked for one in found.unmatched] == ["2401.99999", "nonsense", "9901.1"]
    assert "has not been harvested" in found.unmatched[0].reason
    assert "is not an arXiv identifier" in found.unmatched[1].reason
    assert len(found.related) == 10


def test_the_papers_of_a_library_are_liked_and_other_references_are_reported(
    catalogue: Catalogue, finder: RelatedFinder
) -> None:
    bib = f"""
        @article{{one, title={{Something}}, eprint={{{SURVEY}}}, archivePrefix={{arXiv}}}}
        @article{{two, title={{A paper that nobody ever wrote}}}}
    """
    library = match_references(catalogue, parse_references("my.bib", bib.encode()))
    found = recommend(finder, references=library)
    assert found.liked == [SURVEY]
    assert [one.asked for one in found.unmatched] == ["two: A paper that nobody ever wrote"]


def test_filters_apply_to_recommendations_too(finder: RelatedFinder, ids: list[str]) -> None:
    since = date(2023, 6, 1)
    options = ListOptions(10, filters=Filters(since=since))
    found = recommend(finder, ids[100:104], options=options).related
    assert len(found) == 10
    assert all(p.submitted and p.submitted >= since for p in found)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "no liked paper or text was given"),
        ({"disliked": [SURVEY]}, "no liked paper or text was given"),
        ({"liked": [SURVEY], "disliked": [f"{SURVEY}v2"]}, f"both liked and disliked: {SURVEY}"),
        ({"liked": ["2401.00001"] * (MAX_PAPERS + 1)}, "1001 liked papers: at most 1000"),
        ({"liked": [SURVEY], "disliked": ["x"] * 10_000}, "10000 disliked papers: at most 1000"),
        ({"text": " \n\t"}, "has no words"),
        ({"text": "\0\x07"}, "has no words"),
        ({"text": "word " * 50_000}, f"at most {MAX_TEXT_LENGTH}"),
        ({"liked": [SURVEY], "options": ListOptions(when="newer")}, "have no common date"),
    ],
)
def test_invalid_requests_are_refused(
    finder: RelatedFinder, embedder: Embedder, arguments: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadInput, match=complaint):
        recommend(finder, embedder=embedder, **arguments)  # type: ignore[arg-type]


def test_only_unknown_papers_are_refused_with_the_reasons(finder: RelatedFinder) -> None:
    with pytest.raises(NoKnownPaper, match=r"none of the liked papers.*2401\.99999.*; .*nonsense"):
        recommend(finder, ["2401.99999", "nonsense"])


@pytest.mark.parametrize("text", ["模型压缩", "сжатие моделей", "\u202egnitset", "مقالة"])
def test_a_text_in_another_script_gets_recommendations(
    finder: RelatedFinder, embedder: Embedder, text: str
) -> None:
    assert len(recommend(finder, text=text, embedder=embedder).related) == 10
