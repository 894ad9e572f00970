"""Summaries are plain text in JSON and feeds, and say if they are the whole abstract."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import feedparser
import pytest
from fastapi.testclient import TestClient

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.tags import Tag
from tests.support.catalogue_files import all_entries
from tests.support.client import get_json, open_client
from tests.support.data_folders import copy_data

TAG = Tag("efficient-foundation-models", "model-compression", 0.9)
DAY = date(2026, 11, 1)  # later than that of any other paper: both are listed first
LONG = Paper(
    "2401.50001",
    "Stable laws of Erdos",
    r"Many laws are known. Some were studied long ago. We prove that $\alpha$-stable laws of "
    r"Erd\H{o}s have finite moments. Laws are short. Some are elementary.",
    submitted=DAY,
)
SHORT = Paper(
    "2401.50002",
    "One law",
    r"We prove that all $\alpha$-stable laws are smooth.",
    submitted=DAY,
)
PLAIN = {
    LONG.id: "We prove that α-stable laws of Erdős have finite moments.",
    SHORT.id: "We prove that all α-stable laws are smooth.",
}


@pytest.fixture(scope="module")
def client(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    data = copy_data(built_data, tmp_path_factory.mktemp("summaries") / "data")
    with open_catalogue(data) as catalogue:
        catalogue.store([LONG, SHORT])
        numbers = catalogue.numbers_of([LONG.id, SHORT.id]).values()
        catalogue.tags.replace(TAG.taxonomy, "tests", [(number, [TAG]) for number in numbers])
    with open_client(data) as client:
        yield client


def test_json_has_plain_text_and_says_if_it_is_the_abstract(client: TestClient) -> None:
    tagged = get_json(client, f"/v1/tags/{TAG.label}/papers?limit=2")["papers"]
    for record in (*tagged, *(get_json(client, f"/v1/papers/{one}") for one in PLAIN)):
        assert record["summary"].startswith(PLAIN[record["id"]])
        assert record["summary_is_abstract"] is (record["id"] == SHORT.id)


def test_semantic_scholars_form_has_no_tldr_instead_of_the_abstract(client: TestClient) -> None:
    long = get_json(client, f"/graph/v1/paper/arXiv:{LONG.id}?fields=tldr")["tldr"]
    assert long["text"].startswith(PLAIN[LONG.id])
    assert get_json(client, f"/graph/v1/paper/arXiv:{SHORT.id}?fields=tldr")["tldr"] is None


def test_a_feed_has_no_summary_beside_the_same_content(client: TestClient) -> None:
    source = client.get(f"/feeds/tags/{TAG.label}.atom?limit=2").content
    entries = {one.id.rpartition("/")[2]: one for one in feedparser.parse(source).entries}
    assert entries[LONG.id].summary.startswith(PLAIN[LONG.id])
    assert entries[SHORT.id].content[0].value == PLAIN[SHORT.id]
    assert source.count(b"<summary>") == 1


def test_text_says_if_a_summary_is_the_abstract(client: TestClient) -> None:
    text = " ".join(client.get(f"/v1/tags/{TAG.label}/papers.txt?limit=2").text.split())
    assert f"{PLAIN[SHORT.id]} (the whole abstract)" in text
    assert text.count("(the whole abstract)") == 1


def test_pages_have_formulas_and_say_if_a_summary_is_the_abstract(client: TestClient) -> None:
    headers = {"accept": "text/html"}
    page = client.get(f"/tags/{TAG.taxonomy}/{TAG.label}", headers=headers).text
    assert page.count("<math") >= 2
    assert page.count("(the whole abstract)") == 1


def test_the_page_of_a_paper_does_not_repeat_its_abstract(
    client: TestClient, catalogue: Catalogue
) -> None:
    entries = all_entries(catalogue)
    for whole in (True, False):
        entry = next(one for one in entries if one.summary and one.summary_is_abstract is whole)
        page = client.get(f"/papers/{entry.paper.id}", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert ("The abstract is its own summary." in page.text) is whole
