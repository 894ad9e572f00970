"""Author names in queries match names in arXiv's metadata."""

import pytest

from index.arxiv.authors import matches_name
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue

HELD = ["Geoffrey Hinton", "Jürgen Schmidhuber", "Wei Li", "Jun Wang", "L. van der Maaten"]


@pytest.mark.parametrize(
    ("query", "author"),
    [
        ("Hinton", "Geoffrey Hinton"),
        ("geoffrey hinton", "Geoffrey Hinton"),
        ("G. Hinton", "Geoffrey Hinton"),
        ("Geoffrey E. Hinton", "Geoffrey Everest Hinton"),
        ("Hinton, Geoffrey", "Geoffrey Hinton"),
        ("Hinton, G.", "Geoffrey Hinton"),
        ("Geoffrey Hinton", "G. Hinton"),
        ("Schmidhuber", "Jürgen Schmidhuber"),
        ("Jurgen Schmidhuber", "Jürgen Schmidhuber"),
        ("Jürgen Schmidhuber", "Jurgen Schmidhuber"),
        ("van der Maaten", "L. van der Maaten"),
        ("Laurens van der Maaten", "L. van der Maaten"),
    ],
)
def test_every_spelling_of_a_name_matches(query: str, author: str) -> None:
    assert matches_name(query, author)


@pytest.mark.parametrize(
    ("query", "author"),
    [
        ("Hint", "Geoffrey Hinton"),
        ("G. H.", "Geoffrey Hinton"),
        ("Y. Hinton", "Geoffrey Hinton"),
        ("Geoffrey Geoffrey Hinton", "Geoffrey Hinton"),
        ("Wei Wang", "Wei Li"),
        ("Hinton", ""),
        ("!?", "Geoffrey Hinton"),
    ],
)
def test_another_name_does_not_match(query: str, author: str) -> None:
    assert not matches_name(query, author)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Hinton", 1),
        ("G. Hinton", 1),
        ("Hinton, Geoffrey", 1),
        ("SCHMIDHUBER", 1),
        ("Laurens van der Maaten", 1),
        ("Wei Wang", 0),  # a word of each of two authors, but not both of one author
        ("Maaten OR Hinton", 0),
        ('"*', 0),
    ],
)
def test_papers_are_found_by_their_authors(
    empty_catalogue: Catalogue, query: str, expected: int
) -> None:
    empty_catalogue.store(
        [Paper("2401.00001", "One", authors=tuple(HELD)), Paper("2401.00002", "Two")]
    )
    assert len(empty_catalogue.numbers_by_authors([query])) == expected


def test_a_paper_with_changed_authors_is_found_by_the_new_names(
    empty_catalogue: Catalogue,
) -> None:
    empty_catalogue.store([Paper("2401.00001", "One", authors=("Ada Lovelace",))])
    empty_catalogue.store([Paper("2401.00001", "One", authors=("Ada King",))])
    assert empty_catalogue.numbers_by_authors(["Lovelace"]) == []
    assert (
        empty_catalogue.numbers_by_authors(["King"])
        == empty_catalogue.numbers_by_authors(["Nobody", "Ada King"])
        == [1]
    )
    empty_catalogue._db.execute("INSERT INTO papers_fts (papers_fts) VALUES ('integrity-check')")
