"""Damaged files are reported as damage; a lack of memory and bugs are not."""

import errno
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from index.arrays import mapped
from index.embedding.identity import ModelIdentity
from index.errors import DamagedRelease
from index.health.findings import Finding, report_damage
from index.releases.current import CurrentRelease
from index.releases.folder import current_name
from index.releases.manifest import Manifest, manifest_checksum
from index.releases.release import intact_release, open_release
from tests.support.damage import edit_manifest

_NOT_DAMAGE = [
    MemoryError(),
    TypeError("a mistake"),
    AttributeError("a mistake"),
    KeyError("a mistake"),
    RuntimeError("a mistake"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    OSError(errno.EMFILE, "Too many open files"),
]


def _current(data: Path) -> Path:
    return data / "releases" / str(current_name(data))


def _raise(error: Exception) -> Callable[..., Any]:
    def raising(*_: object, **__: object) -> None:
        raise error

    return raising


@pytest.mark.parametrize("error", _NOT_DAMAGE, ids=repr)
def test_other_errors_are_not_reported_as_damage(
    built_data: Path,
    identity: ModelIdentity,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr("index.releases.release.Attributes.open", _raise(error))
    with pytest.raises(type(error)):
        open_release(built_data, _current(built_data).name)
    with pytest.raises(type(error)):
        CurrentRelease(built_data).get()
    with pytest.raises(type(error)):
        intact_release(built_data, identity)


@pytest.mark.parametrize("error", _NOT_DAMAGE[:4], ids=repr)
def test_the_doctor_does_not_report_them_either(error: Exception) -> None:
    def check() -> Any:
        yield Finding("release", "well", "")
        raise error

    with pytest.raises(type(error)):
        list(report_damage("release", "", check()))


def _assert_refused(data: Path) -> str | None:
    """Open the current release; return why it counts as damaged, None if it does not."""
    name = _current(data).name
    try:
        open_release(data, name)
    except DamagedRelease as error:
        return str(error) if str(error).startswith(f"release {name}: ") else None
    return None


@contextmanager
def _changed(file: Path, content: bytes) -> Iterator[None]:
    """Change the content of a file within the block."""
    before = file.read_bytes()
    file.write_bytes(content)
    yield
    file.write_bytes(before)


@pytest.mark.parametrize("name", ["manifest.json", "attributes.json", "words-vocabulary.json"])
def test_unexpected_json_is_damage(built_data_copy: Path, name: str) -> None:
    file = _current(built_data_copy) / name
    size = file.stat().st_size
    for content in ("null", "[]", "{}", "[1]", '{"categories": [1]}', "[" * size):
        with _changed(file, content.ljust(size).encode()):  # the size is checked before
            assert _assert_refused(built_data_copy), content


def test_wrong_values_in_the_manifest_are_damage(built_data_copy: Path) -> None:
    file = _current(built_data_copy) / "manifest.json"
    fields = json.loads(file.read_bytes())
    values: list[object] = [None, 1.5, [], {}, {"a": 1}, {"a": [1, 2]}, {"../x": [1, "a"]}]
    for name in ("name", "created", "papers", "kind", "identity", "state", "files", "format"):
        for value in values:
            with _changed(file, _signed(fields | {name: value})):
                assert _assert_refused(built_data_copy), (name, value)
        lacking = {key: value for key, value in fields.items() if key != name}
        with _changed(file, _signed(lacking)):
            assert _assert_refused(built_data_copy), name
    with _changed(file, file.read_bytes().replace(b'"created": "20', b'"created": "21')):
        assert "checksum of manifest.json is wrong" in str(_assert_refused(built_data_copy))


def _signed(fields: dict[str, object]) -> bytes:
    return json.dumps(fields | {"checksum": manifest_checksum(fields)}).encode()


def test_a_malformed_location_in_milvus_is_damage(built_data_copy: Path) -> None:
    address = "milvus://localhost:19530/papers"
    for place in (
        address,
        {"address": address, "collection": "papers"},
        {"address": address, "collection": 1, "generation": 1},
        {"address": "localhost", "collection": "papers", "generation": 1},
    ):
        edit_manifest(_current(built_data_copy), place=place)
        assert "place" in str(_assert_refused(built_data_copy)), place


def test_a_manifest_is_read_as_it_was_written(built_data: Path, tmp_path: Path) -> None:
    manifest = Manifest.read(_current(built_data))
    manifest.write(tmp_path)
    assert Manifest.read(tmp_path) == manifest
    written = (_current(built_data) / "manifest.json").read_bytes()
    assert (tmp_path / "manifest.json").read_bytes() == written


_HEADERS = [
    "{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }",
    "{'descr': '<i8', 'fortran_order': False, 'shape': (-100,), }",
    "{'descr': '<i8', 'fortran_order': False, 'shape': (), }",
    "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }",
    "{'descr': ',i8', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': (), 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "{None: '<i8', 'fortran_order': False, 'shape': (1,), }",
    "{[]: '<i8'}",
    "((((((((",
    "",
]


@pytest.mark.parametrize(
    "name", ["numbers.npy", "withdrawn.npy", "random.npy", "density.npy", "coherence.npy"]
)
def test_a_wrong_header_is_damage(built_data_copy: Path, name: str) -> None:
    file = _current(built_data_copy) / name
    content = file.read_bytes()
    length = int.from_bytes(content[8:10], "little")
    for header in _HEADERS:
        changed = header.encode().ljust(length - 1) + b"\n"
        with _changed(file, content[:10] + changed + content[10 + length :]):
            assert _assert_refused(built_data_copy), header


@pytest.mark.parametrize("length", [0, 7, 50, 128])
def test_a_truncated_array_is_damage(built_data: Path, tmp_path: Path, length: int) -> None:
    whole = (_current(built_data) / "numbers.npy").read_bytes()
    (tmp_path / "numbers.npy").write_bytes(whole[:length])
    with pytest.raises(ValueError, match=r"."):
        mapped(tmp_path / "numbers.npy")
