"""Read the records of a library in BibTeX, RIS, CSL-JSON or Better BibTeX JSON.

Their fields get BibTeX's names.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

from index.bibliography.bibtex import read_bibtex

_RIS_TAG = re.compile(r"^([A-Z][A-Z0-9])  -", re.MULTILINE)
_LOOSE_RIS_TAG = re.compile(r"^[ \t]*([A-Z][A-Z0-9])[ \t]{1,2}-[ \t]*", re.MULTILINE)
_RIS_NAMES = {
    "ID": "id",
    **dict.fromkeys(("TI", "T1"), "title"),
    "DO": "doi",
    **dict.fromkeys(("UR", "LK", "L1", "L2", "L3", "L4"), "url"),
    **dict.fromkeys(("JO", "JF", "JA", "J1", "J2", "T2", "T3", "BT"), "journal"),
    **dict.fromkeys(("PB", "DP"), "publisher"),
    "DB": "archive",
    "VL": "volume",
    **dict.fromkeys(("IS", "M1"), "number"),
    **dict.fromkeys(("SP", "EP", "SE"), "pages"),
    "AN": "archive_location",
    **dict.fromkeys(("M2", "M3", "CN", "SN", "ET", "CY", "AV"), "custom"),
    **dict.fromkeys((f"{kind}{number}" for kind in "CU" for number in range(1, 9)), "custom"),
    **dict.fromkeys(("N1", "RN", "NO"), "note"),
    **dict.fromkeys(("AB", "N2"), "abstract"),
    **dict.fromkeys(("ST", "TT"), "shorttitle"),
    **dict.fromkeys(("AU", "A1", "A2", "A3", "A4", "ED"), "author"),
    "KW": "keywords",
}
_CSL_NAMES = {
    "container-title": "journal",
    "publicationtitle": "journal",
    "collection-title": "series",
    **dict.fromkeys(("archivelocation", "archive-location"), "archive_location"),
    "abstractnote": "abstract",
    "citationkey": "id",
    "citation-key": "id",
}
_NOT_REFERENCES = ("annotation", "attachment", "note")  # of Zotero, about an item
_NOT_OF_ITEM = ("notes", "relations", "seealso")  # by readers, who name other papers there
_MAX_LEAVES = 200  # values of one field


@dataclass(frozen=True, slots=True)
class Record:
    """A record as written: its key, or its number in the file, and its fields in their order.

    `line` counts from 1; None if the format has no lines. `fault` describes what could not be
    read.
    """

    key: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    line: int | None = None
    fault: str | None = None


def bibtex_records(text: str, most: int) -> Iterator[Record]:
    """Yield the first records of a BibTeX file."""
    for entry in read_bibtex(text, most):
        yield Record(entry.key, entry.fields, entry.line, entry.fault)


def ris_records(text: str, most: int) -> Iterator[Record]:
    """Yield the first records of a RIS file."""
    from rispy import RisParser

    if not re.search("^TY  -", text, re.MULTILINE):
        text = _LOOSE_RIS_TAG.sub(r"\1  - ", text)
    tags = sorted({"TY", "ID", *(match[1] for match in _RIS_TAG.finditer(text))} - {"ER"})
    parser = RisParser(
        mapping={tag: tag for tag in tags},
        list_tags=[tag for tag in tags if tag != "TY"],
        delimiter_tags_mapping={},
        skip_unknown_tags=True,
    )
    starts = (match.start() for match in re.finditer("^TY  -", text, re.MULTILINE))
    first = list(islice(starts, most))
    line, previous = 1, 0
    for number, (start, end) in enumerate(pairwise([*first, len(text)]), 1):
        line, previous = line + text.count("\n", previous, start), start
        # Each is parsed alone with its own end tag, because one without it would absorb the next.
        record = parser.parse(text[start:end] + "\nER  - ")[0]
        fields = [
            (_RIS_NAMES.get(tag, tag.lower()), ("; " if tag == "N1" else " ").join(record[tag]))
            for tag in tags
            if tag in record and tag != "TY"
        ]
        key = next((value for name, value in fields if name == "id"), "")
        yield Record(key or f"reference {number}", fields, line)


def csl_records(text: str, most: int) -> Iterator[Record]:
    """Yield the first records of a CSL-JSON file, or of Better BibTeX's JSON."""
    for number, item in enumerate(islice(_csl_items(text), most), 1):
        key = f"reference {number}"
        if not isinstance(item, dict):
            yield Record(key, fault="it is not an object of CSL-JSON")
            continue
        data = item.get("data")  # of Zotero's own interface
        item = data if isinstance(data, dict) else item
        if item.get("itemType") in _NOT_REFERENCES:
            continue
        fields = []
        for name, value in item.items():
            lower = name.lower()
            if "itemType" in item and lower in _NOT_OF_ITEM:
                continue
            text = _lines(value) if lower == "extra" else _leaves(value)
            fields.append((_CSL_NAMES.get(lower, lower), text))
            if isinstance(value, dict):  # Semantic Scholar's externalIds: {"ArXiv": "2401.08092"}
                inner = ((f"{lower}.{one.lower()}", _leaves(value[one])) for one in value)
                fields += [(one, text) for one, text in inner if "arxiv" in one]
        keys = (value for name, value in fields if name == "id" and value)
        yield Record(next(keys, key), fields)


def _csl_items(text: str) -> list[object]:
    """Return the items of a list, of an object that has one, or of a single reference."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} in line {error.lineno}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(
            "is not CSL-JSON or Better BibTeX JSON: it is nested too deeply or has a number with "
            "too many digits"
        ) from error
    if isinstance(content, dict):
        single = [content] if content else []
        content = content.get("items", content.get("references", single))
    return content if isinstance(content, list) else []


def _lines(value: object) -> str:
    """Return the lines of Zotero's field Extra, which Better BibTeX may write as a list."""
    lines = value[:_MAX_LEAVES] if isinstance(value, list) else [value]
    return "; ".join(filter(None, map(_leaves, lines)))


def _leaves(value: object) -> str:
    """Return the texts and numbers of a value in one text; the lines of a text stay apart."""
    leaves: list[str] = []
    waiting = [value]
    while waiting and len(leaves) < _MAX_LEAVES:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, str | int | float) and not isinstance(one, bool):
            leaves.append("; ".join(str(one).splitlines()))
    return " ".join(leaves)
