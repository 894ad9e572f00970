r"""Titles and abstracts with TeX in every format: `Schr\"odinger`, emphasis, formulas, prices."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import rispy
from fastapi.testclient import TestClient

from api.agents.papers import ListedPaper, PaperInFull
from api.records.paper import paper_record
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.lists.finder import RelatedFinder
from index.lists.held_papers import held_papers
from index.releases.current import CurrentRelease
from tests.conftest import SURVEY
from tests.support.client import get_json, open_client
from tests.support.data_folders import copy_data

TITLE = r"Schr\"odinger bridges for {\it in vitro} $\binom{n}{k}$ at $5 to $10"
TEXT = "Schrödinger bridges for in vitro (n choose k) at $5 to $10"
ABSTRACT = r"We show \textbf{how}~they $p\not=2$ cost $5 to $10. Erd\H{o}s did (\textsc\{Omni\})."
PLAIN = "We show how they p ≠ 2 cost $5 to $10. Erdős did (Omni)."
PAPER = Paper(
    "2402.00777",
    TITLE,
    ABSTRACT,
    categories=("cs.LG",),
    journal_ref=r"Ann.\ H.\ Poincar\'e 3",
    doi="10.1007/a--b_c",
)
ADDRESS = f"/papers/{PAPER.id}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, built_data: Path) -> Iterator[TestClient]:
    data = copy_data(built_data, tmp_path_factory.mktemp("decoded") / "data")
    with open_catalogue(data) as catalogue:
        catalogue.store([PAPER])
    with open_client(data) as client:
        yield client


def text_of(client: TestClient, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return response.text


def test_ris(client: TestClient) -> None:
    (record,) = rispy.loads(text_of(client, f"{ADDRESS}.ris"))
    assert (record["title"], record["abstract"]) == (TEXT, PLAIN)
    assert record["notes"] == ["Published as Ann. H. Poincaré 3, 10.1007/a--b_c"]


def test_csl_json(client: TestClient) -> None:
    (item,) = json.loads(text_of(client, f"{ADDRESS}.csl.json"))
    assert (item["title"], item["abstract"]) == (TEXT, PLAIN)
    assert item["note"] == "Published as Ann. H. Poincaré 3, 10.1007/a--b_c"


def test_json_ld(client: TestClient) -> None:
    article = json.loads(text_of(client, f"{ADDRESS}.jsonld"))
    assert (article["name"], article["headline"]) == (TEXT, TEXT)
    assert article["abstract"] == PLAIN


def test_bibtex(client: TestClient) -> None:
    text = text_of(client, f"{ADDRESS}.bib")
    title = r"Schrödinger bridges for in vitro $\binom{n}{k}$ at \$5 to \$10"
    assert f"title = {{{{{title}}}}}" in text
    assert r"note = {Published as Ann. H. Poincaré 3, 10.1007/a--b\_c}" in text


def test_semantic_scholar(client: TestClient) -> None:
    record = get_json(client, f"/graph/v1/paper/ARXIV:{PAPER.id}", fields="title,abstract,journal")
    assert (record["title"], record["abstract"]) == (TEXT, PLAIN)
    assert record["journal"] == {"name": "Ann. H. Poincaré 3"}


def test_json_keeps_what_arxiv_says(client: TestClient) -> None:
    record = get_json(client, f"/v1/papers/{PAPER.id}")
    assert (record["title"], record["abstract"]) == (TITLE, ABSTRACT)
    assert record["summary"] == PLAIN.partition(" Erdős")[0]


def test_agents(built_data: Path) -> None:
    with read_catalogue(built_data) as catalogue:
        finder = RelatedFinder(catalogue, CurrentRelease(built_data).get())
        first = finder.related(SURVEY).related[0]
        number = catalogue.entry(SURVEY).number
        (held,) = held_papers(catalogue, [number])
        record = paper_record(held, [], finder.meta)
    listed = ListedPaper.of(replace(first, title=TITLE, summary=ABSTRACT))
    assert (listed.title, listed.summary) == (TEXT, PLAIN)
    full = PaperInFull.of(replace(record, title=TITLE, abstract=ABSTRACT))
    assert (full.title, full.abstract) == (TEXT, PLAIN)
