"""The manifest of a release: its contents, and the checksums of its files."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from index.embedding.identity import ModelIdentity
from index.errors import BadInput, OutdatedRelease
from index.files import read_json
from index.milvus_address import MilvusAddress

# Increase it also if `words` or `is_survey_title` change: the next release copies their results.
_FORMAT = 11
_FILE = "manifest.json"
_FILE_NAME = re.compile(r"[\w-]+\.\w+", re.ASCII)
_T = TypeVar("_T")


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
    """The description of a release. `state` is the checksum of the contents that it was built from.

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
        """Write the manifest, with its own checksum, into the folder of the release."""
        fields = {"place" if key == "location" else key: v for key, v in asdict(self).items()}
        fields["checksum"] = manifest_checksum(fields)
        (folder / _FILE).write_text(json.dumps(fields, indent=1))

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read what `write` wrote.

        Raises OutdatedRelease, OSError, or ValueError if it is damaged.
        """
        fields = read_json(folder / _FILE)
        if not isinstance(fields, dict):
            raise ValueError(f"{_FILE} is not a JSON object")
        found = _value(fields, "format", int)
        has_checksum = found == _FORMAT or "checksum" in fields  # earlier formats have none
        if has_checksum and fields.get("checksum") != manifest_checksum(fields):
            raise ValueError(f"the checksum of {_FILE} is wrong")
        if found != _FORMAT:
            raise OutdatedRelease(
                f"release {folder.name}: its format is {found}, but only {_FORMAT} is known"
            )
        return cls(
            name=_value(fields, "name", str),
            created=_value(fields, "created", str),
            papers=_value(fields, "papers", int),
            kind=_value(fields, "kind", str),
            identity=_record(ModelIdentity, fields, "identity"),
            state=_value(fields, "state", str),
            files=_files(fields),
            location=_location(fields),
        )


def manifest_checksum(fields: dict[str, Any]) -> str:
    """Return the SHA-256 of all fields of a manifest but its checksum."""
    others = {key: value for key, value in fields.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(others).encode()).hexdigest()


def _value(fields: dict[str, Any], name: str, kind: type[_T], parent: str = "") -> _T:
    """Return a value of a JSON object; raises ValueError unless it has this type."""
    value = fields.get(name)
    if type(value) is not kind:
        raise ValueError(f"{parent}{name} in {_FILE} is {value!r}, not of type {kind.__name__}")
    return value


def _record(kind: type[_T], parent: dict[str, Any], name: str) -> _T:
    """Return a dataclass from a JSON object; raises ValueError unless names and types match."""
    fields = _value(parent, name, dict)
    expected = get_type_hints(kind)
    if fields.keys() != expected.keys():
        raise ValueError(f"{name} in {_FILE} has the keys {sorted(fields)}, not {sorted(expected)}")
    return kind(**{key: _value(fields, key, expected[key], f"{name}.") for key in expected})


def _files(fields: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Return size and checksum of each file; raises ValueError if an entry is malformed."""
    found = {}
    for item in _value(fields, "files", dict).items():
        match item:
            case str(name), [int(size), str(checksum)] if _FILE_NAME.fullmatch(name):
                found[name] = size, checksum
            case _:
                raise ValueError(f"the field files of {_FILE} has the malformed entry {item!r}")
    if not found:
        raise ValueError(f"the field files of {_FILE} is empty")
    return found


def _location(fields: dict[str, Any]) -> MilvusLocation | None:
    if fields.get("place") is None:
        return None
    location = _record(MilvusLocation, fields, "place")
    try:
        MilvusAddress.parse(location.address)
    except BadInput as error:
        raise ValueError(f"the field place of {_FILE}: {error}") from error
    return location
