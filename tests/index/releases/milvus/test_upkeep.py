"""Which collections belong to a data folder, and which are dropped: never one in use."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import DamagedRelease, NoSpaceLeft
from index.milvus_address import MilvusAddress
from index.releases.folder import current_name, list_releases
from index.releases.manifest import Manifest
from index.releases.milvus.server import server_at
from index.releases.release import check_release
from tests.support.milvus_lite import MilvusLite
from tests.support.random_papers import RandomPapers, make_release

pytestmark = pytest.mark.cluster

_PAPERS = 60


@pytest.fixture
def data(milvus: MilvusLite, tmp_path: Path) -> Path:
    """A data folder with one release."""
    folder = tmp_path / "data"
    RandomPapers(8, [folder]).change(_PAPERS)
    make_release(folder, milvus.address())
    return folder


@pytest.fixture
def up(milvus: MilvusLite) -> Iterator[MilvusLite]:
    """The server; it is started again, with enough space, for the next test."""
    yield milvus
    milvus.kill()
    milvus.start()
    milvus.wait_until_it_answers()


def _collection(data: Path, name: str | None = None) -> str:
    location = Manifest.read(data / "releases" / str(name or current_name(data))).location
    assert location
    return location.collection


def _collections_of(data: Path, milvus: MilvusLite) -> list[str]:
    """Return all collections with the id of a data folder."""
    mark = (data / "releases" / "OWNER").read_text()[:8]
    found = server_at(milvus.address()).call("list_collections")
    return sorted(name for name in found if f"_{mark}_" in name)


def _other_address(milvus: MilvusLite) -> MilvusAddress:
    return MilvusAddress.parse(f"milvus://localhost:{milvus.port}/papers")


def test_a_copied_folder_writes_to_its_own_collection(data: Path, milvus: MilvusLite) -> None:
    """Neither folder deletes entities of the other, however many releases each builds."""
    copy = Path(shutil.copytree(data, data.with_name("copy")))
    for _ in range(3):
        for folder in (data, copy):
            make_release(folder, milvus.address())
        for folder in (data, copy):
            for name in list_releases(folder):
                assert check_release(folder, name)
    assert _collection(copy) != _collection(data)
    assert _collections_of(data, milvus) == [_collection(data)]
    assert _collections_of(copy, milvus) == [_collection(copy)]


def test_a_renamed_folder_keeps_its_collection(data: Path, milvus: MilvusLite) -> None:
    before = _collection(data)
    renamed = data.rename(data.with_name("renamed"))
    make_release(renamed, milvus.address())
    assert _collection(renamed) == before


def test_releases_under_another_address_of_the_server_are_kept(
    data: Path, milvus: MilvusLite
) -> None:
    before = _collection(data)
    make_release(data, _other_address(milvus))
    names = list_releases(data)
    assert _collections_of(data, milvus) == sorted({before, _collection(data)})
    assert all(check_release(data, name) for name in names)
    make_release(data, _other_address(milvus))
    assert _collections_of(data, milvus) == [_collection(data)]


def test_nothing_is_deleted_while_a_kept_release_cannot_be_read(
    data: Path, milvus: MilvusLite
) -> None:
    first = str(current_name(data))
    make_release(data, _other_address(milvus))
    keys = data / "releases" / first / "keys.npy"
    aside = keys.rename(data / "aside")
    keys.mkdir()  # it cannot be opened, like a file on a failing disk
    for _ in range(2):
        with pytest.raises(DamagedRelease, match=f"release {first}: "):
            make_release(data, _other_address(milvus), keep=4)
    keys.rmdir()
    aside.rename(keys)
    assert check_release(data, first)


def test_builds_that_fail_do_not_fill_the_server(tmp_path: Path, up: MilvusLite) -> None:
    RandomPapers(9, [tmp_path]).change(200)
    up.kill()
    up.start(largest_file=20_000)
    up.wait_until_it_answers()
    for _ in range(3):
        with pytest.raises(NoSpaceLeft, match="is full"):
            make_release(tmp_path, up.address())
        assert len(_collections_of(tmp_path, up)) == 1
    up.kill()
    up.start()
    up.wait_until_it_answers()
    make_release(tmp_path, up.address())
    assert _collections_of(tmp_path, up) == [_collection(tmp_path)]
