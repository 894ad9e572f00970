"""Files and folders are written completely or not at all."""

import threading
from pathlib import Path

import pytest

from index.files import folder_lock, write_file, write_folder


class Stopped(BaseException):
    """Simulates Ctrl-C during a write."""


def test_a_file_is_replaced_without_leftovers(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "name"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_with_the_old_file_open_reads_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "name"
    write_file(path, b"old")
    with path.open("rb") as reader:
        write_file(path, b"new")
        assert reader.read() == b"old"


def test_a_folder_gets_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "release"
    with write_folder(path) as part:
        (part / "a").write_text("a")
        assert not path.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["release"]
    assert (path / "a").read_text() == "a"


def _stop_while_filling(path: Path) -> None:
    with write_folder(path) as part:
        (part / "a").write_text("a")
        raise Stopped


def test_an_interrupted_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        _stop_while_filling(tmp_path / "release")
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_a_killed_run_are_not_reused(tmp_path: Path) -> None:
    left = tmp_path / ".release.part"
    left.mkdir()
    (left / "half").write_text("half")
    with write_folder(tmp_path / "release") as part:
        (part / "whole").write_text("whole")
    assert [file.name for file in (tmp_path / "release").iterdir()] == ["whole"]


def test_a_folder_may_contain_folders(tmp_path: Path) -> None:
    with write_folder(tmp_path / "model") as part:
        (part / "pooling").mkdir()
        (part / "pooling" / "config").write_text("{}")
    assert (tmp_path / "model" / "pooling" / "config").read_text() == "{}"


def test_a_locked_folder_is_waited_for(tmp_path: Path) -> None:
    order = list[str]()

    def wait() -> None:
        with folder_lock(tmp_path / "models"):
            order.append("waited")

    with folder_lock(tmp_path / "models"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.3)
        order.append("held")
    waiting.join(10)
    assert order == ["held", "waited"]
    assert list((tmp_path / "models").iterdir()) == []
