"""`fields` chooses what an answer holds of each paper, and nothing else of it changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.parameters.fields import field_names, included
from api.records.paper import PaperRecord
from index.lists.entries import Listing, RelatedPaper
from tests.conftest import SURVEY
from tests.support.asking import LISTING, answer, app_over, assert_problem

PAPER = f"/v1/papers/{SURVEY}"
LISTS = {
    LISTING: "related",
    "/v1/search?q=pruning": "results",
    "/v1/tags/model-compression/papers": "papers",
}


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with app_over(built_data) as client:
        yield client


def chosen(whole: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in whole.items() if name in ("id", *names)}


def asking(address: str, fields: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}fields={fields}"


def test_a_paper_holds_what_is_asked_for_and_its_id(client: TestClient) -> None:
    whole = answer(client, PAPER)
    assert answer(client, PAPER, fields="title,authors") == chosen(whole, "title", "authors")
    assert answer(client, PAPER, fields=" title ,,") == chosen(whole, "title")
    assert answer(client, PAPER, fields="id") == {"id": SURVEY}
    assert answer(client, PAPER, fields="") == whole


def test_a_dot_goes_into_what_a_field_holds(client: TestClient) -> None:
    whole = answer(client, PAPER)
    versions = [{"number": one["number"]} for one in whole["versions"]]
    assert answer(client, PAPER, fields="versions.number") == {"id": SURVEY, "versions": versions}
    both = answer(client, PAPER, fields="versions.number,versions")
    assert both == chosen(whole, "versions")
    [first, *_] = answer(client, LISTING)["related"]
    asked = "reasons.terms,reasons.sentences.found,tags.label"
    [found, *_] = answer(client, LISTING, fields=asked)["related"]
    sentences = first["reasons"]["sentences"]
    assert found == {
        "id": first["id"],
        "tags": [{"label": tag["label"]} for tag in first["tags"]],
        "reasons": {
            "terms": first["reasons"]["terms"],
            "sentences": sentences and {"found": sentences["found"]},
        },
    }


@pytest.mark.parametrize(("address", "entries"), LISTS.items())
def test_of_a_list_each_entry_is_chosen_from_and_all_else_stays(
    client: TestClient, address: str, entries: str
) -> None:
    whole = answer(client, address)
    found = answer(client, asking(address, "title"))
    assert found == {**whole, entries: [chosen(one, "title") for one in whole[entries]]}


def test_what_is_posted_has_fields_too(client: TestClient) -> None:
    ids = {"ids": [SURVEY, "2401.99999"]}
    found = client.post("/v1/papers/batch?fields=title", json=ids).json()
    assert found == {"papers": [answer(client, PAPER, fields="title"), None]}
    liked = {"liked": [SURVEY]}
    whole = client.post("/v1/recommend", json=liked).json()
    found = client.post("/v1/recommend?fields=title", json=liked).json()
    assert found == {**whole, "related": [chosen(one, "title") for one in whole["related"]]}


@pytest.mark.parametrize("address", [PAPER, *LISTS])
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("titel", "unknown field 'titel'; did you mean title?"),
        ("title,tags.labl", "unknown field 'tags.labl'; did you mean tags.label?"),
        ("title.x", "unknown field 'title.x'; did you mean title?"),
        ("qqqq", "unknown field 'qqqq'; there are id, "),
    ],
)
def test_an_unknown_field_is_refused_with_what_may_be_meant(
    client: TestClient, address: str, fields: str, says: str
) -> None:
    assert_problem(client.get(asking(address, fields)), 400, says)


def test_an_unknown_field_is_refused_in_what_is_posted(client: TestClient) -> None:
    for address, body in (
        ("/v1/papers/batch", {"ids": [SURVEY]}),
        ("/v1/recommend", {"liked": [SURVEY]}),
    ):
        response = client.post(f"{address}?fields=abstrct", json=body)
        assert response.status_code == 400
        assert "unknown field 'abstrct'" in response.json()["detail"]


def test_another_form_is_always_whole(client: TestClient) -> None:
    for suffix in ("bib", "txt", "atom"):
        assert_problem(client.get(f"{PAPER}.{suffix}?fields=title"), 400, "choose from JSON")
    assert answer(client, f"{PAPER}.json?fields=title") == answer(client, f"{PAPER}?fields=title")


def test_meta_is_chosen_whole(client: TestClient) -> None:
    assert "meta" in field_names(PaperRecord)
    assert not [name for name in field_names(PaperRecord) if name.startswith("meta.")]
    assert set(answer(client, PAPER, fields="meta")) == {"id", "meta"}


def test_nothing_is_chosen_where_nothing_is_asked() -> None:
    assert included(None, RelatedPaper, Listing) is None
    assert included(" , ", RelatedPaper, Listing) is None
