"""A day of submission that is unknown: every format gives the month, and none makes up a day."""

import json
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
import rispy
from fastapi.testclient import TestClient

from index.arxiv.date_precision import DatePrecision
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from tests.conftest import SURVEY, Seealso
from tests.support.catalogue_files import all_entries
from tests.support.client import get_json, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture
def paper(catalogue: Catalogue) -> Paper:
    papers = (entry.paper for entry in all_entries(catalogue))
    return next(one for one in papers if one.submitted_precision is DatePrecision.MONTH)


@pytest.fixture
def month(paper: Paper) -> str:
    return f"{paper.submitted:%Y-%m}"


def test_json_marks_the_date(client: TestClient, paper: Paper, month: str) -> None:
    found = get_json(client, f"/v1/papers/{paper.id}")
    assert (found["submitted"], found["submitted_precision"]) == (f"{month}-01", "month")
    assert (found["updated"], found["updated_precision"]) == (f"{month}-01", "month")
    [version] = found["versions"]
    assert (version["created"], version["precision"]) == (f"{month}-01", "month")
    only = get_json(client, f"/v1/papers/{paper.id}", fields="submitted_precision")
    assert only["submitted_precision"] == "month"


def test_lists_mark_dates(client: TestClient, catalogue: Catalogue) -> None:
    addresses = {
        f"/v1/papers/{SURVEY}/related?limit=500": "related",
        "/v1/search?q=language+models&limit=500": "results",
        f"/v1/papers/{SURVEY}/graph": "nodes",
        "/v1/tags/foundation-model-overview/papers?limit=500": "papers",
    }
    papers = {entry.paper.id: entry.paper for entry in all_entries(catalogue)}
    seen = set()
    for address, key in addresses.items():
        for entry in get_json(client, address)[key]:
            assert entry["submitted_precision"] == papers[entry["id"]].submitted_precision
            seen.add(entry["submitted_precision"])
    assert seen == {"day", "month", None}


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
def test_pages_and_text_show_the_month(
    client: TestClient, paper: Paper, month: str, kind: str
) -> None:
    shown = client.get(f"/papers/{paper.id}", headers={"accept": kind}).text
    assert month in shown
    assert f"{month}-01" not in shown.partition("Related")[0]
    if kind == "text/html":
        assert f'<meta name="citation_date" content="{month.replace("-", "/")}">' in shown
        assert f"v1 ({month})" in shown


def test_citations_have_no_day(client: TestClient, paper: Paper, month: str) -> None:
    year, number = month.split("-")
    page = f"/papers/{paper.id}"
    (ris,) = rispy.loads(client.get(f"{page}.ris").text)
    assert (ris["year"], ris["date"]) == (year, f"{year}/{number}//")
    (item,) = json.loads(client.get(f"{page}.csl.json").text)
    assert item["issued"] == {"date-parts": [[int(year), int(number)]]}
    article = json.loads(client.get(f"{page}.jsonld").text)
    assert (article["datePublished"], article["dateModified"]) == (month, month)


def test_semantic_scholars_form_has_the_year(client: TestClient, paper: Paper, month: str) -> None:
    address = f"/graph/v1/paper/ARXIV:{paper.id}?fields=year,publicationDate"
    found = get_json(client, address)
    assert (found["year"], found["publicationDate"]) == (int(month[:4]), None)


def test_a_feed_has_no_day_of_publication(
    client: TestClient, paper: Paper, month: str, catalogue: Catalogue
) -> None:
    papers = {entry.paper.url: entry.paper for entry in all_entries(catalogue)}
    feed = feedparser.parse(client.get(f"/feeds/related/{SURVEY}.atom").content)
    published = {papers[one.id].submitted_precision: "published" in one for one in feed.entries}
    assert published[DatePrecision.DAY]
    assert not published[DatePrecision.MONTH]


def test_filters_count_the_paper_from_the_first_of_its_month(
    client: TestClient, paper: Paper, month: str
) -> None:
    def is_listed(**filters: str) -> bool:
        related = get_json(client, f"/v1/papers/{SURVEY}/related", limit=500, **filters)["related"]
        return paper.id in [entry["id"] for entry in related]

    assert is_listed(since=f"{month}-01", until=f"{month}-01")
    assert not is_listed(since=f"{month}-02")


def test_exported_labels_have_the_month(
    built_data: Path, paper: Paper, month: str, seealso: Seealso
) -> None:
    lines = seealso(built_data, "tags", "export", "labels").stdout.splitlines()
    rows = {row["id"]: row for row in map(json.loads, lines)}
    assert rows[paper.id]["submitted"] == month
