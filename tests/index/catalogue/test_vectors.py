"""Vectors in the catalogue: stored, counted, and read for all papers or for some."""

from dataclasses import replace
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
    pending = [(OTHER.text_hash, OTHER.title, OTHER.abstract)]
    pending.append((PAPER.text_hash, PAPER.title, PAPER.abstract))  # once, though two carry it
    pending.sort()
    assert empty_catalogue.vectors.of(IDENTITY).pending() == pending
    assert empty_catalogue.vectors.of(IDENTITY).count_pending() == 2
    assert empty_catalogue.vectors.of(IDENTITY).pending(limit=1) == pending[:1]
    assert empty_catalogue.vectors.of(IDENTITY).pending(pending[0][0], 5) == pending[1:]
    empty_catalogue.vectors.of(IDENTITY).add([PAPER.text_hash], np.eye(4, dtype=np.float32)[:1])
    assert [digest for digest, _, _ in empty_catalogue.vectors.of(IDENTITY).pending()] == [
        OTHER.text_hash
    ]
    assert empty_catalogue.vectors.of(IDENTITY).count() == 2
    assert empty_catalogue.vectors.of(replace(IDENTITY, revision="4567")).pending() == pending


def test_a_changed_text_is_pending_again_and_the_old_vector_is_kept(
    empty_catalogue: Catalogue,
) -> None:
    empty_catalogue.store([PAPER])
    empty_catalogue.vectors.of(IDENTITY).add([PAPER.text_hash], np.eye(4, dtype=np.float32)[:1])
    changed = second_version(title="New title")
    empty_catalogue.store([changed])
    assert [digest for digest, _, _ in empty_catalogue.vectors.of(IDENTITY).pending()] == [
        changed.text_hash
    ]
    assert empty_catalogue.vectors.of(IDENTITY).count() == 0
    empty_catalogue.store([second_version(version=3)])  # back to the first wording
    assert empty_catalogue.vectors.of(IDENTITY).pending() == []


def test_a_changed_category_or_doi_leaves_nothing_pending(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER])
    empty_catalogue.vectors.of(IDENTITY).add([PAPER.text_hash], np.eye(4, dtype=np.float32)[:1])
    empty_catalogue.store([second_version(doi="10.1/9", categories=("cs.CV",))])
    assert empty_catalogue.vectors.of(IDENTITY).pending() == []
