"""The full text finds phrases word for word in the present texts of papers."""

from dataclasses import replace

import pytest

from index.catalogue.catalogue import Catalogue
from index.catalogue.protection.integrity import find_full_text_fault
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
