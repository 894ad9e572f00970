"""The full check of the doctor: files that no answer uses, and those of earlier versions."""

import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path

from index.catalogue.protection.backup import back_up, next_backup_path
from tests.conftest import Seealso
from tests.index.health.test_doctor import current
from tests.support.damage import edit_manifest, flip_bytes
from tests.support.processes import run_main

NOW = datetime.now(UTC)


def flip(file: Path) -> None:
    flip_bytes(file, file.stat().st_size * 2 // 3)


def test_the_full_check_finds_damage_that_no_answer_uses(
    built_data_copy: Path, seealso: Seealso
) -> None:
    """Each file is damaged alone; deleting what the finding names repairs it."""
    backup = back_up(built_data_copy, next_backup_path(built_data_copy, NOW)).path
    release = current(built_data_copy)
    earlier = Path(shutil.copytree(release, release.with_name("20200101T000000Z-00000000")))
    (tagger,) = (path.parent for path in built_data_copy.glob("taggers/*/*/card.md"))
    older = Path(shutil.copytree(tagger, tagger.with_name("000000000000")))
    (model,) = built_data_copy.glob("models/*/tokenizer_config.json")
    assert "broken" not in seealso(built_data_copy, "doctor", "--full").stdout
    content = model.read_bytes()
    model.unlink()  # other tests share this file
    model.write_bytes(content)
    for file, subject in [
        (backup, "backups"),
        (earlier / "random.npy", "releases"),
        (older / "card.md", "tagger"),
        (model, "models"),
    ]:
        flip(file)
        assert run_main(built_data_copy, "doctor").returncode == 0, file
        ended = run_main(built_data_copy, "doctor", "--full")
        assert ended.stderr == f"seealso: checks failed: {subject}\n"
        (line,) = (line for line in ended.stdout.splitlines() if line.startswith("broken"))
        folder = Path(shlex.split(line.partition("rm -r ")[2])[0].rstrip(";"))
        assert file.is_relative_to(folder)
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
        assert run_main(built_data_copy, "doctor", "--full").returncode == 0, file


def test_files_of_an_earlier_version_are_not_broken(
    built_data_copy: Path, seealso: Seealso
) -> None:
    """After an upgrade each is named, until `update` or the user replaces it."""
    release = current(built_data_copy)
    earlier = Path(shutil.copytree(release, release.with_name("20200101T000000Z-00000000")))
    for folder in (release, earlier):
        edit_manifest(folder, format=1)
    for name in ("taggers", "models"):
        (checksums,) = built_data_copy.glob(f"{name}/**/SHA256SUMS")
        checksums.unlink()
    (tagger,) = built_data_copy.glob("taggers/*/*/weights.safetensors")
    shutil.copytree(tagger.parent, tagger.parent.with_name("000000000000"))
    lines = seealso(built_data_copy, "doctor", "--full").stdout.splitlines()
    found = [line.split()[1] for line in lines if line.startswith("warning")]
    assert sorted(found) == ["models", "release", "releases", "tagger", "tagger"]
    seealso(built_data_copy, "update")
    assert "warning" not in seealso(built_data_copy, "doctor").stdout
