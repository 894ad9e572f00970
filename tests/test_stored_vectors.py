"""Vectors in the catalogue, read for all papers or for a few."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.catalogue import Catalogue, open_catalogue, read_catalogue
from index.model_identity import ModelIdentity
from index.release import Release


@pytest.fixture
def identity(release: Release) -> ModelIdentity:
    return release.manifest.identity


def test_the_vectors_of_a_few_are_those_of_all(
    catalogue: Catalogue, identity: ModelIdentity
) -> None:
    numbers, vectors = catalogue.vectors.matrix(identity)
    assert numbers == sorted(numbers)
    few, theirs = catalogue.vectors.matrix(identity, [numbers[9], 10**6, numbers[4]])
    assert few == [numbers[4], numbers[9]]
    np.testing.assert_array_equal(theirs, vectors[[4, 9]])
    assert catalogue.vectors.matrix(identity, [])[1].shape == (0, identity.dimension)


def test_texts_come_with_their_vectors(catalogue: Catalogue, identity: ModelIdentity) -> None:
    numbers, texts, vectors = catalogue.vectors.with_texts(identity, [7, 3])
    assert numbers == [3, 7]
    papers = [catalogue.entries([number])[number].paper for number in numbers]
    assert texts == [(paper.title, paper.abstract) for paper in papers]
    np.testing.assert_array_equal(vectors, catalogue.vectors.matrix(identity, [3, 7])[1])


def test_a_few_are_looked_up_and_not_looked_for(
    catalogue: Catalogue, identity: ModelIdentity
) -> None:
    plans: list[str] = []
    catalogue._db.conn.set_trace_callback(plans.append)
    catalogue.vectors.matrix(identity, [3, 7])
    catalogue._db.conn.set_trace_callback(None)
    plan = catalogue._db.execute(f"EXPLAIN QUERY PLAN {plans[-1]}").fetchall()
    steps = [step for *_, step in plan if "papers" in step or " vectors " in step]
    assert [step.split("(")[1] for step in steps] == ["rowid=?)", "identity=? AND text_hash=?)"]


def test_papers_are_those_whose_present_text_has_a_vector(
    own_road: Path, identity: ModelIdentity
) -> None:
    with open_catalogue(own_road) as catalogue:
        before = catalogue.vectors.papers(identity)
        entries = catalogue.entries(before.numbers.tolist())
        hashes = [entries[number].paper.text_hash for number in before.numbers.tolist()]
        assert [bytes(held) for held in before.text_hashes.view("V16")] == hashes
        assert len(before.numbers) == catalogue.count()
        assert not before.withdrawn.any()
        first, second = entries[1].paper, entries[2].paper
        catalogue.store([replace(first, version=99, title="Not embedded yet")])
        catalogue.store([replace(second, version=99, withdrawn=True)])
        after = catalogue.vectors.papers(identity)
    np.testing.assert_array_equal(after.numbers, before.numbers[before.numbers != 1])
    np.testing.assert_array_equal(after.numbers[after.withdrawn], [2])


def test_of_another_model_there_are_none(road: Path, identity: ModelIdentity) -> None:
    with read_catalogue(road) as catalogue:
        none = catalogue.vectors.papers(replace(identity, precision="f64"))
    assert len(none.numbers) == len(none.text_hashes) == len(none.withdrawn) == 0
