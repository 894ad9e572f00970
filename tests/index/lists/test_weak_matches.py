"""Weak matches: where the line is, what marks and excludes them, and what a list says of itself."""

import numpy as np
import pytest

from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.lists.recommend import recommend
from index.releases.release import Release
from index.search import match_strength
from index.search.match_strength import PAPER_LINE, TEXT_LINE, MatchLine, is_weak
from index.searching.search import PaperSearch
from tests.conftest import SURVEY
from tests.support.catalogue_files import all_entries

STRONG = ListOptions(weak="exclude")
ALL_WEAK = "No paper is closely related: all entries are weak matches."
NONE_LEFT = "No paper is closely related. Weak matches were left out."


@pytest.fixture
def finder(catalogue: Catalogue, release: Release) -> RelatedFinder:
    return RelatedFinder(catalogue, release)


def set_lines(monkeypatch: pytest.MonkeyPatch, paper: float, text: float = 0.3) -> None:
    monkeypatch.setattr(match_strength, "PAPER_LINE", MatchLine(paper, 0.5))
    monkeypatch.setattr(match_strength, "TEXT_LINE", MatchLine(text, 0.5))


def test_a_match_is_weak_below_the_line_of_its_kind() -> None:
    for line, is_text in ((PAPER_LINE, False), (TEXT_LINE, True)):
        assert 0 < line.similarity < 1
        assert 0 < line.precision < 1
        assert not is_weak(line.similarity, is_text)
        assert is_weak(line.similarity - 0.001, is_text)
        assert not is_weak(line.similarity - 0.0004, is_text), "shown with the score of the line"


def test_entries_below_the_line_are_marked_and_can_be_excluded(
    finder: RelatedFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fourth = finder.related(SURVEY).related[3].score
    set_lines(monkeypatch, fourth / 100)
    listing = finder.related(SURVEY)
    assert [entry.weak for entry in listing.related] == [e.score < fourth for e in listing.related]
    assert listing.note is None
    strong = finder.related(SURVEY, STRONG)
    assert strong.related == [entry for entry in listing.related if not entry.weak]
    assert strong.note is None
    assert strong.score == listing.score
    diverse = finder.related(SURVEY, ListOptions(3, diversity=0.5, weak="exclude"))
    assert not any(entry.weak for entry in diverse.related)
    by_date = finder.related(SURVEY, ListOptions(sort="date"))
    assert {e.id for e in by_date.related if e.weak} == {e.id for e in listing.related if e.weak}


def test_a_list_without_a_strong_match_says_so(
    finder: RelatedFinder, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_lines(monkeypatch, 0.99, 0.99)
    listing = finder.related(SURVEY)
    assert (len(listing.related), listing.note) == (10, ALL_WEAK)
    listing = finder.related(SURVEY, STRONG)
    assert (listing.related, listing.note) == ([], NONE_LEFT)
    found = PaperSearch(finder).search(embedder, "pruning")
    assert (len(found.results), found.note) == (10, ALL_WEAK)
    found = PaperSearch(finder).search(embedder, "pruning", STRONG)
    assert (found.results, found.note) == ([], NONE_LEFT)
    text = finder.related_to_text(embedder, "pruning", STRONG)
    assert (text.related, text.note) == ([], NONE_LEFT)
    recommended = recommend(finder, [SURVEY])
    assert (len(recommended.related), recommended.note) == (10, ALL_WEAK)
    recommended = recommend(finder, [SURVEY], options=STRONG)
    assert (recommended.related, recommended.note) == ([], NONE_LEFT)


def test_a_list_that_other_options_empty_does_not_blame_weak_matches(
    finder: RelatedFinder,
) -> None:
    listing = finder.related(SURVEY, ListOptions(min_score=100))
    assert (listing.related, listing.note) == ([], None)


def test_the_paper_that_a_query_names_is_a_strong_match(
    finder: RelatedFinder, embedder: Embedder
) -> None:
    [found] = PaperSearch(finder).search(embedder, SURVEY, STRONG).results
    assert (found.id, found.weak) == (SURVEY, False)


@pytest.mark.parametrize(
    "query",
    ["qantization", "xqzzt wibblefrotz", "模型压缩方法", "сжатие моделей", "xqzzt model", "of the"],
)
def test_a_query_of_mostly_unknown_words_has_only_weak_matches(
    finder: RelatedFinder, embedder: Embedder, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    set_lines(monkeypatch, 0.001, 0.001)
    found = PaperSearch(finder).search(embedder, query)
    assert found.results
    assert all(entry.weak for entry in found.results)
    assert found.note
    assert found.note.endswith(ALL_WEAK)
    assert PaperSearch(finder).search(embedder, query, STRONG).results == []
    assert all(entry.weak for entry in recommend(finder, text=query, embedder=embedder).related)


def test_unknown_words_are_named(
    finder: RelatedFinder, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_lines(monkeypatch, 0.001, 0.001)
    found = PaperSearch(finder).search(embedder, "Xqzzt pruning of language models")
    assert not any(entry.weak for entry in found.results)
    assert found.note == "No paper contains “xqzzt”."
    assert PaperSearch(finder).search(embedder, "pruning of language models").note is None
    paragraph = f"{'Pruning of language models makes inference fast. ' * 3} Xqzzt."
    assert PaperSearch(finder).search(embedder, paragraph).note is None
    many = PaperSearch(finder).search(embedder, " ".join(f"xqzzt{n}" for n in range(13))).note
    assert many
    assert "“xqzzt9” and 3 more words. No paper" in many


def test_a_recommendation_is_strong_if_one_liked_paper_is_a_strong_match(
    finder: RelatedFinder, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mean over liked papers of different subjects is low, and disliked papers lower it."""
    ids = [entry.paper.id for entry in all_entries(catalogue)]
    liked, disliked = [ids[i] for i in (3, 40, 90, 150)], [ids[60]]
    set_lines(monkeypatch, 0.4)
    seeds = [finder.paper_query(paper_id).seed for paper_id in liked]
    rows = np.arange(len(ids))
    nearest = np.max([finder.nearness.similarities(seed, rows) for seed in seeds], axis=0)
    weak = {paper_id for paper_id, s in zip(ids, nearest, strict=True) if is_weak(s, False)}
    expected = weak - {*liked, *disliked}
    found = recommend(finder, liked, disliked, options=ListOptions(500)).related
    assert {entry.id for entry in found if entry.weak} == expected
    assert any(not entry.weak and entry.score < 40 for entry in found)
    strong = recommend(finder, liked, disliked, options=ListOptions(500, weak="exclude")).related
    assert strong == [entry for entry in found if not entry.weak]
    for limit in (1, 5, 20):
        options = ListOptions(limit, weak="exclude")
        assert recommend(finder, liked, disliked, options=options).related == strong[:limit]


def test_a_text_and_a_paper_have_their_own_lines(
    finder: RelatedFinder, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_lines(monkeypatch, 0.99, 0.001)
    assert all(entry.weak for entry in recommend(finder, [SURVEY]).related)
    both = recommend(finder, [SURVEY], text="pruning", embedder=embedder).related
    assert not any(entry.weak for entry in both)
