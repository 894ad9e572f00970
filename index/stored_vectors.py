"""Vectors in the catalogue, keyed by model identity and text hash."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from sqlite_utils import Database

from index.arrays import Floats
from index.model_identity import ModelIdentity

_STORED = np.dtype("<f2")


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

    def pending(self, identity: ModelIdentity) -> list[tuple[bytes, str, str]]:
        """Text hash, title and abstract of each text without a vector, short texts first."""
        rows = self._db.execute(
            "SELECT text_hash, min(title), min(abstract) FROM papers "
            "WHERE text_hash NOT IN (SELECT text_hash FROM vectors WHERE identity = ?) "
            "GROUP BY text_hash ORDER BY length(abstract), text_hash",
            [self._identity(identity)],
        )
        return rows.fetchall()

    def count(self, identity: ModelIdentity) -> int:
        """How many texts of held papers have a vector of this identity."""
        row = self._db.execute(
            "SELECT count(*) FROM papers JOIN vectors USING (text_hash) WHERE identity = ?",
            [self._identity(identity)],
        ).fetchone()
        return int(row[0])

    def of_papers(self, identity: ModelIdentity) -> Iterator[tuple[int, Floats]]:
        """Catalogue number and vector of every paper that has one, by rising number."""
        for number, blob in self._db.execute(
            "SELECT number, vector FROM papers JOIN vectors USING (text_hash) "
            "WHERE identity = ? ORDER BY number",
            [self._identity(identity)],
        ):
            yield number, _read(blob)

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
        """Catalogue numbers, rising, and the vectors under them, shape (papers, dimension)."""
        wanted = None if numbers is None else set(numbers)
        pairs = [pair for pair in self.of_papers(identity) if wanted is None or pair[0] in wanted]
        if not pairs:
            return [], np.zeros((0, identity.dimension), np.float32)
        return [number for number, _ in pairs], np.stack([vector for _, vector in pairs])


def _read(blob: bytes) -> Floats:
    return np.frombuffer(blob, _STORED).astype(np.float32)
