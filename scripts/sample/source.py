"""Read the sources of the sample: two snapshots, the survey's reading list and a benchmark."""

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, TypeVar

from index.arxiv.name_parts import guess_parts

SURVEY_ID = "2401.08092"
_SEED = b"arxiv-sample"

# The brackets of a printed list, escapes, or "et al." in place of the other names.
_DAMAGED_NAMES = re.compile(r"^\[|\]$|\\[xu][0-9A-Fa-f]{2}|\\ | et al\.$")

_T = TypeVar("_T")


class Version(TypedDict):
    """A version of a paper and its submission time, as in a snapshot."""

    version: str
    created: str


Paper = TypedDict(
    "Paper",
    {
        "id": str,
        "submitter": str | None,
        "authors": str,
        "title": str,
        "comments": str | None,
        "journal-ref": str | None,
        "doi": str | None,
        "report-no": str | None,
        "categories": str,
        "license": str | None,
        "abstract": str,
        "versions": list[Version],
        "update_date": str | None,
        "authors_parsed": list[list[str]],
    },
)


class Listed(TypedDict):
    """A line of the survey's reading list. A paper under two headings has two lines."""

    title: str
    arxiv_id: str | None
    taxonomy_path: list[str]
    abstract: str | None
    authors: list[str] | None
    categories: list[str] | None
    published: str | None


class BenchmarkRow(TypedDict):
    """The fields of a line of the tagging benchmark that are used here."""

    title: str
    arxiv_id: str | None


class Data(NamedTuple):
    """The contents of the four files: snapshots, reading list and benchmark."""

    old: list[Paper]
    recent: list[Paper]
    listed: list[Listed]
    benchmark: list[BenchmarkRow]


def load(folder: Path) -> Data:
    """Read the four files of the data folder."""
    return Data(
        old=_rows(folder / "snapshot-1993-2019.jsonl.gz"),
        recent=_rows(folder / "snapshot-2023-2026.jsonl.gz"),
        listed=_rows(folder / "survey/papers.jsonl"),
        benchmark=_rows(folder / "tagging/dev.jsonl"),
    )


def _rows(path: Path) -> list[Any]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def submitted(paper: Paper) -> date:
    """Return the date of the first version."""
    return parsedate_to_datetime(paper["versions"][0]["created"]).date()


def sort_key(paper: Paper) -> str:
    """Return a keyed hash of the identifier; sorting by it draws papers at random."""
    return blake2b(paper["id"].encode(), key=_SEED).hexdigest()


def paper_of(arxiv_id: str, rows: Sequence[Listed]) -> Paper:
    """Assemble a paper from the lines of the list. Unknown fields stay empty; none is guessed."""
    authors = [_clean_name(name) for name in _first_known(row["authors"] for row in rows) or []]
    abstract = _first_known(row["abstract"] for row in rows)
    day = _first_known(row["published"] for row in rows)
    return {
        "id": arxiv_id,
        "submitter": None,
        "authors": ", ".join(authors),
        "title": _best_title(row["title"] for row in rows),
        "comments": None,
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": " ".join(_first_known(row["categories"] for row in rows) or []),
        "license": None,
        "abstract": f"  {abstract.strip()}\n" if abstract else "",
        "versions": [{"version": "v1", "created": _midnight(day)}] if day else [],
        "update_date": day,
        "authors_parsed": [_parse_name(name) for name in authors],
    }


def with_repaired_names(paper: Paper) -> Paper:
    """Return the paper with repaired names if its author line shows that a tool damaged them."""
    if not _DAMAGED_NAMES.search(paper["authors"]):
        return paper
    names = [_clean_name(name) for name in paper["authors"].split(", ")]
    return {
        **paper,
        "authors": ", ".join(names),
        "authors_parsed": [_parse_name(name) for name in names],
    }


def with_split_names(paper: Paper) -> Paper:
    """Return the paper with names split anew: the snapshots take the last word as family name."""
    names = [" ".join(filter(None, (row[1], row[0], *row[2:3]))) for row in paper["authors_parsed"]]
    return {**paper, "authors_parsed": [_parse_name(name) for name in names]}


def _first_known(values: Iterable[_T | None]) -> _T | None:
    """Return the first value that is not empty."""
    return next((value for value in values if value), None)


def _best_title(titles: Iterable[str]) -> str:
    """Return the title with most capitals, then the longest.

    Reference managers drop capitals and hyphens and never add them.
    """
    return max(titles, key=lambda title: (sum(map(str.isupper, title)), len(title)))


def _midnight(day: str) -> str:
    """Format a day as the snapshots format the time of a version."""
    return format_datetime(datetime.combine(date.fromisoformat(day), time(), UTC), usegmt=True)


def _clean_name(name: str) -> str:
    """Remove escapes that BibTeX and printed Python lists left in a name."""
    name = name.replace(r"\ \ ", " ")
    # A lone escaped space only ends the escape before it: Gim\xE9\ nez is Giménez.
    name = re.sub(
        r"\\(?:x([0-9A-F]{2})|u([0-9A-Fa-f]{4}))(?:\\ )?",
        lambda code: chr(int(code[1] or code[2], 16)),
        name,
    )
    given, *rest = name.replace(r"\"", '"').strip(" []'").split()
    if rest and name == name.lower():
        rest[-1] = _capitalised(rest[-1])
    return " ".join([_capitalised(given), *rest])


def _capitalised(word: str) -> str:
    """Capitalise the first letter. Unlike str.capitalize, keep the case of the others."""
    return word[:1].upper() + word[1:]


def _parse_name(name: str) -> list[str]:
    """Split a name into family name, given names and suffix, with particles as arXiv does."""
    parts = guess_parts(name)
    return [parts.family, parts.given, parts.suffix]
