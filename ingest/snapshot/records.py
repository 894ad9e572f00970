"""The snapshot source: the Kaggle snapshot's form, one JSON object a line, plain, gz or zip."""

import gzip
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import Paper, Version, states_withdrawal, to_single_line
from index.catalogue.rejections import RejectedRecord
from index.errors import BadIdentifier, BadInput
from ingest.author_names import author_names
from ingest.dates import day

SAMPLE = Path(__file__).parents[1] / "sample" / "arxiv-sample.jsonl.gz"
SOURCE = "snapshot"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a snapshot: what it holds, and how many bytes of the file are behind it."""

    number: int
    record: Paper | RejectedRecord
    read: int


def read_snapshot(path: Path, after: int = 0) -> Iterator[Line]:
    """Stream the lines of a snapshot after the first few; one without a paper holds a Rejected.

    Raises BadInput for a file that cannot be read at all, or that breaks off within its archive.
    """
    try:
        with path.open("rb") as file, _opened(path, file) as lines:
            for number, line in enumerate(lines, 1):
                if number > after and line.strip():
                    yield Line(number, _read(f"{path.name}:{number}", line), file.tell())
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise BadInput(f"the snapshot {path} cannot be read: {error}") from error


def _read(key: str, line: bytes) -> Paper | RejectedRecord:
    try:
        return read_line(line)
    except ValueError as error:
        return RejectedRecord(key, str(error), line)


def read_line(line: bytes) -> Paper:
    """The paper of one line; raises ValueError with the reason where it holds none."""
    try:
        return paper_from_kaggle(json.loads(line.decode("utf-8", "replace")))
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    except KeyError as error:
        raise ValueError(f"the field {error} is missing") from error
    except (BadIdentifier, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(str(error)) from error


def paper_from_kaggle(record: dict[str, Any]) -> Paper:
    """A paper from one object of the snapshot.

    Raises BadIdentifier, KeyError, ValueError or TypeError for an object that is none.
    """
    title = to_single_line(record["title"])
    if not title:
        raise ValueError("the title is empty")
    abstract = to_single_line(record.get("abstract"))
    comment = to_single_line(record.get("comments")) or None
    versions = _versions(record.get("versions") or [])
    updated = versions[-1].created if versions else _optional_day(record.get("update_date"))
    return Paper(
        id=canonical_id(record["id"]),
        title=title,
        abstract=abstract,
        authors=_authors(record),
        categories=tuple((record.get("categories") or "").split()),
        version=versions[-1].number if versions else None,
        versions=versions,
        submitted=versions[0].created if versions and versions[0].number == 1 else None,
        updated=updated,
        license=record.get("license") or None,
        doi=to_single_line(record.get("doi")) or None,
        journal_ref=to_single_line(record.get("journal-ref")) or None,
        comment=comment,
        withdrawn=states_withdrawal(comment, abstract),
    )


def _optional_day(text: str | None) -> date | None:
    return day(text) if text else None


def _versions(rows: list[dict[str, str]]) -> tuple[Version, ...]:
    found = [Version(int(row["version"].lstrip("v")), day(row["created"])) for row in rows]
    return tuple(sorted(found, key=lambda version: version.number))


def _authors(record: dict[str, Any]) -> tuple[str, ...]:
    """Names from `authors_parsed` ([family, given, suffix]), which has the accents decoded."""
    parsed = record.get("authors_parsed")
    if parsed:
        names = (" ".join(filter(None, (name[1], name[0], *name[2:3]))) for name in parsed)
        return tuple(to_single_line(name) for name in names)
    return author_names(record.get("authors") or "")


@contextmanager
def _opened(path: Path, file: BinaryIO) -> Iterator[IO[bytes]]:
    if path.suffix == ".gz":
        with gzip.open(file) as lines:
            yield cast("IO[bytes]", lines)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise BadInput(f"{path} holds {len(names)} files: a snapshot is one")
            with archive.open(names[0]) as lines:
                yield lines
    else:
        yield file
