"""Write files and folders atomically: complete or not at all, and readable by their owner only."""

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

from index.errors import BadInput, NoSpaceLeft, NotWritable, SeeAlsoError

_CHECKSUMS = "SHA256SUMS"  # in the form of the program sha256sum, which can verify it too
_OWNER_ONLY = 0o700  # of folders
_OWNER_FILE = 0o600
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)
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


def has_checksums(folder: Path) -> bool:
    """Return whether a folder has a file SHA256SUMS; earlier versions of seealso wrote none."""
    return (folder / _CHECKSUMS).is_file()


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


def make_folder(path: Path) -> None:
    """Create a folder, and those above it that are missing, for their owner only.

    The permissions of existing folders are left as they are.
    """
    for folder in reversed((path, *path.parents)):
        if not folder.exists():
            folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)


def make_file(path: Path, *, private: bool = True) -> None:
    """Create an empty file, unless there is a file already.

    Only the owner may read it, unless it is not `private`: then the umask decides.
    """
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, _OWNER_FILE if private else 0o666))


def write_file(path: Path, content: bytes, *, private: bool = True) -> None:
    """Replace a file in one step: readers see the old or the new content, even after a crash.

    Only the owner may read it, unless it is not `private`: then the umask decides.
    """
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.part")
    make_file(part, private=private)
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    sync_folder(path.parent)


@contextmanager
def write_folder(path: Path, *, private: bool = True) -> Iterator[Path]:
    """Fill a temporary folder in the block, sync it to disk, and rename it to `path`.

    Only the owner may read its content, unless it is not `private`: then the umask decides.
    A temporary folder left by a killed run is deleted first, so the caller must hold a lock.
    """
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=_OWNER_ONLY if private else 0o777)
    try:
        yield part
        for entry in part.rglob("*"):
            if private:
                entry.chmod(_OWNER_ONLY if entry.is_dir() else _OWNER_FILE)
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
    make_folder(folder)
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


@contextmanager
def raising_not_writable(folder: Path) -> Iterator[None]:
    """Raise NotWritable if the block may not write to the folder; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NOT_ALLOWED:
            raise
        raise NotWritable(
            f"this user may not write to {folder} ({error}): run the command as the owner of the "
            "folder, or make it writable; nothing was changed"
        ) from error


def to_write_error(error: OSError, wanted: Path) -> SeeAlsoError:
    """Return seealso's error for a failed write: NoSpaceLeft, NotWritable, or else BadInput.

    `wanted` is the file or folder; the caller has already removed its parts.
    """
    if error.errno in _NO_SPACE:
        return NoSpaceLeft(
            f"no space left to write {wanted} ({error}); nothing stored before is lost"
        )
    if error.errno in _NOT_ALLOWED:
        return NotWritable(
            f"this user may not write {wanted} ({error}): run the command as the owner of the "
            "folder, or choose a path that you may write to"
        )
    return BadInput(f"{wanted} cannot be written: {error}; choose another path")
