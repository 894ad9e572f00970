"""Where the vectors of releases lie: in the releases, with FAISS, or in Milvus."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from index.arrays import Rows
from index.embedding.identity import ModelIdentity
from index.milvus_address import MilvusAddress
from index.releases.corpus import Corpus
from index.releases.manifest import Manifest, Place
from index.releases.milvus.engine import MilvusEngine
from index.releases.milvus.index import MilvusIndex
from index.search.faiss_index import Earlier, FaissIndex
from index.search.vector_index import GrowingIndex, VectorIndex


class Engine(Protocol):
    """Stores the vectors of the releases in a folder; raises IndexUnavailable and NoSpaceLeft."""

    @property
    def in_release(self) -> bool:
        """Whether each release has its vectors in its own folder."""
        ...

    @property
    def fewest_kept(self) -> int:
        """How many releases must stay for readers to be served without a break."""
        ...

    def usable(self, before: Path) -> bool:
        """Whether a release whose folder is intact can be gone on from."""
        ...

    def begin(
        self,
        name: str,
        corpus: Corpus,
        identity: ModelIdentity,
        exact_up_to: int,
        before: Path | None,
    ) -> tuple[GrowingIndex, Rows, Place | None]:
        """Begin a release: its index, the rows that are new in it, and where it will lie."""
        ...

    def forget(self, gone: Iterable[Path], kept: Iterable[Path]) -> None:
        """Delete what lies elsewhere of releases that go."""
        ...


class FaissEngine:
    """Vectors in the releases themselves."""

    in_release = True
    fewest_kept = 1

    def usable(self, before: Path) -> bool:
        """Whether its vectors are in its folder."""
        return Manifest.read(before).place is None

    def begin(
        self,
        name: str,  # noqa: ARG002
        corpus: Corpus,
        identity: ModelIdentity,  # noqa: ARG002
        exact_up_to: int,
        before: Path | None,
    ) -> tuple[FaissIndex, Rows, None]:
        """Begin a release from the index of the one before."""
        earlier = Earlier(before, corpus.earlier) if before else None
        return *FaissIndex.build(corpus.vectors.copy(), exact_up_to, earlier), None

    def forget(self, gone: Iterable[Path], kept: Iterable[Path]) -> None:
        """Nothing lies elsewhere."""


def engine_of(releases: Path, index: MilvusAddress | None) -> Engine:
    """The engine that the setting asks for, for a folder of releases."""
    return FaissEngine() if index is None else MilvusEngine(releases, index)


def open_vectors(folder: Path, manifest: Manifest) -> VectorIndex:
    """A release's vectors; raises OSError, RuntimeError or ValueError where they are damaged."""
    if manifest.place is None:
        return FaissIndex.open(folder)
    return MilvusIndex.open(folder, manifest.place, manifest.identity)
