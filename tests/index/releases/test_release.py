"""Releases: whole or refused, switched in one step, and the one before serves meanwhile."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import index.releases.release
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.errors import DamagedRelease, NoRoom, NotReady
from index.health.status import status_of
from index.releases.building import build_release
from index.releases.corpus import catalogue_state
from index.releases.current import CurrentRelease
from index.releases.folder import current_name, list_releases
from index.releases.manifest import Manifest
from index.releases.release import check_release, open_release
from tests.conftest import SURVEY, Seealso
from tests.support.damage import RELEASE_DAMAGE, cut_the_vectors, flip

SEEALSO = Path(sys.executable).with_name("seealso")


def _build(data: Path, keep: int = 2) -> Manifest:
    """One more release, of the same papers."""
    identity = CurrentRelease(data).get().manifest.identity
    with read_catalogue(data) as catalogue:
        return build_release(catalogue, identity, data, exact_up_to=50_000, keep=keep)


def _current(data: Path) -> Path:
    name = current_name(data)
    assert name is not None
    return data / "releases" / name


damaged = pytest.mark.parametrize("damage", RELEASE_DAMAGE, ids=lambda damage: damage.__name__)


def test_the_manifest_tells_what_the_release_holds_and_of_what_it_was_made(road: Path) -> None:
    folder = _current(road)
    manifest = check_release(road, folder.name)
    assert set(manifest.files) == {file.name for file in folder.iterdir()} - {"manifest.json"}
    assert manifest.name == folder.name
    with read_catalogue(road) as catalogue:
        assert manifest.papers == catalogue.count()
        assert manifest.state == catalogue_state(catalogue, manifest.identity)
    assert manifest.kind == "exact"


def test_rows_and_numbers_lead_to_one_another(road: Path) -> None:
    release = CurrentRelease(road).get()
    numbers = [release.number(row) for row in range(release.manifest.papers)]
    assert [release.row(number) for number in numbers] == list(range(len(numbers)))
    assert release.row(10**6) is None
    np.testing.assert_array_equal(release.rows([10**6, numbers[3], numbers[1]]), [1, 3])


@damaged
def test_a_damaged_release_is_refused(own_road: Path, damage: Callable[[Path], None]) -> None:
    folder = _current(own_road)
    damage(folder)
    with pytest.raises(DamagedRelease, match=f"release {folder.name}: "):
        open_release(own_road, folder.name)
    with pytest.raises(DamagedRelease, match="seealso update"):
        CurrentRelease(own_road).get()


@damaged
def test_the_one_before_serves_and_status_says_so(
    own_road: Path, damage: Callable[[Path], None]
) -> None:
    first = current_name(own_road)
    second = _build(own_road).name
    damage(_current(own_road))
    current = CurrentRelease(own_road)
    assert current.get().manifest.name == first
    with read_catalogue(own_road) as catalogue:
        status = status_of(own_road, catalogue, current)
    assert status.release == first
    assert status.problem is not None
    assert second in status.problem


def test_where_none_can_be_read_status_says_so(own_road: Path) -> None:
    cut_the_vectors(_current(own_road))
    with read_catalogue(own_road) as catalogue:
        status = status_of(own_road, catalogue, CurrentRelease(own_road))
    assert (status.release, status.released) == (None, 0)
    assert "vectors.npy has 1000 bytes" in str(status.problem)


@pytest.mark.parametrize("file", ["vectors.npy", "words-posting_weights.npy", "vectors.faiss"])
def test_a_flipped_byte_anywhere_is_found_by_the_full_check(own_road: Path, file: str) -> None:
    folder = _current(own_road)
    flip(folder / file, (folder / file).stat().st_size - 5)
    with pytest.raises(DamagedRelease, match=f"the checksum of {file} does not hold"):
        check_release(own_road, folder.name)


def test_a_file_that_cannot_be_read_is_damage(road: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(file: Path) -> tuple[int, str]:
        raise OSError(errno.EIO, "Input/output error", str(file))

    monkeypatch.setattr(index.releases.release, "_size_and_checksum", unreadable)
    with pytest.raises(DamagedRelease, match="Input/output error"):
        check_release(road, _current(road).name)


def test_every_byte_of_a_header_is_opened_or_refused_but_never_raises_otherwise(
    own_road: Path,
) -> None:
    folder = _current(own_road)
    refused = 0
    for name in ("withdrawn.npy", "manifest.json"):
        file = folder / name
        whole = file.read_bytes()
        for place in range(min(len(whole), 128)):
            flip(file, place)
            try:
                open_release(own_road, folder.name)
            except DamagedRelease:
                refused += 1
            file.write_bytes(whole)
    assert refused > 200
    assert open_release(own_road, folder.name)


def test_a_new_release_is_picked_up_while_the_old_keeps_answering(own_road: Path) -> None:
    current = CurrentRelease(own_road)
    old = current.get()
    assert current.get() is old
    seed = old.nearness.seed(3)
    before = old.nearness.nearest(seed, 5, np.array([3]))
    name = _build(own_road, keep=1).name
    new = current.get()
    assert new is not old
    assert new.manifest.name == name
    assert not (own_road / "releases" / old.manifest.name).exists()
    assert old.nearness.nearest(seed, 5, np.array([3])) == before
    assert new.nearness.nearest(seed, 5, np.array([3])) == before


def test_a_damaged_new_release_leaves_the_opened_one_serving(own_road: Path) -> None:
    current = CurrentRelease(own_road)
    old = current.get()
    _build(own_road)
    cut_the_vectors(_current(own_road))
    assert current.get() is old
    assert "vectors.npy" in str(current.problem)
    mended = _build(own_road).name
    assert current.get().manifest.name == mended
    assert current.problem is None


def test_so_many_releases_are_kept_the_newest_and_the_current_always(own_road: Path) -> None:
    built = [current_name(own_road), *(_build(own_road, keep=2).name for _ in range(2))]
    assert len(set(built)) == 3  # also within one second
    assert list_releases(own_road) == built[:0:-1]
    assert current_name(own_road) == built[-1]


def test_a_release_holds_what_has_a_vector_and_knows_the_withdrawn(own_road: Path) -> None:
    with open_catalogue(own_road) as catalogue:
        survey = catalogue.entry(SURVEY)
        catalogue.store([replace(survey.paper, version=99, withdrawn=True)])
        catalogue.store([replace(survey.paper, id="2401.00001", title="Not yet embedded")])
        newcomer = catalogue.entry("2401.00001").number
        papers = catalogue.count()
    _build(own_road)
    release = CurrentRelease(own_road).get()
    assert release.manifest.papers == papers - 1
    assert release.row(newcomer) is None
    assert release.withdrawn.tolist() == [release.row(survey.number)]


def test_the_state_changes_with_text_withdrawal_and_model_and_nothing_else(
    own_road: Path,
) -> None:
    identity = CurrentRelease(own_road).get().manifest.identity
    with open_catalogue(own_road) as catalogue:
        paper = catalogue.entry(SURVEY).paper
        states = [catalogue_state(catalogue, identity)]
        states.append(catalogue_state(catalogue, replace(identity, precision="f64")))
        withdrawn = replace(paper, version=99, withdrawn=True)
        for changed in (withdrawn, replace(paper, version=99, title="New")):
            catalogue.store([changed])
            states.append(catalogue_state(catalogue, identity))
        assert len(set(states)) == 4
        catalogue.store([replace(paper, version=100, title="New", doi="10.1/1")])
        assert catalogue_state(catalogue, identity) == states[-1]


def test_without_a_vector_there_is_no_release(tmp_path: Path, road: Path) -> None:
    identity = CurrentRelease(road).get().manifest.identity
    with open_catalogue(tmp_path) as catalogue, pytest.raises(NotReady, match="seealso update"):
        build_release(catalogue, identity, tmp_path, 100, 2)
    with pytest.raises(NotReady, match="seealso update"):
        CurrentRelease(tmp_path).get()
    assert list_releases(tmp_path) == []


# Ends a build of a release at the first call of one of its steps, as the power does.
KILLED = """
import os, signal, sys
import index.release
from scripts.cli import main

step = sys.argv.pop()
owner = index.release.Manifest if step == "write" else index.release
setattr(owner, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
main()
"""


@pytest.mark.parametrize("step", ["write", "write_file"])
def test_a_killed_build_leaves_the_current_release(own_road: Path, step: str) -> None:
    first = current_name(own_road)
    build = [sys.executable, "-c", KILLED, "--data", str(own_road), "release", "build", step]
    assert subprocess.run(build, check=False).returncode == -signal.SIGKILL
    left = set(os.listdir(own_road / "releases")) - {"CURRENT", first}
    assert len(left) == 1  # half a folder under another name, or a whole one not yet in use
    assert CurrentRelease(own_road).get().manifest.name == first
    again = _build(own_road, keep=1).name
    assert CurrentRelease(own_road).get().manifest.name == again
    assert list_releases(own_road) == [again]


def test_a_full_disk_leaves_the_current_release_and_says_so(own_road: Path) -> None:
    before = sorted(os.listdir(own_road / "releases"))
    ended = subprocess.run(
        [SEEALSO, "--data", own_road, "release", "build"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == NoRoom.exit_code, ended.stderr
    assert "cannot be written" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert sorted(os.listdir(own_road / "releases")) == before
    assert check_release(own_road, str(current_name(own_road)))


def test_the_program_checks_lists_and_builds(own_road: Path, seealso: Seealso) -> None:
    first = current_name(own_road)
    assert "all well" in seealso(own_road, "release", "check").output
    assert seealso(own_road, "release", "build").output.endswith("papers, exact search\n")
    assert json.loads(seealso(own_road, "release", "list", "--json").output) == {
        "releases": [current_name(own_road), first],
        "current": current_name(own_road),
    }
