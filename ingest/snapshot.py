"""The snapshot source: the Kaggle snapshot's form, one JSON object a line, plain, gz or zip."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TextIO

from index.errors import BadIdentifier, BadInput
from index.identifier import canonical_id
from index.paper import Paper, Version, one_line, says_withdrawn

SAMPLE = Path(__file__).parent / "sample" / "arxiv-sample.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that holds no paper, and why."""

    line: int
    reason: str


def read_snapshot(path: Path) -> Iterator[Paper | Rejected]:
    """Stream the papers of a snapshot; a line that cannot be understood becomes a Rejected.

    Raises BadInput for a file that cannot be read at all, or that breaks off within its archive.
    """
    try:
        with _opened(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read_line(number, line)
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise BadInput(f"the snapshot {path} cannot be read: {error}") from error


def _read_line(number: int, line: str) -> Paper | Rejected:
    try:
        return paper_from_kaggle(json.loads(line))
    except BadIdentifier as error:
        return Rejected(number, str(error))
    except json.JSONDecodeError as error:
        return Rejected(number, f"not JSON: {error}")
    except KeyError as error:
        return Rejected(number, f"the field {error} is missing")
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        return Rejected(number, str(error))


def paper_from_kaggle(record: dict[str, Any]) -> Paper:
    """A paper from one object of the snapshot.

    Raises BadIdentifier, KeyError, ValueError or TypeError for an object that is none.
    """
    title = one_line(record["title"])
    if not title:
        raise ValueError("the title is empty")
    abstract = one_line(record.get("abstract"))
    comment = one_line(record.get("comments")) or None
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
        doi=one_line(record.get("doi")) or None,
        journal_ref=one_line(record.get("journal-ref")) or None,
        comment=comment,
        withdrawn=says_withdrawn(comment, abstract),
    )


def day(text: str) -> date:
    """The UTC day of an ISO 8601 or RFC 2822 date; raises ValueError for any other text."""
    try:
        moment = _moment(text)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{text!r} is neither an ISO 8601 nor an RFC 2822 date") from error
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


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
        return tuple(one_line(name) for name in names)
    listed = one_line(record.get("authors")).replace(" and ", ", ")
    return tuple(name.strip() for name in listed.split(",") if name.strip())


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            yield lines
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise BadInput(f"{path} holds {len(names)} files: a snapshot is one")
            with archive.open(names[0]) as raw:
                yield io.TextIOWrapper(raw, encoding="utf-8", errors="replace")
    else:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield lines
