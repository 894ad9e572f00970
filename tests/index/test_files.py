"""Files and folders appear whole or not at all."""

from pathlib import Path

import pytest

from index.files import write_file, write_folder


class Stopped(BaseException):
    """Stands for a Ctrl-C in the middle of the work."""


def test_a_file_is_replaced_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "name"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_who_holds_the_old_file_open_reads_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "name"
    write_file(path, b"old")
    with path.open("rb") as held:
        write_file(path, b"new")
        assert held.read() == b"old"


def test_a_folder_takes_its_name_only_when_it_is_full(tmp_path: Path) -> None:
    path = tmp_path / "release"
    with write_folder(path) as beside:
        (beside / "a").write_text("a")
        assert not path.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["release"]
    assert (path / "a").read_text() == "a"


def _stop_while_filling(path: Path) -> None:
    with write_folder(path) as beside:
        (beside / "a").write_text("a")
        raise Stopped


def test_a_stopped_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        _stop_while_filling(tmp_path / "release")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_not_taken_over(tmp_path: Path) -> None:
    left = tmp_path / ".release.part"
    left.mkdir()
    (left / "half").write_text("half")
    with write_folder(tmp_path / "release") as beside:
        (beside / "whole").write_text("whole")
    assert [file.name for file in (tmp_path / "release").iterdir()] == ["whole"]
