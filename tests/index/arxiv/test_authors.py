"""Author names in queries match names in arXiv's metadata."""

import re

import pytest

from index.arxiv.authors import matches_name, name_spellings
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from ingest.snapshot.records import SAMPLE, snapshot_papers

HELD = [
    *("Geoffrey Hinton", "Jürgen Schmidhuber", "Wei Li", "Jun Wang", "L. van der Maaten"),
    *("Bernd Weiß", "Sinéad O’Connor", "Xiao-Ming Li", "Anne-Marie Le Gall"),
]


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
        ("Weiss", "Bernd Weiß"),
        ("Weiß", "Bernd Weiss"),
        ("Schmidt-Schauss", "Manfred Schmidt-Schauß"),
        ("Muller", "Heinz Müller"),
        ("Mueller", "Heinz Müller"),
        ("Müller", "H. Mueller"),
        ("Mu\u0308ller", "Heinz Müller"),
        ("Lukasz Kaiser", "Łukasz Kaiser"),
        ("Soren Eilers", "Søren Eilers"),
        ("Soeren Eilers", "Søren Eilers"),
        ("Novak Djokovic", "Novak Đoković"),
        ("Dokovic", "Novak Đoković"),
        ("Y. Kenan Yilmaz", "Y. Kenan Yılmaz"),
        ("Kjaer", "Jesper Kjær"),
        ("Thordarson", "Pálmi Þórðarson"),
        ("Le Coeur", "Jean Le Cœur"),
        ("Γεώργιος Σεφέρης", "Γεωργιος ΣΕΦΕΡΗΣ"),
        ("Артём Королёв", "Артем Королев"),
        ("O'Connor", "Sinéad O’Connor"),
        ("OConnor", "Sinéad O'Connor"),
        ("O Connor", "Sinéad O'Connor"),
        ("D'Angelo", "P. D' Angelo"),
        ("Derevyanko", "Andrei Derev'yanko"),
        ("Jean Pierre Serre", "Jean-Pierre Serre"),
        ("Jean‐Pierre Serre", "Jean-Pierre Serre"),
        ("J.-P. Serre", "Jean-Pierre Serre"),
        ("Xiaoming Li", "Xiao-Ming Li"),
        ("Xiao-Ming Li", "Xiaoming Li"),
        ("García Márquez, Gabriel", "Gabriel García Márquez"),
        ("Garcia-Marquez", "Gabriel García Márquez"),
        ("Garcia", "Gabriel García Márquez"),
        ("al-Khalili", "Jim Alkhalili"),
        (r"Schr\"odinger", "Erwin Schrödinger"),
        (r"{\L}ukasz Kaiser", "Łukasz Kaiser"),
        ("Erdos", r"Paul Erd\H{o}s"),
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
        ("Mueller", "Heinz Muller"),
        ("O'Connor", "Oliver Connor"),
        ("Li-Wei", "Li Chang"),
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
        ("Juergen Schmidhuber", 1),
        ("Weiss", 1),
        ("Weiß", 1),
        ("OConnor", 1),
        ("Xiaoming Li", 1),
        ("Anne Marie Le Gall", 1),
    ],
)
def test_papers_are_found_by_their_authors(
    empty_catalogue: Catalogue, query: str, expected: int
) -> None:
    empty_catalogue.store(
        [Paper("2401.00001", "One", authors=tuple(HELD)), Paper("2401.00002", "Two")]
    )
    assert len(empty_catalogue.numbers_by_authors([query])) == expected


def test_every_author_of_the_sample_is_found_by_name_and_in_plain_letters() -> None:
    """Each name matches itself and, if it has letters outside ASCII, its plain spelling."""
    papers = list(snapshot_papers([SAMPLE]))
    names = {name for paper in papers for name in paper.authors if re.search(r"[^\W_]", name)}
    assert [name for name in names if not matches_name(name, name)] == []
    special = [name for name in names if not name.isascii()]
    assert len(special) > 500
    assert [n for n in special if not matches_name(" ".join(name_spellings(n)[0]), n)] == []


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
