"""The page for a reader's own references: what is sent, what is found, what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.pages.test_pages import BROWSER, Page, page
from tests.conftest import SURVEY
from tests.support.asking import app_over

BIB = (
    f"@article{{survey, title = {{A Survey}}, eprint = {{{SURVEY}}}, archiveprefix = {{arXiv}}}}\n"
    "@article{other, title = {<script>alert(1)</script> No paper of this catalogue}}\n"
)


@pytest.fixture
def client(built_data: Path) -> Iterator[TestClient]:
    with app_over(built_data) as client:
        client.headers.update(BROWSER)
        yield client


def test_the_form_asks_for_a_file(client: TestClient) -> None:
    shown = page(client, "/library")
    [form] = [about for tag, about in shown.elements if tag == "form" and about.get("method")]
    assert (form["action"], form["enctype"]) == ("/library", "multipart/form-data")


def test_a_library_gets_the_list_that_the_api_gives(client: TestClient) -> None:
    told = client.post("/library", files={"file": ("mine.bib", BIB)})
    assert told.status_code == 200
    shown = Page(told.text)
    asked = {"library": {"name": "mine.bib", "content": BIB}}
    listed = client.post("/v1/recommend", json=asked).json()["related"]
    links = [link for link in shown.links if link.startswith("/papers/")]
    assert links == [f"/papers/{paper['id']}" for paper in listed]
    assert f"/feeds/recommended.atom?liked={SURVEY}" in shown.links
    assert shown.shows("for the 1 of your references that are papers held here")
    assert shown.shows("1 of your references are not")
    assert not [tag for tag, _ in shown.elements if tag == "script"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "choose a file of references first"),
        (b"Dear friend,", "neither"),
    ],
    ids=["nothing", "a letter"],
)
def test_what_is_no_library_is_told(client: TestClient, content: bytes, said: str) -> None:
    told = client.post("/library", files={"file": ("mine.txt", content)})
    assert told.status_code == 400
    assert said in told.text
