"""Whose collections in Milvus are whose, and which are dropped: never one that is read from."""

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
    """The server; it is up again, with room, for the next test."""
    yield milvus
    milvus.kill()
    milvus.start()
    milvus.wait_until_it_answers()


def _collection(data: Path, name: str | None = None) -> str:
    location = Manifest.read(data / "releases" / str(name or current_name(data))).location
    assert location
    return location.collection


def _collections_of(data: Path, milvus: MilvusLite) -> list[str]:
    """All that bear the mark of a data folder."""
    mark = (data / "releases" / "OWNER").read_text()[:8]
    found = server_at(milvus.address()).call("list_collections")
    return sorted(name for name in found if f"_{mark}_" in name)


def _respelled(milvus: MilvusLite) -> MilvusAddress:
    return MilvusAddress.parse(f"milvus://localhost:{milvus.port}/papers")


def test_a_copy_of_a_folder_writes_beside_its_original(data: Path, milvus: MilvusLite) -> None:
    """And neither deletes what the other names, however many nights each has."""
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


def test_a_folder_that_is_renamed_stays_the_same(data: Path, milvus: MilvusLite) -> None:
    before = _collection(data)
    renamed = data.rename(data.with_name("renamed"))
    make_release(renamed, milvus.address())
    assert _collection(renamed) == before


def test_what_is_kept_under_another_spelling_of_the_server_stays(
    data: Path, milvus: MilvusLite
) -> None:
    before = _collection(data)
    make_release(data, _respelled(milvus))
    names = list_releases(data)
    assert _collections_of(data, milvus) == sorted({before, _collection(data)})
    assert all(check_release(data, name) for name in names)
    make_release(data, _respelled(milvus))
    assert _collections_of(data, milvus) == [_collection(data)]


def test_nothing_is_deleted_while_a_kept_release_cannot_be_read(
    data: Path, milvus: MilvusLite
) -> None:
    first = str(current_name(data))
    make_release(data, _respelled(milvus))
    keys = data / "releases" / first / "keys.npy"
    aside = keys.rename(data / "aside")
    keys.mkdir()  # which opens as little as a file on a failing disk
    for _ in range(2):
        with pytest.raises(DamagedRelease, match=f"release {first}: "):
            make_release(data, _respelled(milvus), keep=4)
    keys.rmdir()
    aside.rename(keys)
    assert check_release(data, first)


def test_builds_that_fail_for_room_do_not_fill_the_server(tmp_path: Path, up: MilvusLite) -> None:
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
