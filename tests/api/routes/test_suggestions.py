"""A misspelt query gets a suggestion in every format, and only weak matches."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html

from index.catalogue.catalogue import open_catalogue
from tests.conftest import Seealso
from tests.support.client import get_json, open_client
from tests.support.two_papers import PAPER

MISSPELT, MEANT = "Langauge modls", "Language models"
ADDRESS = "/v1/search?q=Langauge+modls"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def test_json_has_the_suggestion_and_the_unknown_words(client: TestClient) -> None:
    found = get_json(client, ADDRESS)
    assert found["query"] == MISSPELT
    assert found["suggestion"] == MEANT
    assert found["unknown_words"] == ["langauge", "modls"]
    assert all(one["weak"] for one in found["results"])
    right = get_json(client, "/v1/search?q=Language+models")
    assert (right["suggestion"], right["unknown_words"], right["note"]) == (None, [], None)
    assert not right["results"][0]["weak"]


def test_a_page_links_to_the_suggestion_with_the_same_filters(client: TestClient) -> None:
    address = "/search?q=Langauge+modls&category=cs.CL&sort=date"
    page = html.fromstring(client.get(address, headers={"Accept": "text/html"}).text)
    [link] = [one for one in page.iter("a") if one.text == MEANT]
    assert link.get("href") == "/search?category=cs.CL&sort=date&q=Language+models"
    assert "Did you mean" in client.get("/search?q=Langauge", headers={"Accept": "text/html"}).text
    right = client.get("/search?q=Language+models", headers={"Accept": "text/html"}).text
    assert "Did you mean" not in right


def test_text_and_the_command_line_begin_with_the_suggestion(
    client: TestClient, built_data: Path, seealso: Seealso
) -> None:
    line = f"Did you mean: {MEANT}\n\nNo paper contains “langauge”, “modls”."
    for text in (
        client.get("/v1/search.txt?q=Langauge+modls").text,
        seealso(built_data, "search", MISSPELT).stdout,
    ):
        understood, rest = text.split("\n\n", 1)
        assert understood == "Searched for papers about “Langauge modls”."
        assert rest.startswith(line)


def test_an_identifier_gets_no_suggestion(client: TestClient) -> None:
    for query in ("2401.08092", "arXiv:2401.08092v2", "10.48550/arXiv.2401.08092"):
        assert get_json(client, "/v1/search", q=query)["suggestion"] is None


def test_the_name_of_an_author_gets_no_suggestion(built_data_copy: Path) -> None:
    with open_client(built_data_copy) as client:
        assert get_json(client, "/v1/search?q=Languase+models")["suggestion"] == MEANT
    with open_catalogue(built_data_copy) as catalogue:
        assert not catalogue.full_text.is_author_word("languase")
        catalogue.store([replace(PAPER, authors=("Ada Languase",))])
        assert catalogue.full_text.is_author_word("Languase")
        assert not catalogue.full_text.is_author_word('" OR "')
    with open_client(built_data_copy) as client:
        assert get_json(client, "/v1/search?q=Languase+models")["suggestion"] is None


def test_an_unknown_word_that_is_a_name_points_to_the_filter(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store([replace(PAPER, authors=("Novak Đoković",))])
    with open_client(built_data_copy) as client:
        for query in ("Đoković", "Djokovic"):
            assert get_json(client, "/v1/search", q=query)["note"].startswith(
                f"No paper contains “{query.lower()}”. Authors here have the name "
                f"“{query.lower()}”: search for author:{query.lower()}."
            )
