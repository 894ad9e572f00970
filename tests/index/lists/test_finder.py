"""Related lists and search, on the real release with the real model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.embedder import Embedder, embed_papers
from index.errors import BadIdentifier, BadInput, NotReady, UnknownPaper
from index.lists.entries import FoundPaper
from index.lists.finder import MAX_TEXT_LENGTH, RelatedFinder
from index.lists.options import MAX_LIMIT, ListOptions
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.searching.search import PaperSearch
from tests.conftest import SURVEY
from tests.support.catalogue_files import all_entries, withdraw
from tests.support.releases import build_release


@pytest.fixture
def finder(catalogue: Catalogue, release: Release) -> RelatedFinder:
    return RelatedFinder(catalogue, release)


def _ids(papers: Sequence[FoundPaper]) -> list[str]:
    return [paper.id for paper in papers]


def _every_id(catalogue: Catalogue) -> list[str]:
    return [entry.paper.id for entry in all_entries(catalogue)]


def test_every_paper_has_a_full_list_without_itself(
    catalogue: Catalogue, finder: RelatedFinder
) -> None:
    for paper_id in _every_id(catalogue):
        listed = _ids(finder.related(paper_id, ListOptions(4)).related)
        assert len(set(listed)) == 4
        assert paper_id not in listed


def test_a_list_describes_its_seed_its_papers_and_its_release(
    catalogue: Catalogue, finder: RelatedFinder, release: Release
) -> None:
    listing = finder.related(SURVEY)
    seed = catalogue.entry(SURVEY).paper
    assert (listing.id, listing.title) == (SURVEY, seed.title)
    scores = [paper.score for paper in listing.related]
    assert scores == sorted(scores, reverse=True)
    assert listing.score == pytest.approx(sum(scores) / 10, abs=0.1)
    for listed in listing.related:
        held = catalogue.entry(listed.id)
        assert (listed.title, listed.summary) == (held.paper.title, held.summary)
        assert listed.url == f"https://arxiv.org/abs/{listed.id}"
        assert listed.authors == list(held.paper.authors)
        assert 0 <= listed.score <= 100
        assert 0 <= listed.percentile <= 100
        for term in listed.reasons.terms:
            for paper in (seed, held.paper):
                assert term in f"{paper.title} {paper.abstract}".lower()
    assert listing.related[0].percentile > 90
    assert any(listed.reasons.terms for listed in listing.related)
    assert listing.meta.release == release.manifest.name
    assert listing.meta.papers == release.manifest.papers
    assert listing.meta.harvested_at is not None


def test_sorting_by_date_keeps_the_set(finder: RelatedFinder) -> None:
    by_score = finder.related(SURVEY, ListOptions(12))
    by_date = finder.related(SURVEY, ListOptions(12, sort="date"))
    assert sorted(_ids(by_date.related)) == sorted(_ids(by_score.related))
    days = [paper.submitted or date.min for paper in by_date.related]
    assert days == sorted(days, reverse=True)
    assert _ids(by_date.related) != _ids(by_score.related)
    assert by_date.score == by_score.score


def test_a_shorter_list_is_the_start_of_a_longer_one_with_the_same_score(
    finder: RelatedFinder,
) -> None:
    longer = finder.related(SURVEY, ListOptions(50))
    for limit in (1, 10, 49):
        shorter = finder.related(SURVEY, ListOptions(limit))
        assert shorter.related == longer.related[:limit]
        assert shorter.score == longer.score


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_out_of_range_is_refused(
    finder: RelatedFinder, embedder: Embedder, limit: int
) -> None:
    complaint = f"limit is {limit}: it must be at (least 1|most {MAX_LIMIT})"
    with pytest.raises(BadInput, match=complaint):
        finder.related(SURVEY, ListOptions(limit))
    with pytest.raises(BadInput, match=complaint):
        finder.related_to_text(embedder, "text", ListOptions(limit))
    with pytest.raises(BadInput, match=complaint):
        PaperSearch(finder).search(embedder, "text", ListOptions(limit))


def test_the_largest_limit_lists_all_others(finder: RelatedFinder, release: Release) -> None:
    listed = finder.related(SURVEY, ListOptions(MAX_LIMIT)).related
    assert len(listed) == release.manifest.papers - 1


def test_an_unknown_or_unreleased_paper_is_reported(
    built_data_copy: Path, finder: RelatedFinder, embedder: Embedder
) -> None:
    with pytest.raises(UnknownPaper):
        finder.related("2401.99999")
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store([Paper("2401.00001", "A newcomer")])
        waiting = RelatedFinder(catalogue, CurrentRelease(built_data_copy).get())
        with pytest.raises(NotReady, match="seealso update"):
            waiting.related("2401.00001")
        with pytest.raises(NotReady, match="seealso update"):
            PaperSearch(waiting).search(embedder, "arXiv:2401.00001")


def test_the_list_of_an_unreleased_paper_is_that_of_its_text_and_says_so(
    built_data_copy: Path, release: Release, embedder: Embedder
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        seed = catalogue.entry(SURVEY)
        twin = replace(seed.paper, id="2401.00001", title=seed.paper.title + " again")
        catalogue.store([twin])
        finder = RelatedFinder(catalogue, release, lambda: embedder)
        waiting = finder.related(twin.id)
        listed = _ids(waiting.related)
        assert listed[0] == SURVEY
        assert waiting.title == twin.title
        assert waiting.note is not None
        assert waiting.note.startswith("This paper is not in the release yet")
        assert waiting.meta.not_in_release == 1
        assert finder.related(SURVEY).note is None
        newer = finder.related(twin.id, ListOptions(when="newer")).related
        assert min(str(one.submitted) for one in newer) > str(twin.submitted)
        with pytest.raises(NotReady, match=r"which has 266 of 267 papers: run `seealso update`"):
            finder.paper_query(twin.id)
        [vector] = embed_papers(embedder, [(twin.title, twin.abstract)])
        catalogue.vectors.of(release.manifest.identity).add([twin.text_hash], vector[None])
        build_release(catalogue, release.manifest.identity, built_data_copy)
        released = RelatedFinder(catalogue, CurrentRelease(built_data_copy).get())
        assert _ids(released.related(twin.id).related) == listed
        assert released.related(twin.id).meta.not_in_release == 0


def test_a_withdrawn_paper_leaves_the_lists_at_once_and_after_the_next_release(
    built_data_copy: Path, embedder: Embedder
) -> None:
    release = CurrentRelease(built_data_copy).get()
    with open_catalogue(built_data_copy) as catalogue:
        finder = RelatedFinder(catalogue, release)
        whole = _ids(finder.related(SURVEY, ListOptions(12)).related)
        withdraw(catalogue, whole[0], whole[4])
        expected = [paper_id for paper_id in whole if paper_id not in (whole[0], whole[4])]
        assert _ids(finder.related(SURVEY, ListOptions(10)).related) == expected
        assert _ids(finder.related(SURVEY, ListOptions(1)).related) == expected[:1]
        build_release(catalogue, release.manifest.identity, built_data_copy, 50_000, 2)
        after = RelatedFinder(catalogue, CurrentRelease(built_data_copy).get())
        assert _ids(after.related(SURVEY, ListOptions(10)).related) == expected
        title = catalogue.entry(whole[0]).paper.title
        found = _ids(after.related_to_text(embedder, title).related)
        assert len(found) == 10
        assert whole[0] not in found
        assert whole[0] not in _ids(PaperSearch(after).search(embedder, f'"{title}"').results)


def test_a_withdrawn_paper_stays_addressable(built_data_copy: Path, embedder: Embedder) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        finder = RelatedFinder(catalogue, CurrentRelease(built_data_copy).get())
        withdraw(catalogue, SURVEY)
        listing = finder.related(SURVEY)
        assert (listing.id, len(listing.related)) == (SURVEY, 10)
        assert _ids(PaperSearch(finder).search(embedder, SURVEY).results) == [SURVEY]


def test_a_list_is_never_empty_if_another_paper_is_not_withdrawn(
    built_data_copy: Path, embedder: Embedder
) -> None:
    release = CurrentRelease(built_data_copy).get()
    with open_catalogue(built_data_copy) as catalogue:
        first, second, *others = _every_id(catalogue)
        withdraw(catalogue, *others)
        for _ in range(2):  # withdrawn in the catalogue, then in the release too
            finder = RelatedFinder(catalogue, CurrentRelease(built_data_copy).get())
            assert _ids(finder.related(first, ListOptions(1)).related) == [second]
            assert _ids(finder.related(second).related) == [first]
            assert set(_ids(PaperSearch(finder).search(embedder, "newts").results)) == {
                first,
                second,
            }
            build_release(catalogue, release.manifest.identity, built_data_copy, 50_000, 2)


def test_a_catalogue_of_one_paper_gives_an_empty_list(tmp_path: Path, embedder: Embedder) -> None:
    with open_catalogue(tmp_path) as catalogue:
        paper = Paper("2401.00001", "Nesting of newts", "Newts nest in ponds.")
        catalogue.store([paper])
        vector = embed_papers(embedder, [(paper.title, paper.abstract)])
        catalogue.vectors.of(embedder.identity).add([paper.text_hash], vector)
        build_release(catalogue, embedder.identity, tmp_path, 50_000, 2)
        finder = RelatedFinder(catalogue, CurrentRelease(tmp_path).get())
        listing = finder.related(paper.id)
        assert (listing.related, listing.score) == ([], 0.0)
        assert _ids(finder.related_to_text(embedder, "amphibians").related) == [paper.id]


def test_the_text_of_a_paper_finds_that_paper(
    catalogue: Catalogue, finder: RelatedFinder, embedder: Embedder
) -> None:
    paper = catalogue.entry(SURVEY).paper
    listing = finder.related_to_text(embedder, f"{paper.title}\n\n  {paper.abstract}")
    assert (listing.id, listing.title) == (None, None)
    assert listing.related[0].id == SURVEY
    assert len(listing.related) == 10


@pytest.mark.parametrize("text", ["", "   \n", "?!…", "x" * (MAX_TEXT_LENGTH + 1), "half \ud800"])
def test_an_empty_or_too_long_text_is_refused(
    finder: RelatedFinder, embedder: Embedder, text: str
) -> None:
    with pytest.raises(BadInput):
        finder.related_to_text(embedder, text)
    with pytest.raises(BadInput):
        PaperSearch(finder).search(embedder, text)


def test_a_text_with_only_unknown_words_still_finds_papers(
    finder: RelatedFinder, embedder: Embedder
) -> None:
    assert len(finder.related_to_text(embedder, "模型压缩").related) == 10


@pytest.mark.parametrize(
    "query", [SURVEY, f"arXiv:{SURVEY}v1", f"https://arxiv.org/abs/{SURVEY}", f" {SURVEY} "]
)
def test_search_finds_a_paper_by_any_form_of_its_id(
    finder: RelatedFinder, embedder: Embedder, query: str
) -> None:
    found = PaperSearch(finder).search(embedder, query)
    assert _ids(found.results) == [SURVEY]
    assert found.query == query


@pytest.mark.parametrize(
    "query", ["2401.99999", "https://ar5iv.org/abs/2401.99999v2", "(2401.99999)"]
)
def test_an_id_that_is_not_held_lists_no_other_paper(
    finder: RelatedFinder, embedder: Embedder, query: str
) -> None:
    with pytest.raises(UnknownPaper, match=r"run `seealso ingest ids 2401\.99999`") as missing:
        PaperSearch(finder).search(embedder, query)
    assert "https://arxiv.org/abs/2401.99999" in str(missing.value)


@pytest.mark.parametrize(
    "query",
    [
        "arXiv:2401.099999",
        "2413.00001",
        "hep-th/99019",
        "https://arxiv.org/abs/2401.9999",
        "2401.99998, 2401.99999",
        f"{SURVEY} arXiv:2401.99999",
    ],
)
def test_a_wrong_id_and_several_ids_list_no_paper(
    finder: RelatedFinder, embedder: Embedder, query: str
) -> None:
    with pytest.raises(BadIdentifier, match="is not an arXiv identifier"):
        PaperSearch(finder).search(embedder, query)


def test_a_question_that_mentions_an_id_is_searched_as_text(
    finder: RelatedFinder, embedder: Embedder
) -> None:
    assert len(PaperSearch(finder).search(embedder, f"pruning as in arXiv:{SURVEY}").results) == 10
    assert len(PaperSearch(finder).search(embedder, "pruning unlike 2401.99999").results) == 10


def test_quoted_phrases_must_occur_in_the_text(
    catalogue: Catalogue, finder: RelatedFinder, embedder: Embedder
) -> None:
    found = PaperSearch(finder).search(
        embedder, 'smaller models "knowledge distillation" "language models"'
    )
    assert len(found.results) > 1
    for result in found.results:
        paper = catalogue.entry(result.id).paper
        text = f"{paper.title} {paper.abstract}".lower().replace("-", " ")
        assert "knowledge distillation" in text
        assert "language models" in text
    assert PaperSearch(finder).search(embedder, '"distillation knowledge of newts"').results == []


@pytest.mark.parametrize(
    "query", ['pruning "', 'pruning "..."', 'pruning " " "_"', '"..." pruning', 'NEAR("pruning"']
)
def test_quotes_without_words_are_ignored(
    finder: RelatedFinder, embedder: Embedder, query: str
) -> None:
    assert len(PaperSearch(finder).search(embedder, query).results) > 1


def test_a_query_finds_matching_papers(finder: RelatedFinder, embedder: Embedder) -> None:
    titles = [
        p.title
        for p in PaperSearch(finder)
        .search(embedder, "post-training quantization", ListOptions(5))
        .results
    ]
    assert sum("quantiz" in title.lower() for title in titles) >= 3
