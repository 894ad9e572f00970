"""Model cards, and that the same training data give the same files, bit for bit."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from classifier.stored_taggers import (
    current_version,
    kept_taggers,
    load_tagger,
    remove_taggers,
    save_tagger,
    taggers_folder,
)
from classifier.tagger import LEAF_THRESHOLD
from classifier.taxonomies.taxonomy import load_taxonomy
from index.catalogue.catalogue import read_catalogue
from index.errors import UnknownTagger
from tests.conftest import Seealso

TAXONOMY = load_taxonomy()


def folder(data: Path) -> Path:
    version = current_version(data, TAXONOMY.name)
    assert version is not None
    return taggers_folder(data, TAXONOMY.name) / version


def test_the_card_describes_training_data_and_results(built_data: Path, seealso: Seealso) -> None:
    card = json.loads((folder(built_data) / "card.json").read_text())
    with read_catalogue(built_data) as catalogue:
        held = catalogue.numbers_of(TAXONOMY.examples)
    in_scope = [paper_id for paper_id in held if TAXONOMY.examples[paper_id]]
    assert card["lessons"]["in_scope"] == len(in_scope)
    assert card["lessons"]["out_of_scope"] == len(held) - len(in_scope)
    assert len(card["lessons"]["data_hash"]) == 64
    assert card["edition"] == TAXONOMY.version
    assert card["leaf_threshold"] == LEAF_THRESHOLD
    assert card["held_out"]["rows"] == len(held)
    papers = {row["label"]: row["papers"] for row in card["labels"]}
    for leaf in TAXONOMY.leaves:
        assert papers[leaf.id] == sum(leaf.id in TAXONOMY.examples[p] for p in in_scope)
    assert 0.3 < card["held_out"]["leaf_accuracy"] < 1
    assert sum(b["papers"] for b in card["reliability"]) == len(in_scope)
    ElementTree.parse(folder(built_data) / "reliability.svg")
    markdown = (folder(built_data) / "card.md").read_text()
    assert card["lessons"]["data_hash"] in markdown
    assert f"| model-compression | {papers['model-compression']} |" in markdown
    assert json.loads(seealso(built_data, "tags", "card").stdout) == card


def test_the_same_training_data_give_the_same_files(
    built_data_copy: Path, seealso: Seealso
) -> None:
    first = {path.name: path.read_bytes() for path in folder(built_data_copy).iterdir()}
    remove_taggers(built_data_copy, TAXONOMY.name)
    seealso(built_data_copy, "tags", "train")
    assert {path.name: path.read_bytes() for path in folder(built_data_copy).iterdir()} == first


def test_a_previous_tagger_is_kept_and_its_card_outlives_it(
    built_data_copy: Path, seealso: Seealso
) -> None:
    former = folder(built_data_copy).name
    with read_catalogue(built_data_copy) as catalogue:
        numbers = catalogue.tags.numbers_with_tags([(TAXONOMY.name, "model-compression")])
        paper_id = catalogue.entries(numbers[:1])[numbers[0]].paper.id
    seealso(built_data_copy, "tags", "correct", paper_id, "--none", "--by", "Ada")
    seealso(built_data_copy, "tags", "train")
    assert [tagger.version for tagger in kept_taggers(built_data_copy, TAXONOMY.name)] == [
        folder(built_data_copy).name,
        former,
    ]
    remove_taggers(built_data_copy, TAXONOMY.name)
    assert json.loads(seealso(built_data_copy, "tags", "card", former).stdout)["version"] == former
    with pytest.raises(UnknownTagger, match="no tagger with version 'newts' has been trained"):
        seealso(built_data_copy, "tags", "card", "newts")


def test_only_the_latest_five_taggers_are_kept(built_data: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    tagger = load_tagger(built_data, TAXONOMY.name)
    assert tagger is not None
    for number in range(7):
        save_tagger(replace(tagger, version=f"version{number}"), tmp_path, {"card.md": "A card"})
    kept = [tagger.version for tagger in kept_taggers(tmp_path, TAXONOMY.name)]
    assert kept == [f"version{number}" for number in (6, 5, 4, 3, 2)]
    assert current_version(tmp_path, TAXONOMY.name) == "version6"
