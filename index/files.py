"""Files and folders that appear whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import BadInput, NoRoom, SeeAlsoError

_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def write_file(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    sync_folder(path.parent)


@contextmanager
def write_folder(path: Path) -> Iterator[Path]:
    """Fill a folder beside its place; it takes its name only when all of it is on disk.

    What a killed run left beside the place is removed first: the caller holds the run's lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        yield beside
        for file in beside.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        sync_folder(beside)
        beside.rename(path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def to_write_error(error: OSError, wanted: Path) -> SeeAlsoError:
    """What kept a file or folder from being written: NoRoom, or BadInput for a place that is none.

    The caller has left nothing of it.
    """
    if error.errno in _NO_ROOM:
        return NoRoom(f"no room to write {wanted} ({error}); nothing stored before is lost")
    return BadInput(f"{wanted} cannot be written: {error}")
