"""A release's vectors for Milvus while they are made: what is kept lies there, what is new here."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Floats, Rows
from index.embedding.identity import ModelIdentity
from index.releases.corpus import Corpus
from index.releases.manifest import Place
from index.releases.milvus.collection import Entities, MilvusCollection, keys_of
from index.releases.milvus.index import MilvusIndex
from index.search.faiss_index import FaissIndex
from index.search.row_filter import RowFilter

_ASKED_AT_ONCE = 200
_WRITTEN_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Before:
    """The release before: its index, and a fingerprint of each row's attributes."""

    index: MilvusIndex
    fingerprints: np.ndarray


class IncrementalMilvusIndex:
    """The next generation. Nothing of it is in Milvus before `save`.

    Near papers are looked for there among those that are kept, and here, with FAISS, among those
    that are new; of a corpus that is all new that is the index that FAISS alone would make.
    The corpus's vectors, which are those of new papers, are taken over and become what is written.
    """

    def __init__(
        self,
        corpus: Corpus,
        collection: MilvusCollection,
        place: Place,
        identity: ModelIdentity,
        exact_up_to: int,
        before: Before | None,
    ) -> None:
        self._corpus = corpus
        self._collection = collection
        self._place = place
        self._identity = identity
        self.new = corpus.new
        self._here = np.full(len(corpus), -1)
        self._here[self.new] = np.arange(len(self.new))
        self._local = None
        if len(self.new):
            self._local = FaissIndex.build(corpus.vectors, exact_up_to)[0]
        self._before = before
        self._keys = keys_of(corpus.papers.numbers, place.generation)
        self._changed = self.new
        if before:
            self._keep(before)

    def _keep(self, before: Before) -> None:
        """Entities of papers whose text and attributes are as they were stay theirs."""
        kept = np.flatnonzero(self._corpus.earlier >= 0)
        theirs = self._corpus.earlier[kept]
        same = self._corpus.attributes.fingerprints()[kept] == before.fingerprints[theirs]
        self._keys[kept[same]] = before.index.keys[theirs[same]]
        self._changed = np.union1d(self.new, kept[~same])
        self._now = np.full(len(before.index), -1)
        self._now[theirs] = kept

    def __len__(self) -> int:
        return len(self._corpus)

    @property
    def kind(self) -> str:
        """That it is Milvus."""
        return "milvus"

    def saved(self) -> MilvusIndex:
        """The index as readers have it, once it is saved."""
        return MilvusIndex(self._collection, self._keys, self._place, self._identity)

    def check(self, *, whole: bool) -> None:
        """As a reader's; once it is saved."""
        self.saved().check(whole=whole)

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """As a reader's; once it is saved."""
        return self.saved().search(query, limit, allowed)

    def search_many(self, queries: Floats, limit: int) -> Rows:
        """Rows of the nearest to each query, best first, shape (queries, limit at most).

        -1 stands where there is none.
        """
        found = [self._among_kept(queries, limit)] if self._before else []
        if self._local:
            places, cosines = self._local.nearest_to_many(queries, limit)
            found.append((np.where(places >= 0, self.new[places], -1), cosines))
        rows, cosines = (np.concatenate(each, axis=1) for each in zip(*found, strict=True))
        cosines[rows < 0] = -np.inf
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :limit]
        nearest: Rows = np.take_along_axis(rows, best, axis=1)
        return nearest

    def _among_kept(self, queries: Floats, limit: int) -> tuple[Rows, Floats]:
        assert self._before
        parts = [
            self._before.index.nearest_to_many(queries[start : start + _ASKED_AT_ONCE], limit)
            for start in range(0, len(queries), _ASKED_AT_ONCE)
        ]
        rows, cosines = (np.concatenate(each) for each in zip(*parts, strict=True))
        return np.where(rows >= 0, self._now[rows], -1), cosines

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of these rows in single precision, shape (rows, dimension)."""
        found = np.empty((len(rows), self._identity.dimension), np.float32)
        here = self._here[rows]
        if self._local:
            found[here >= 0] = self._local.vectors(here[here >= 0])
        if self._before and (here < 0).any():
            theirs = self._corpus.earlier[rows[here < 0]]
            found[here < 0] = self._before.index.vectors(theirs)
        return found

    def replace(self, rows: Rows, vectors: np.ndarray) -> None:
        """Put other unit vectors, in half precision, under these rows, which are new ones."""
        assert self._local
        self._local.replace(self._here[rows], vectors)

    def save(self, folder: Path) -> None:
        """Write what is new or changed to Milvus, and into a folder which entities all are."""
        for start in range(0, len(self._changed), _WRITTEN_AT_ONCE):
            some = self._changed[start : start + _WRITTEN_AT_ONCE]
            self._collection.write(self._entities(some))
        self._collection.settle()
        self.saved().save(folder)

    def _entities(self, rows: Rows) -> Entities:
        attributes = self._corpus.attributes
        return Entities(
            keys=self._keys[rows],
            generation=self._place.generation,
            days=attributes.days[rows],
            categories=attributes.categories_of(rows),
            licences=[attributes.licence_names[n] for n in attributes.licences[rows]],
            vectors=self.vectors(rows),
        )
