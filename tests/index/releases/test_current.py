"""The current release: opened once, and not while other threads wait for it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import index.releases.current
from index.catalogue.catalogue import read_catalogue
from index.embedding.identity import ModelIdentity
from index.releases.current import CurrentRelease
from index.releases.folder import current_name
from index.releases.release import Release, open_release
from tests.support.releases import build_release

_SECONDS = 20  # after which a test gives up


class SlowOpener:
    """Opens releases, but only when the test lets it; counts them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.began = threading.Event()
        self.may_end = threading.Event()

    def __call__(self, data: Path, name: str) -> Release:
        self.names.append(name)
        self.began.set()
        assert self.may_end.wait(_SECONDS)
        return open_release(data, name)


@pytest.fixture
def opener(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowOpener]:
    slow = SlowOpener()
    monkeypatch.setattr(index.releases.current, "open_release", slow)
    yield slow
    slow.may_end.set()


def _another(data: Path, identity: ModelIdentity) -> str:
    with read_catalogue(data) as catalogue:
        return build_release(catalogue, identity, data).name


def test_while_one_thread_opens_a_release_others_get_the_previous_one(
    built_data_copy: Path, identity: ModelIdentity, opener: SlowOpener
) -> None:
    current = CurrentRelease(built_data_copy)
    opener.may_end.set()
    old = current.get()
    name = _another(built_data_copy, identity)
    opener.began.clear()
    opener.may_end.clear()
    with ThreadPoolExecutor(2) as threads:
        opening = threads.submit(current.get)
        assert opener.began.wait(_SECONDS)
        assert threads.submit(current.get).result(_SECONDS) is old
        opener.may_end.set()
        new = opening.result(_SECONDS)
    assert new.manifest.name == name
    assert current.get() is new
    assert opener.names == [old.manifest.name, name]


def test_many_threads_open_the_first_release_once(built_data: Path, opener: SlowOpener) -> None:
    current = CurrentRelease(built_data)
    with ThreadPoolExecutor(16) as threads:
        waiting = [threads.submit(current.get) for _ in range(16)]
        assert opener.began.wait(_SECONDS)
        opener.may_end.set()
        releases = {id(each.result(_SECONDS)) for each in waiting}
    assert len(releases) == 1
    assert opener.names == [current_name(built_data)]


def test_if_the_first_opening_fails_a_waiting_thread_tries_again(
    built_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_fail = threading.Event(), threading.Event()
    opened: list[str] = []

    def open_or_fail(data: Path, name: str) -> Release:
        opened.append(name)
        if len(opened) == 1:
            began.set()
            assert may_fail.wait(_SECONDS)
            raise MemoryError
        return open_release(data, name)

    monkeypatch.setattr(index.releases.current, "open_release", open_or_fail)
    current = CurrentRelease(built_data)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(current.get)
        assert began.wait(_SECONDS)
        second = threads.submit(current.get)
        may_fail.set()
        with pytest.raises(MemoryError):
            first.result(_SECONDS)
        assert second.result(_SECONDS).manifest.name == current_name(built_data)
    assert len(opened) == 2


def test_a_release_that_is_closed_during_an_opening_is_opened_again(
    built_data_copy: Path, identity: ModelIdentity, opener: SlowOpener
) -> None:
    """`close` is called when vectors turn out to be lost, possibly during an opening."""
    current = CurrentRelease(built_data_copy)
    opener.may_end.set()
    old = current.get()
    name = _another(built_data_copy, identity)
    (built_data_copy / "releases" / name / "numbers.npy").write_bytes(b"")
    opener.began.clear()
    opener.may_end.clear()
    with ThreadPoolExecutor(1) as threads:
        opening = threads.submit(current.get)
        assert opener.began.wait(_SECONDS)
        current.close()
        opener.may_end.set()
        assert opening.result(_SECONDS) is old
    again = current.get()
    assert again is not old
    assert again.manifest.name == old.manifest.name
