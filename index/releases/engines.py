"""Storage of the vectors of releases: FAISS files in each release, or Milvus."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from index.milvus_address import MilvusAddress
from index.releases.corpus import ReleasePlan
from index.releases.manifest import Manifest, MilvusLocation
from index.releases.milvus.engine import MilvusEngine
from index.releases.milvus.index import MilvusIndex
from index.search.faiss_index import FaissIndex, PreviousIndex
from index.search.vector_index import VectorIndex


class Engine(Protocol):
    """Stores the vectors of all releases in one folder; raises IndexUnavailable and NoSpaceLeft."""

    @property
    def in_release(self) -> bool:
        """Whether each release has its vectors in its own folder."""
        ...

    @property
    def min_kept(self) -> int:
        """How many releases must stay so that readers are served without interruption."""
        ...

    def can_extend(self, predecessor: Path) -> bool:
        """Return whether the next release can extend a release whose folder is intact."""
        ...

    def begin(self, plan: ReleasePlan) -> tuple[VectorIndex, MilvusLocation | None]:
        """Return the index of a new release, and its location in Milvus, if any."""
        ...

    def delete_vectors(self, removed: Iterable[Path], kept: Iterable[Path]) -> None:
        """Delete vectors outside the release folders that only `removed` releases use."""
        ...


class FaissEngine:
    """Stores the vectors in the release folders."""

    in_release = True
    min_kept = 1

    def can_extend(self, predecessor: Path) -> bool:
        """Return whether the vectors of the release are in its folder."""
        return Manifest.read(predecessor).location is None

    def begin(self, plan: ReleasePlan) -> tuple[FaissIndex, None]:
        """Start from the index of the predecessor, if there is one."""
        previous = None
        if plan.predecessor:
            previous = PreviousIndex(plan.predecessor, plan.corpus.previous_rows)
        return FaissIndex.build(plan.corpus.vectors, plan.exact_up_to, previous), None

    def delete_vectors(self, removed: Iterable[Path], kept: Iterable[Path]) -> None:
        """Do nothing: all vectors are in the release folders."""


def choose_engine(releases: Path, index: MilvusAddress | None) -> Engine:
    """Return the engine for a folder of releases: Milvus if `index` is its address, else FAISS."""
    return FaissEngine() if index is None else MilvusEngine(releases, index)


def open_vectors(folder: Path, manifest: Manifest) -> VectorIndex:
    """Open the vectors of a release; raises OSError or ValueError for damage."""
    if manifest.location is None:
        return FaissIndex.open(folder)
    return MilvusIndex.open(folder, manifest)
