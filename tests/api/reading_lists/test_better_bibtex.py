"""Files in Better BibTeX JSON: what Zotero reads of them, and that they open as the same list."""

import json
from typing import Any

import pytest

from api.reading_lists.better_bibtex import better_bibtex_json
from api.records.works import Work
from index.arxiv.paper import Paper
from index.lists.references import library_title, parse_references
from tests.support.hostile import HOSTILE
from tests.support.two_papers import PAPER

# Some of the fields of Zotero's item type preprint, and what every item has. Earlier versions of
# the plug-in refuse a file with a field that the type does not have.
FIELDS = set(
    "itemID itemType title creators abstractNote date repository archiveID DOI url libraryCatalog "
    "extra tags".split()
)


def written(*papers: Paper, title: str = "") -> dict[str, Any]:
    text = better_bibtex_json([Work(paper, "", False) for paper in papers], title)
    content: dict[str, Any] = json.loads(text)
    return content


def test_the_file_names_the_translator_that_reads_it() -> None:
    assert better_bibtex_json([]).startswith("{")
    assert written(PAPER)["config"]["id"] == "36a3b0b5-bad0-4a04-b79b-441c7cef77db"


def test_an_item_is_a_preprint_of_arxiv() -> None:
    [item] = written(PAPER)["items"]
    assert item["itemType"] == "preprint"
    assert item["archiveID"] == f"arXiv:{PAPER.id}"
    assert item["DOI"] == f"10.48550/arXiv.{PAPER.id}"
    assert item["extra"].startswith(f"arXiv:{PAPER.id} [")
    assert item["title"] == PAPER.title
    assert set(item) <= FIELDS


@pytest.mark.parametrize(
    ("name", "creator"),
    [
        ("Ada Example", {"firstName": "Ada", "lastName": "Example"}),
        ("ATLAS Collaboration", {"name": "ATLAS Collaboration"}),
        ("Martin Example Jr.", {"firstName": "Martin, Jr.", "lastName": "Example"}),
    ],
)
def test_a_creator_has_both_names_or_one(name: str, creator: dict[str, str]) -> None:
    [item] = written(Paper("2401.08092", "A", authors=(name,)))["items"]
    assert item["creators"] == [{"creatorType": "author", **creator}]


def test_a_title_makes_one_collection_of_all_items() -> None:
    content = written(PAPER, Paper("2401.99999", "arXiv:2401.99999"), title="Reading group")
    [collection] = content["collections"].values()
    assert (collection["name"], collection["parent"]) == ("Reading group", False)
    assert collection["items"] == [item["itemID"] for item in content["items"]]
    assert written(PAPER)["collections"] == {}


@pytest.mark.parametrize("title", ["", "Reading group", 'Ünïcode & <b> "quotes"'])
def test_a_file_opens_as_the_same_list(title: str) -> None:
    papers = [
        PAPER,
        *HOSTILE,
        Paper("hep-th/9901001", "x"),
        Paper("2401.99999", "arXiv:2401.99999"),
    ]
    works = [Work(paper, "", False) for paper in papers]
    content = better_bibtex_json(works, title).encode()
    assert [one.arxiv_id for one in parse_references("list.json", content)] == [
        paper.id for paper in papers
    ]
    assert library_title(content) == title
