"""A paper as a row of the catalogue, there and back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.arxiv.paper import Paper, Version

PAPER_COLUMNS = (
    "id title abstract authors categories version submitted updated license doi journal_ref "
    "comment withdrawn summary text_hash"
).split()


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as it stands in the catalogue, under its number there, with its summary."""

    number: int
    paper: Paper
    summary: str


def row_from_paper(paper: Paper, summary: str) -> tuple[object, ...]:
    """A paper with its summary as the values of the columns."""
    return (
        paper.id,
        paper.title,
        paper.abstract,
        authors_column(paper),
        " ".join(paper.categories),
        paper.version,
        paper.submitted.isoformat() if paper.submitted else None,
        paper.updated.isoformat() if paper.updated else None,
        paper.license,
        paper.doi,
        paper.journal_ref,
        paper.comment,
        int(paper.withdrawn),
        summary,
        paper.text_hash,
    )


def authors_column(paper: Paper) -> str:
    """The authors as they stand in their column."""
    return json.dumps(paper.authors, ensure_ascii=False)


def entry_from_row(row: tuple[object, ...], history: Sequence[Version]) -> Entry:
    """The entry of a row: its number, then the values of the columns."""
    number, *columns = row
    assert isinstance(number, int)
    column = dict(zip(PAPER_COLUMNS, columns, strict=True))

    def text(name: str) -> str | None:
        value = column[name]
        return None if value is None else str(value)

    def day(name: str) -> date | None:
        value = text(name)
        return date.fromisoformat(value) if value else None

    version = column["version"]
    paper = Paper(
        id=str(column["id"]),
        title=str(column["title"]),
        abstract=str(column["abstract"]),
        authors=tuple(json.loads(str(column["authors"]))),
        categories=tuple(str(column["categories"]).split()),
        version=version if isinstance(version, int) else None,
        versions=tuple(history),
        submitted=day("submitted"),
        updated=day("updated"),
        license=text("license"),
        doi=text("doi"),
        journal_ref=text("journal_ref"),
        comment=text("comment"),
        withdrawn=bool(column["withdrawn"]),
    )
    return Entry(number, paper, str(column["summary"]))
