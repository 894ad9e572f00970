"""`fields` selects the fields of each paper and leaves the rest of the answer unchanged."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.parameters.fields import field_names, included_fields
from api.records.paper import PaperRecord
from index.errors import BadInput
from index.lists.entries import Listing, RelatedPaper
from tests.conftest import SURVEY
from tests.support.client import RELATED, assert_problem, get_json, open_client

PAPER = f"/v1/papers/{SURVEY}"
LISTS = {
    RELATED: "related",
    "/v1/search?q=pruning": "results",
    "/v1/tags/model-compression/papers": "papers",
}


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def chosen(whole: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in whole.items() if name in ("id", *names)}


def with_fields(address: str, fields: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}fields={fields}"


def test_a_paper_has_the_selected_fields_and_its_id(client: TestClient) -> None:
    whole = get_json(client, PAPER)
    assert get_json(client, PAPER, fields="title,authors") == chosen(whole, "title", "authors")
    assert get_json(client, PAPER, fields=" title ,,") == chosen(whole, "title")
    assert get_json(client, PAPER, fields="id") == {"id": SURVEY}
    assert get_json(client, PAPER, fields="") == whole


def test_a_dot_selects_within_a_field(client: TestClient) -> None:
    whole = get_json(client, PAPER)
    versions = [{"number": one["number"]} for one in whole["versions"]]
    assert get_json(client, PAPER, fields="versions.number") == {"id": SURVEY, "versions": versions}
    both = get_json(client, PAPER, fields="versions.number,versions")
    assert both == chosen(whole, "versions")
    [first, *_] = get_json(client, RELATED)["related"]
    fields = "reasons.terms,reasons.sentences.found,tags.label"
    [found, *_] = get_json(client, RELATED, fields=fields)["related"]
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
def test_fields_apply_to_the_entries_of_a_list_only(
    client: TestClient, address: str, entries: str
) -> None:
    whole = get_json(client, address)
    found = get_json(client, with_fields(address, "title"))
    assert found == {**whole, entries: [chosen(one, "title") for one in whole[entries]]}


def test_fields_apply_to_answers_to_post(client: TestClient) -> None:
    ids = {"ids": [SURVEY, "2401.99999"]}
    found = client.post("/v1/papers/batch?fields=title", json=ids).json()
    assert found == {"papers": [get_json(client, PAPER, fields="title"), None]}
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
        ("qqqq", "unknown field 'qqqq'; the fields are id, "),
    ],
)
def test_an_unknown_field_is_refused_with_a_suggestion(
    client: TestClient, address: str, fields: str, says: str
) -> None:
    assert_problem(client.get(with_fields(address, fields)), 400, says)


def test_an_unknown_field_is_refused_for_post(client: TestClient) -> None:
    for address, body in (
        ("/v1/papers/batch", {"ids": [SURVEY]}),
        ("/v1/recommend", {"liked": [SURVEY]}),
    ):
        response = client.post(f"{address}?fields=abstrct", json=body)
        assert response.status_code == 400
        assert "unknown field 'abstrct'" in response.json()["detail"]


def test_other_formats_refuse_fields(client: TestClient) -> None:
    for suffix in ("bib", "txt", "atom"):
        assert_problem(
            client.get(f"{PAPER}.{suffix}?fields=title"), 409, "`fields` is supported for JSON only"
        )
    assert get_json(client, f"{PAPER}.json?fields=title") == get_json(
        client, f"{PAPER}?fields=title"
    )


def test_other_formats_than_text_refuse_facets(client: TestClient) -> None:
    search = "/v1/search{}?q=cat:cs.CL&facets=true"
    for suffix in (".bib", ".atom"):
        assert_problem(client.get(search.format(suffix)), 409, "`facets` is supported for JSON")
    assert "\nCategories: cs.CL (" in client.get(search.format(".txt")).text
    links = client.get(search.format("")).headers["Link"]
    assert "/v1/search.bib?q=" in links
    assert "facets" not in links


def test_meta_can_only_be_selected_whole(client: TestClient) -> None:
    assert "meta" in field_names(PaperRecord)
    assert not [name for name in field_names(PaperRecord) if name.startswith("meta.")]
    assert set(get_json(client, PAPER, fields="meta")) == {"id", "meta"}


def test_blank_fields_select_everything() -> None:
    assert included_fields(None, RelatedPaper, Listing) is None
    assert included_fields("", RelatedPaper, Listing) is None
    assert included_fields(",", RelatedPaper, Listing) is None
    assert included_fields("title ,score", RelatedPaper) == {
        "id": True,
        "title": True,
        "score": True,
    }
    with pytest.raises(BadInput, match="unknown field ' '"):
        included_fields(" ", RelatedPaper, Listing)


def test_fields_may_be_repeated_as_some_clients_do(client: TestClient) -> None:
    with_commas = get_json(client, f"{PAPER}?fields=title,tags.label")
    assert get_json(client, f"{PAPER}?fields=title&fields=tags.label") == with_commas
    assert set(with_commas) == {"id", "title", "tags"}
