"""A user's own taxonomy next to the default: train, query, correct, replace, drop."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from classifier.taxonomies.followed import followed_taxonomies
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY, bundled_taxonomies, load_taxonomy
from index.catalogue.catalogue import read_catalogue
from index.errors import BadInput, UnknownTag, UnknownTaxonomy
from tests.conftest import Seealso
from tests.support.client import get_json, open_client
from tests.support.data_folders import copy_data

SURVEY = load_taxonomy()
TOKEN = "a long secret"

WORK = """
name = "work"

[[labels]]
id = "smaller"
title = "Smaller models"
definition = "Making a neural network smaller: quantization, pruning, distillation."
includes = [
    "Quantization of the weights of language models to few bits",
    "Pruning of weights, heads or layers of a Transformer",
    "Knowledge distillation into a small student",
]

[[labels]]
id = "training"
title = "Training"
definition = "Training on many machines."

[[labels]]
id = "federated-learning"
title = "Training at the edge"
parent = "training"
definition = "Federated learning over phones that keep their data."
includes = ["Federated averaging of updates from many clients", "Privacy of clients in training"]

[[labels]]
id = "clusters"
title = "Training in clusters"
parent = "training"
definition = "Parallel and distributed training of large models on clusters of accelerators."
includes = ["Pipeline and tensor parallelism", "Sharding of optimiser states across GPUs"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "work.toml"
    path.write_text(WORK)
    return path


@pytest.fixture(scope="module")
def trained_once(
    built_data: Path, tmp_path_factory: pytest.TempPathFactory, seealso: Seealso
) -> Path:
    """A data folder that follows the taxonomy, with its papers tagged."""
    folder = tmp_path_factory.mktemp("trained")
    data = copy_data(built_data, folder / "data")
    (folder / "work.toml").write_text(WORK)
    trained = seealso(data, "tags", "train", "--taxonomy", str(folder / "work.toml"))
    assert "work: tagger " in trained.stdout
    assert "tagged" in seealso(data, "tags", "apply").output
    return data


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder that the test may write to."""
    return copy_data(trained_once, tmp_path / "data")


@pytest.fixture
def client(trained: Path) -> Iterator[TestClient]:
    with open_client(trained, token=TOKEN) as client:
        yield client


def followed(data: Path) -> list[str]:
    with read_catalogue(data) as catalogue:
        return [taxonomy.name for taxonomy in followed_taxonomies(catalogue)]


def test_it_is_listed_next_to_the_default(client: TestClient) -> None:
    taxonomies = get_json(client, "/v1/taxonomies")["taxonomies"]
    names = [taxonomy["name"] for taxonomy in taxonomies]
    assert names == [DEFAULT_TAXONOMY, "work"]
    tree = get_json(client, "/v1/tags?taxonomy=work")
    assert [node["id"] for node in tree["tags"]] == ["smaller", "training"]
    assert [node["id"] for node in tree["tags"][1]["children"]] == [
        "federated-learning",
        "clusters",
    ]
    listing = get_json(client, "/v1/tags/smaller/papers?taxonomy=work")
    assert len(listing["papers"]) > 3
    paper_id = listing["papers"][0]["id"]
    found = get_json(client, f"/v1/papers/{paper_id}/tags")
    assert [judgement["taxonomy"] for judgement in found["judgements"]] == names
    [tag] = [tag for tag in found["tags"] if tag["taxonomy"] == "work"]
    assert tag["title"] == "Smaller models"
    page = client.get(f"/papers/{paper_id}", headers={"Accept": "text/html"}).text
    assert "Smaller models" in page
    for path in ("/v1/tags?taxonomy=play", "/v1/tags/smaller/papers?taxonomy=play"):
        missing = client.get(path)
        assert missing.status_code == 404
        known = "those in use are efficient-foundation-models, work"
        assert known in missing.json()["detail"]


def test_a_label_of_two_taxonomies_can_be_qualified(client: TestClient, trained: Path) -> None:
    def with_tag(tag: str) -> set[str]:
        found = get_json(client, f"/v1/search?q=federated+learning+of+models&tag={tag}&limit=50")
        return {paper["id"] for paper in found["results"]}

    in_default = with_tag(f"{DEFAULT_TAXONOMY}/federated-learning")
    assert in_default
    assert with_tag("work/training")
    in_either = with_tag("federated-learning")
    assert in_default < in_either | {""}
    assert in_either == in_default | with_tag("work/federated-learning")
    with read_catalogue(trained) as catalogue:
        taxonomies = followed_taxonomies(catalogue)
        below = taxonomies.tag_keys_below(["work/training"])
        assert below == {("work", "training"), ("work", "federated-learning"), ("work", "clusters")}
        with pytest.raises(UnknownTag, match="did you mean smaller"):
            taxonomies.tag_keys_below(["smalle"])
        with pytest.raises(UnknownTaxonomy, match="no taxonomy 'play' is in use"):
            taxonomies.tag_keys_below(["play/smaller"])


def test_a_correction_names_its_taxonomy(client: TestClient, trained: Path) -> None:
    paper_id = get_json(client, "/v1/tags/smaller/papers?taxonomy=work")["papers"][0]["id"]
    before = {tag["label"] for tag in _tags(client, paper_id, DEFAULT_TAXONOMY)}
    correction = {"labels": ["clusters"], "by": "Ada", "taxonomy": "work"}
    allowed = {"Authorization": f"Bearer {TOKEN}"}
    response = client.post(f"/v1/papers/{paper_id}/tags", json=correction, headers=allowed)
    assert response.status_code == 200
    assert [tag["label"] for tag in _tags(client, paper_id, "work")] == ["clusters"]
    assert {tag["label"] for tag in _tags(client, paper_id, DEFAULT_TAXONOMY)} == before
    wrong = client.post(
        f"/v1/papers/{paper_id}/tags",
        json=correction | {"taxonomy": DEFAULT_TAXONOMY},
        headers=allowed,
    )
    assert wrong.status_code == 404
    assert (
        "no label 'clusters' in the taxonomy efficient-foundation-models" in wrong.json()["detail"]
    )


def _tags(client: TestClient, paper_id: str, taxonomy: str) -> list[dict[str, str]]:
    tags = get_json(client, f"/v1/papers/{paper_id}")["tags"]
    return [tag for tag in tags if tag["taxonomy"] == taxonomy]


def test_a_new_edition_replaces_the_old_one(trained: Path, file: Path, seealso: Seealso) -> None:
    file.write_text(WORK.replace('id = "smaller"', 'id = "compact"'))
    seealso(trained, "tags", "train", "--taxonomy", str(file))
    with read_catalogue(trained) as catalogue:
        assert catalogue.tags.numbers_with_tags([("work", "smaller")]) == []
        labels = followed_taxonomies(catalogue).get("work").labels
        assert labels[0].id == "compact"
    seealso(trained, "update")
    with read_catalogue(trained) as catalogue:
        assert catalogue.tags.numbers_with_tags([("work", "compact")])


def test_an_edition_without_a_corrected_label_is_refused_as_a_whole(
    trained: Path, file: Path, seealso: Seealso
) -> None:
    with read_catalogue(trained) as catalogue:
        number = catalogue.tags.numbers_with_tags([("work", "smaller")])[0]
        paper_id = catalogue.entries([number])[number].paper.id
    correct = ("tags", "correct", paper_id, "--taxonomy", "work", "--by", "Ada")
    seealso(trained, *correct, "--label", "smaller")
    file.write_text(WORK.replace('id = "smaller"', 'id = "compact"'))
    with pytest.raises(BadInput, match=f"arXiv:{paper_id} was corrected to 'smaller'"):
        seealso(trained, "tags", "train", "--taxonomy", str(file))
    with read_catalogue(trained) as catalogue:
        assert followed_taxonomies(catalogue).get("work").labels[0].id == "smaller"
        assert number in catalogue.tags.numbers_with_tags([("work", "smaller")])


def test_a_dropped_taxonomy_leaves_no_tag(trained: Path, seealso: Seealso) -> None:
    seealso(trained, "tags", "drop", "work")
    assert followed(trained) == [DEFAULT_TAXONOMY]
    with read_catalogue(trained) as catalogue:
        assert (
            catalogue.tags.numbers_with_tags([("work", label) for label in ("smaller", "clusters")])
            == []
        )
        assert catalogue.tags.numbers_with_tags([(SURVEY.name, "model-compression")])
    assert not (trained / "taggers" / "work").exists()
    with pytest.raises(UnknownTaxonomy):
        seealso(trained, "tags", "drop", "work")
    with pytest.raises(BadInput, match="is built in and cannot be removed"):
        seealso(trained, "tags", "drop", DEFAULT_TAXONOMY)


INVALID = {
    "an example that is missing": (
        WORK.replace("[[labels]]\nid", '[[labels]]\nexamples = ["2401.99999"]\nid', 1),
        "taxonomy work, line 5, label 'smaller': the example 2401.99999 is not in the catalogue",
    ),
    "a bundled name": (
        WORK.replace('"work"', '"astrophysics"'),
        "the name 'astrophysics' belongs to a bundled taxonomy",
    ),
    "an empty definition": (
        WORK.replace('"Training on many machines."', '" "'),
        "line 14, label 'training': definition is missing or empty",
    ),
    "an unknown parent": (
        WORK.replace('parent = "training"', 'parent = "trainings"', 1),
        "line 19: 'federated-learning' has the parent 'trainings', which is not a label",
    ),
}


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_file_is_refused_and_nothing_is_stored(
    built_data_copy: Path, file: Path, seealso: Seealso, case: str
) -> None:
    text, message = INVALID[case]
    file.write_text(text)
    with pytest.raises(BadInput) as refused:
        seealso(built_data_copy, "tags", "train", "--taxonomy", str(file))
    assert message in str(refused.value)
    assert followed(built_data_copy) == [DEFAULT_TAXONOMY]
    assert not (built_data_copy / "taggers" / "work").exists()


def test_neither_a_file_nor_a_bundled_name_is_refused(
    built_data_copy: Path, seealso: Seealso
) -> None:
    with pytest.raises(
        BadInput, match="bundled taxonomies: efficient-foundation-models, astrophysics"
    ):
        seealso(built_data_copy, "tags", "train", "--taxonomy", "ponds")


def test_the_second_bundled_taxonomy_is_followed_by_its_name(
    built_data_copy: Path, seealso: Seealso
) -> None:
    assert bundled_taxonomies() == (DEFAULT_TAXONOMY, "astrophysics")
    seealso(built_data_copy, "tags", "train", "--taxonomy", "astrophysics")
    assert followed(built_data_copy) == [DEFAULT_TAXONOMY, "astrophysics"]
    seealso(built_data_copy, "tags", "apply")
    lines = seealso(
        built_data_copy, "tags", "export", "labels", "--taxonomy", "astrophysics"
    ).stdout
    rows = [json.loads(line) for line in lines.splitlines()]
    given = {tag["label"] for row in rows for tag in row["tags"]}
    astrophysics = load_taxonomy("astrophysics")
    assert given <= {label.id for label in astrophysics.labels}
    shown = seealso(built_data_copy, "tags", "export", "skos", "--taxonomy", "astrophysics").stdout
    assert "https://arxiv.org/archive/astro-ph#solar-and-stellar" in shown
