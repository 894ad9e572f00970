"""Which collection of Milvus a release is written to, and what is deleted when releases are."""

from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import numpy as np

from index.arrays import Rows, mapped
from index.attributes import Attributes
from index.corpus import Corpus
from index.errors import DamagedRelease
from index.files import write_file
from index.manifest import Manifest, Place
from index.milvus_address import MilvusAddress
from index.milvus_collection import MilvusCollection
from index.milvus_index import KEYS, MilvusIndex
from index.milvus_night import Before, MilvusNight
from index.milvus_server import server_at
from index.model_identity import ModelIdentity

_OWNER = "OWNER"


class MilvusUpkeep:
    """The collections that a folder of releases has on a server; raises as the server does.

    They bear the folder's mark, so that folders may share a server and none deletes another's.
    """

    in_release = False
    fewest_kept = 2  # who reads from the release before as it is replaced needs its vectors

    def __init__(self, releases: Path, address: MilvusAddress) -> None:
        self._releases = releases
        self._address = address
        self._server = server_at(address)
        path = releases / _OWNER
        if not path.exists():
            write_file(path, uuid4().hex.encode())
        self._owner = path.read_text()

    def usable(self, before: Path) -> bool:
        """Whether all vectors of a release are here, so that the next can go on from them."""
        manifest = Manifest.read(before)
        if manifest.place is None or not manifest.lies_in(self._address):
            return False
        try:
            MilvusIndex.open(before, manifest.place, manifest.identity).check(whole=True)
        except DamagedRelease:
            return False
        return True

    def begin(
        self,
        name: str,
        corpus: Corpus,
        identity: ModelIdentity,
        exact_up_to: int,
        before: Path | None,
    ) -> tuple[MilvusNight, Rows, Place]:
        """Begin a release: the next generation of its predecessor's collection, or a new one."""
        if before is None:
            collection = MilvusCollection(self._server, self._prefix + name.replace("-", "_"))
            collection.create(identity, self._owner)
            place, known = Place(str(self._address), collection.name, 1), None
        else:
            collection, last, known = self._left_by(before, identity)
            place = Place(str(self._address), collection.name, last + 1)
        night = MilvusNight(corpus, collection, place, identity, exact_up_to, known)
        return night, night.new, place

    def _left_by(
        self, before: Path, identity: ModelIdentity
    ) -> tuple[MilvusCollection, int, Before]:
        """The collection of a release, its last generation that a release names, and the release.

        What a killed night wrote after that is deleted.
        """
        place = Manifest.read(before).place
        assert place is not None
        index = MilvusIndex.open(before, place, identity)
        held = self._held(self._releases.glob("[!.]*/"))
        last = max(each.generation for each, _ in held if each.collection == place.collection)
        index.collection.remove_after(last)
        return index.collection, last, Before(index, Attributes.open(before).fingerprints())

    def forget(self, gone: Iterable[Path], kept: Iterable[Path]) -> None:
        """Delete what releases that go name and those that stay do not."""
        named: dict[str, list[Rows]] = {}
        for place, keys in self._held(kept):
            named.setdefault(place.collection, []).append(keys)
        for place, keys in self._held(gone):
            if place.collection in named:
                unnamed = np.setdiff1d(keys, np.concatenate(named[place.collection]))
                MilvusCollection(self._server, place.collection).remove(unnamed)
        for name in self._server.ask("list_collections"):
            collection = MilvusCollection(self._server, name)
            ours = name.startswith(self._prefix) and name not in named
            if ours and collection.owner() == self._owner:
                collection.drop()

    @property
    def _prefix(self) -> str:
        return f"{self._address.collection}_{self._owner[:8]}_"

    def _held(self, folders: Iterable[Path]) -> list[tuple[Place, Rows]]:
        """Where those of these releases lie that lie here and can be read, and their keys."""
        found = []
        for folder in folders:
            try:
                place = Manifest.read(folder).place
                if place is not None and place.within(self._address):
                    found.append((place, mapped(folder / KEYS)))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # a damaged release: nobody reads from it
        return found
