"""Releases: checked, switched in one step, and replaced by the previous one if damaged."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import index.releases.release
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.embedding.identity import ModelIdentity
from index.errors import DamagedRelease, NoSpaceLeft, NotReady
from index.health.status import read_status
from index.releases.current import CurrentRelease
from index.releases.folder import current_name, list_releases, size_and_checksum
from index.releases.manifest import Manifest
from index.releases.release import check_release, intact_release, open_release
from tests.conftest import SURVEY, Seealso
from tests.support.damage import RELEASE_DAMAGE, flip_bytes, truncate_vectors
from tests.support.releases import build_release, release_contents

SEEALSO = Path(sys.executable).with_name("seealso")
# Sets the limit in the new process: after a fork, the threads of gRPC make the child abort.
_LIMITED = (
    "import os, resource, sys\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def _build(data: Path, keep: int = 2) -> Manifest:
    """Build another release of the same papers."""
    identity = CurrentRelease(data).get().manifest.identity
    with read_catalogue(data) as catalogue:
        return build_release(catalogue, identity, data, exact_up_to=50_000, keep=keep)


def _current(data: Path) -> Path:
    name = current_name(data)
    assert name is not None
    return data / "releases" / name


damaged = pytest.mark.parametrize("damage", RELEASE_DAMAGE, ids=lambda damage: damage.__name__)


def test_the_manifest_lists_the_files_and_the_state_of_the_catalogue(
    built_data: Path,
) -> None:
    folder = _current(built_data)
    manifest = check_release(built_data, folder.name)
    assert set(manifest.files) == {file.name for file in folder.iterdir()} - {"manifest.json"}
    assert manifest.name == folder.name
    with read_catalogue(built_data) as catalogue:
        assert manifest.papers == catalogue.count()
        assert manifest.state == release_contents(catalogue, manifest.identity).state
    assert manifest.kind == "exact"


def test_rows_and_numbers_are_converted_into_each_other(built_data: Path) -> None:
    release = CurrentRelease(built_data).get()
    numbers = [release.number(row) for row in range(release.manifest.papers)]
    assert [release.row(number) for number in numbers] == list(range(len(numbers)))
    assert release.row(10**6) is None
    np.testing.assert_array_equal(release.rows([10**6, numbers[3], numbers[1]]), [1, 3])


@damaged
def test_a_damaged_release_is_refused(
    built_data_copy: Path, damage: Callable[[Path], None]
) -> None:
    folder = _current(built_data_copy)
    damage(folder)
    with pytest.raises(DamagedRelease, match=f"release {folder.name}: "):
        open_release(built_data_copy, folder.name)
    with pytest.raises(DamagedRelease, match="seealso update"):
        CurrentRelease(built_data_copy).get()


@damaged
def test_the_previous_release_is_used_and_status_reports_it(
    built_data_copy: Path, damage: Callable[[Path], None]
) -> None:
    first = current_name(built_data_copy)
    second = _build(built_data_copy).name
    damage(_current(built_data_copy))
    current = CurrentRelease(built_data_copy)
    assert current.get().manifest.name == first
    with read_catalogue(built_data_copy) as catalogue:
        status = read_status(built_data_copy, catalogue, current)
    assert status.release == first
    assert status.problem is not None
    assert second in status.problem


def test_status_reports_that_no_release_can_be_read(built_data_copy: Path) -> None:
    truncate_vectors(_current(built_data_copy))
    with read_catalogue(built_data_copy) as catalogue:
        status = read_status(built_data_copy, catalogue, CurrentRelease(built_data_copy))
    assert (status.release, status.released) == (None, 0)
    assert "vectors.npy has 1000 bytes" in str(status.problem)


@pytest.mark.parametrize("file", ["vectors.npy", "words-posting_weights.npy", "vectors.faiss"])
def test_the_full_check_finds_a_flipped_byte(built_data_copy: Path, file: str) -> None:
    folder = _current(built_data_copy)
    flip_bytes(folder / file, (folder / file).stat().st_size - 5)
    with pytest.raises(DamagedRelease, match=f"the checksum of {file} is wrong"):
        check_release(built_data_copy, folder.name)


def test_intact_files_are_read_once_until_one_is_written_again(
    built_data_copy: Path, identity: ModelIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _current(built_data_copy)
    read: list[str] = []

    def counted(file: Path) -> tuple[int, str]:
        read.append(file.name)
        return size_and_checksum(file)

    monkeypatch.setattr(index.releases.release, "size_and_checksum", counted)
    assert intact_release(built_data_copy, replace(identity, precision="f64")) is None
    assert read == []
    assert intact_release(built_data_copy, identity) == folder
    whole = sorted(Manifest.read(folder).files)
    assert sorted(read) == whole
    read.clear()
    check_release(built_data_copy, folder.name)  # reads them in any case
    assert sorted(read) == whole
    read.clear()
    assert intact_release(built_data_copy, identity) == folder
    assert read == []
    flip_bytes(folder / "vectors.npy", 4000)
    assert intact_release(built_data_copy, identity) is None
    assert intact_release(built_data_copy, identity) is None
    flip_bytes(folder / "vectors.npy", 4000)
    assert intact_release(built_data_copy, identity) == folder


def test_a_file_that_cannot_be_read_is_damage(
    built_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(file: Path) -> tuple[int, str]:
        raise OSError(errno.EIO, "Input/output error", str(file))

    monkeypatch.setattr(index.releases.release, "size_and_checksum", unreadable)
    with pytest.raises(DamagedRelease, match="Input/output error"):
        check_release(built_data, _current(built_data).name)


def test_a_flipped_byte_of_a_header_raises_no_other_error(
    built_data_copy: Path,
) -> None:
    folder = _current(built_data_copy)
    refused = 0
    for name in ("withdrawn.npy", "manifest.json"):
        file = folder / name
        whole = file.read_bytes()
        for place in range(min(len(whole), 128)):
            flip_bytes(file, place)
            try:
                open_release(built_data_copy, folder.name)
            except DamagedRelease:
                refused += 1
            file.write_bytes(whole)
    assert refused > 200
    assert open_release(built_data_copy, folder.name)


def test_a_new_release_is_used_while_the_old_one_still_works(built_data_copy: Path) -> None:
    current = CurrentRelease(built_data_copy)
    old = current.get()
    assert current.get() is old
    seed = old.nearness.seed(3)
    before = old.nearness.nearest(seed, 5, np.array([3]))
    name = _build(built_data_copy, keep=1).name
    new = current.get()
    assert new is not old
    assert new.manifest.name == name
    assert not (built_data_copy / "releases" / old.manifest.name).exists()
    assert old.nearness.nearest(seed, 5, np.array([3])) == before
    assert new.nearness.nearest(seed, 5, np.array([3])) == before


def test_the_open_release_is_kept_if_the_new_one_is_damaged(built_data_copy: Path) -> None:
    current = CurrentRelease(built_data_copy)
    old = current.get()
    _build(built_data_copy)
    truncate_vectors(_current(built_data_copy))
    assert current.get() is old
    assert "vectors.npy" in str(current.problem)
    mended = _build(built_data_copy).name
    assert current.get().manifest.name == mended
    assert current.problem is None


def test_the_newest_releases_are_kept_and_always_the_current_one(built_data_copy: Path) -> None:
    built = [
        current_name(built_data_copy),
        *(_build(built_data_copy, keep=2).name for _ in range(2)),
    ]
    assert len(set(built)) == 3  # also within one second
    assert list_releases(built_data_copy) == built[:0:-1]
    assert current_name(built_data_copy) == built[-1]


def test_a_release_holds_papers_with_a_vector_and_marks_withdrawn_ones(
    built_data_copy: Path,
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        survey = catalogue.entry(SURVEY)
        catalogue.store([replace(survey.paper, version=99, withdrawal=Withdrawal.FLAG)])
        catalogue.store([replace(survey.paper, id="2401.00001", title="Not yet embedded")])
        newcomer = catalogue.entry("2401.00001").number
        papers = catalogue.count()
    _build(built_data_copy)
    release = CurrentRelease(built_data_copy).get()
    assert release.manifest.papers == papers - 1
    assert release.row(newcomer) is None
    assert release.withdrawn.tolist() == [release.row(survey.number)]


def test_the_state_depends_on_texts_withdrawal_and_model(
    built_data_copy: Path,
) -> None:
    identity = CurrentRelease(built_data_copy).get().manifest.identity
    with open_catalogue(built_data_copy) as catalogue:
        paper = catalogue.entry(SURVEY).paper
        states = [release_contents(catalogue, identity).state]
        states.append(release_contents(catalogue, replace(identity, precision="f64")).state)
        withdrawn = replace(paper, version=99, withdrawal=Withdrawal.FLAG)
        for changed in (withdrawn, replace(paper, version=99, title="New")):
            catalogue.store([changed])
            states.append(release_contents(catalogue, identity).state)
        assert len(set(states)) == 4
        catalogue.store([replace(paper, version=100, title="New", doi="10.1/1")])
        assert release_contents(catalogue, identity).state == states[-1]


def test_no_release_is_built_without_vectors(tmp_path: Path, built_data: Path) -> None:
    identity = CurrentRelease(built_data).get().manifest.identity
    with open_catalogue(tmp_path) as catalogue, pytest.raises(NotReady, match="seealso update"):
        build_release(catalogue, identity, tmp_path, 100, 2)
    with pytest.raises(NotReady, match="seealso update"):
        CurrentRelease(tmp_path).get()
    assert list_releases(tmp_path) == []


# Kills a build at the first call of one of its steps, as a power failure does.
KILLED_BUILD = """
import os, signal, sys
import index.releases.building
from scripts.cli.main import main

step = sys.argv.pop()
building = index.releases.building
owner = building.Manifest if step == "write" else building
setattr(owner, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
main()
"""


@pytest.mark.process
@pytest.mark.parametrize("step", ["write", "write_file"])
def test_a_killed_build_leaves_the_current_release(built_data_copy: Path, step: str) -> None:
    first = current_name(built_data_copy)
    build = [
        sys.executable,
        "-c",
        KILLED_BUILD,
        "--data",
        str(built_data_copy),
        "release",
        "build",
        step,
    ]
    assert subprocess.run(build, check=False).returncode == -signal.SIGKILL
    left = set(os.listdir(built_data_copy / "releases")) - {"CURRENT", first}
    assert (
        len(left) == 1
    )  # an incomplete folder with a temporary name, or a complete one that is not current
    assert CurrentRelease(built_data_copy).get().manifest.name == first
    again = _build(built_data_copy, keep=1).name
    assert CurrentRelease(built_data_copy).get().manifest.name == again
    assert list_releases(built_data_copy) == [again]


@pytest.mark.process
def test_a_full_disk_is_reported_and_leaves_the_current_release(built_data_copy: Path) -> None:
    before = sorted(os.listdir(built_data_copy / "releases"))
    ended = subprocess.run(
        [sys.executable, "-c", _LIMITED, SEEALSO, "--data", built_data_copy, "release", "build"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == NoSpaceLeft.exit_code, ended.stderr
    assert "cannot be written" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert sorted(os.listdir(built_data_copy / "releases")) == before
    assert check_release(built_data_copy, str(current_name(built_data_copy)))


def test_the_commands_check_list_and_build(built_data_copy: Path, seealso: Seealso) -> None:
    first = current_name(built_data_copy)
    assert "all checksums match" in seealso(built_data_copy, "release", "check").output
    assert seealso(built_data_copy, "release", "build").output.endswith("papers, exact search\n")
    assert json.loads(seealso(built_data_copy, "release", "list", "--json").output) == {
        "releases": [current_name(built_data_copy), first],
        "current": current_name(built_data_copy),
    }


def test_a_build_deletes_what_killed_builds_have_left(built_data_copy: Path) -> None:
    releases = built_data_copy / "releases"
    for name in (".texts.x1y2z3.part", ".20260101T000000Z-0a1b2c3d.part"):
        (releases / name / "0").mkdir(parents=True)
        (releases / name / "0" / "vectors.npy").write_bytes(b"half")
    manifest = _build(built_data_copy)
    assert manifest.name == current_name(built_data_copy)
    assert [path for path in releases.iterdir() if path.name.startswith(".")] == []
