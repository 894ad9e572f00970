"""A survey of a whole taxonomy gets the taxonomy's root or no leaf."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import classifier.tagger
from classifier.stored_taggers import load_tagger
from classifier.tag_reasons import explained_tags
from classifier.tagger import Tagger, apply_tagger, select_tags
from classifier.taxonomies.taxonomy import Label, Taxonomy, load_taxonomy
from index.arrays import Floats
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.catalogue.tags import Tag
from tests.conftest import SURVEY, Seealso
from tests.support.client import get_json, open_client

DEFAULT = load_taxonomy()
ROOTED = replace(
    DEFAULT,
    labels=(
        Label("everything", "Everything", "All of it."),
        *(replace(one, parent=one.parent or "everything") for one in DEFAULT.labels),
    ),
)
LEAVES = [leaf.id for leaf in DEFAULT.leaves]
SURVEY_TITLE = "A Survey of Models"


def _probabilities(**leaves: float) -> Floats:
    return np.array([leaves.get(leaf.replace("-", "_"), 0.0) for leaf in LEAVES], np.float32)


@pytest.fixture(scope="module")
def tagger(built_data: Path) -> Tagger:
    loaded = load_tagger(built_data, DEFAULT.name)
    assert loaded is not None
    return loaded


def test_the_root_is_the_lowest_label_above_all_leaves() -> None:
    assert DEFAULT.root is None
    assert load_taxonomy("astrophysics").root is None
    assert ROOTED.root == ROOTED.labels[0]
    chain = (ROOTED.labels[0], Label("below", "Below", "All of it too.", parent="everything"))
    deeper = (replace(one, parent=one.parent or "below") for one in DEFAULT.labels)
    assert replace(ROOTED, labels=(*chain, *deeper)).root == chain[1]
    leaf = replace(DEFAULT.leaves[0], parent=None)
    assert replace(DEFAULT, labels=(leaf,)).root is None


@pytest.mark.parametrize(
    ("taxonomy", "cloud", "given"),
    [
        (DEFAULT, 0.5, []),
        (ROOTED, 0.5, [Tag(DEFAULT.name, "everything", 0.75)]),
        (ROOTED, 0.125, []),
    ],
    ids=["no root", "a root", "an unsure root"],
)
def test_a_survey_of_the_whole_taxonomy_gets_its_root_or_no_label(
    taxonomy: Taxonomy, cloud: float, given: list[Tag]
) -> None:
    probabilities = _probabilities(serving_on_cloud=cloud, model_compression=0.25)
    assert select_tags(taxonomy, LEAVES, probabilities, about_whole=True) == given


def test_only_a_survey_nearer_to_the_whole_than_to_its_leaf_is_about_the_whole(
    tagger: Tagger,
) -> None:
    """The first axis is the whole taxonomy, the second one the leaf of the papers."""
    column = LEAVES.index("model-compression")
    descriptions = np.zeros((2, len(LEAVES) + 1), np.float32)
    descriptions[0, -1] = descriptions[1, column] = 1
    synthetic = replace(tagger, description_vectors=descriptions)
    vectors = np.array([[0.8, 0.6], [0.6, 0.8], [0.8, 0.6]], np.float32)
    titles = [SURVEY_TITLE, SURVEY_TITLE, "Pruning Models"]
    probabilities = np.tile(_probabilities(model_compression=0.9), (3, 1))
    assert synthetic.about_whole(titles, vectors, probabilities).tolist() == [True, False, False]


def test_a_taxonomy_of_one_leaf_has_no_surveys_of_the_whole(tagger: Tagger) -> None:
    one = np.ones((1, 1), np.float32)
    descriptions = np.array([[0, 1]], np.float32)
    single = replace(tagger, leaves=("model-compression",), description_vectors=descriptions)
    assert single.about_whole([SURVEY_TITLE], one, one).tolist() == [False]


def _tags_of_survey(data: Path, tagger: Tagger) -> list[Tag]:
    with open_catalogue(data) as catalogue:
        apply_tagger(catalogue, data, DEFAULT, tagger, lambda *_: None)
        number = catalogue.entry(SURVEY).number
        return catalogue.tags.of([number])[number]


def test_the_survey_of_the_taxonomy_gets_no_leaf_however_probable(
    built_data_copy: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier.tagger, "LEAF_THRESHOLD", 0.3)
    no_descriptions = np.zeros_like(tagger.description_vectors)
    ignorant = replace(tagger, version="ignorant", description_vectors=no_descriptions)
    assert {tag.label for tag in _tags_of_survey(built_data_copy, ignorant)} & set(LEAVES)
    assert _tags_of_survey(built_data_copy, replace(tagger, version="again")) == []


def test_commands_and_pages_say_that_a_survey_is_about_the_whole_taxonomy(
    built_data: Path, seealso: Seealso
) -> None:
    shown = seealso(built_data, "tags", "show", SURVEY).stdout
    assert "it is a survey about the whole taxonomy" in shown
    with open_client(built_data) as client:
        record = get_json(client, f"/v1/papers/{SURVEY}/tags")
        page = client.get(f"/papers/{SURVEY}", headers={"accept": "text/html"}).text
    [judgement] = record["judgements"]
    assert judgement["about_whole"] is True
    assert judgement["abstained"].startswith("it is a survey about the whole taxonomy")
    assert f'A survey about the whole taxonomy <a href="/tags">{DEFAULT.title}</a>' in page


def test_a_root_tag_is_explained_as_about_the_whole_taxonomy(built_data: Path) -> None:
    root = Tag(DEFAULT.name, "everything", 0.9)
    with read_catalogue(built_data) as catalogue:
        entry = catalogue.entry(SURVEY)
        explained = explained_tags(catalogue, built_data, [ROOTED], entry, [root])
    assert [tag.title for tag in explained.tags] == ["Everything"]
    [judgement] = explained.judgements
    assert (judgement.about_whole, judgement.abstained) == (True, None)
