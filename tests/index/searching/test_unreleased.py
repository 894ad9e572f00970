"""Papers that the release does not have yet are found by their words, and say so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from classifier.taxonomies.followed import followed_taxonomies
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.embedder import Embedder
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.release import Release
from index.searching.results import SearchResults
from index.searching.search import PaperSearch
from index.searching.unreleased import word_forms
from tests.conftest import SURVEY
from tests.support.catalogue_files import withdraw

PAPER = Paper(
    "2602.00001",
    "Zyxomatic pruning of language models",
    abstract="We remove weights with a quaggle.",
    authors=("Ada Zimmerova", "Mengwei Xu"),
    categories=("cs.CL", "cs.LG"),
    submitted=date(2026, 2, 1),
    license="http://creativecommons.org/licenses/by/4.0/",
)
IN_ABSTRACT = replace(
    PAPER,
    id="2602.00002",
    title="A new mask",
    abstract="Zyxomatic pruning of a language model.",
    categories=("cs.CV",),
    submitted=date(2026, 2, 9),
    authors=("B. Other",),
)
OLDER = replace(
    IN_ABSTRACT, id="2601.00003", title="Another mask", submitted=date(2026, 1, 1), license=None
)
QUERY = "zyxomatic pruning of language models"


@pytest.fixture
def own_catalogue(built_data_copy: Path) -> Iterator[Catalogue]:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store([PAPER, IN_ABSTRACT, OLDER])
        yield catalogue


@pytest.fixture
def search(own_catalogue: Catalogue, release: Release, embedder: Embedder) -> PaperSearch:
    finder = RelatedFinder(own_catalogue, release, lambda: embedder)
    return PaperSearch(finder, lambda: followed_taxonomies(own_catalogue).tag_names())


def ids(results: SearchResults) -> list[str]:
    return [paper.id for paper in results.found_by_words]


def test_words_in_the_title_come_first_then_the_newest(
    search: PaperSearch, embedder: Embedder
) -> None:
    results = search.search(embedder, QUERY)
    assert ids(results) == [PAPER.id, IN_ABSTRACT.id, OLDER.id]
    first = results.found_by_words[0]
    assert (first.score, first.percentile, first.weak) == (None, None, False)
    assert first.reasons.terms == ["zyxomatic", "pruning", "language", "models"]
    assert results.meta.not_in_release == 3
    assert not {PAPER.id, IN_ABSTRACT.id, OLDER.id} & {one.id for one in results.results}
    by_date = search.search(embedder, QUERY, ListOptions(sort="date"))
    assert ids(by_date) == [IN_ABSTRACT.id, PAPER.id, OLDER.id]
    assert ids(search.search(embedder, QUERY, ListOptions(limit=2))) == [PAPER.id, IN_ABSTRACT.id]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("quaggle", [PAPER.id]),
        ("quaggles removing", []),  # not every word
        ("zyxomatics", [PAPER.id, IN_ABSTRACT.id, OLDER.id]),  # the plural
        ("zimmerova quaggle", [PAPER.id]),  # an author and a word
        ("Ada Zimmerova", [PAPER.id]),
        ("the of and", []),
        (f"{QUERY} cat:cs.CV", [IN_ABSTRACT.id, OLDER.id]),
        (f"{QUERY} -cat:cs.CV", [PAPER.id]),
        (f"{QUERY} since:2026-02", [PAPER.id, IN_ABSTRACT.id]),
        (f"{QUERY} until:2026-01-31", [OLDER.id]),
        (f"{QUERY} author:Zimmerova", [PAPER.id]),
        ('"zyxomatic pruning" quaggle', [PAPER.id]),
        ('"pruning zyxomatic"', []),
        (f"arXiv:{PAPER.id}", [PAPER.id]),
        (SURVEY, []),
    ],
)
def test_queries(search: PaperSearch, embedder: Embedder, query: str, found: list[str]) -> None:
    assert ids(search.search(embedder, query)) == found


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(categories=("cs.CL",)), [PAPER.id]),
        (Filters(categories=("cs",)), [PAPER.id, IN_ABSTRACT.id, OLDER.id]),
        (Filters(since=date(2026, 2, 5)), [IN_ABSTRACT.id]),
        (Filters(authors=("Ada Zimmerova",)), [PAPER.id]),
        (Filters(including=("quaggle",)), [PAPER.id]),
        (Filters(excluding=("quaggle",)), [IN_ABSTRACT.id, OLDER.id]),
        (Filters(licences=("cc-by-4.0",)), [PAPER.id, IN_ABSTRACT.id]),
        (Filters(tags=frozenset({("efficient-foundation-models", "pruning")})), []),
    ],
)
def test_filters_hold(
    search: PaperSearch, embedder: Embedder, filters: Filters, found: list[str]
) -> None:
    assert ids(search.search(embedder, QUERY, ListOptions(filters=filters))) == found


def test_a_minimum_score_and_a_withdrawal_exclude_them(
    search: PaperSearch, own_catalogue: Catalogue, embedder: Embedder
) -> None:
    assert ids(search.search(embedder, QUERY, ListOptions(min_score=1))) == []
    withdraw(own_catalogue, PAPER.id)
    assert ids(search.search(embedder, QUERY)) == [IN_ABSTRACT.id, OLDER.id]


def test_plural_and_singular() -> None:
    assert word_forms("models") == ["models", "model"]
    assert word_forms("gas") == ["gas", "gass"]
