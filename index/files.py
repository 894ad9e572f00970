"""Write files and folders atomically: complete or not at all."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import BadInput, NoSpaceLeft, SeeAlsoError

_CHECKSUMS = "SHA256SUMS"  # in the form of the program sha256sum, which can verify it too
_NO_SPACE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def read_json(path: Path) -> Any:
    """Parse a JSON file; raises OSError, or ValueError if it does not hold JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError(f"{path.name} is nested too deeply") from error


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path) -> None:
    """Write the SHA-256 of every file of a folder into its file SHA256SUMS."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    lines = [f"{file_sha256(folder / name)}  {name}\n" for name in names]
    (folder / _CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def verify_checksums(folder: Path) -> None:
    """Compare every file of a folder with SHA256SUMS; raises OSError or ValueError if one differs.

    A file that is missing, or not listed, is an error too.
    """
    listed = {}
    for line in (folder / _CHECKSUMS).read_text(encoding="utf-8").splitlines():
        checksum, _, name = line.partition("  ")
        listed[name] = checksum
    found = {path.name for path in folder.iterdir() if path.is_file()} - {_CHECKSUMS}
    if changed := sorted(found ^ set(listed)):
        raise ValueError(f"{_CHECKSUMS} does not list the files in the folder: {changed}")
    for name, checksum in listed.items():
        if file_sha256(folder / name) != checksum:
            raise ValueError(f"the checksum of {name} is wrong")


def write_file(path: Path, content: bytes) -> None:
    """Replace a file in one step: readers see the old or the new content, even after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    sync_folder(path.parent)


@contextmanager
def write_folder(path: Path) -> Iterator[Path]:
    """Fill a temporary folder in the block, sync it to disk, and rename it to `path`.

    A temporary folder left by a killed run is deleted first, so the caller must hold a lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
        for entry in part.rglob("*"):
            if entry.is_dir():
                sync_folder(entry)
                continue
            with entry.open("rb") as written:
                os.fsync(written.fileno())
        sync_folder(part)
        part.rename(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(path.parent)


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Wait for the lock on a folder and hold it in the block; create the folder if needed.

    The system releases it when the process ends. It only excludes others that take this lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Sync a folder to disk, so that renames in it survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def to_write_error(error: OSError, wanted: Path) -> SeeAlsoError:
    """Return seealso's error for a failed write: NoSpaceLeft if the disk is full, else BadInput.

    `wanted` is the file or folder; the caller has already removed its parts.
    """
    if error.errno in _NO_SPACE:
        return NoSpaceLeft(
            f"no space left to write {wanted} ({error}); nothing stored before is lost"
        )
    return BadInput(f"{wanted} cannot be written: {error}; choose a path that you may write to")
