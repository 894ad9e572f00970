"""Vectors in the catalogue, keyed by model identity and text hash."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from index.arrays import Floats, Mask, Rows
from index.embedding.identity import ModelIdentity

_STORED = np.dtype("<f2")
_PENDING = (
    "FROM papers WHERE NOT EXISTS (SELECT 1 FROM vectors "
    "WHERE identity = ? AND vectors.text_hash = papers.text_hash)"
)


@dataclass(frozen=True, slots=True)
class EmbeddedPapers:
    """Papers with a vector, by rising catalogue number; hashes are of 16 bytes."""

    numbers: Rows
    text_hashes: NDArray[np.bytes_]
    withdrawn: Mask


class VectorStore:
    """Reads and writes the vectors; half precision, which moves a cosine by less than 2e-4."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def _identity(self, identity: ModelIdentity) -> int | None:
        row = self._db.execute(
            "SELECT number FROM identities WHERE key = ?", [identity.key]
        ).fetchone()
        return None if row is None else int(row[0])

    def add(self, identity: ModelIdentity, digests: Sequence[bytes], vectors: Floats) -> None:
        """Store vectors, shape (texts, dimension), in one transaction."""
        rows = vectors.astype(_STORED)
        with self._db.atomic():
            self._db.execute("INSERT OR IGNORE INTO identities (key) VALUES (?)", [identity.key])
            number = self._identity(identity)
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(number, d, row.tobytes()) for d, row in zip(digests, rows, strict=True)],
            )

    def pending(
        self, identity: ModelIdentity, after: bytes = b"", limit: int = -1
    ) -> list[tuple[bytes, str, str]]:
        """Text hash, title and abstract of each text without a vector, by rising hash.

        So many at most of those whose hash comes after this one; -1: all of them.
        """
        rows = self._db.execute(
            f"SELECT text_hash, min(title), min(abstract) {_PENDING} "
            "AND text_hash > ? GROUP BY text_hash ORDER BY text_hash LIMIT ?",
            [self._identity(identity), after, limit],
        )
        return rows.fetchall()

    def count_pending(self, identity: ModelIdentity) -> int:
        """How many texts have no vector of this identity."""
        row = self._db.execute(
            f"SELECT count(DISTINCT text_hash) {_PENDING}", [self._identity(identity)]
        ).fetchone()
        return int(row[0])

    def count(self, identity: ModelIdentity) -> int:
        """How many texts of held papers have a vector of this identity."""
        row = self._db.execute(
            "SELECT count(*) FROM papers JOIN vectors USING (text_hash) WHERE identity = ?",
            [self._identity(identity)],
        ).fetchone()
        return int(row[0])

    def papers(self, identity: ModelIdentity) -> EmbeddedPapers:
        """Every paper whose present text has a vector of this identity."""
        # Numbers and hashes come out of indexes alone; asked together with the rest, every text
        # would be read.
        held = np.fromiter(
            self._db.execute(
                "SELECT number, text_hash FROM papers JOIN vectors USING (text_hash) "
                "WHERE identity = ?",
                [self._identity(identity)],
            ),
            np.dtype([("number", np.int64), ("text", "S16")]),
        )
        held.sort(order="number")
        withdrawn = self._db.execute("SELECT number FROM papers WHERE withdrawn").fetchall()
        return EmbeddedPapers(
            numbers=held["number"].copy(),
            text_hashes=held["text"].copy(),
            withdrawn=np.isin(held["number"], np.array(withdrawn, np.int64).ravel()),
        )

    def of_texts(self, identity: ModelIdentity, digests: Iterable[bytes]) -> dict[bytes, Floats]:
        """The vectors of those of these texts that have one, by text hash."""
        number = self._identity(identity)
        found = {}
        for digest in digests:
            row = self._db.execute(
                "SELECT vector FROM vectors WHERE identity = ? AND text_hash = ?", [number, digest]
            ).fetchone()
            if row is not None:
                found[digest] = _read(row[0])
        return found

    def matrix(
        self, identity: ModelIdentity, numbers: Iterable[int] | None = None
    ) -> tuple[list[int], Floats]:
        """Catalogue numbers, rising, and the vectors under them, shape (papers, dimension).

        Of all papers that have one, or of those among these numbers.
        """
        rows = self._rows("number, vector", identity, numbers)
        return [number for number, _ in rows], _stacked((v for _, v in rows), identity)

    def with_texts(
        self, identity: ModelIdentity, numbers: Iterable[int]
    ) -> tuple[list[int], list[tuple[str, str]], Floats]:
        """As `matrix`, and between numbers and vectors each paper's title and abstract."""
        rows = self._rows("number, title, abstract, vector", identity, numbers)
        texts = [(title, abstract) for _, title, abstract, _ in rows]
        return [number for number, *_ in rows], texts, _stacked((v for *_, v in rows), identity)

    def _rows(
        self, columns: str, identity: ModelIdentity, numbers: Iterable[int] | None
    ) -> list[Any]:
        among = ""
        parameters: list[int | str | None] = [self._identity(identity)]
        if numbers is not None:
            among = "AND number IN (SELECT value FROM json_each(?))"
            parameters.append(json.dumps([int(number) for number in numbers]))
        # CROSS: SQLite goes from papers to their vectors, never from all vectors to papers.
        return self._db.execute(
            f"SELECT {columns} FROM papers CROSS JOIN vectors USING (text_hash) "  # noqa: S608
            f"WHERE identity = ? {among} ORDER BY number",
            parameters,
        ).fetchall()


def _stacked(blobs: Iterable[bytes], identity: ModelIdentity) -> Floats:
    return _read(b"".join(blobs)).reshape(-1, identity.dimension)


def _read(blob: bytes) -> Floats:
    return np.frombuffer(blob, _STORED).astype(np.float32)
