"""Chooses the Milvus collection of a release, and deletes the vectors of deleted releases."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import numpy as np

from index.arrays import Rows, mapped
from index.errors import DamagedRelease
from index.files import make_folder, write_file
from index.milvus_address import MilvusAddress
from index.releases.corpus import ReleasePlan
from index.releases.manifest import Manifest, MilvusLocation
from index.releases.milvus.collection import MilvusCollection
from index.releases.milvus.incremental import IncrementalMilvusIndex, Predecessor
from index.releases.milvus.index import KEYS, MilvusIndex
from index.releases.milvus.server import server_at
from index.search.attributes import Attributes

_OWNER = "OWNER"


class MilvusEngine:
    """The collections of one folder of releases on a server; raises the errors of the server.

    Collections carry the id of their folder. So several folders can share a server, and none
    deletes the collections of another. A copy of a folder counts as another folder.
    """

    in_release = False
    min_kept = 2  # readers of the release that is being replaced still need its vectors

    def __init__(self, releases: Path, address: MilvusAddress) -> None:
        self._releases = releases
        self._address = address
        self._server = server_at(address)
        self._owner = _folder_id(releases)

    def can_extend(self, predecessor: Path) -> bool:
        """Return whether all vectors of a release are here, in a collection of this folder.

        A copied folder may read the collection of its original, but writes only to its own.
        """
        manifest = Manifest.read(predecessor)
        if not manifest.is_stored_at(self._address):
            return False
        index = MilvusIndex.open(predecessor, manifest)
        try:
            index.check(complete=True)
            return index.collection.owner() == self._owner
        except DamagedRelease:
            return False

    def begin(self, plan: ReleasePlan) -> tuple[IncrementalMilvusIndex, MilvusLocation]:
        """Begin the next generation of the predecessor's collection, or a new collection."""
        predecessor: Predecessor | None = None
        if plan.predecessor is None:
            # Collections left by failed builds would fill the server.
            self.delete_vectors((), self._folders())
            collection = MilvusCollection(self._server, self._prefix + plan.name.replace("-", "_"))
            collection.create(plan.corpus.contents.vectors.identity, self._owner)
            generation = 1
        else:
            predecessor = _open_predecessor(plan.predecessor)
            collection = predecessor.index.collection
            last = self._last_generation(collection)
            collection.remove_after(last)  # entities of a build that was killed
            generation = last + 1
        location = MilvusLocation(str(self._address), collection.name, generation)
        return IncrementalMilvusIndex(plan, collection, location, predecessor), location

    def _folders(self) -> Iterator[Path]:
        return self._releases.glob("[!.]*/")

    def _last_generation(self, collection: MilvusCollection) -> int:
        """Return the last generation of a collection that a release uses."""
        locations = [location for location, _ in _locations_and_keys(self._folders())]
        return max(one.generation for one in locations if one.collection == collection.name)

    def delete_vectors(self, removed: Iterable[Path], kept: Iterable[Path]) -> None:
        """Delete the entities that only `removed` releases use, and collections without a release.

        Raises DamagedRelease, with nothing deleted, if one of them cannot be read at the moment.
        """
        kept_keys, removed_keys = _keys_by_collection(kept), _keys_by_collection(removed)
        for collection in self._own_collections():
            if collection.name not in kept_keys:
                collection.drop()
            elif keys := removed_keys.get(collection.name):
                in_use = np.concatenate(kept_keys[collection.name])
                collection.remove(np.setdiff1d(np.concatenate(keys), in_use))

    def _own_collections(self) -> Iterator[MilvusCollection]:
        for name in self._server.call("list_collections"):
            collection = MilvusCollection(self._server, name)
            if name.startswith(self._prefix) and collection.owner() == self._owner:
                yield collection

    @property
    def _prefix(self) -> str:
        return f"{self._address.collection}_{self._owner[:8]}_"


def _open_predecessor(folder: Path) -> Predecessor:
    index = MilvusIndex.open(folder, Manifest.read(folder))
    return Predecessor(index, Attributes.open(folder).fingerprints())


def _folder_id(releases: Path) -> str:
    """Return the id of a folder; one copied from another folder gets a new id."""
    make_folder(releases)
    # Inode numbers alone: device numbers may change when the machine restarts.
    here = f"{releases.parent.stat().st_ino}:{releases.stat().st_ino}"
    path = releases / _OWNER
    with suppress(FileNotFoundError, ValueError):
        folder_id, where = path.read_text().split()
        if where == here:
            return folder_id
    folder_id = uuid4().hex
    write_file(path, f"{folder_id} {here}".encode())
    return folder_id


def _keys_by_collection(folders: Iterable[Path]) -> dict[str, list[Rows]]:
    """Return the keys that these releases use, by collection."""
    found: dict[str, list[Rows]] = {}
    for location, keys in _locations_and_keys(folders):
        found.setdefault(location.collection, []).append(keys)
    return found


def _locations_and_keys(folders: Iterable[Path]) -> list[tuple[MilvusLocation, Rows]]:
    """Return location and keys of each of these releases that is in Milvus.

    Addresses are not compared: a server has several, but the name of a collection is unique.
    """
    found = []
    for folder in folders:
        try:
            location = Manifest.read(folder).location
            if location is not None:
                found.append((location, mapped(folder / KEYS)))
        except (FileNotFoundError, ValueError):
            continue  # damaged: no process can read this release
        except OSError as error:  # it may be readable again later and needs its vectors then
            raise DamagedRelease(f"release {folder.name}: {error}") from error
    return found
