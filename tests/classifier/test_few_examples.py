"""A taxonomy with few examples or none, and none known to be out of scope: what is learnt of it.

From the tests' small catalogue, of which half is in scope; figures from large ones are in
docs/measured.md.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.corrections import correct_tags
from classifier.tagger import Tagger, apply_tagger, given_tags
from classifier.taxonomies.taxonomy import Label, Taxonomy, load_taxonomy
from classifier.training.trainer import tagger_in_force
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.tags import Tag
from index.catalogue.vectors import BoundVectors
from index.embedding.identity import ModelIdentity
from index.settings import Settings, load_settings
from tests.support.catalogue_files import papers

SURVEY = load_taxonomy()
BARE = replace(SURVEY, name="bare", examples={})
ASTROPHYSICS = load_taxonomy("astrophysics")
LEAVES = [leaf.id for leaf in ASTROPHYSICS.leaves]


@pytest.fixture
def own_catalogue(built_data_copy: Path) -> Iterator[Catalogue]:
    with open_catalogue(built_data_copy) as catalogue:
        yield catalogue


@pytest.fixture
def vectors(own_catalogue: Catalogue, identity: ModelIdentity) -> BoundVectors:
    return own_catalogue.vectors.of(identity)


def _trained(
    catalogue: Catalogue, taxonomy: Taxonomy, vectors: BoundVectors, settings: Settings
) -> Tagger:
    tagger = tagger_in_force(catalogue, taxonomy, vectors, settings)
    assert isinstance(tagger, Tagger), tagger
    return tagger


def _tags(
    catalogue: Catalogue, settings: Settings, taxonomy: Taxonomy, tagger: Tagger
) -> dict[str, set[str]]:
    """Labels by paper id, of papers that the survey's taxonomy has as examples."""
    apply_tagger(catalogue, settings.data, taxonomy, tagger, lambda *_: None)
    numbers = catalogue.numbers_of(SURVEY.examples)
    tags = catalogue.tags.of(numbers.values())
    return {
        paper_id: {tag.label for tag in tags[number] if tag.taxonomy == taxonomy.name}
        for paper_id, number in numbers.items()
    }


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def _outside_left_alone(tags: dict[str, set[str]]) -> float:
    return _share([not given for paper_id, given in tags.items() if not SURVEY.examples[paper_id]])


@pytest.mark.parametrize("examples_a_leaf", [0, 2])
def test_little_is_enough_to_tag_and_to_abstain(
    own_catalogue: Catalogue,
    built_settings_copy: Settings,
    vectors: BoundVectors,
    examples_a_leaf: int,
) -> None:
    held = own_catalogue.numbers_of(
        paper_id for paper_id, labels in SURVEY.examples.items() if labels
    )
    of_leaf = {leaf.id: [p for p in held if leaf.id in SURVEY.examples[p]] for leaf in BARE.leaves}
    examples = {p: SURVEY.examples[p] for some in of_leaf.values() for p in some[:examples_a_leaf]}
    taxonomy = replace(BARE, examples=examples)
    tags = _tags(
        own_catalogue,
        built_settings_copy,
        taxonomy,
        _trained(own_catalogue, taxonomy, vectors, built_settings_copy),
    )
    assert _outside_left_alone(tags) >= 0.8
    given = [
        label in SURVEY.examples[paper_id]
        for paper_id, labels in tags.items()
        if paper_id not in examples
        for label in labels
    ]
    assert len(given) > 10
    assert _share(given) > 0.4


def test_what_is_held_for_known_to_be_outside_counts_beside_the_drawn(
    own_catalogue: Catalogue, built_settings_copy: Settings, vectors: BoundVectors
) -> None:
    before = _trained(own_catalogue, BARE, vectors, built_settings_copy)
    tags = _tags(own_catalogue, built_settings_copy, BARE, before)
    tagged = next(paper_id for paper_id, labels in sorted(tags.items()) if labels)
    correct_tags(own_catalogue, BARE, own_catalogue.entry(tagged), [], by="Ada Lovelace")
    after = _trained(own_catalogue, BARE, vectors, built_settings_copy)
    assert after.basis != before.basis


@pytest.mark.parametrize("leaves", [1, 2])
def test_one_leaf_or_two_are_a_taxonomy(
    own_catalogue: Catalogue, built_settings_copy: Settings, vectors: BoundVectors, leaves: int
) -> None:
    kept = [
        leaf for leaf in SURVEY.leaves if leaf.id in ("model-compression", "efficient-attention")
    ]
    labels = tuple(replace(leaf, parent=None) for leaf in kept[:leaves])
    taxonomy = replace(BARE, name="small", labels=labels)
    tags = _tags(
        own_catalogue,
        built_settings_copy,
        taxonomy,
        _trained(own_catalogue, taxonomy, vectors, built_settings_copy),
    )
    assert _outside_left_alone(tags) >= 0.8
    given = [
        label in SURVEY.examples[paper_id] for paper_id, found in tags.items() for label in found
    ]
    by_chance = [label.id in SURVEY.examples[paper_id] for paper_id in tags for label in labels]
    assert len(given) > 3
    assert _share(given) > 2 * _share(by_chance)


def test_a_leaf_may_have_nothing_but_its_definition(
    own_catalogue: Catalogue, built_settings_copy: Settings, vectors: BoundVectors
) -> None:
    labels = tuple(replace(label, includes=()) for label in SURVEY.labels)
    tagger = _trained(own_catalogue, replace(BARE, labels=labels), vectors, built_settings_copy)
    assert np.isfinite(tagger.word_weights).all()


def test_a_definition_alone_is_too_little(
    own_catalogue: Catalogue, built_settings_copy: Settings, vectors: BoundVectors
) -> None:
    alone = replace(BARE, labels=(Label("leaf", "Leaf", "Networks of every kind."),))
    said = tagger_in_force(own_catalogue, alone, vectors, built_settings_copy)
    assert isinstance(said, str)
    assert "1 definitions, subjects and examples say what bare holds, too few" in said


def test_an_empty_catalogue_is_too_little(empty_data: Path, identity: ModelIdentity) -> None:
    with open_catalogue(empty_data) as empty:
        said = tagger_in_force(
            empty, ASTROPHYSICS, empty.vectors.of(identity), load_settings({}, data=str(empty_data))
        )
    assert isinstance(said, str)
    assert said.startswith("0 papers that astrophysics does not name are in the catalogue, too few")


def test_it_is_learnt_again_when_the_catalogue_has_doubled_and_not_before(
    own_catalogue: Catalogue, built_settings_copy: Settings, vectors: BoundVectors
) -> None:
    before = _trained(own_catalogue, BARE, vectors, built_settings_copy)
    held = vectors.count()
    missing = 2 ** held.bit_length() - held
    more = [
        replace(paper, id=f"2402.{number:05}") for number, paper in enumerate(papers(1, missing), 1)
    ]
    dimension = vectors.identity.dimension
    unit_vectors = np.eye(dimension, dtype=np.float32)
    for chunk in (more[:-1], more[-1:]):
        own_catalogue.store(chunk)
        digests = [paper.text_hash for paper in chunk]
        vectors.add(digests, np.resize(unit_vectors, (len(chunk), dimension)))
        after = _trained(own_catalogue, BARE, vectors, built_settings_copy)
        assert (after.basis == before.basis) == (chunk is not more[-1:] and len(chunk) > 1)


@pytest.mark.parametrize(
    ("probabilities", "given"),
    [
        ({"cosmology": 0.45, "high-energy": 0.3}, {"cosmology": 0.45}),
        ({"cosmology": 0.3, "astrophysics-of-galaxies": 0.3}, {"galaxies-and-universe": 0.6}),
        (
            {"cosmology": 0.25, "earth-and-planetary": 0.3, "high-energy": 0.2},
            {"objects": 0.75},
        ),
        ({"cosmology": 0.3, "instrumentation": 0.39}, {}),
        ({"instrumentation": 0.39}, {}),
    ],
    ids=["a leaf", "the middle", "the top", "split over the top", "a topmost leaf not sure"],
)
def test_the_lowest_label_that_is_sure_is_given(
    probabilities: dict[str, float], given: dict[str, float]
) -> None:
    found = given_tags(
        ASTROPHYSICS, LEAVES, np.array([probabilities.get(leaf, 0.0) for leaf in LEAVES])
    )
    assert found == [Tag("astrophysics", label, p) for label, p in given.items()]
