"""Back up and restore the catalogue: one checked file per backup, taken while others write."""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from index.catalogue.protection.backup_checksum import verify_checksum, write_checksum
from index.catalogue.protection.connections import connect_read_only, translate_error
from index.catalogue.protection.integrity import (
    find_faults,
    find_full_text_fault,
    find_row_fault,
    pending_migrations,
)
from index.errors import ADD_PAPERS, BadInput, Damaged, NotReady, SeeAlsoError
from index.files import make_file, make_folder, sync_folder, to_write_error
from index.progress import CountProgress

_STEP = 1000  # pages
_MOMENT = "%Y%m%dT%H%M%SZ"
_BACKUP_NAME = re.compile(r"catalogue-\d{8}T\d{6}Z\.db")
_SIDE_FILES = ("-wal", "-journal", "-shm")  # SQLite writes them next to a database


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its file, its size in bytes and its number of papers."""

    path: Path
    size: int
    papers: int


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The result of a restore: the number of papers, and the copy of the previous catalogue.

    `aside` is None if there was no catalogue before. `signed` is False if the backup has no
    checksum, so that only its structure and its rows were checked.
    """

    papers: int
    aside: Path | None
    signed: bool


def back_up(data: Path, target: Path, progress: CountProgress | None = None) -> Backup:
    """Copy the present state of the catalogue to a new file.

    Other processes may write during the copy. Raises BadInput if the target exists or cannot be
    created, NotReady if there is no catalogue, Damaged if the catalogue is damaged, NoSpaceLeft if
    the disk is full. After an error no part of the target remains.
    """
    source = data / "catalogue.db"
    if not source.is_file():
        raise NotReady(f"no catalogue in {data}: {ADD_PAPERS}")
    if target.exists():
        raise BadInput(f"{target} exists already: choose another file, or move the existing one")
    if not target.parent.is_dir():
        raise BadInput(f"the folder {target.parent} does not exist: create it, or choose another")
    part = target.with_name(f".{target.name}.part")
    with _temporary_file(part, target):
        try:
            papers = _copy_and_check(source, part, target, progress)
        except Damaged as error:
            raise type(error)(f"{error}; no backup was made: run `seealso doctor`") from error
        write_checksum(part)
        part.rename(target)
    sync_folder(target.parent)
    return Backup(target, target.stat().st_size, papers)


def restore(data: Path, source: Path, at: datetime) -> RestoreResult:
    """Replace the catalogue with a backup; the caller must hold the run lock.

    Raises BadInput if `source` is the catalogue itself, Damaged or ForeignCatalogue if `source` is
    not an intact catalogue, NoSpaceLeft if the disk is full, Busy if another process writes. After
    an error the present catalogue is unchanged.
    """
    present = data / "catalogue.db"
    if present.exists() and present.samefile(source):
        raise BadInput(f"{source} is the catalogue in use: give the file of a backup")
    try:
        with closing(connect_read_only(source)) as backup:
            papers = _count_papers(backup, str(source))
        signed = verify_checksum(source)
        if not signed:
            with closing(connect_read_only(source)) as backup:
                _refuse_damaged_rows(backup, str(source))
        with closing(connect_read_only(source)) as backup, _keep_present(present, at) as aside:
            if aside is None or not _overwrite(present, backup):
                _replace(present, backup)
    except sqlite3.Error as error:
        raise translate_error(error, str(source), str(present)) from error
    return RestoreResult(papers, aside, signed)


def next_backup_path(data: Path, at: datetime) -> Path:
    """Return an unused path in DATA/backups for a backup taken at this time."""
    folder = data / "backups"
    if data.is_dir():
        make_folder(folder)
    return _unused_path(folder, "catalogue-{}.db", at)


def list_backups(data: Path) -> list[Path]:
    """Return the backups in DATA/backups, newest first."""
    folder = data / "backups"
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in paths if _BACKUP_NAME.fullmatch(path.name)), reverse=True)


def prune_backups(data: Path, keep: int) -> list[Path]:
    """Delete the backups in DATA/backups except the newest `keep`; return the deleted ones."""
    old = list_backups(data)[keep:]
    for path in old:
        path.unlink()
    return old


def _copy_and_check(source: Path, part: Path, target: Path, progress: CountProgress | None) -> int:
    """Copy a catalogue and check the whole copy; return its number of papers."""
    what = f"the catalogue in {source.parent}"
    try:
        _copy(source, part, progress)
        with closing(sqlite3.connect(part)) as copy:
            papers = _count_papers(copy, what)
            _refuse_damaged_rows(copy, what)
            if fault := find_full_text_fault(copy):
                raise Damaged(f"the full-text index of {what} is damaged: {fault}")
    except sqlite3.Error as error:
        raise translate_error(error, what, str(target)) from error
    return papers


def _copy(source: Path, part: Path, progress: CountProgress | None) -> None:
    def report(_: int, left: int, total: int) -> None:
        if progress:
            progress(total - left, total)

    with closing(connect_read_only(source)) as read, closing(sqlite3.connect(part)) as copy:
        # One read transaction around all steps. Without it, every write of another process would
        # restart the copy, and under constant writes it would never end.
        read.execute("BEGIN")
        read.execute("SELECT 1 FROM sqlite_master").fetchone()
        read.backup(copy, pages=_STEP, progress=report)
        # A single file: in WAL mode even a reader has to write files next to it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _count_papers(connection: sqlite3.Connection, what: str) -> int:
    """Return the number of papers of an intact catalogue; raises Damaged or ForeignCatalogue."""
    try:
        pending_migrations(connection, what)
        if faults := find_faults(connection):
            raise Damaged(f"{what} is damaged: {'; '.join(faults)}")
        return int(connection.execute("SELECT count(*) FROM papers").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{what} cannot be read: {error}") from error


def _refuse_damaged_rows(connection: sqlite3.Connection, what: str) -> None:
    if fault := find_row_fault(connection):
        raise Damaged(f"{what} is damaged: {fault}")


@contextmanager
def _keep_present(present: Path, at: datetime) -> Iterator[Path | None]:
    """Copy the present catalogue's files, damaged or not; drop the copy if the block fails."""
    if not present.exists():
        yield None
        return
    aside = _unused_path(present.parent, "catalogue-before-{}.db", at)
    copies = {
        file: aside.with_name(aside.name + end) for file, end in _database_files(present).items()
    }
    try:
        for file, copy in copies.items():
            make_file(copy)
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
    """Write a backup over the catalogue in one transaction; return False if it cannot be opened.

    Readers keep the state that they began with. A new file in its place would not work: readers
    in other processes share the old file's -shm, and readers of the new file would use it too.
    """
    try:
        with closing(sqlite3.connect(present, timeout=30)) as live:
            live.execute("PRAGMA journal_mode = WAL")
            live.execute("BEGIN IMMEDIATE")  # `backup` would wait for another writer without limit
            live.rollback()
            backup.backup(live)
            with suppress(sqlite3.Error):  # the restore is complete; the rest only cleans up
                live.execute("PRAGMA user_version = 0")  # the checksum belongs to the backup file
                live.execute("PRAGMA busy_timeout = 1000")  # a long reader may hold the -wal
                live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError as error:
        translated = translate_error(error, str(present), str(present))
        if isinstance(translated, Damaged):
            return False
        raise translated from error
    return True


def _replace(present: Path, backup: sqlite3.Connection) -> None:
    """Write the catalogue as a new file, if there is none or it cannot be opened."""
    part = present.with_name(f".{present.name}.part")
    with _temporary_file(part, present):
        with closing(sqlite3.connect(part)) as copy:
            backup.backup(copy)
            copy.execute("PRAGMA user_version = 0")
            copy.execute("PRAGMA journal_mode = WAL")
        _fsync(part)
        _remove(_side_files(present))  # they belong to the old file
        part.replace(present)
    sync_folder(present.parent)


@contextmanager
def _temporary_file(part: Path, wanted: Path) -> Iterator[None]:
    """Create an empty file to fill and rename; delete it if the block fails."""
    try:
        make_file(part)
        os.truncate(part, 0)  # it may be the rest of a killed run
        yield
    except OSError as error:
        raise to_write_error(error, wanted) from error
    finally:
        _remove((part, *_side_files(part)))


def _database_files(path: Path) -> dict[Path, str]:
    """Return the files of a database and their suffixes, except -shm, which SQLite rebuilds."""
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
    """Return a path named after this second, or after the first later one that is unused."""
    while (path := folder / name.format(at.strftime(_MOMENT))).exists():
        at += timedelta(seconds=1)
    return path


def _fsync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
