"""Small catalogues to back up and to damage, and the contents of their files."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from index.arxiv.paper import Paper, Version
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.full_text import register_functions
from index.catalogue.rows import Entry
from index.embedding.identity import ModelIdentity
from tests.support.damage import flip_bytes
from tests.support.two_papers import IDENTITY

PAPER_COUNT = 300
Contents = dict[str, list[tuple[object, ...]]]


def papers(first: int, last: int) -> list[Paper]:
    """Return papers with different texts, each with one version."""
    return [
        Paper(
            id=f"2401.{number:05}",
            title=f"Paper {number} on networks",
            abstract=f"We measure the network of {number} nodes. " * 10,
            version=1,
            versions=(Version(1, date(2024, 1, 1)),),
            submitted=date(2024, 1, 1),
            updated=date(2024, 1, 1),
        )
        for number in range(first, last + 1)
    ]


def fill_catalogue(data: Path, identity: ModelIdentity = IDENTITY) -> Path:
    """Write a catalogue of papers with vectors and one run; return its file."""
    held = papers(1, PAPER_COUNT)
    with open_catalogue(data) as catalogue:
        catalogue.store(held)
        vectors = np.random.default_rng(0).random((PAPER_COUNT, identity.dimension), np.float32)
        catalogue.vectors.of(identity).add([paper.text_hash for paper in held], vectors)
        catalogue.runs.finish(catalogue.runs.start("ingest snapshot"), "done", {"new": PAPER_COUNT})
    return data / "catalogue.db"


def all_entries(catalogue: Catalogue) -> list[Entry]:
    """Return all entries, by ascending number."""
    numbers = [number for (number,) in catalogue._db.execute("SELECT number FROM papers")]
    return [entry for _, entry in sorted(catalogue.entries(numbers).items())]


def contents(file: Path) -> Contents:
    """Return every row of every table, including the tables of the full-text index."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        tables = db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' "
            "AND name NOT IN ('papers_fts', 'names_fts')"
        )
        return {
            name: sorted(db.execute(f"SELECT * FROM [{name}]").fetchall(), key=repr)
            for (name,) in tables.fetchall()
        }


def forget_in_full_text(db: sqlite3.Connection, number: int) -> None:
    """Delete a paper from the full text, as damage to the full-text index does."""
    register_functions(db)
    db.execute(
        "INSERT INTO papers_fts (papers_fts, rowid, title, abstract, authors) "
        "SELECT 'delete', number, title, abstract, authors FROM papers_text WHERE number = ?",
        [number],
    )
    db.commit()


def overwrite_header(file: Path) -> None:
    flip_bytes(file, 0, 100)


def overwrite_schema(file: Path) -> None:
    flip_bytes(file, 100, 3000)


def overwrite_middle(file: Path) -> None:
    flip_bytes(file, file.stat().st_size // 2, 20_000)


def truncate(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2 + 100])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def replace_with_text(file: Path) -> None:
    file.write_bytes(b"This is a letter to a friend. " * 5000)


DAMAGE: list[Callable[[Path], None]] = [
    overwrite_header,
    overwrite_schema,
    overwrite_middle,
    truncate,
    empty,
    replace_with_text,
]


def withdraw(catalogue: Catalogue, *ids: str) -> None:
    """Mark papers as withdrawn, by a new version."""
    for paper_id in ids:
        paper = catalogue.entry(paper_id).paper
        catalogue.store(
            [replace(paper, version=(paper.version or 1) + 1, withdrawal=Withdrawal.FLAG)]
        )
