"""Milvus behind the port: a release's vectors on a server, the rest of it in its folder.

How a release stays immutable there: every night is a generation of one collection. It writes the
entities of new and changed papers under keys of its own and touches no other. The release's folder
has the key of each row (`keys.npy`); a reader believes these keys alone, so what a killed night
left, what a later one wrote and what is replaced since are no answers, and the rename of CURRENT
is still the one step that switches. Nothing is copied: a night writes as many entities as papers
changed. What no kept release names is deleted when releases are pruned. A collection or partition
for each release would need every vector written again each night; marking old entities as ended
would be a change under a reader, to be undone where a night is killed.
"""

from math import ceil
from pathlib import Path

import numpy as np

from index.arrays import Floats, Rows, mapped
from index.embedding.identity import ModelIdentity
from index.errors import LostVectors
from index.milvus_address import MilvusAddress
from index.releases.manifest import Place
from index.releases.milvus.collection import MAX_FOUND, MilvusCollection, expression
from index.releases.milvus.server import server_at
from index.search.attributes import ANY
from index.search.row_filter import RowFilter

KEYS = "keys.npy"
"""The file of a release that has the key of each row."""

_MAX_SENT = 20_000  # keys in a condition
_SPARE = 16  # asked for beyond the limit: some may be replaced since
_MORE = 1.5


class MilvusIndex:
    """The vectors of one release, by row."""

    def __init__(self, collection: MilvusCollection, keys: Rows, place: Place, of: ModelIdentity):
        self.collection = collection
        self.keys = keys
        self.generation = place.generation
        self._place = place
        self._identity = of

    @classmethod
    def open(cls, folder: Path, place: Place, identity: ModelIdentity) -> "MilvusIndex":
        """Open what `save` wrote; asks nobody. Raises OSError or ValueError where it is damaged."""
        server = server_at(MilvusAddress.parse(place.address))
        keys = mapped(folder / KEYS)
        if keys.ndim != 1 or keys.dtype != np.int64:
            raise ValueError(f"{KEYS} holds no keys")
        return cls(MilvusCollection(server, place.collection), keys, place, identity)

    def save(self, folder: Path) -> None:
        """Write into a folder which entities these are."""
        np.save(folder / KEYS, self.keys, allow_pickle=False)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def kind(self) -> str:
        """That it is Milvus."""
        return "milvus"

    def check(self, *, whole: bool) -> None:
        """Look that the server answers with vectors of this model, and whether all are there.

        Raises IndexUnavailable; ForeignVectors for other vectors, LostVectors for too few.
        """
        self.collection.check(self._identity)
        if whole and (lacking := self.collection.lacking(self.keys)):
            raise LostVectors(f"{self.collection} lacks {lacking} of {len(self)} vectors")

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest among the allowed, best first, shape (found,).

        `found` is `limit` at most, fewer where the first 16,384 of those that meet the conditions
        hold no more of the allowed.
        """
        if allowed is not None and not allowed.mask.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        limit = min(limit, len(self), MAX_FOUND)
        condition, share = self._condition(allowed)
        asked = min(MAX_FOUND, ceil(limit / share) + _SPARE)
        while True:
            ((keys, cosines),) = self.collection.search(query[None], asked, condition)
            rows = self._rows(keys)
            mine = rows >= 0
            if allowed is not None:
                mine &= allowed.mask[rows]
            if mine.sum() >= limit or len(keys) < asked or asked == MAX_FOUND:
                return rows[mine][:limit], cosines[mine][:limit]
            asked = min(MAX_FOUND, 4 * asked)

    def _condition(self, allowed: RowFilter | None) -> tuple[str, float]:
        """What to send, and the share of the allowed in what it finds, guessed low."""
        among = expression(self.generation, allowed.conditions if allowed else ANY)
        if allowed is None or allowed.complete:
            return among, 1
        few, others = allowed.rows, np.flatnonzero(~allowed.mask)
        if len(few) <= _MAX_SENT:
            return f"{among} and key in {self.keys[few].tolist()}", 1
        if len(others) <= _MAX_SENT:
            return f"{among} and key not in {self.keys[others].tolist()}", 1
        return among, len(few) / len(self) / _MORE

    def search_many(self, queries: Floats, limit: int) -> Rows:
        """Rows of the nearest to each query, best first, shape (queries, limit at most).

        -1 stands where there is none.
        """
        return self.nearest_to_many(queries, limit)[0]

    def nearest_to_many(self, queries: Floats, limit: int) -> tuple[Rows, Floats]:
        """`search_many` with the cosines, shape (queries, limit at most) both."""
        limit = min(limit, len(self), MAX_FOUND)
        rows = np.full((len(queries), limit), -1)
        cosines = np.full((len(queries), limit), -np.inf, np.float32)
        condition, _ = self._condition(None)
        left, asked = list(range(len(queries))), min(MAX_FOUND, limit + _SPARE)
        while left:
            found = zip(left, self.collection.search(queries[left], asked, condition), strict=True)
            left = []
            for place, (keys, near) in found:
                theirs = self._rows(keys)
                mine = np.flatnonzero(theirs >= 0)[:limit]
                rows[place, : len(mine)] = theirs[mine]
                cosines[place, : len(mine)] = near[mine]
                if len(mine) < limit and asked == len(keys) < MAX_FOUND:
                    left.append(place)
            asked = min(MAX_FOUND, 4 * asked)
        return rows, cosines

    def _rows(self, keys: Rows) -> Rows:
        """The rows of these keys, -1 for those that are not of this release."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of these rows in single precision, shape (rows, dimension).

        Raises LostVectors where one is gone.
        """
        different, places = np.unique(rows, return_inverse=True)
        keys = self.keys[different]
        held = self.collection.vectors(keys)
        found = np.empty((len(keys), self._identity.dimension), np.float32)
        for place, key in enumerate(keys.tolist()):
            if key not in held:
                lacks = f"{self.collection} lacks a vector of its release"
                raise LostVectors(f"{lacks}: `seealso update` builds another")
            found[place] = held[key]
        whole: Floats = found[places]
        return whole
