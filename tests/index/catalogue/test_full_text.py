"""The full text finds phrases word for word in the present texts of papers."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.catalogue.protection.integrity import find_full_text_fault
from index.errors import NotReady
from tests.support.two_papers import OTHER, PAPER, second_version


@pytest.mark.parametrize(
    ("phrases", "found"),
    [
        (["large networks"], [PAPER.id]),
        (["LARGE"], [PAPER.id, OTHER.id]),
        (["networks"], [PAPER.id, OTHER.id]),
        (["networks large"], []),
        (["large", "strings"], [OTHER.id]),
        (["strings", "pruning"], []),
        (["networks a large"], []),  # not from the title into the abstract
        (["net"], []),  # whole words only
        (["large) OR (strings"], []),  # words, not operators
        (["title:large*"], []),
        (['large "networks'], [PAPER.id]),
        (["large\0networks"], [PAPER.id]),
        (["5%"], [PAPER.id]),
    ],
)
def test_phrases_are_found_word_for_word(
    empty_catalogue: Catalogue, phrases: list[str], found: list[str]
) -> None:
    empty_catalogue.store([PAPER, OTHER])
    numbers = empty_catalogue.numbers_of([PAPER.id, OTHER.id])
    assert sorted(empty_catalogue.full_text.with_phrases(phrases)) == [
        numbers[paper_id] for paper_id in found
    ]


@pytest.mark.parametrize(
    ("title", "phrase"),
    [
        (r"The Schr\"odinger equation", "Schrödinger"),
        (r"The Schr\"odinger equation", "the schrodinger EQUATION"),
        (r"The Schr\"odinger equation", r"Schr{\"o}dinger"),
        ("The Schroedinger equation", "Schrödinger equation"),
        ("The Schrödinger equation", "Schrodinger"),
        (r"A Poincar\'e map", "Poincaré map"),
        (r"MoS$_2$ on {\it silicon} oxide", "MoS2 on silicon"),
        (r"The $\gamma$-ray sky", "gamma-ray sky"),
        (r"The $\gamma$-ray sky", "γ-ray"),
        (r"\L{}ojasiewicz inequalities", "Lojasiewicz"),
    ],
)
def test_a_phrase_is_found_in_tex_and_without_accents(
    empty_catalogue: Catalogue, title: str, phrase: str
) -> None:
    empty_catalogue.store([replace(PAPER, title=title, abstract=""), OTHER])
    numbers = empty_catalogue.numbers_of([PAPER.id])
    assert empty_catalogue.full_text.with_phrases([phrase]) == list(numbers.values())
    assert empty_catalogue.full_text.with_any_phrase([phrase]) == list(numbers.values())
    assert empty_catalogue.entry(PAPER.id).paper.title == title


def test_an_older_catalogue_is_indexed_again_without_loss(tmp_path: Path) -> None:
    paper = replace(PAPER, title=r"The Schr\"odinger equation", authors=("Bernd Weiß",))
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store([paper, OTHER])
        db = catalogue._db
        db.execute("DROP TABLE papers_fts")
        db.execute("DROP TABLE names_fts")
        db.execute("DROP VIEW papers_text")
        db.execute("DROP TABLE full_text_form")
        db.table("papers").enable_fts(["title", "abstract", "authors"])
        db.table("_sqlite_migrations").delete_where(
            "name IN ('folded_full_text', 'names_full_text')"
        )
    with pytest.raises(NotReady, match="older schema"), read_catalogue(tmp_path):
        pass
    with open_catalogue(tmp_path) as catalogue:
        assert catalogue.entry(paper.id).paper == paper
        assert catalogue.full_text.with_phrases(["Schrödinger"]) == [1]
        assert catalogue.numbers_by_authors(["Weiss"]) == [1]
        catalogue.store([replace(paper, version=9, title="Another")])
        assert catalogue.full_text.with_phrases(["Schrödinger"]) == []
        assert find_full_text_fault(catalogue._db.conn) is None


def test_a_full_text_of_other_rules_is_built_again(tmp_path: Path) -> None:
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store([PAPER])
        db = catalogue._db
        db.execute("UPDATE full_text_form SET form = 'of an older version'")
        db.execute("INSERT INTO papers_fts (papers_fts) VALUES ('delete-all')")
        db.execute("INSERT INTO names_fts (names_fts) VALUES ('delete-all')")
        assert find_full_text_fault(db.conn) is None  # words of other rules cannot be compared
    with open_catalogue(tmp_path) as catalogue:
        assert catalogue.full_text.with_phrases(["networks"]) == [1]
        assert find_full_text_fault(catalogue._db.conn) is None


def test_the_full_text_works_with_a_sqlite_that_distrusts_views(
    empty_catalogue: Catalogue,
) -> None:
    db = empty_catalogue._db
    db.execute("PRAGMA trusted_schema = OFF")  # the default of some builds
    with pytest.raises(sqlite3.OperationalError, match="unsafe use"):
        db.execute("SELECT title FROM papers_text")
    Catalogue(db).store([PAPER])
    assert empty_catalogue.full_text.with_phrases(["networks"]) == [1]


def test_phrases_follow_a_changed_text(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER])
    empty_catalogue.store([second_version(title="Quantizing")])
    assert empty_catalogue.full_text.with_phrases(["pruning"]) == []
    assert len(empty_catalogue.full_text.with_phrases(["quantizing"])) == 1


def test_the_full_text_matches_the_papers_after_every_kind_of_change(
    empty_catalogue: Catalogue,
) -> None:
    empty_catalogue.store([PAPER, OTHER, replace(OTHER, title="Another title, of the same paper")])
    empty_catalogue.store([second_version(title="Quantizing"), PAPER])
    empty_catalogue.store([replace(second_version(title="Quantizing"), categories=("cs.CV",))])
    empty_catalogue.store([second_version(title="Distilling"), second_version(title="Quantizing")])
    empty_catalogue.withdraw([OTHER.id])
    assert find_full_text_fault(empty_catalogue._db.conn) is None
