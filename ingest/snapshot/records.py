"""Parse metadata snapshots in the form of the Kaggle file: JSON lines, plain, gzip or zip."""

import gzip
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from index.arxiv.date_precision import DatePrecision
from index.arxiv.identifier import canonical_id, month_of_id
from index.arxiv.paper import Paper, Version, to_single_line, with_withdrawal
from index.catalogue.rejections import RejectedRecord
from index.errors import BadInput
from ingest.author_names import SplitAuthors, author_names, split_authors
from ingest.bounds import MAX_RECORD, within_bounds
from ingest.dates import day
from ingest.reading import reading_one_record
from ingest.snapshot.lines import ByteSource, bounded_lines

SAMPLE = Path(__file__).parents[1] / "sample" / "arxiv-sample.jsonl.gz"
SOURCE = "snapshot"

# A date without a time of day, or at midnight: "Sun, 01 Jan 2023 00:00:00 GMT", "2023-01-01".
_NO_TIME = re.compile(r"(?<![\d:])00:00:00(?!\.\d*[1-9])|^\d{4}-\d\d-\d\d$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a snapshot. `size` is its length in bytes.

    `read` is the number of bytes of the file that have been read.
    """

    number: int
    record: Paper | RejectedRecord
    read: int
    size: int


def read_snapshot(path: Path, skip: int = 0) -> Iterator[Line]:
    """Yield the lines of a snapshot without the first `skip`; empty lines are left out.

    A line that cannot be parsed, or is larger than any record of arXiv, has a RejectedRecord.
    Raises BadInput if the file cannot be read or its archive is truncated.
    """
    try:
        with path.open("rb") as file, _opened(path, file) as lines:
            for number, line in bounded_lines(lines, MAX_RECORD):
                if number > skip:
                    record = _read(f"{path.name}:{number}", line)
                    yield Line(number, record, file.tell(), len(line))
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise BadInput(f"the snapshot {path} cannot be read: {error}") from error


def snapshot_papers(snapshots: Iterable[Path]) -> Iterator[Paper]:
    """Yield the papers of snapshots, without the lines that cannot be parsed."""
    for path in snapshots:
        for line in read_snapshot(path):
            if isinstance(line.record, Paper):
                yield line.record


def _read(key: str, line: bytes) -> Paper | RejectedRecord:
    if len(line) > MAX_RECORD:
        return RejectedRecord(key, "the line is too long", line)
    try:
        return read_line(line)
    except ValueError as error:
        return RejectedRecord(key, str(error), line)


def read_line(line: bytes) -> Paper:
    """Parse the paper of one line; raises ValueError with the reason if that fails."""
    with reading_one_record():
        try:
            # Some programs begin a file with a byte order mark.
            paper = paper_from_kaggle(json.loads(line.decode("utf-8-sig", "replace")))
            return within_bounds(paper)
        except json.JSONDecodeError as error:
            raise ValueError(f"not JSON: {error}") from error
        except KeyError as error:
            raise ValueError(f"the field {error} is missing") from error


def paper_from_kaggle(record: dict[str, Any]) -> Paper:
    """Return the paper that an object of the snapshot describes.

    Raises BadIdentifier, ValueError, KeyError or TypeError if the object is not valid.
    """
    title = to_single_line(record["title"])
    if not title:
        raise ValueError("the title is empty")
    abstract = to_single_line(record.get("abstract"))
    comment = to_single_line(record.get("comments")) or None
    paper_id = canonical_id(record["id"])
    versions = _versions(paper_id, record.get("versions") or [])
    authors, name_parts = _authors(record)
    updated = versions[-1].created if versions else _optional_day(record.get("update_date"))
    paper = Paper(
        id=paper_id,
        title=title,
        abstract=abstract,
        authors=authors,
        categories=tuple((record.get("categories") or "").split()),
        version=versions[-1].number if versions else None,
        versions=versions,
        submitted=versions[0].created if versions and versions[0].number == 1 else None,
        updated=updated,
        license=record.get("license") or None,
        doi=to_single_line(record.get("doi")) or None,
        journal_ref=to_single_line(record.get("journal-ref")) or None,
        comment=comment,
        name_parts=name_parts,
    )
    return with_withdrawal(paper)


def _optional_day(text: str | None) -> date | None:
    return day(text) if text else None


def _versions(paper_id: str, rows: list[dict[str, str]]) -> tuple[Version, ...]:
    found = [_version(paper_id, int(row["version"].lstrip("v")), row["created"]) for row in rows]
    return tuple(sorted(found, key=lambda version: version.number))


def _version(paper_id: str, number: int, created: str) -> Version:
    """Return a version; the day of v1 counts as unknown if it was made up from the identifier.

    Some snapshots have the first of the identifier's month, at midnight, for every paper whose day
    they do not know. arXiv's own snapshot has the time of day, which is midnight for one in 86,400.
    """
    received = day(created)
    is_made_up = (
        number == 1 and received == month_of_id(paper_id) and bool(_NO_TIME.search(created))
    )
    return Version(number, received, DatePrecision.MONTH if is_made_up else DatePrecision.DAY)


def _authors(record: dict[str, Any]) -> SplitAuthors:
    """Return authors from `authors_parsed` ([family, given, suffix, affiliations...]).

    If it is missing, split the author line; that gives no parts of names.
    """
    rows = record.get("authors_parsed")
    if not rows:
        return author_names(record.get("authors") or ""), ()
    for row in rows:
        if not (isinstance(row, list) and row and all(isinstance(part, str) for part in row[:3])):
            raise ValueError(f"authors_parsed has {row!r} instead of [family, given, suffix]")
    return split_authors(row[:3] for row in rows)


@contextmanager
def _opened(path: Path, file: BufferedReader) -> Iterator[ByteSource]:
    if path.suffix == ".gz":
        with gzip.open(file) as lines:
            yield cast("ByteSource", lines)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise BadInput(f"{path} contains {len(names)} files; a snapshot has only one")
            with archive.open(names[0]) as lines:
                yield cast("ByteSource", lines)
    else:
        yield file
