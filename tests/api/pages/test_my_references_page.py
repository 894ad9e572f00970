"""The page "My references": the form, recommendations, and rejected files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.pages.test_pages import BROWSER, Page, assert_harmless, page
from tests.conftest import SURVEY
from tests.support.client import open_client

BIB = (
    f"@article{{survey, title = {{A Survey}}, eprint = {{{SURVEY}}}, archiveprefix = {{arXiv}}}}\n"
    "@article{other, title = {<script>alert(1)</script> No paper of this catalogue}}\n"
)


@pytest.fixture
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        client.headers.update(BROWSER)
        yield client


def test_the_form_uploads_a_file(client: TestClient) -> None:
    shown = page(client, "/library")
    [form] = [about for tag, about in shown.elements if tag == "form" and about.get("method")]
    assert (form["action"], form["enctype"]) == ("/library", "multipart/form-data")


def test_the_page_lists_what_the_api_recommends(client: TestClient) -> None:
    response = client.post("/library", files={"file": ("mine.bib", BIB)})
    assert response.status_code == 200
    shown = Page(response.text)
    body = {"library": {"name": "mine.bib", "content": BIB}}
    recommended = client.post("/v1/recommend", json=body).json()["related"]
    links = [link for link in shown.links if link.startswith("/papers/")]
    assert links == [f"/papers/{paper['id']}" for paper in recommended]
    assert f"/feeds/recommended.atom?liked={SURVEY}" in shown.links
    assert shown.shows("Based on your references in this catalogue: 1.")
    assert shown.shows("References not used: 1")
    assert_harmless(shown)


def test_the_page_names_the_entry_with_a_byte_that_is_not_utf8(client: TestClient) -> None:
    foreign = BIB.encode() + b"\n@misc{m, author={M\xfcller}, eprint={%s}}" % SURVEY.encode()
    response = client.post("/library", files={"file": ("mine.bib", foreign)})
    assert response.status_code == 200
    shown = Page(response.text)
    assert shown.shows("m: the entry in line 4 has the byte 0xFC, which is not UTF-8")


def test_an_entry_that_was_read_in_part_is_named(client: TestClient) -> None:
    body = {"library": {"name": "mine.bib", "content": BIB + f"@misc{{m, eprint={{{SURVEY}}}"}}
    said = "m: the entry in line 3 cannot be read: it does not end"
    assert client.post("/v1/recommend", json=body).json()["remarks"] == [said]
    as_text = client.post("/v1/recommend", json=body, headers={"accept": "text/plain"})
    assert f"Remark on {said}" in as_text.text


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"", 400, "The file is missing or empty"),
        (b"Dear friend,", 409, "is not BibTeX (.bib), RIS (.ris), CSL-JSON or Better BibTeX JSON"),
    ],
    ids=["nothing", "a letter"],
)
def test_a_file_without_references_is_rejected(
    client: TestClient, content: bytes, status: int, message: str
) -> None:
    response = client.post("/library", files={"file": ("mine.txt", content)})
    assert response.status_code == status
    assert message in response.text
