"""When a tagger is trained again, and which papers are tagged afterwards."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import classifier.tagger
from classifier.stored_taggers import load_tagger, remove_taggers
from classifier.tagger import Tagger, apply_tagger
from classifier.taxonomies.followed import followed_taxonomies
from classifier.taxonomies.taxonomy import load_taxonomy
from classifier.training.trainer import TaggerTrainer
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.vectors import BoundVectors
from index.embedding.identity import ModelIdentity
from index.settings import Settings
from ingest.update import tag_pending

TAXONOMY = load_taxonomy()


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


def _saved(settings: Settings) -> Tagger:
    tagger = load_tagger(settings.data, TAXONOMY.name)
    assert tagger is not None
    return tagger


def _revise_an_example(catalogue: Catalogue, vectors: BoundVectors, *, embedded: bool) -> None:
    paper_id = min(catalogue.numbers_of(TAXONOMY.examples))
    entry = catalogue.entry(paper_id)
    _, vector = vectors.matrix([entry.number])
    revised = replace(entry.paper, version=99, title="A second version")
    catalogue.store([revised])
    if embedded:
        vectors.add([revised.text_hash], vector)


def _tag(catalogue: Catalogue, settings: Settings, trainer: TaggerTrainer) -> int:
    steps: list[tuple[int, int]] = []
    tagged, untagged = tag_pending(
        catalogue,
        settings.data,
        trainer,
        followed_taxonomies(catalogue),
        lambda _, done, total: steps.append((done, total)),
    )
    assert untagged is None
    assert all(done <= total for done, total in steps)
    return tagged


def test_a_new_version_of_an_example_is_tagged_and_nothing_else(
    own_catalogue: Catalogue,
    built_settings_copy: Settings,
    vectors: BoundVectors,
    trainer: TaggerTrainer,
) -> None:
    before = _saved(built_settings_copy)
    _revise_an_example(own_catalogue, vectors, embedded=True)
    assert _tag(own_catalogue, built_settings_copy, trainer) == 1
    assert _saved(built_settings_copy).version == before.version
    assert _tag(own_catalogue, built_settings_copy, trainer) == 0


def test_a_tagger_trained_again_uses_the_current_texts(
    own_catalogue: Catalogue,
    built_settings_copy: Settings,
    vectors: BoundVectors,
    trainer: TaggerTrainer,
) -> None:
    before = _saved(built_settings_copy)
    _revise_an_example(own_catalogue, vectors, embedded=True)
    remove_taggers(built_settings_copy.data, TAXONOMY.name)
    assert _tag(own_catalogue, built_settings_copy, trainer) == own_catalogue.count()
    after = _saved(built_settings_copy)
    assert after.basis == before.basis
    assert after.version != before.version


def test_other_examples_make_another_tagger(
    own_catalogue: Catalogue,
    built_settings_copy: Settings,
    vectors: BoundVectors,
    trainer: TaggerTrainer,
) -> None:
    before = _saved(built_settings_copy)
    _revise_an_example(own_catalogue, vectors, embedded=False)
    after = trainer.current_tagger(TAXONOMY, built_settings_copy.data)
    assert isinstance(after, Tagger)
    assert after.basis != before.basis
    assert after.version != before.version


@pytest.mark.parametrize("released", [True, False])
def test_tagging_from_the_release_or_texts_gives_the_same_tags(
    own_catalogue: Catalogue,
    built_data_copy: Path,
    built_settings_copy: Settings,
    monkeypatch: pytest.MonkeyPatch,
    released: bool,
) -> None:
    """The words are counted by the release or, without a release, in parallel."""
    numbers = range(1, own_catalogue.count() + 1)
    few = own_catalogue.tags.of(numbers)
    assert sum(map(bool, few.values())) > 10
    monkeypatch.setattr(classifier.tagger, "_MIN_FROM_CORPUS", 1)
    monkeypatch.setattr(classifier.tagger, "_CORPUS_BATCH", 50)
    if not released:
        shutil.rmtree(built_data_copy / "releases")
    again = replace(_saved(built_settings_copy), version="trained again")
    steps: list[int] = []
    assert (
        apply_tagger(
            own_catalogue,
            built_data_copy,
            TAXONOMY,
            again,
            lambda _, done, total: steps.append(done),
        )
        == own_catalogue.count()
    )
    assert steps[-1] == own_catalogue.count()
    assert own_catalogue.tags.of(numbers) == few
    assert own_catalogue.tags.pending(TAXONOMY.name, again.version) == []


def test_a_paper_without_a_vector_is_not_tagged(
    own_catalogue: Catalogue, built_settings_copy: Settings, trainer: TaggerTrainer
) -> None:
    paper = own_catalogue.entries([1])[1].paper
    own_catalogue.store([replace(paper, id="2402.00001", title="Not embedded yet")])
    assert _tag(own_catalogue, built_settings_copy, trainer) == 0
    number = own_catalogue.numbers_of(["2402.00001"])["2402.00001"]
    assert number in own_catalogue.tags.pending(TAXONOMY.name, _saved(built_settings_copy).version)


def test_a_tagger_depends_on_the_vectors_of_labelled_papers_only(
    own_catalogue: Catalogue, trainer: TaggerTrainer
) -> None:
    """So papers can be tagged before all are embedded, with the tagger of the end."""
    assert trainer.has_all_vectors(TAXONOMY)
    tagger, _ = trainer.train(TAXONOMY)
    labelled = sorted(own_catalogue.numbers_of(TAXONOMY.examples).values())
    without = "DELETE FROM vectors WHERE text_hash IN (SELECT text_hash FROM papers WHERE {})"
    with own_catalogue.atomic():
        own_catalogue._db.execute(
            without.format("number NOT IN (SELECT value FROM json_each(?))"), [json.dumps(labelled)]
        )
    assert trainer.has_all_vectors(TAXONOMY)
    assert trainer.train(TAXONOMY)[0].version == tagger.version
    with own_catalogue.atomic():
        own_catalogue._db.execute(without.format("number = ?"), labelled[:1])
    assert not trainer.has_all_vectors(TAXONOMY)


def test_unembedded_papers_are_not_tagged_yet(
    own_catalogue: Catalogue, built_settings_copy: Settings, trainer: TaggerTrainer
) -> None:
    others = "SELECT text_hash FROM papers WHERE number % 3 = 0"
    with own_catalogue.atomic():
        own_catalogue._db.execute("DELETE FROM taggings")
        own_catalogue._db.execute(f"DELETE FROM vectors WHERE text_hash IN ({others})")
    steps: list[tuple[int, int]] = []
    tagger = _saved(built_settings_copy)
    tagged = apply_tagger(
        own_catalogue,
        built_settings_copy.data,
        TAXONOMY,
        tagger,
        lambda _, done, total: steps.append((done, total)),
    )
    assert tagged == own_catalogue.count() - own_catalogue.count() // 3
    assert steps[-1] == (tagged, tagged)
