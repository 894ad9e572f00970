"""The vectors of a release in Milvus while it is built: kept ones on the server, new ones here."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Floats, Rows
from index.releases.corpus import ReleasePlan
from index.releases.manifest import MilvusLocation
from index.releases.milvus.collection import Entities, MilvusCollection, keys_of
from index.releases.milvus.index import MilvusIndex
from index.search.codes import decode
from index.search.row_filter import RowFilter

_WRITE_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The previous release: its index, and a fingerprint of the attributes of each row."""

    index: MilvusIndex
    fingerprints: np.ndarray


class IncrementalMilvusIndex:
    """The next generation of a collection. Nothing is written to Milvus before `save`.

    The vectors of the corpus are those of new papers. Vectors of other papers are read from Milvus.
    """

    def __init__(
        self,
        plan: ReleasePlan,
        collection: MilvusCollection,
        location: MilvusLocation,
        predecessor: Predecessor | None,
    ) -> None:
        corpus = plan.corpus
        self._corpus = corpus
        self._collection = collection
        self._location = location
        self._identity = corpus.contents.vectors.identity
        self.new = corpus.new
        self._local_rows = np.full(len(corpus), -1)
        self._local_rows[self.new] = np.arange(len(self.new))
        self._predecessor = predecessor
        self._keys = keys_of(corpus.contents.papers.numbers, location.generation)
        self._changed = self.new
        if predecessor:
            self._keep(predecessor)

    def _keep(self, predecessor: Predecessor) -> None:
        """Keep the entities of papers whose text and attributes are unchanged."""
        kept = np.flatnonzero(self._corpus.previous_rows >= 0)
        previous = self._corpus.previous_rows[kept]
        fingerprints = self._corpus.contents.attributes.fingerprints()[kept]
        same = fingerprints == predecessor.fingerprints[previous]
        self._keys[kept[same]] = predecessor.index.keys[previous[same]]
        self._changed = np.union1d(self.new, kept[~same])

    def __len__(self) -> int:
        return len(self._corpus)

    @property
    def kind(self) -> str:
        """The name of the engine, "milvus"."""
        return "milvus"

    def saved(self) -> MilvusIndex:
        """Return the index for readers. It can be used only after `save`."""
        return MilvusIndex(self._collection, self._keys, self._location, self._identity)

    def release_memory(self) -> None:
        """Do nothing: no vectors are mapped."""

    def check(self, *, complete: bool) -> None:
        """Check the saved index."""
        self.saved().check(complete=complete)

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """Search the saved index."""
        return self.saved().search(query, limit, allowed)

    def vectors(self, rows: Rows) -> Floats:
        """Return the vectors of these rows in single precision, shape (rows, dimension)."""
        found = np.empty((len(rows), self._identity.dimension), np.float32)
        local = self._local_rows[rows]
        found[local >= 0] = decode(self._corpus.vectors, local[local >= 0])
        if self._predecessor and (local < 0).any():
            previous = self._corpus.previous_rows[rows[local < 0]]
            found[local < 0] = self._predecessor.index.vectors(previous)
        return found

    def save(self, folder: Path) -> None:
        """Write new and changed entities to Milvus, and the keys of all rows into a folder."""
        for start in range(0, len(self._changed), _WRITE_BATCH):
            some = self._changed[start : start + _WRITE_BATCH]
            self._collection.write(self._entities(some))
        self._collection.flush()
        self.saved().save(folder)

    def _entities(self, rows: Rows) -> Entities:
        attributes = self._corpus.contents.attributes
        return Entities(
            keys=self._keys[rows],
            generation=self._location.generation,
            days=attributes.days[rows],
            categories=attributes.categories_of(rows),
            licences=[attributes.licence_names[n] for n in attributes.licences[rows]],
            vectors=self.vectors(rows),
        )
