"""Backups of the catalogue: one file each, taken while others write, checked before it counts."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from index.catalogue.backup_checksum import verify_checksum, write_checksum
from index.catalogue.integrity import (
    connect_read_only,
    find_faults,
    find_full_text_fault,
    pending_migrations,
    translate_error,
)
from index.errors import BadInput, Damaged, NotReady, SeeAlsoError
from index.files import sync_folder, to_write_error

_STEP = 1000  # pages
_MOMENT = "%Y%m%dT%H%M%SZ"
_OURS = re.compile(r"catalogue-\d{8}T\d{6}Z\.db")
_SIDE_FILES = ("-wal", "-journal", "-shm")  # what SQLite writes beside a database

Progress = Callable[[int, int], None]
"""Told the pages that are copied, and all of them."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its file, its size in bytes, how many papers it holds."""

    path: Path
    size: int
    papers: int


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What a restore did: papers held now, and where the catalogue before is kept, if any was.

    `signed` says whether the backup carried a checksum; else only its structure was checked.
    """

    papers: int
    aside: Path | None
    signed: bool


def back_up(data: Path, target: Path, progress: Progress | None = None) -> Backup:
    """Copy the catalogue, as it stands at this moment, into a file that must not exist yet.

    Other processes may write meanwhile. Raises BadInput for a target that cannot be made, NotReady
    without a catalogue, Damaged for one that is not whole, NoRoom; then nothing is left of it.
    """
    source = data / "catalogue.db"
    if not source.is_file():
        raise NotReady(f"no catalogue in {data}: bring papers in with `seealso ingest`")
    if target.exists():
        raise BadInput(f"{target} exists already: name another file, or move that one away")
    if not target.parent.is_dir():
        raise BadInput(f"the folder {target.parent} does not exist: make it, or name another")
    part = target.with_name(f".{target.name}.part")
    with _temporary_file(part, target):
        try:
            papers = _copy_and_check(source, part, target, progress)
        except Damaged as error:
            raise type(error)(f"{error}; no backup is made of it: see `seealso doctor`") from error
        write_checksum(part)
        part.rename(target)
    sync_folder(target.parent)
    return Backup(target, target.stat().st_size, papers)


def restore(data: Path, source: Path, at: datetime) -> RestoreResult:
    """Put a backup in the catalogue's place; the caller holds the run's lock.

    Raises BadInput for the catalogue itself, Damaged and ForeignCatalogue for a source that is not
    whole, NoRoom, Busy; then the present catalogue is as it was.
    """
    present = data / "catalogue.db"
    if present.exists() and present.samefile(source):
        raise BadInput(f"{source} is the catalogue in use: name a backup of it")
    try:
        with closing(connect_read_only(source)) as backup:
            papers = _count_papers(backup, str(source))
        signed = verify_checksum(source)
        with closing(connect_read_only(source)) as backup, _keep_present(present, at) as aside:
            if aside is None or not _overwrite(present, backup):
                _replace(present, backup)
    except sqlite3.Error as error:
        raise translate_error(error, str(source), str(present)) from error
    return RestoreResult(papers, aside, signed)


def next_backup_path(data: Path, at: datetime) -> Path:
    """Where a backup taken at this moment belongs: in the data folder's own folder of backups."""
    folder = data / "backups"
    if data.is_dir():
        folder.mkdir(exist_ok=True)
    return _unused_path(folder, "catalogue-{}.db", at)


def list_backups(data: Path) -> list[Path]:
    """The backups in the data folder, the newest first."""
    folder = data / "backups"
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in found if _OURS.fullmatch(path.name)), reverse=True)


def prune_backups(data: Path, keep: int) -> list[Path]:
    """Delete all backups in the data folder but the newest; returns those deleted."""
    old = list_backups(data)[keep:]
    for path in old:
        path.unlink()
    return old


def _copy_and_check(source: Path, part: Path, target: Path, progress: Progress | None) -> int:
    """Copy a catalogue and look at all of the copy; returns how many papers it holds."""
    what = f"the catalogue in {source.parent}"
    try:
        _copy(source, part, progress)
        with closing(sqlite3.connect(part)) as copy:
            papers = _count_papers(copy, what)
            if fault := find_full_text_fault(copy):
                raise Damaged(f"the full text of {what} is damaged: {fault}")
    except sqlite3.Error as error:
        raise translate_error(error, what, str(target)) from error
    return papers


def _copy(source: Path, part: Path, progress: Progress | None) -> None:
    def tell(_: int, left: int, total: int) -> None:
        if progress:
            progress(total - left, total)

    with closing(connect_read_only(source)) as read, closing(sqlite3.connect(part)) as copy:
        # One reading transaction around all steps: else every write of another process would
        # make the copy begin anew, and through a busy night it would never end.
        read.execute("BEGIN")
        read.execute("SELECT 1 FROM sqlite_master").fetchone()
        read.backup(copy, pages=_STEP, progress=tell)
        # A file of its own: in WAL mode even a reader would have to write beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _count_papers(connection: sqlite3.Connection, what: str) -> int:
    """How many papers a sound catalogue holds; raises Damaged and ForeignCatalogue."""
    try:
        pending_migrations(connection, what)
        if found := find_faults(connection):
            raise Damaged(f"{what} is damaged: {'; '.join(found)}")
        return int(connection.execute("SELECT count(*) FROM papers").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{what} cannot be read: {error}") from error


@contextmanager
def _keep_present(present: Path, at: datetime) -> Iterator[Path | None]:
    """Keep the present catalogue as it lies there, whole or not, unless it stays in its place."""
    if not present.exists():
        yield None
        return
    aside = _unused_path(present.parent, "catalogue-before-{}.db", at)
    copies = {
        file: aside.with_name(aside.name + end) for file, end in _database_files(present).items()
    }
    try:
        for file, copy in copies.items():
            shutil.copyfile(file, copy)
            _fsync(copy)
        sync_folder(aside.parent)
    except BaseException as error:
        _remove(copies.values())
        if isinstance(error, OSError):
            raise to_write_error(error, aside) from error
        raise
    try:
        yield aside
    except (SeeAlsoError, sqlite3.Error):
        _remove(copies.values())
        raise


def _overwrite(present: Path, backup: sqlite3.Connection) -> bool:
    """Write a backup over the catalogue in one transaction; False for one that SQLite cannot open.

    Readers go on with what they began with. A new file in its place would not do: readers of
    other processes share the -shm of the old one, and those of the new one would meet it.
    """
    try:
        with closing(sqlite3.connect(present, timeout=30)) as live:
            live.execute("PRAGMA journal_mode = WAL")
            live.execute("BEGIN IMMEDIATE")  # `backup` would wait for ever for another writer
            live.rollback()
            backup.backup(live)
            with suppress(sqlite3.Error):  # what follows is tidying: it is restored by now
                live.execute("PRAGMA user_version = 0")  # the checksum is not that of this file
                live.execute("PRAGMA busy_timeout = 1000")  # a long reader may keep the -wal
                live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError as error:
        found = translate_error(error, str(present), str(present))
        if isinstance(found, Damaged):
            return False
        raise found from error
    return True


def _replace(present: Path, backup: sqlite3.Connection) -> None:
    """Put a new file where there is none, or none that can be opened."""
    part = present.with_name(f".{present.name}.part")
    with _temporary_file(part, present):
        with closing(sqlite3.connect(part)) as copy:
            backup.backup(copy)
            copy.execute("PRAGMA user_version = 0")
            copy.execute("PRAGMA journal_mode = WAL")
        _fsync(part)
        _remove(_side_files(present))  # they belong to the file that goes
        part.replace(present)
    sync_folder(present.parent)


@contextmanager
def _temporary_file(part: Path, wanted: Path) -> Iterator[None]:
    """Make an empty file to fill and to rename; nothing of it stays where that fails."""
    try:
        part.open("wb").close()
        yield
    except OSError as error:
        raise to_write_error(error, wanted) from error
    finally:
        _remove((part, *_side_files(part)))


def _database_files(path: Path) -> dict[Path, str]:
    """The files that make up a database, with what stands behind its name; -shm is made anew."""
    ends = [end for end in _SIDE_FILES[:-1] if _has_content(path.with_name(path.name + end))]
    return {path.with_name(path.name + end): end for end in ("", *ends)}


def _has_content(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _side_files(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in _SIDE_FILES]


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _unused_path(folder: Path, name: str, at: datetime) -> Path:
    """A path named for this second, or for the first later one that is not taken."""
    while (path := folder / name.format(at.strftime(_MOMENT))).exists():
        at += timedelta(seconds=1)
    return path


def _fsync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
