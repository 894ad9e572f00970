"""Check a data folder and its settings; report what is wrong and how to repair it."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from index.arxiv.calendar import read_calendar
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.catalogue.protection.backup import list_backups
from index.catalogue.protection.connections import connect_read_only
from index.catalogue.protection.integrity import (
    find_faults,
    find_full_text_fault,
    find_row_fault,
    pending_migrations,
)
from index.embedding.identity import ModelIdentity
from index.embedding.opening import configured_identity
from index.errors import (
    ADD_PAPERS,
    BadInput,
    DamagedRelease,
    IndexUnavailable,
    NotReady,
    OutdatedRelease,
)
from index.health.contents_findings import check_contents, check_pending
from index.health.findings import DAMAGE_ERRORS, Finding, State, count_finding, report_damage
from index.health.kept_files import check_kept_files
from index.releases.contents import ReleaseContents
from index.releases.folder import current_name, list_releases
from index.releases.release import check_release
from index.settings import Settings

_ABANDONED_AFTER = timedelta(days=1)  # a temporary file this old is no longer written


@dataclass(frozen=True, slots=True)
class DoctorContext:
    """What the checks need besides the data folder and its settings.

    `exclusive` is True if the caller holds the run lock, so that no run writes meanwhile. `tagger`
    is taxonomy and version of the current tagger, None if there is none. `remote_source` is True
    if papers are harvested from another machine. `full` also checks earlier releases, backups and
    exported models.
    """

    exclusive: bool
    tagger: tuple[str, str] | None
    remote_source: bool
    full: bool = False


def run_checks(settings: Settings, at: datetime, context: DoctorContext) -> list[Finding]:
    """Run all checks; `at` has a time zone. Damage becomes a finding instead of an error."""
    data = settings.data
    restore = _how_to_restore(data)
    found = list(
        report_damage("catalogue", restore, _check_file(data, restore, exclusive=context.exclusive))
    )
    identity, model = _check_model(settings)
    if all(finding.state != "broken" for finding in found):
        found += report_damage(
            "catalogue", restore, _check_contents(settings, at, context, identity)
        )
    else:
        found += report_damage(
            "release", "`seealso release build`", _check_release(data, None, None)
        )
    if context.full:
        files = check_kept_files(data, _readable_current_name(data), data / "models")
        found += report_damage("files", "delete what it names", files)
    found += [model, _check_holidays(settings)]
    found += report_damage(
        "leftovers", "check the data folder and its permissions", _check_leftovers(settings, at)
    )
    if data.is_dir():
        found.append(_check_permissions(data))
    found += report_damage("disk", "check the data folder and its permissions", _check_disk(data))
    return found


def _how_to_restore(data: Path) -> str:
    with suppress(OSError):
        for newest in list_backups(data)[:1]:
            return f"`seealso restore {newest}`, the newest backup"
    return (
        "`seealso restore FILE` with a backup; without one, move catalogue.db away and add the "
        "papers again with `seealso follow` or `seealso ingest`"
    )


def _check_file(data: Path, restore: str, *, exclusive: bool) -> Iterator[Finding]:
    path = data / "catalogue.db"
    if not path.is_file():
        if list_backups(data) or _readable_current_name(data):
            yield Finding("catalogue", "broken", f"{path} is missing", restore)
        else:
            do = ADD_PAPERS
            yield Finding("catalogue", "warning", f"no catalogue in {data} yet", do)
        return
    with closing(connect_read_only(path)) as connection:
        pending = pending_migrations(connection, str(path))
        if faults := find_faults(connection):
            with suppress(sqlite3.DatabaseError):  # pages that cannot be read have no rows to name
                faults += filter(None, [find_row_fault(connection)])
            yield Finding("catalogue", "broken", f"{path}: {'; '.join(faults)}", restore)
            return
        fault = find_row_fault(connection)
    yield Finding("catalogue", "well", "pages, indexes and foreign keys are intact")
    if fault:
        yield Finding("rows", "broken", f"{path}: {fault}", restore)
    else:
        what = "the texts of all papers match their hashes" if pending else "all checksums match"
        yield Finding("rows", "well", what)
    if pending:
        yield Finding(
            "schema", "warning", f"migrations are pending: {', '.join(pending)}", "`seealso update`"
        )
    yield _check_full_text(path, restore if fault else None, exclusive=exclusive)


def _check_full_text(path: Path, restore: str | None, *, exclusive: bool) -> Finding:
    """Compare the full text with the papers; `restore` says how to repair damaged rows, if any.

    The full text must not be rebuilt from damaged papers: that would hide the damage.
    """
    fault: str | None = "locked"
    if exclusive:
        with closing(sqlite3.connect(path)) as connection:
            fault = find_full_text_fault(connection)
    if fault is None:
        return Finding("full text", "well", "it matches the papers")
    if "locked" in fault or "readonly" in fault:
        what = "not checked: another run is writing, or the catalogue is read-only for this user"
        do = "`seealso doctor` later, as the user that owns the data folder"
        return Finding("full text", "warning", what, do)
    return Finding("full text", "broken", fault, restore or "`seealso doctor --repair`")


def _check_contents(
    settings: Settings, at: datetime, context: DoctorContext, identity: ModelIdentity | None
) -> Iterator[Finding]:
    with suppress(NotReady), read_catalogue(settings.data) as catalogue:
        yield from check_pending(catalogue, context.tagger, identity)
        do = "`seealso release build`"
        yield from report_damage("release", do, _check_release(settings.data, catalogue, identity))
        yield from check_contents(
            catalogue,
            settings,
            at,
            exclusive=context.exclusive,
            remote_source=context.remote_source,
        )


def _check_release(
    data: Path, catalogue: Catalogue | None, identity: ModelIdentity | None
) -> Iterator[Finding]:
    """Check every byte of the current release, and compare it with the catalogue if given."""
    name = current_name(data)
    if name is None:
        is_empty = catalogue is not None and not catalogue.count()
        do = f"{ADD_PAPERS}, then run `seealso update`" if is_empty else "`seealso update`"
        yield Finding("release", "warning", "there is no release yet", do)
        return
    try:
        manifest = check_release(data, name)
    except OutdatedRelease as error:
        yield Finding("release", "warning", str(error), "`seealso update`")
        return
    except DamagedRelease as error:
        yield Finding("release", "broken", str(error), "`seealso release build`")
        return
    except IndexUnavailable as error:
        do = "start that server, or change SEEALSO_INDEX and run `seealso release build`"
        yield Finding("release", "broken", str(error), do)
        return
    if catalogue is not None:
        vectors = catalogue.vectors.of(identity or manifest.identity)
        if ReleaseContents.read(catalogue, vectors).state != manifest.state:
            what = f"{name} was built from another state of the catalogue"
            yield Finding("release", "warning", what, "`seealso update`")
            return
    yield Finding("release", "well", f"{name}: {manifest.papers} papers, all checksums match")


def _check_model(settings: Settings) -> tuple[ModelIdentity | None, Finding]:
    try:
        identity = configured_identity(settings)
    except (*DAMAGE_ERRORS, ImportError) as error:
        do = "repair what it names, or set SEEALSO_MODEL; lists of known papers do not need it"
        return None, Finding("model", "broken", f"{type(error).__name__}: {error}", do)
    return identity, Finding("model", "well", str(identity))


def _check_holidays(settings: Settings) -> Finding:
    try:
        known = len(read_calendar(settings.holidays).holidays)
    except BadInput as error:
        return Finding(
            "holidays", "broken", str(error), "correct the file, or unset SEEALSO_HOLIDAYS"
        )
    return Finding("holidays", "well", f"{known} holidays")


def _check_permissions(data: Path) -> Finding:
    if stat.S_IMODE(data.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        what = f"other users of this machine can read {data}"
        return Finding("permissions", "warning", what, f"chmod -R go= {data}")
    if not os.access(data, os.W_OK):
        what = f"this user may not write to {data}: it can be read, but runs cannot store anything"
        return Finding("permissions", "warning", what, "run commands as the owner of the folder")
    return Finding("permissions", "well", "only the owner can read the data folder")


def _check_leftovers(settings: Settings, at: datetime) -> Iterator[Finding]:
    data = settings.data
    parts = [
        path
        for pattern in (".*.part", "*/.*.part")
        for path in sorted(data.glob(pattern))
        if _is_abandoned(path, at)
    ]
    parts += sorted(data.glob("catalogue-before-*.db*"))
    do = f"delete those that you do not need: rm -r {' '.join(str(path) for path in parts)}"
    yield count_finding("leftovers", len(parts), "files left by killed runs or by restores", do)
    current = _readable_current_name(data)
    old = [name for name in list_releases(data)[settings.keep_releases :] if name != current]
    if old:
        what = f"{', '.join(old)}: more than SEEALSO_KEEP_RELEASES={settings.keep_releases}"
        yield Finding("releases", "warning", what, "`seealso release build` deletes them")


def _is_abandoned(path: Path, at: datetime) -> bool:
    try:
        return at.timestamp() - path.stat().st_mtime > _ABANDONED_AFTER.total_seconds()
    except FileNotFoundError:  # its writer has finished
        return False


def _check_disk(data: Path) -> Iterator[Finding]:
    name = _readable_current_name(data)
    release = _folder_size(data / "releases" / name) if name else 0
    needed = release + sum(path.stat().st_size for path in data.glob("catalogue.db*"))
    there = next(folder for folder in (data, *data.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    what = f"{_megabytes(free)} are free; catalogue and a new release need {_megabytes(needed)}"
    if free >= needed:
        yield Finding("disk", "well", what)
    else:
        state: State = "warning" if free > release else "broken"
        yield Finding("disk", state, what, f"free space on the disk of {there}")


def _readable_current_name(data: Path) -> str | None:
    """Return the current release's name; None if it cannot be read (see `_check_release`)."""
    with suppress(OSError, ValueError):
        return current_name(data)
    return None


def _folder_size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
