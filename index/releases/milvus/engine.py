"""Which collection of Milvus a release is written to, and what is deleted when releases are."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import numpy as np

from index.arrays import Rows, mapped
from index.embedding.identity import ModelIdentity
from index.errors import DamagedRelease
from index.files import write_file
from index.milvus_address import MilvusAddress
from index.releases.corpus import Corpus
from index.releases.manifest import Manifest, Place
from index.releases.milvus.collection import MilvusCollection
from index.releases.milvus.incremental import Before, IncrementalMilvusIndex
from index.releases.milvus.index import KEYS, MilvusIndex
from index.releases.milvus.server import server_at
from index.search.attributes import Attributes

_OWNER = "OWNER"


class MilvusEngine:
    """The collections that a folder of releases has on a server; raises as the server does.

    They bear the folder's mark, so that folders may share a server and none deletes another's. A
    copy of a folder is a folder of its own.
    """

    in_release = False
    fewest_kept = 2  # who reads from the release before as it is replaced needs its vectors

    def __init__(self, releases: Path, address: MilvusAddress) -> None:
        self._releases = releases
        self._address = address
        self._server = server_at(address)
        self._owner = _mark(releases)

    def usable(self, before: Path) -> bool:
        """Whether all vectors of a release are here and ours, so that the next can go on from them.

        Those of the folder that this one is a copy of may be read; what is written is ours alone.
        """
        manifest = Manifest.read(before)
        if manifest.place is None or not manifest.lies_in(self._address):
            return False
        index = MilvusIndex.open(before, manifest.place, manifest.identity)
        try:
            index.check(whole=True)
            return index.collection.owner() == self._owner
        except DamagedRelease:
            return False

    def begin(
        self,
        name: str,
        corpus: Corpus,
        identity: ModelIdentity,
        exact_up_to: int,
        before: Path | None,
    ) -> tuple[IncrementalMilvusIndex, Rows, Place]:
        """Begin a release: the next generation of its predecessor's collection, or a new one."""
        if before is None:
            self.forget((), self._folders())  # what builds that failed have left fills the server
            collection = MilvusCollection(self._server, self._prefix + name.replace("-", "_"))
            collection.create(identity, self._owner)
            place, known = Place(str(self._address), collection.name, 1), None
        else:
            collection, last, known = self._left_by(before, identity)
            place = Place(str(self._address), collection.name, last + 1)
        night = IncrementalMilvusIndex(corpus, collection, place, identity, exact_up_to, known)
        return night, night.new, place

    def _folders(self) -> Iterator[Path]:
        return self._releases.glob("[!.]*/")

    def _left_by(
        self, before: Path, identity: ModelIdentity
    ) -> tuple[MilvusCollection, int, Before]:
        """The collection of a release, its last generation that a release names, and the release.

        What a killed night wrote after that is deleted.
        """
        place = Manifest.read(before).place
        assert place is not None
        index = MilvusIndex.open(before, place, identity)
        held = _held(self._folders())
        last = max(each.generation for each, _ in held if each.collection == place.collection)
        index.collection.remove_after(last)
        return index.collection, last, Before(index, Attributes.open(before).fingerprints())

    def forget(self, gone: Iterable[Path], kept: Iterable[Path]) -> None:
        """Delete what releases that go name and those that stay do not.

        Raises DamagedRelease, with nothing deleted, where one of them cannot be read just now.
        """
        named, leaving = _keys_named(kept), _keys_named(gone)
        for collection in self._ours():
            if collection.name not in named:
                collection.drop()
            elif keys := leaving.get(collection.name):
                kept_keys = np.concatenate(named[collection.name])
                collection.remove(np.setdiff1d(np.concatenate(keys), kept_keys))

    def _ours(self) -> Iterator[MilvusCollection]:
        for name in self._server.ask("list_collections"):
            collection = MilvusCollection(self._server, name)
            if name.startswith(self._prefix) and collection.owner() == self._owner:
                yield collection

    @property
    def _prefix(self) -> str:
        return f"{self._address.collection}_{self._owner[:8]}_"


def _mark(releases: Path) -> str:
    """The mark of this folder; one that came with a copy is another folder's, and is replaced."""
    releases.mkdir(parents=True, exist_ok=True)
    # Not the devices' numbers, which may be others after a restart.
    here = f"{releases.parent.stat().st_ino}:{releases.stat().st_ino}"
    path = releases / _OWNER
    with suppress(FileNotFoundError, ValueError):
        mark, where = path.read_text().split()
        if where == here:
            return mark
    mark = uuid4().hex
    write_file(path, f"{mark} {here}".encode())
    return mark


def _keys_named(folders: Iterable[Path]) -> dict[str, list[Rows]]:
    """The keys that these releases name, by collection."""
    named: dict[str, list[Rows]] = {}
    for place, keys in _held(folders):
        named.setdefault(place.collection, []).append(keys)
    return named


def _held(folders: Iterable[Path]) -> list[tuple[Place, Rows]]:
    """Where those of these releases lie that lie in Milvus, and their keys.

    By whatever address: a server has several names, a collection one alone.
    """
    found = []
    for folder in folders:
        try:
            place = Manifest.read(folder).place
            if place is not None:
                found.append((place, mapped(folder / KEYS)))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            continue  # a damaged release: nobody reads from it
        except OSError as error:  # it may be read again, and what it names must be there then
            raise DamagedRelease(f"release {folder.name}: {error}") from error
    return found
