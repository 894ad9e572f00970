"""Split models: the parts of installed packages are assembled, checked and used."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index.embedding import split_model
from index.embedding.hardware import has_bf16
from index.embedding.model_files import WEIGHTS
from index.embedding.model_lookup import SPLIT_MODELS, find_model
from index.embedding.opening import configured_identity, open_embedder, open_text_embedder
from index.embedding.split_model import ALL_MPNET_BASE_V2, SplitModel, SplitModelPackages
from index.errors import ModelUnavailable
from index.health.doctor import DoctorContext, run_checks
from index.settings import Settings, load_settings
from tests.support.damage import flip_bytes
from tests.support.small_mpnet import (
    MAX_TOKENS,
    NAME,
    install_parts,
    write_parts,
    write_small_mpnet,
)

TEXTS = ["newts", "a survey of newts. " * 3, "x", "模型", "pond " * 200]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small model."""
    return write_small_mpnet(tmp_path_factory.mktemp("source") / NAME)


class Parts:
    """A small model in three parts, in a folder of the test's own."""

    def __init__(self, source: Path, folder: Path, **others: bytes) -> None:
        self.folder = folder
        self.packages, self.folders = write_parts(source, folder, others)

    @property
    def model(self) -> SplitModel:
        return SplitModel(self.packages, self.folders)

    def file(self, number: int) -> Path:
        return self.folders[number - 1] / f"{NAME}.zip.{number:03}"


@pytest.fixture
def parts(source: Path, tmp_path: Path) -> Parts:
    return Parts(source, tmp_path / "parts")


@pytest.fixture
def installed(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """The parts as packages that `find_model` finds by the name of the model."""
    install_parts(parts.folder)
    monkeypatch.syspath_prepend(parts.folder)
    monkeypatch.setitem(SPLIT_MODELS, NAME, parts.packages)
    return parts


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """Settings with the small model, in single precision and an empty data folder."""
    environment = {"SEEALSO_MODEL": NAME, "SEEALSO_PRECISION": "f32"}
    return load_settings(environment, data=str(tmp_path / "data"))


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_all_files_are_assembled(parts: Parts, source: Path, tmp_path: Path) -> None:
    folder = parts.model.on_disk(tmp_path / "models")
    assert _files(folder) == _files(source)
    assert [entry.name for entry in (tmp_path / "models").iterdir()] == [NAME]


def test_only_pinned_files_are_written(source: Path, tmp_path: Path) -> None:
    names = ("../../outside", "/tmp/seealso-outside", f"{NAME}/desktop.ini", f"{NAME}/../outside")
    folder = tmp_path / "models"
    Parts(source, tmp_path / "parts", **dict.fromkeys(names, b"hostile")).model.on_disk(folder)
    assert _files(folder) == {f"{NAME}/{path}": content for path, content in _files(source).items()}
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["models", "parts"]
    assert not Path("/tmp/seealso-outside").exists()


def test_an_assembled_model_is_reused(parts: Parts, tmp_path: Path) -> None:
    folder = parts.model.on_disk(tmp_path)
    before = (folder / WEIGHTS).stat()
    for number in (1, 2, 3):
        parts.file(number).unlink()
    assert parts.model.on_disk(tmp_path) == folder
    assert (folder / WEIGHTS).stat().st_ino == before.st_ino


def test_what_a_killed_run_left_is_replaced(parts: Parts, source: Path, tmp_path: Path) -> None:
    left = tmp_path / "models" / f".{NAME}.part"
    left.mkdir(parents=True)
    (left / "half").write_text("half")
    assert _files(parts.model.on_disk(tmp_path / "models")) == _files(source)
    assert not left.exists()


def test_one_run_assembles_and_the_others_wait(
    parts: Parts, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack, unpacked = SplitModel._unpack, list[Path]()

    def observed(model: SplitModel, target: Path) -> None:
        unpacked.append(target)
        unpack(model, target)

    monkeypatch.setattr(SplitModel, "_unpack", observed)
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda _: parts.model.on_disk(tmp_path / "models"), range(8)))
    assert len(unpacked) == 1
    assert _files(folders.pop()) == _files(source)
    assert not folders


def test_a_file_damaged_after_it_was_assembled_is_reported(parts: Parts, tmp_path: Path) -> None:
    folder = parts.model.on_disk(tmp_path)
    flip_bytes(folder / WEIGHTS, 5000)
    with pytest.raises(ModelUnavailable, match=f"delete the folder {folder}"):
        parts.model.on_disk(tmp_path)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelUnavailable, match="delete the folder"):
        parts.model.on_disk(tmp_path)


def _delete_a_part(parts: Parts) -> None:
    parts.file(2).unlink()


def _delete_the_last_part(parts: Parts) -> None:
    parts.file(3).unlink()


def _truncate_a_part(parts: Parts) -> None:
    parts.file(2).write_bytes(parts.file(2).read_bytes()[:-1])


def _empty_a_part(parts: Parts) -> None:
    parts.file(1).write_bytes(b"")


def _flip_a_byte(parts: Parts) -> None:
    flip_bytes(parts.file(2), 9000)


def _swap_parts(parts: Parts) -> None:
    first, second = parts.file(1).read_bytes(), parts.file(2).read_bytes()
    parts.file(1).write_bytes(second)
    parts.file(2).write_bytes(first)


def _truncate_the_directory(parts: Parts) -> None:
    parts.file(3).write_bytes(parts.file(3).read_bytes()[:-30])


@pytest.mark.parametrize(
    "damage",
    [
        _delete_a_part,
        _delete_the_last_part,
        _truncate_a_part,
        _empty_a_part,
        _flip_a_byte,
        _swap_parts,
        _truncate_the_directory,
    ],
)
def test_incomplete_or_damaged_parts_are_reported(
    parts: Parts, tmp_path: Path, damage: Callable[[Parts], None]
) -> None:
    damage(parts)
    message = r"incomplete or damaged .*: reinstall small-part-001 to small-part-003, version 1\.0"
    with pytest.raises(ModelUnavailable, match=message):
        parts.model.on_disk(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("path", [WEIGHTS, "tokenizer.json", "1_Pooling/config.json"])
def test_an_intact_archive_with_other_content_is_rejected(
    parts: Parts, tmp_path: Path, path: str
) -> None:
    pinned = replace(parts.packages, checksums={**parts.packages.checksums, path: "0" * 64})
    model = SplitModel(pinned, parts.folders)
    with pytest.raises(ModelUnavailable, match=f"{path} has SHA-256 .* but 0000* is expected"):
        model.on_disk(tmp_path / "models")
    with pytest.raises(ModelUnavailable, match="is expected"):
        model.read(path)


def test_an_archive_without_a_pinned_file_is_rejected(parts: Parts, tmp_path: Path) -> None:
    pinned = replace(parts.packages, checksums={**parts.packages.checksums, "absent.json": "0"})
    with pytest.raises(ModelUnavailable, match=r"damaged .*absent\.json"):
        SplitModel(pinned, parts.folders).on_disk(tmp_path / "models")


def test_a_file_that_would_be_too_large_is_not_unpacked(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_model, "_MAX_WEIGHTS", 10_000)
    size = _size_of_weights(parts.packages, parts.folders)
    with pytest.raises(ModelUnavailable, match=f"{WEIGHTS} would have {size} bytes"):
        parts.model.on_disk(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def _size_of_weights(packages: SplitModelPackages, folders: list[Path]) -> int:
    whole = folders[0].parent / "whole.zip"
    parts = [folder / f"{NAME}.zip.{number:03}" for number, folder in enumerate(folders, 1)]
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    with zipfile.ZipFile(whole) as archive:
        return archive.getinfo(f"{packages.name}/{WEIGHTS}").file_size


def test_an_encrypted_archive_is_rejected(parts: Parts, tmp_path: Path) -> None:
    encrypted = {
        number: parts.file(number)
        .read_bytes()
        .replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
        for number in (1, 2, 3)
    }
    for number, content in encrypted.items():
        parts.file(number).write_bytes(content)
    with pytest.raises(ModelUnavailable, match="is encrypted"):
        parts.model.on_disk(tmp_path / "models")


def test_a_folder_that_cannot_be_written_is_reported(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelUnavailable, match=f"cannot assemble {NAME} in {tmp_path}/models"):
        parts.model.on_disk(tmp_path / "models")


@pytest.mark.parametrize("numbers", [(), (1, 3)])
def test_packages_that_are_not_installed_are_named(
    parts: Parts,
    small: Settings,
    monkeypatch: pytest.MonkeyPatch,
    numbers: tuple[int, ...],
) -> None:
    install_parts(parts.folder, numbers)
    monkeypatch.syspath_prepend(parts.folder)
    monkeypatch.setitem(SPLIT_MODELS, NAME, parts.packages)
    missing = ", ".join(f"small-part-00{n}" for n in (1, 2, 3) if n not in numbers)
    message = rf"not installed \({missing}\): pip install 'seealso\[small\]'"
    for use in (find_model, lambda _: open_embedder(small)):
        with pytest.raises(ModelUnavailable, match=message):
            use(NAME)
    findings = run_checks(small, datetime.now(UTC), DoctorContext(True, None, True))
    [model] = [finding for finding in findings if finding.subject == "model"]
    assert model.state == "broken"
    assert "pip install 'seealso[small]'" in model.what


def test_the_identity_is_read_without_writing(
    installed: Parts, small: Settings, source: Path
) -> None:
    identity = configured_identity(small)
    assert identity == replace(
        configured_identity(replace(small, model=str(source))), model=NAME, precision="f32"
    )
    assert (identity.dimension, identity.pooling) == (32, "mean_tokens+Normalize")
    with pytest.raises(ModelUnavailable, match=r"SEEALSO_MODEL"):
        open_text_embedder(small, replace(identity, model="another"))
    assert not small.data.exists()


def test_all_mpnet_base_v2_is_found_by_its_name() -> None:
    assert SPLIT_MODELS["all-mpnet-base-v2"] is ALL_MPNET_BASE_V2
    assert len(ALL_MPNET_BASE_V2.packages) == 5


def test_both_backends_give_the_same_vectors(installed: Parts, small: Settings) -> None:
    longest = replace(small, max_length=8192)  # the model has positions for fewer tokens
    identity = configured_identity(longest)
    assert identity.length == MAX_TOKENS
    torch = open_embedder(longest, "torch")
    try:
        expected = torch.encode(TEXTS)
    finally:
        torch.close()
    openvino = open_embedder(longest, "openvino")
    assert openvino.identity == torch.identity == identity
    vectors = openvino.encode(TEXTS)
    assert np.einsum("ij,ij->i", vectors, expected).min() > 0.99999
    if has_bf16():
        bf16 = open_embedder(replace(longest, precision="bf16"), "openvino").encode(TEXTS)
        assert np.einsum("ij,ij->i", bf16, expected).min() > 0.999
    assert len({f"{x:.4f}" for x in vectors[:, 0]}) == len(TEXTS)
    first, second = openvino.encode(["newt " * 300 + "galaxy", "newt " * 300 + "network"])
    assert first @ second == pytest.approx(1, abs=1e-6)


_OPEN = """
import sys
from index.embedding.opening import open_embedder
from index.settings import load_settings
open_embedder(load_settings({}, data=sys.argv[1], model=sys.argv[2]), "openvino")
"""


@pytest.mark.process
def test_two_processes_export_a_model_once(source: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OPEN, str(tmp_path), str(source)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert len(list((tmp_path / "models").iterdir())) == 1
