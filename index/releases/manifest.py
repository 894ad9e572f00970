"""The manifest of a release: what it holds, and the checksums of its files."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.embedding.identity import ModelIdentity
from index.milvus_address import MilvusAddress

# Increase it also if `words` or `says_survey` change: the next release copies their results.
_FORMAT = 5
_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class MilvusLocation:
    """Where the vectors of a release are in Milvus: a collection, up to a generation."""

    address: str
    collection: str
    generation: int

    def is_at(self, index: MilvusAddress | None) -> bool:
        """Return whether the collection belongs to this address."""
        return index is not None and MilvusAddress.parse(self.address).same_collections(index)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release holds. `state` is the checksum of the contents that it was built from.

    `files` maps the name of each file to its size in bytes and its SHA-256. `location` is None if
    the vectors are among the files.
    """

    name: str
    created: str
    papers: int
    kind: str
    identity: ModelIdentity
    state: str
    files: dict[str, tuple[int, str]]
    location: MilvusLocation | None = None
    format: int = _FORMAT

    def is_stored_at(self, index: MilvusAddress | None) -> bool:
        """Return whether the vectors are in Milvus at this address; None: in the release."""
        return index is None if self.location is None else self.location.is_at(index)

    def write(self, folder: Path) -> None:
        """Write the manifest into the folder of the release."""
        fields = {"place" if key == "location" else key: v for key, v in asdict(self).items()}
        (folder / _FILE).write_text(json.dumps(fields, indent=1))

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
        location = held.pop("place", None)
        held["location"] = MilvusLocation(**location) if location else None
        return cls(**held)
