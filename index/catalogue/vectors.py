"""Vectors in the catalogue, by model and text hash."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from index.arrays import Floats, Mask, Rows
from index.catalogue.rows import selected
from index.embedding.identity import ModelIdentity

_STORED = np.dtype("<f2")
_PENDING = (
    "FROM papers WHERE NOT EXISTS (SELECT 1 FROM vectors "
    "WHERE identity = ? AND vectors.text_hash = papers.text_hash)"
)


@dataclass(frozen=True, slots=True)
class EmbeddedPapers:
    """Papers that have a vector, in ascending order of catalogue number.

    Text hashes have 16 bytes.
    """

    numbers: Rows
    text_hashes: NDArray[np.bytes_]
    withdrawn: Mask


@dataclass(frozen=True, slots=True)
class PendingTexts:
    """Texts without a vector: their hashes of 16 bytes, and how many papers have each."""

    text_hashes: NDArray[np.bytes_]
    papers: Rows

    def __len__(self) -> int:
        return len(self.text_hashes)

    def __getitem__(self, selected: Rows | slice) -> "PendingTexts":
        return PendingTexts(self.text_hashes[selected], self.papers[selected])

    def hashes(self) -> list[bytes]:
        """Return the hashes as bytes. NumPy's own elements lack zeros at the end."""
        size, joined = self.text_hashes.itemsize, self.text_hashes.tobytes()
        return [joined[start : start + size] for start in range(0, len(joined), size)]


class VectorStore:
    """The vectors of all models; `of` selects one model.

        vectors = catalogue.vectors.of(identity)
        numbers, matrix = vectors.matrix()

    Vectors are stored in half precision, which changes a cosine by less than 2e-4.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, identity: ModelIdentity) -> "BoundVectors":
        """Return the vectors of one model."""
        return BoundVectors(self._db, identity)

    def identities(self) -> list[ModelIdentity]:
        """Return the models that vectors were ever stored of, in the order of their first use."""
        rows = self._db.execute("SELECT key FROM identities ORDER BY number")
        return [ModelIdentity.from_key(key) for (key,) in rows]

    def is_new_model(self, identity: ModelIdentity) -> bool:
        """Return whether there are vectors of other models, but never was one of this model."""
        return bool(stored := self.identities()) and identity not in stored

    def count_latest(self) -> int:
        """Return the number of papers that have a vector of the model used first most recently."""
        row = self._db.execute(
            "SELECT count(*) FROM papers JOIN vectors USING (text_hash) "
            "WHERE identity = (SELECT max(number) FROM identities)"
        ).fetchone()
        return int(row[0])


class BoundVectors:
    """The vectors of one model: store them, read them, and find the texts without one.

    A caller embeds pending texts and adds their vectors:

        texts = vectors.texts_of(vectors.pending()[:64].hashes())
        vectors.add(list(texts), embed_papers(embedder, list(texts.values())))
    """

    def __init__(self, db: Database, identity: ModelIdentity) -> None:
        self._db = db
        self.identity = identity

    def _number(self) -> int | None:
        """Return the number of the identity in the catalogue; None before its first vector."""
        row = self._db.execute(
            "SELECT number FROM identities WHERE key = ?", [self.identity.key]
        ).fetchone()
        return None if row is None else int(row[0])

    def add(self, digests: Sequence[bytes], vectors: Floats) -> None:
        """Store vectors, shape (texts, dimension), in one transaction."""
        self.add_stored(digests, [row.tobytes() for row in vectors.astype(_STORED)])

    def add_stored(self, digests: Sequence[bytes], blobs: Sequence[bytes]) -> None:
        """Store vectors in their stored form (little-endian half precision), as `add` does."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO identities (key) VALUES (?)", [self.identity.key]
            )
            number = self._number()
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO vectors (identity, text_hash, vector) VALUES (?, ?, ?)",
                [(number, digest, blob) for digest, blob in zip(digests, blobs, strict=True)],
            )

    def pending(self) -> PendingTexts:
        """Return the texts without a vector, those of the papers submitted last first.

        Papers of an unknown day come last, and equal days are in the order of hashes. If only the
        month is known, its first day counts.
        """
        # As in `papers`, each query reads one index and no text.
        held = np.fromiter(
            self._db.execute(f"SELECT number, text_hash {_PENDING}", [self._number()]),
            np.dtype([("number", np.int64), ("text", "S16")]),
        )
        held.sort(order="number")
        days = np.fromiter(self._days(held["number"]), "S10", len(held))
        order = np.lexsort((held["text"], days))[::-1]
        hashes = held["text"][order]
        _, first, papers = np.unique(hashes, return_index=True, return_counts=True)
        newest_first = np.argsort(first)
        return PendingTexts(hashes[first[newest_first]], papers[newest_first])

    def _days(self, numbers: Rows) -> Iterator[str]:
        """Return the days of submission of papers, given in ascending order; "" if unknown."""
        rows = self._db.execute(
            "SELECT number, ifnull(submitted, '') FROM papers INDEXED BY papers_attributes "
            "WHERE number >= ? ORDER BY number",
            [int(numbers[0]) if len(numbers) else 0],
        )
        return (day for (day,) in selected(rows, numbers))

    def count(self) -> int:
        """Return the number of papers whose current text has a vector."""
        row = self._db.execute(
            "SELECT count(*) FROM papers JOIN vectors USING (text_hash) WHERE identity = ?",
            [self._number()],
        ).fetchone()
        return int(row[0])

    def count_texts(self) -> int:
        """Return the number of different current texts that have a vector."""
        row = self._db.execute(
            "SELECT count(*) FROM vectors WHERE identity = ? AND EXISTS "
            "(SELECT 1 FROM papers WHERE papers.text_hash = vectors.text_hash)",
            [self._number()],
        ).fetchone()
        return int(row[0])

    def exported(self, after: bytes, limit: int) -> list[tuple[str, bytes, bytes]]:
        """Return id, text hash and stored vector of current texts, ordered by text hash.

        Only hashes greater than `after` are returned, at most `limit` of them. If papers share a
        text, the id is the smallest of theirs.
        """
        # CROSS makes SQLite follow the order of the vectors' index instead of sorting.
        return self._db.execute(
            "SELECT min(id), text_hash, vector FROM vectors CROSS JOIN papers USING (text_hash) "
            "WHERE identity = ? AND text_hash > ? GROUP BY text_hash ORDER BY text_hash LIMIT ?",
            [self._number(), after, limit],
        ).fetchall()

    def held_hashes(self, *, embedded: bool) -> NDArray[np.bytes_]:
        """Return the different text hashes of all papers, or of all vectors, in ascending order."""
        query, parameters = (
            ("SELECT text_hash FROM vectors WHERE identity = ? ORDER BY 1", [self._number()])
            if embedded
            else ("SELECT DISTINCT text_hash FROM papers ORDER BY 1", [])
        )
        rows = self._db.execute(query, parameters)
        return np.fromiter((digest for (digest,) in rows), "S16")

    def hashes_of(self, ids: Iterable[str]) -> NDArray[np.bytes_]:
        """Return the text hashes of papers by canonical id; unknown ids are left out."""
        query = "SELECT text_hash FROM papers WHERE id IN (SELECT value FROM json_each(?))"
        rows = self._db.execute(query, [json.dumps(list(ids))])
        return np.fromiter((digest for (digest,) in rows), "S16")

    def texts_of(self, digests: Iterable[bytes]) -> dict[bytes, tuple[str, str]]:
        """Return title and abstract by text hash; texts that no paper has are left out."""
        query = "SELECT title, abstract FROM papers WHERE text_hash = ? LIMIT 1"
        found = {digest: self._db.execute(query, [digest]).fetchone() for digest in digests}
        return {digest: text for digest, text in found.items() if text is not None}

    def papers(self) -> EmbeddedPapers:
        """Return every paper whose current text has a vector."""
        # Numbers and hashes are read from indexes alone; a query that also selects `withdrawn`
        # would read every text.
        held = np.fromiter(
            self._db.execute(
                "SELECT number, text_hash FROM papers JOIN vectors USING (text_hash) "
                "WHERE identity = ?",
                [self._number()],
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

    def of_texts(self, digests: Iterable[bytes]) -> dict[bytes, Floats]:
        """Return the vectors of these texts by text hash; texts without a vector are left out."""
        number = self._number()
        found = {}
        for digest in digests:
            row = self._db.execute(
                "SELECT vector FROM vectors WHERE identity = ? AND text_hash = ?", [number, digest]
            ).fetchone()
            if row is not None:
                found[digest] = _read(row[0])
        return found

    def embedded(self, numbers: Sequence[int]) -> list[int]:
        """Return those of these papers whose current text has a vector, in ascending order."""
        return [number for (number,) in self._rows("number", numbers)]

    def matrix(self, numbers: Iterable[int] | None = None) -> tuple[list[int], Floats]:
        """Return ascending catalogue numbers and their vectors, shape (papers, dimension).

        `numbers` limits the result to these papers; papers without a vector are left out.
        """
        rows = self._rows("number, vector", numbers)
        return [number for number, _ in rows], self._stacked(v for _, v in rows)

    def with_texts(self, numbers: Iterable[int]) -> tuple[list[int], list[tuple[str, str]], Floats]:
        """Return what `matrix` does, with (title, abstract) of each paper in between."""
        rows = self._rows("number, title, abstract, vector", numbers)
        texts = [(title, abstract) for _, title, abstract, _ in rows]
        return [number for number, *_ in rows], texts, self._stacked(v for *_, v in rows)

    def _rows(self, columns: str, numbers: Iterable[int] | None) -> list[Any]:
        among = ""
        parameters: list[int | str | None] = [self._number()]
        if numbers is not None:
            among = "AND number IN (SELECT value FROM json_each(?))"
            parameters.append(json.dumps([int(number) for number in numbers]))
        # CROSS makes SQLite look up the vector of each paper instead of scanning all vectors.
        return self._db.execute(
            f"SELECT {columns} FROM papers CROSS JOIN vectors USING (text_hash) "  # noqa: S608
            f"WHERE identity = ? {among} ORDER BY number",
            parameters,
        ).fetchall()

    def _stacked(self, blobs: Iterable[bytes]) -> Floats:
        return _read(b"".join(blobs)).reshape(-1, self.identity.dimension)


def _read(blob: bytes) -> Floats:
    return np.frombuffer(blob, _STORED).astype(np.float32)
