"""The vectors of a release in Milvus; everything else is in the folder of the release.

How a release stays immutable: each build is a generation of one collection. It writes entities for
new and changed papers under new keys, and changes no other entity. The folder of the release has
the key of each row (`keys.npy`), and readers ignore all other keys. So they never see entities of a
killed build, of later builds, or entities that have been replaced, and renaming CURRENT is still
the single step that switches releases. Nothing is copied: a build writes as many entities as papers
changed. Entities that no kept release uses are deleted when old releases are pruned.

A collection or partition per release would mean writing every vector again in each build. Marking
old entities as replaced would change data under readers, and would have to be undone if a build is
killed.
"""

from math import ceil
from pathlib import Path

import numpy as np

from index.arrays import Floats, Rows, mapped
from index.embedding.identity import ModelIdentity
from index.errors import LostVectors
from index.milvus_address import MilvusAddress
from index.releases.manifest import Manifest, MilvusLocation
from index.releases.milvus.collection import MAX_RESULTS, MilvusCollection, filter_expression
from index.releases.milvus.server import server_at
from index.search.attributes import ANY
from index.search.row_filter import RowFilter

KEYS = "keys.npy"
"""The file of a release with the key of each row."""

_MAX_KEYS = 20_000  # in a filter expression
_SPARE = 16  # requested beyond the limit, because some results may have been replaced
_SAFETY = 1.5


class MilvusIndex:
    """The vectors of one release, by row."""

    def __init__(
        self,
        collection: MilvusCollection,
        keys: Rows,
        location: MilvusLocation,
        identity: ModelIdentity,
    ) -> None:
        self.collection = collection
        self.keys = keys
        self._generation = location.generation
        self._identity = identity

    @classmethod
    def open(cls, folder: Path, manifest: Manifest) -> "MilvusIndex":
        """Open what `save` wrote, without a network request.

        Raises OSError or ValueError for damage.
        """
        location = manifest.location
        assert location is not None
        server = server_at(MilvusAddress.parse(location.address))
        keys = mapped(folder / KEYS)
        if keys.dtype != np.int64:
            raise ValueError(f"the type of {KEYS} is {keys.dtype}, not int64")
        collection = MilvusCollection(server, location.collection)
        return cls(collection, keys, location, manifest.identity)

    def save(self, folder: Path) -> None:
        """Write the keys of the rows into a folder."""
        np.save(folder / KEYS, self.keys, allow_pickle=False)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def kind(self) -> str:
        """The name of the engine, "milvus"."""
        return "milvus"

    def release_memory(self) -> None:
        """Do nothing: no vectors are mapped."""

    def check(self, *, complete: bool) -> None:
        """Check that the server has vectors of this model; if `complete`, that none is missing.

        Raises IndexUnavailable, ForeignVectors, and LostVectors if vectors are missing.
        """
        self.collection.check(self._identity)
        if complete and (missing := self.collection.count_missing(self.keys)):
            raise LostVectors(f"{self.collection} lacks {missing} of {len(self)} vectors")

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """Return rows and cosines of the nearest allowed papers, best first, shape (found,).

        `found` is at most `limit`. It is smaller if the first 16,384 entities that meet the
        conditions contain fewer allowed papers.
        """
        if allowed is not None and not allowed.mask.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        limit = min(limit, len(self), MAX_RESULTS)
        condition, share = self._condition(allowed)
        requested = min(MAX_RESULTS, ceil(limit / share) + _SPARE)
        while True:
            ((keys, cosines),) = self.collection.search(query[None], requested, condition)
            rows = self._rows(keys)
            valid = rows >= 0
            if allowed is not None:
                valid &= allowed.mask[rows]
            if valid.sum() >= limit or len(keys) < requested or requested == MAX_RESULTS:
                return rows[valid][:limit], cosines[valid][:limit]
            requested = min(MAX_RESULTS, 4 * requested)

    def _condition(self, allowed: RowFilter | None) -> tuple[str, float]:
        """Return a filter expression, and a low estimate of the share of its results allowed."""
        among = filter_expression(self._generation, allowed.conditions if allowed else ANY)
        if allowed is None or allowed.complete:
            return among, 1
        rows, others = allowed.rows, np.flatnonzero(~allowed.mask)
        if len(rows) <= _MAX_KEYS:
            return f"{among} and key in {self.keys[rows].tolist()}", 1
        if len(others) <= _MAX_KEYS:
            return f"{among} and key not in {self.keys[others].tolist()}", 1
        return among, len(rows) / len(self) / _SAFETY

    def _rows(self, keys: Rows) -> Rows:
        """Return the rows of these keys, -1 for keys of other releases."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)

    def vectors(self, rows: Rows) -> Floats:
        """Return the vectors of these rows in single precision, shape (rows, dimension).

        Raises LostVectors if one is missing.
        """
        distinct, places = np.unique(rows, return_inverse=True)
        keys = self.keys[distinct]
        held = self.collection.vectors(keys)
        found = np.empty((len(keys), self._identity.dimension), np.float32)
        for place, key in enumerate(keys.tolist()):
            if key not in held:
                raise LostVectors(
                    f"{self.collection} lacks a vector of its release: "
                    "run `seealso update` to build another"
                )
            found[place] = held[key]
        whole: Floats = found[places]
        return whole
