"""A paper's tags with reasons, and corrections: stored, shown and used in training."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from classifier.corrections import correct_tags
from classifier.taxonomies.taxonomy import load_taxonomy
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.catalogue.protection import connections
from index.errors import BadInput, UnknownTag
from tests.conftest import SURVEY, Seealso
from tests.support.client import assert_problem, get_json, open_client

TAXONOMY = load_taxonomy()
TOKEN = "a long secret"
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}
CORRECTION = {"labels": ["serving-on-edge"], "by": "Ada Lovelace"}


@pytest.fixture
def own_catalogue(built_data_copy: Path) -> Iterator[Catalogue]:
    with open_catalogue(built_data_copy) as catalogue:
        yield catalogue


@pytest.fixture
def client(built_data_copy: Path) -> Iterator[TestClient]:
    with open_client(built_data_copy, token=TOKEN) as client:
        yield client


@pytest.fixture
def tagged(built_data: Path) -> str:
    """An example of model compression that the tagger tags as such."""
    with read_catalogue(built_data) as catalogue:
        for paper_id, labels in TAXONOMY.examples.items():
            if labels != ("model-compression",) or not catalogue.numbers_of([paper_id]):
                continue
            entry = catalogue.entry(paper_id)
            tags = catalogue.tags.of([entry.number])[entry.number]
            if [tag.label for tag in tags] == ["model-compression"]:
                return paper_id
    raise AssertionError("no example of model compression is tagged as one")


def _tags(client: TestClient, paper_id: str) -> list[tuple[str, float]]:
    tags = get_json(client, f"/v1/papers/{paper_id}")["tags"]
    return [(tag["label"], tag["probability"]) for tag in tags]


def test_a_tag_has_terms_of_the_paper_and_the_nearest_examples_of_its_label(
    client: TestClient, tagged: str
) -> None:
    found = get_json(client, f"/v1/papers/{tagged}/tags")
    [tag] = found["tags"]
    assert (tag["label"], tag["title"]) == ("model-compression", "Model Compression")
    paper = get_json(client, f"/v1/papers/{tagged}")
    text = f"{paper['title']} {paper['abstract']}".lower()
    assert 1 <= len(tag["terms"]) <= 5
    assert all(term in text for term in tag["terms"])
    cosines = [near["cosine"] for near in tag["nearest"]]
    assert len(cosines) == 3
    assert cosines == sorted(cosines, reverse=True)
    for near in tag["nearest"]:
        assert near["id"] != tagged
        assert "model-compression" in TAXONOMY.examples[near["id"]]


def test_the_command_line_shows_the_same(
    client: TestClient, built_data_copy: Path, seealso: Seealso, tagged: str
) -> None:
    [tag] = get_json(client, f"/v1/papers/{tagged}/tags")["tags"]
    printed = seealso(built_data_copy, "tags", "show", tagged).output
    assert f"{tag['probability']:.2f}  Model Compression  [model-compression]" in printed
    assert f"terms: {', '.join(tag['terms'])}" in printed
    assert f"arXiv:{tag['nearest'][0]['id']}" in printed


def test_a_correction_applies_at_once_and_is_logged(client: TestClient, tagged: str) -> None:
    assert _tags(client, tagged)[0][0] == "model-compression"
    response = client.post(f"/v1/papers/{tagged}/tags", json=CORRECTION, headers=ALLOWED)
    assert response.status_code == 200
    assert _tags(client, tagged) == [("serving-on-edge", 1.0)]
    again = client.post(
        f"/v1/papers/{tagged}/tags", json={"labels": [], "by": "Grace"}, headers=ALLOWED
    ).json()
    assert again["tags"] == []
    assert [(said["by"], said["labels"]) for said in again["corrections"]] == [
        ("Grace", []),
        ("Ada Lovelace", ["serving-on-edge"]),
    ]
    assert all(said["at"].startswith("20") for said in again["corrections"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
    ],
)
def test_a_correction_needs_the_token(
    client: TestClient, tagged: str, headers: dict[str, str], status: int
) -> None:
    before = _tags(client, tagged)
    response = client.post(f"/v1/papers/{tagged}/tags", json=CORRECTION, headers=headers)
    assert response.status_code == status
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in response.text
    assert _tags(client, tagged) == before


def test_a_server_without_a_token_accepts_no_corrections(
    built_data_copy: Path, tagged: str
) -> None:
    with open_client(built_data_copy) as client:
        path = f"/v1/papers/{tagged}/tags"
        refused = client.post(path, json=CORRECTION, headers={"Authorization": "Bearer x"})
        unauthorised = client.post(path, json=CORRECTION)
    assert refused.status_code == 403
    assert unauthorised.status_code == 401
    for response in (refused, unauthorised):
        assert "SEEALSO_TOKEN" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"labels": ["serving-on-egde"], "by": "Ada"}, 404, "did you mean serving-on-edge"),
        ({"labels": ["serving-on-edge"], "by": "  "}, 400, "the name (by) must have"),
        ({"labels": ["serving-on-edge"], "by": "A\x00"}, 400, "the name (by) must have"),
        (
            {"labels": ["resource-efficient-systems", "serving-on-edge"], "by": "Ada"},
            409,
            "serving-on-edge implies resource-efficient-systems",
        ),
        ({"labels": "serving-on-edge", "by": "Ada"}, 422, "labels"),
        ({"labels": [], "by": "Ada", "more": 1}, 422, "more"),
        ({"labels": ["x"] * 21, "by": "Ada"}, 422, "labels"),
        ({"by": "Ada"}, 422, "labels"),
    ],
)
def test_a_wrong_correction_is_refused_and_changes_nothing(
    client: TestClient, tagged: str, body: dict[str, object], status: int, says: str
) -> None:
    before = get_json(client, f"/v1/papers/{tagged}/tags")
    response = client.post(f"/v1/papers/{tagged}/tags", json=body, headers=ALLOWED)
    assert response.status_code == status
    assert says in response.text
    assert get_json(client, f"/v1/papers/{tagged}/tags") == before


def test_a_correction_is_refused_while_another_process_writes(
    built_data_copy: Path, tagged: str
) -> None:
    with open_client(built_data_copy, token=TOKEN, request_timeout="2") as client:
        with closing(sqlite3.connect(built_data_copy / "catalogue.db")) as writer:
            writer.execute("BEGIN IMMEDIATE")
            response = client.post(f"/v1/papers/{tagged}/tags", json=CORRECTION, headers=ALLOWED)
            writer.rollback()
        assert_problem(response, 503, "another process is writing")
        again = client.post(f"/v1/papers/{tagged}/tags", json=CORRECTION, headers=ALLOWED)
        assert again.status_code == 200


def test_few_corrections_wait_and_more_are_refused_at_once(
    built_data_copy: Path, tagged: str
) -> None:
    address = f"/v1/papers/{tagged}/tags"
    with open_client(built_data_copy, token=TOKEN) as client, ThreadPoolExecutor(12) as clients:
        with closing(sqlite3.connect(built_data_copy / "catalogue.db")) as writer:
            writer.execute("BEGIN IMMEDIATE")
            asked = [
                clients.submit(client.post, address, json=CORRECTION, headers=ALLOWED)
                for _ in range(12)
            ]
            refused = [next(as_completed(asked)).result()]
            assert client.get(address).status_code == 200  # those that wait do not hold it up
            writer.rollback()
        answers = [one.result() for one in asked]
    refused += [one for one in answers if one.status_code != 200]
    for response in refused:
        assert_problem(response, 503, "8 other corrections are waiting: try again later")
    assert sum(one.status_code == 200 for one in answers) >= 8


def test_a_correction_does_not_read_a_state_that_it_waits_for(
    built_data_copy: Path, tagged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_MAX_WAL", 0)
    with open_client(built_data_copy, token=TOKEN) as client:
        response = client.post(f"/v1/papers/{tagged}/tags", json=CORRECTION, headers=ALLOWED)
        assert response.status_code == 200
        assert (built_data_copy / "catalogue.db-wal").stat().st_size == 0


def test_a_correction_of_an_unknown_paper_is_a_404(client: TestClient) -> None:
    response = client.post("/v1/papers/2401.99999/tags", json=CORRECTION, headers=ALLOWED)
    assert response.status_code == 404
    assert "2401.99999" in response.json()["detail"]


def test_the_command_line_corrects_too(
    built_data_copy: Path, seealso: Seealso, tagged: str
) -> None:
    done = seealso(
        built_data_copy, "tags", "correct", tagged, "--label", "serving-on-edge", "--by", "Ada"
    ).output
    assert done == f"arXiv:{tagged}: Serving on Edge\n"
    shown = seealso(built_data_copy, "tags", "show", tagged).output
    assert "1.00  Serving on Edge" in shown
    assert "corrected by Ada: serving-on-edge" in shown
    seealso(built_data_copy, "tags", "correct", tagged, "--none", "--by", "Ada")
    assert "no label" in seealso(built_data_copy, "tags", "show", tagged).output
    for wrong in (["--by", "Ada"], ["--none", "--label", "serving-on-edge", "--by", "Ada"]):
        with pytest.raises(BadInput, match="or --none"):
            seealso(built_data_copy, "tags", "correct", tagged, *wrong)
    with pytest.raises(UnknownTag, match="no label 'edge'"):
        seealso(built_data_copy, "tags", "correct", tagged, "--label", "edge", "--by", "Ada")


def test_no_tagger_tags_a_corrected_paper(own_catalogue: Catalogue, tagged: str) -> None:
    entry = own_catalogue.entry(tagged)
    assert entry.number in own_catalogue.tags.pending(TAXONOMY.name, "another tagger")
    correct_tags(own_catalogue, TAXONOMY, entry, ["serving-on-edge"], "Ada")
    assert entry.number not in own_catalogue.tags.pending(TAXONOMY.name, "another tagger")


def test_a_label_of_another_taxonomy_is_refused(own_catalogue: Catalogue, tagged: str) -> None:
    with pytest.raises(UnknownTag):
        correct_tags(own_catalogue, TAXONOMY, own_catalogue.entry(tagged), ["cs.CL"], "Ada")
    with pytest.raises(BadInput):
        correct_tags(own_catalogue, TAXONOMY, own_catalogue.entry(tagged), [], "x" * 300)
    assert own_catalogue.corrections.in_force(TAXONOMY.name) == {}


def test_corrections_count_in_the_next_training(
    built_data_copy: Path, seealso: Seealso, own_catalogue: Catalogue
) -> None:
    before = seealso(built_data_copy, "tags", "train").output
    assert seealso(built_data_copy, "tags", "train").output == before
    correct_tags(own_catalogue, TAXONOMY, own_catalogue.entry(SURVEY), ["model-compression"], "Ada")
    assert seealso(built_data_copy, "tags", "train").output != before
