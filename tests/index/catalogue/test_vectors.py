"""Vectors in the catalogue: stored, counted, and read for all papers or for some."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.embedding.identity import ModelIdentity
from tests.support.two_papers import IDENTITY, OTHER, PAPER, second_version


def test_the_vectors_of_some_papers_equal_those_of_all(
    catalogue: Catalogue, identity: ModelIdentity
) -> None:
    numbers, vectors = catalogue.vectors.of(identity).matrix()
    assert numbers == sorted(numbers)
    few, theirs = catalogue.vectors.of(identity).matrix([numbers[9], 10**6, numbers[4]])
    assert few == [numbers[4], numbers[9]]
    np.testing.assert_array_equal(theirs, vectors[[4, 9]])
    assert catalogue.vectors.of(identity).matrix([])[1].shape == (0, identity.dimension)


def test_texts_are_returned_with_their_vectors(
    catalogue: Catalogue, identity: ModelIdentity
) -> None:
    numbers, texts, vectors = catalogue.vectors.of(identity).with_texts([7, 3])
    assert numbers == [3, 7]
    papers = [catalogue.entries([number])[number].paper for number in numbers]
    assert texts == [(paper.title, paper.abstract) for paper in papers]
    np.testing.assert_array_equal(vectors, catalogue.vectors.of(identity).matrix([3, 7])[1])


def test_a_few_papers_are_looked_up_by_number(
    catalogue: Catalogue, identity: ModelIdentity
) -> None:
    plans: list[str] = []
    catalogue._db.conn.set_trace_callback(plans.append)
    catalogue.vectors.of(identity).matrix([3, 7])
    catalogue._db.conn.set_trace_callback(None)
    plan = catalogue._db.execute(f"EXPLAIN QUERY PLAN {plans[-1]}").fetchall()
    steps = [step for *_, step in plan if "papers" in step or " vectors " in step]
    assert [step.split("(")[1] for step in steps] == ["rowid=?)", "identity=? AND text_hash=?)"]


def test_papers_are_those_whose_current_text_has_a_vector(
    built_data_copy: Path, identity: ModelIdentity
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        before = catalogue.vectors.of(identity).papers()
        entries = catalogue.entries(before.numbers.tolist())
        hashes = [entries[number].paper.text_hash for number in before.numbers.tolist()]
        assert [bytes(held) for held in before.text_hashes.view("V16")] == hashes
        assert len(before.numbers) == catalogue.count()
        assert not before.withdrawn.any()
        first, second = entries[1].paper, entries[2].paper
        catalogue.store([replace(first, version=99, title="Not embedded yet")])
        catalogue.store([replace(second, version=99, withdrawal=Withdrawal.FLAG)])
        after = catalogue.vectors.of(identity).papers()
    np.testing.assert_array_equal(after.numbers, before.numbers[before.numbers != 1])
    np.testing.assert_array_equal(after.numbers[after.withdrawn], [2])


def test_there_are_none_of_another_model(built_data: Path, identity: ModelIdentity) -> None:
    with read_catalogue(built_data) as catalogue:
        none = catalogue.vectors.of(replace(identity, precision="f64")).papers()
    assert len(none.numbers) == len(none.text_hashes) == len(none.withdrawn) == 0


def test_vectors_of_two_identities_never_mix(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER, OTHER])
    other_model = replace(IDENTITY, precision="bf16")
    vectors = np.eye(4, dtype=np.float32)
    empty_catalogue.vectors.of(IDENTITY).add([PAPER.text_hash], vectors[:1])
    empty_catalogue.vectors.of(other_model).add([PAPER.text_hash, OTHER.text_hash], vectors[1:3])
    numbers = empty_catalogue.numbers_of([PAPER.id, OTHER.id])
    held, matrix = empty_catalogue.vectors.of(IDENTITY).matrix()
    assert held == [numbers[PAPER.id]]
    np.testing.assert_array_equal(matrix, vectors[:1])
    assert empty_catalogue.vectors.of(IDENTITY).count() == 1
    assert empty_catalogue.vectors.of(other_model).count() == 2
    np.testing.assert_array_equal(empty_catalogue.vectors.of(other_model).matrix()[1], vectors[1:3])
    assert empty_catalogue.vectors.of(replace(IDENTITY, model="unknown")).matrix()[1].shape == (
        0,
        4,
    )


def test_a_text_is_pending_until_it_has_a_vector_of_that_identity(
    empty_catalogue: Catalogue,
) -> None:
    twin = replace(PAPER, id="2401.00002")
    empty_catalogue.store([PAPER, twin, OTHER])
    vectors = empty_catalogue.vectors.of(IDENTITY)
    pending = vectors.pending()
    # Once, though two papers have it; the paper of an unknown day is last.
    assert pending.hashes() == [PAPER.text_hash, OTHER.text_hash]
    assert pending.papers.tolist() == [2, 1]
    assert vectors.texts_of(pending.hashes()) == {
        PAPER.text_hash: (PAPER.title, PAPER.abstract),
        OTHER.text_hash: (OTHER.title, OTHER.abstract),
    }
    assert empty_catalogue.vectors.count_latest() == 0
    vectors.add([PAPER.text_hash], np.eye(4, dtype=np.float32)[:1])
    assert vectors.pending().hashes() == [OTHER.text_hash]
    assert vectors.count() == empty_catalogue.vectors.count_latest() == 2
    numbers = empty_catalogue.numbers_of([PAPER.id, OTHER.id])
    assert vectors.embedded(list(numbers.values())) == [numbers[PAPER.id]]
    other_model = empty_catalogue.vectors.of(replace(IDENTITY, revision="4567"))
    assert other_model.pending().hashes() == pending.hashes()


def test_pending_texts_are_ordered_from_the_last_day_of_submission(
    empty_catalogue: Catalogue,
) -> None:
    days = [date(2024, 3, 2), date(2026, 1, 1), date(1999, 12, 31), date(2026, 1, 2)]
    papers = [
        replace(PAPER, id=f"2401.1000{n}", title=f"Title {n}", submitted=day)
        for n, day in enumerate(days)
    ]
    old_twin = replace(papers[3], id="2401.20000", submitted=date(1991, 1, 1))
    empty_catalogue.store([*papers, old_twin])
    pending = empty_catalogue.vectors.of(IDENTITY).pending()
    assert pending.hashes() == [papers[n].text_hash for n in (3, 1, 0, 2)]
    assert pending.papers.tolist() == [2, 1, 1, 1]


def test_a_changed_text_is_pending_again_and_the_old_vector_is_kept(
    empty_catalogue: Catalogue,
) -> None:
    empty_catalogue.store([PAPER])
    empty_catalogue.vectors.of(IDENTITY).add([PAPER.text_hash], np.eye(4, dtype=np.float32)[:1])
    changed = second_version(title="New title")
    empty_catalogue.store([changed])
    assert empty_catalogue.vectors.of(IDENTITY).pending().hashes() == [changed.text_hash]
    assert empty_catalogue.vectors.of(IDENTITY).count() == 0
    empty_catalogue.store([second_version(version=3)])  # back to the first wording
    assert empty_catalogue.vectors.of(IDENTITY).pending().hashes() == []


def test_a_changed_category_or_doi_leaves_nothing_pending(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER])
    empty_catalogue.vectors.of(IDENTITY).add([PAPER.text_hash], np.eye(4, dtype=np.float32)[:1])
    empty_catalogue.store([second_version(doi="10.1/9", categories=("cs.CV",))])
    assert empty_catalogue.vectors.of(IDENTITY).pending().hashes() == []
