"""Convert papers to rows of the `papers` table and back."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from index.arrays import Rows
from index.arxiv.date_precision import DatePrecision, format_date, parse_date
from index.arxiv.name_parts import NameParts
from index.arxiv.paper import Paper, Version, to_single_line
from index.arxiv.withdrawal.decision import Withdrawal

_FEW = 50_000  # papers that are looked up one by one
PAPER_COLUMNS = (
    "id title abstract authors categories version submitted updated license doi journal_ref "
    "comment withdrawn withdrawal summary text_hash name_parts"
).split()
UPSERT_PAPER = f"""
    INSERT INTO papers ({", ".join(PAPER_COLUMNS)})
    VALUES ({", ".join("?" * len(PAPER_COLUMNS))})
    ON CONFLICT (id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in PAPER_COLUMNS[1:])}
"""  # noqa: S608 - column names from the list above
UPSERT_VERSION = """
    INSERT INTO versions (paper, version, created, size, flags)
    SELECT number, ?, ?, ?, ? FROM papers WHERE id = ?
    ON CONFLICT DO UPDATE
    SET created = excluded.created, size = excluded.size, flags = excluded.flags
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper of the catalogue with its catalogue number and its summary, which may have TeX."""

    number: int
    paper: Paper
    summary: str

    @property
    def summary_is_abstract(self) -> bool:
        """Whether the summary is the whole abstract, because that is short."""
        return bool(self.summary) and self.summary == to_single_line(self.paper.abstract)


def row_from_paper(paper: Paper, summary: str) -> tuple[object, ...]:
    """Return the values of `PAPER_COLUMNS` for a paper with its summary."""
    return (
        paper.id,
        paper.title,
        paper.abstract,
        authors_column(paper),
        " ".join(paper.categories),
        paper.version,
        _date_column(paper.submitted, paper.submitted_precision),
        _date_column(paper.updated, paper.updated_precision),
        paper.license,
        paper.doi,
        paper.journal_ref,
        paper.comment,
        int(paper.withdrawn),
        paper.withdrawal,
        summary,
        paper.text_hash,
        _name_parts_column(paper),
    )


def _date_column(value: date | None, precision: DatePrecision | None) -> str | None:
    return format_date(value, precision) if value else None


def authors_column(paper: Paper) -> str:
    """Return the value of the column `authors`, a JSON list."""
    return json.dumps(paper.authors, ensure_ascii=False)


def _name_parts_column(paper: Paper) -> str | None:
    """Return a JSON list with [family, given, suffix] or null for each author; None if all are."""
    if not paper.name_parts:
        return None
    rows = [one and (one.family, one.given, one.suffix) for one in paper.name_parts]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def entry_from_row(row: tuple[Any, ...], history: Sequence[Version]) -> Entry:
    """Return the entry of a row, which has the number and then the values of `PAPER_COLUMNS`."""
    (
        number,
        paper_id,
        title,
        abstract,
        authors,
        categories,
        version,
        submitted,
        updated,
        license_,
        doi,
        journal_ref,
        comment,
        _,
        withdrawal,
        summary,
        _,
        name_parts,
    ) = row
    paper = Paper(
        id=paper_id,
        title=title,
        abstract=abstract,
        authors=tuple(json.loads(authors)),
        categories=tuple(categories.split()),
        version=version,
        versions=tuple(history),
        submitted=parse_date(submitted)[0] if submitted else None,
        updated=parse_date(updated)[0] if updated else None,
        license=license_,
        doi=doi,
        journal_ref=journal_ref,
        comment=comment,
        withdrawal=Withdrawal(withdrawal) if withdrawal else None,
        name_parts=_parse_name_parts(name_parts) if name_parts else (),
    )
    return Entry(number, paper, summary)


def _parse_name_parts(column: str) -> tuple[NameParts | None, ...]:
    return tuple(NameParts(*row) if row else None for row in json.loads(column))


def attributes_of(
    db: Database, numbers: Rows
) -> Iterator[tuple[str | None, str, str | None, str | None]]:
    """Return day, categories, licence and, without a day, the id of papers, by sorted number.

    A month is its first day. Reads only the index on attributes: all of it, unless they are few.
    """
    some = "WHERE number IN (SELECT value FROM json_each(?))" if len(numbers) < _FEW else ""
    rows = db.execute(
        "SELECT number, CASE length(submitted) WHEN 7 THEN submitted || '-01' "  # noqa: S608 - ours
        "ELSE submitted END, categories, license, CASE WHEN submitted IS NULL THEN (SELECT id "
        "FROM papers AS undated WHERE undated.number = papers.number) END FROM papers "
        f"INDEXED BY papers_attributes {some} ORDER BY number",
        [json.dumps(numbers.tolist())] if some else [],
    )
    return selected(rows, numbers)


def selected(rows: Iterable[tuple[Any, ...]], numbers: Rows) -> Iterator[tuple[Any, ...]]:
    """Yield the other columns of the rows that begin with one of these numbers; both ascend."""
    wanted = iter(numbers.tolist())
    next_number = next(wanted, None)
    for number, *columns in rows:
        if number == next_number:
            yield tuple(columns)
            next_number = next(wanted, None)
        if next_number is None:
            return
