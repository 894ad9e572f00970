"""A data folder that this user may not write to: reading works, writing ends with a sentence."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.catalogue.catalogue import open_catalogue
from index.catalogue.protection.backup import back_up
from index.errors import BadInput, NotWritable
from tests.conftest import SURVEY
from tests.support.catalogue_files import papers
from tests.support.processes import served
from tests.support.unprivileged import (
    UNPRIVILEGED,
    make_read_only,
    make_writable,
    run_unprivileged,
)

pytestmark = pytest.mark.process

READING = [
    ["status"],
    ["doctor", "--full"],
    ["related", SURVEY],
    ["search", "language model"],
    ["tags", "export", "skos"],
    ["ingest", "rejected"],
    ["release", "check"],
]
WRITING = [
    ["ingest", "snapshot"],
    ["ingest", "api", "cat:cs.LG"],
    ["update"],
    ["nightly"],
    ["release", "build"],
    ["tags", "train"],
    ["backup"],
    ["dump"],
]


def only_the_folder(data: Path) -> None:
    """Files can be written, but none can be created."""
    make_read_only(data)
    for path in data.glob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    (data / "catalogue.db").chmod(0o600)


def leave_side_files(data: Path) -> None:
    """A reader of another user leaves empty side files."""
    with closing(sqlite3.connect(f"file:{data}/catalogue.db?mode=ro", uri=True)) as db:
        db.execute("SELECT * FROM papers").fetchone()
    assert (data / "catalogue.db-wal").stat().st_size == 0
    make_read_only(data)


KILLED = """
import os, signal, sys
from pathlib import Path
from index.catalogue.catalogue import open_catalogue
from tests.support.catalogue_files import papers

with open_catalogue(Path(sys.argv[1])) as catalogue:
    catalogue.store(papers(1, 2))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_a_writer(data: Path) -> None:
    """A killed writer leaves side files with contents."""
    command = [sys.executable, "-c", KILLED, str(data)]
    killed = subprocess.run(command, check=False, cwd=Path(__file__).parents[3])
    assert killed.returncode == -signal.SIGKILL
    assert (data / "catalogue.db-wal").stat().st_size > 0
    make_read_only(data)


@pytest.fixture(scope="module")
def source(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the built data folder with files of its own."""
    data = tmp_path_factory.mktemp("read_only") / "data"
    shutil.copytree(built_data, data, ignore=shutil.ignore_patterns("catalogue.db-*"))
    yield data
    shutil.rmtree(data)


@pytest.fixture(
    params=[make_read_only],
    ids=lambda prepare: prepare.__name__,
)
def data(source: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data folder that this user may not write to."""
    prepare: Callable[[Path], None] = request.param
    data = Path(shutil.copytree(source, tmp_path / "data"))
    prepare(data)
    yield data
    make_writable(data)


def state(data: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in data.rglob("*")
        if path.is_file() and path.name != "lock" and not path.name.endswith("-shm")
    }


def test_reading_commands_work_and_writing_ones_say_what_is_wrong(data: Path) -> None:
    check_commands(data, READING, WRITING)


@pytest.mark.parametrize("data", [only_the_folder, leave_side_files, kill_a_writer], indirect=True)
def test_this_holds_in_every_state_of_the_catalogue(data: Path) -> None:
    check_commands(data, [["status"], ["doctor"]], [["update"]])


def check_commands(data: Path, reading: list[list[str]], writing: list[list[str]]) -> None:
    before = state(data)
    for arguments in reading:
        ended = run_unprivileged(data, *arguments)
        assert ended.returncode == 0, (arguments, ended.stdout, ended.stderr)
        assert "Traceback" not in ended.stderr, arguments
        if arguments[0] == "doctor":
            assert "warning  permissions this user may not write to" in ended.stdout
            assert "broken" not in ended.stdout
    for arguments in writing:
        ended = run_unprivileged(data, *arguments)
        assert ended.returncode == NotWritable.exit_code, (arguments, ended.stderr)
        (sentence,) = ended.stderr.splitlines()
        assert sentence.startswith("seealso: "), arguments
        assert str(data) in sentence, arguments
        assert "as its owner" in sentence or "as the owner" in sentence, arguments
        assert "damaged" not in sentence.lower(), arguments
    assert state(data) == before


def test_a_backup_is_not_restored_into_a_read_only_folder(source: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(source, tmp_path / "data"))
    kept = back_up(data, tmp_path / "kept.db").path
    make_read_only(data)
    ended = run_unprivileged(data, "restore", str(kept))
    make_writable(data)
    assert ended.returncode == NotWritable.exit_code, ended.stderr
    assert ended.stderr.startswith(f"seealso: this user may not write to {data} (")


def test_no_second_backup_or_dump_is_written_into_a_read_only_folder(
    source: Path, tmp_path: Path
) -> None:
    """The folders of earlier ones exist already."""
    data = Path(shutil.copytree(source, tmp_path / "data"))
    for name in ("backups", "dumps"):
        (data / name).mkdir()
    make_read_only(data)
    check_commands(data, [], [["backup"], ["dump"]])
    make_writable(data)


def test_a_data_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir(mode=0o500)
    ended = run_unprivileged(above / "data", "ingest", "snapshot")
    assert ended.returncode == NotWritable.exit_code
    assert ended.stderr.startswith(f"seealso: this user may not write to {above}/data (")
    assert ended.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_read_is_named(source: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(source, tmp_path / "data"))
    data.chmod(0)
    for arguments in (["status"], ["related", SURVEY], ["update"], ["serve"], ["nightly"]):
        ended = run_unprivileged(data, *arguments)
        assert ended.returncode == BadInput.exit_code, (arguments, ended.stderr)
        assert f"Directory '{data}' is not readable" in ended.stderr
    data.chmod(0o700)


def test_a_read_only_file_in_a_writable_folder(source: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(source, tmp_path / "data"))
    (data / "catalogue.db").chmod(0o400)
    assert run_unprivileged(data, "status").returncode == 0
    ended = run_unprivileged(data, "update")
    assert ended.returncode == NotWritable.exit_code, ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_server_answers_from_a_read_only_folder(data: Path) -> None:
    path = f"/v1/papers/{SURVEY}"
    with served(data, environment={"SEEALSO_TOKEN": "t"}, prefix=UNPRIVILEGED) as server:
        assert server.client.get(f"{path}/related").json()["related"]
        assert server.client.get("/v1/search?q=language+model").status_code == 200
        refused = server.client.post(
            f"{path}/tags",
            json={"labels": [], "by": "someone"},
            headers={"Authorization": "Bearer t"},
        )
        assert refused.status_code == 503
        assert refused.json()["title"] == "Not writable"


def test_a_writer_of_another_process_is_seen_by_a_reader_without_permission(
    source: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(source, tmp_path / "data"))
    with open_catalogue(data) as catalogue:
        catalogue.store(papers(1, 2))  # in the -wal
        os.chmod(data, 0o500)
        found = run_unprivileged(data, "related", "2401.00001")
        os.chmod(data, 0o700)
    assert "has not been harvested" not in found.stderr
