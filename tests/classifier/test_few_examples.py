"""Training with few examples or none, and no known out-of-scope papers.

Half of the tests' small catalogue is in scope; docs/measured.md has figures for large catalogues.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.corrections import correct_tags
from classifier.tagger import Tagger, apply_tagger, select_tags
from classifier.taxonomies.taxonomy import Label, Taxonomy, load_taxonomy
from classifier.training.trainer import TaggerTrainer
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.tags import Tag
from index.catalogue.vectors import BoundVectors
from index.embedding.identity import ModelIdentity
from index.settings import Settings, load_settings
from tests.support.catalogue_files import papers
from tests.support.data_folders import copy_data

SURVEY = load_taxonomy()
BARE = replace(SURVEY, name="bare", examples={})
ASTROPHYSICS = load_taxonomy("astrophysics")
LEAVES = [leaf.id for leaf in ASTROPHYSICS.leaves]


@pytest.fixture(scope="module")
def bare_data(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built data with a tagger for the taxonomy without examples."""
    data = copy_data(built_data, tmp_path_factory.mktemp("bare") / "data")
    settings = load_settings({}, data=str(data))
    with open_catalogue(data) as catalogue:
        trainer = TaggerTrainer.from_settings(catalogue, settings)
        assert isinstance(trainer.current_tagger(BARE, data), Tagger)
    return data


@pytest.fixture
def built_data_copy(bare_data: Path, tmp_path: Path) -> Path:
    """A copy of that folder that the test may write to."""
    return copy_data(bare_data, tmp_path / "data")


@pytest.fixture
def own_catalogue(built_data_copy: Path) -> Iterator[Catalogue]:
    with open_catalogue(built_data_copy) as catalogue:
        yield catalogue


@pytest.fixture
def vectors(own_catalogue: Catalogue, identity: ModelIdentity) -> BoundVectors:
    return own_catalogue.vectors.of(identity)


@pytest.fixture
def trainer(own_catalogue: Catalogue, built_settings_copy: Settings) -> TaggerTrainer:
    return TaggerTrainer.from_settings(own_catalogue, built_settings_copy)


def _trained(trainer: TaggerTrainer, taxonomy: Taxonomy, settings: Settings) -> Tagger:
    tagger = trainer.current_tagger(taxonomy, settings.data)
    assert isinstance(tagger, Tagger), tagger
    return tagger


def _tags(
    catalogue: Catalogue, settings: Settings, taxonomy: Taxonomy, tagger: Tagger
) -> dict[str, set[str]]:
    """Labels by paper id, for the examples of the survey's taxonomy."""
    apply_tagger(catalogue, settings.data, taxonomy, tagger, lambda *_: None)
    numbers = catalogue.numbers_of(SURVEY.examples)
    tags = catalogue.tags.of(numbers.values())
    return {
        paper_id: {tag.label for tag in tags[number] if tag.taxonomy == taxonomy.name}
        for paper_id, number in numbers.items()
    }


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def _untagged_out_of_scope(tags: dict[str, set[str]]) -> float:
    return _share([not given for paper_id, given in tags.items() if not SURVEY.examples[paper_id]])


@pytest.mark.parametrize("examples_a_leaf", [0, 2])
def test_few_examples_are_enough_to_tag_and_to_abstain(
    own_catalogue: Catalogue,
    built_settings_copy: Settings,
    trainer: TaggerTrainer,
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
        _trained(trainer, taxonomy, built_settings_copy),
    )
    assert _untagged_out_of_scope(tags) >= 0.8
    given = [
        label in SURVEY.examples[paper_id]
        for paper_id, labels in tags.items()
        if paper_id not in examples
        for label in labels
    ]
    assert len(given) > 10
    assert _share(given) > 0.4


def test_a_paper_corrected_to_no_label_counts_as_out_of_scope(
    own_catalogue: Catalogue, built_settings_copy: Settings, trainer: TaggerTrainer
) -> None:
    before = _trained(trainer, BARE, built_settings_copy)
    tags = _tags(own_catalogue, built_settings_copy, BARE, before)
    tagged = next(paper_id for paper_id, labels in sorted(tags.items()) if labels)
    correct_tags(own_catalogue, BARE, own_catalogue.entry(tagged), [], by="Ada Lovelace")
    after = _trained(trainer, BARE, built_settings_copy)
    assert after.basis != before.basis


@pytest.mark.parametrize("leaves", [1, 2])
def test_a_taxonomy_may_have_one_leaf_or_two(
    own_catalogue: Catalogue, built_settings_copy: Settings, trainer: TaggerTrainer, leaves: int
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
        _trained(trainer, taxonomy, built_settings_copy),
    )
    assert _untagged_out_of_scope(tags) >= 0.8
    given = [label in SURVEY.examples[paper_id] for paper_id, own in tags.items() for label in own]
    by_chance = [label.id in SURVEY.examples[paper_id] for paper_id in tags for label in labels]
    assert len(given) > 3
    assert _share(given) > 2 * _share(by_chance)


def test_a_leaf_may_have_nothing_but_its_definition(
    own_catalogue: Catalogue, built_settings_copy: Settings, trainer: TaggerTrainer
) -> None:
    labels = tuple(replace(label, includes=()) for label in SURVEY.labels)
    tagger = _trained(trainer, replace(BARE, labels=labels), built_settings_copy)
    assert np.isfinite(tagger.word_weights).all()


def test_one_definition_is_not_enough(
    own_catalogue: Catalogue, built_settings_copy: Settings, trainer: TaggerTrainer
) -> None:
    alone = replace(BARE, labels=(Label("leaf", "Leaf", "Networks of every kind."),))
    reason = trainer.current_tagger(alone, built_settings_copy.data)
    assert isinstance(reason, str)
    assert reason.startswith("bare has 1 definitions, included subjects and examples")


def test_an_empty_catalogue_is_not_enough(empty_data: Path) -> None:
    with open_catalogue(empty_data) as empty:
        settings = load_settings({}, data=str(empty_data))
        reason = TaggerTrainer.from_settings(empty, settings).current_tagger(
            ASTROPHYSICS, empty_data
        )
    assert isinstance(reason, str)
    assert reason.startswith("the catalogue has 0 papers without a label in astrophysics")


def test_a_tagger_is_trained_again_once_the_catalogue_has_doubled(
    own_catalogue: Catalogue,
    built_settings_copy: Settings,
    vectors: BoundVectors,
    trainer: TaggerTrainer,
) -> None:
    before = _trained(trainer, BARE, built_settings_copy)
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
        after = _trained(trainer, BARE, built_settings_copy)
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
    ids=["a leaf", "a middle label", "a top label", "split over top labels", "an unsure top leaf"],
)
def test_the_lowest_sure_label_is_given(
    probabilities: dict[str, float], given: dict[str, float]
) -> None:
    found = select_tags(
        ASTROPHYSICS, LEAVES, np.array([probabilities.get(leaf, 0.0) for leaf in LEAVES])
    )
    assert found == [Tag("astrophysics", label, p) for label, p in given.items()]
