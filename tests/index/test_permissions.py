"""What seealso writes can be read by its owner only, whatever the umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.catalogue.catalogue import open_catalogue
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso
from tests.support.catalogue_files import papers


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> dict[str, str]:
    """Return every file and folder that its group or others may use, with its permissions."""
    found = {
        str(path.relative_to(folder.parent)): stat.filemode(path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }
    return {path: mode for path, mode in found.items() if not mode.endswith("------")}


def test_everything_in_a_data_folder_is_private(
    small_snapshot: Path, tmp_path: Path, models: Path, arxiv: OaiReplay, seealso: Seealso
) -> None:
    data = tmp_path / "above" / "data"
    seealso(data, "ingest", "snapshot", str(small_snapshot))
    assert open_to_others(tmp_path / "above") == {}
    (data / "models").mkdir(mode=0o700)
    for model in models.iterdir():
        (data / "models" / model.name).symlink_to(model)
    seealso(data, "update")
    (data / "models").rename(tmp_path / "models")
    seealso(data, "backup")
    seealso(data, "dump")
    backup = tmp_path / "kept.db"
    seealso(data, "backup", str(backup))
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    seealso(data, "restore", str(backup))
    with open_catalogue(data) as catalogue:
        catalogue.store(papers(1, 2))
        assert list(data.glob("catalogue.db-*"))
        assert open_to_others(tmp_path / "above") == {}
    assert {"backups", "dumps", "releases", "taggers", "lock"} <= set(os.listdir(data))
    assert list(data.glob("catalogue-before-*"))
    assert open_to_others(tmp_path / "above") == {}
    assert "permissions only the owner" in seealso(data, "doctor").stdout


def test_a_dump_to_a_folder_of_the_users_choice_follows_the_umask(
    built_data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    os.umask(0o022)
    seealso(built_data, "dump", str(tmp_path / "published"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "published").iterdir()}
    assert modes == {0o644}
    assert stat.S_IMODE((tmp_path / "published").stat().st_mode) == 0o755


def test_an_open_data_folder_is_reported_and_its_permissions_are_kept(
    built_data_copy: Path, seealso: Seealso
) -> None:
    built_data_copy.chmod(0o755)
    (line,) = (
        line
        for line in seealso(built_data_copy, "doctor").stdout.splitlines()
        if line.startswith("warning")
    )
    assert line.endswith(f"can read {built_data_copy} -> chmod -R go= {built_data_copy}")
    assert stat.S_IMODE(built_data_copy.stat().st_mode) == 0o755
    built_data_copy.chmod(0o700)
    assert "warning" not in seealso(built_data_copy, "doctor").stdout
