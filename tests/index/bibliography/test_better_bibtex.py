"""Files in Better BibTeX JSON: items as Zotero has them, and the collection that a file is of."""

import json
from typing import Any

import pytest

from index.bibliography.better_bibtex import CONFIG
from index.errors import Contradiction
from index.lists.references import Reference, library_title, parse_references

PREPRINT: dict[str, Any] = {
    "itemType": "preprint",
    "itemID": 7,
    "key": "ABCD2345",
    "citationKey": "xu2024survey",
    "title": "A Survey of Things",
    "creators": [{"creatorType": "author", "firstName": "Ada", "lastName": "Example"}],
    "repository": "arXiv",
    "archiveID": "arXiv:2401.08092",
    "DOI": "10.48550/arXiv.2401.08092",
    "url": "http://arxiv.org/abs/2401.08092",
    "extra": "arXiv:2401.08092 [cs]",
    "attachments": [{"itemType": "attachment", "title": "Preprint PDF", "path": "/home/a/x.pdf"}],
    "notes": [],
    "relations": {},
}


def library(*items: object, **rest: object) -> bytes:
    return json.dumps({"config": CONFIG, "items": items, **rest}).encode()


def read(item: dict[str, Any]) -> Reference:
    [reference] = parse_references("zotero.json", library(item))
    return reference


def article(**fields: object) -> dict[str, Any]:
    return {"itemType": "journalArticle", "title": "A Journal Article", **fields}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in PREPRINT.items() if name not in names}


@pytest.mark.parametrize(
    "item",
    [
        PREPRINT,
        without("archiveID", "DOI", "url"),
        without("archiveID", "extra", "url"),
        without("DOI", "extra", "url"),
        without("archiveID", "DOI", "extra"),
        article(extra="arXiv: 2401.08092 [cs]"),
        article(extra="Comment: 12 pages, see arXiv:1706.03762\narXiv: 2401.08092 [cs]"),
        # Some versions write the lines of Extra as a list.
        article(extra=["Comment: see arXiv:1706.03762", "arXiv: 2401.08092 [cs]"]),
        article(extra=["Citation Key: a", "tex.eprint: 2401.08092"]),
        article(DOI="10.48550/ARXIV.2401.08092"),
        article(url="https://arxiv.org/pdf/2401.08092v2"),
        article(publicationTitle="arXiv preprint arXiv:2401.08092"),
        article(DOI="10.1000/abc", extra="arXiv:2401.08092", url="https://example.org/1"),
        {"itemType": "report", "title": "x", "reportNumber": "arXiv:2401.08092"},
    ],
)
def test_an_arxiv_id_is_found_in_every_field_of_an_item_that_has_it(item: dict[str, Any]) -> None:
    assert read(item).arxiv_id == "2401.08092"


@pytest.mark.parametrize(
    "named",
    [
        {"notes": ["<p>Compare https://arxiv.org/abs/1706.03762</p>"]},
        {"notes": [{"note": "<p>arXiv:1706.03762</p>"}]},
        {"relations": {"dc:relation": ["https://arxiv.org/abs/1706.03762"]}},
        {"seeAlso": ["https://arxiv.org/abs/1706.03762"]},
        {"tags": [{"tag": "arXiv:1706.03762"}]},
        {"abstractNote": "We extend arXiv:1706.03762."},
        {"extra": ["Comment: extends arXiv:1706.03762"]},
    ],
)
def test_an_id_of_another_paper_is_not_that_of_the_item(named: dict[str, Any]) -> None:
    assert read(article(**named)).arxiv_id is None


def test_notes_and_attachments_of_their_own_are_no_references() -> None:
    others = [
        {"itemType": "note", "note": "arXiv:1706.03762"},
        {"itemType": "attachment", "title": "PDF", "url": "https://arxiv.org/pdf/1706.03762"},
        {"itemType": "annotation", "annotationText": "arXiv:1706.03762"},
    ]
    found = parse_references("zotero.json", library(*others, PREPRINT))
    assert [one.key for one in found] == ["xu2024survey"]


@pytest.mark.parametrize(
    ("collections", "name"),
    [
        (
            {"A": {"key": "A", "name": "Reading group", "parent": False, "items": [7]}},
            "Reading group",
        ),
        ({"A": {"name": " Two\n lines "}}, "Two lines"),
        ({"A": {"name": "Top"}, "B": {"name": "Below", "parent": "A"}}, "Top"),
        ({"A": {"name": "Part of another", "parent": "ZZZZ"}}, "Part of another"),
        ({"A": {"name": "One"}, "B": {"name": "Two"}}, ""),
        ({"A": {"name": 3}}, ""),
        ({"A": None, "B": {"name": "B", "parent": ["A"]}}, "B"),
        ({}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_title_of_a_library_is_its_only_top_level_collection(
    collections: object, name: str
) -> None:
    assert library_title(library(PREPRINT, collections=collections)) == name


@pytest.mark.parametrize(
    "content",
    [
        b"@misc{a, eprint = {2401.08092}}",
        b"{x}\n@misc{a, eprint = {2401.08092}}",
        b"[]",
        b"TY  - JOUR",
        b'{"collections": ' + b"[" * 100_000,
    ],
)
def test_a_library_in_another_format_has_no_title(content: bytes) -> None:
    assert library_title(content) == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"items": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"items": [{"title": "A"}', "is not JSON"),
        (b'{"config": {}, "items": []}', "has no reference in CSL-JSON or Better BibTeX JSON"),
        (b'{"items": [{"itemType": "note", "note": "x"}]}', "has no reference in"),
        (b"\x89PNG\r\n\x1a\n", "is not BibTeX (.bib), RIS (.ris), CSL-JSON or Better BibTeX JSON"),
    ],
)
def test_a_file_that_is_no_library_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(Contradiction, match=message.replace("(", r"\(").replace(")", r"\)")):
        parse_references("zotero" + (".json" if content.startswith(b"{") else ".png"), content)
