"""What a release says of itself: its manifest."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.embedding.identity import ModelIdentity
from index.milvus_address import MilvusAddress

# Changes also with what a text alone decides (`words`, `says_survey`): releases hand it on.
_FORMAT = 5
_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Milvus the vectors of a release lie: in a collection, up to a generation."""

    address: str
    collection: str
    generation: int

    def within(self, index: MilvusAddress | None) -> bool:
        """Whether this is where the setting says."""
        return index is not None and MilvusAddress.parse(self.address).same_place(index)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release holds. `state` names the catalogue contents it was made from.

    `files` maps each file's name to its size in bytes and its SHA-256. `place` is None where the
    vectors lie among the files.
    """

    name: str
    created: str
    papers: int
    kind: str
    identity: ModelIdentity
    state: str
    files: dict[str, tuple[int, str]]
    place: Place | None = None
    format: int = _FORMAT

    def lies_in(self, index: MilvusAddress | None) -> bool:
        """Whether its vectors lie where the setting says; None: in the release."""
        return index is None if self.place is None else self.place.within(index)

    def write(self, folder: Path) -> None:
        """Write it beside what it describes."""
        (folder / _FILE).write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read what `write` wrote; raises OSError, ValueError, KeyError or TypeError."""
        held: dict[str, Any] = json.loads((folder / _FILE).read_text())
        if held.get("format") != _FORMAT:
            raise ValueError(
                f"format {held.get('format')!r} is not the format {_FORMAT} known here"
            )
        held["identity"] = ModelIdentity(**held["identity"])
        held["files"] = {file: (size, checksum) for file, (size, checksum) in held["files"].items()}
        held["place"] = Place(**held["place"]) if held.get("place") else None
        return cls(**held)
