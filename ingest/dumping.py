"""The night's dump for re-users, where the settings ask for one."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from index.catalogue.catalogue import Catalogue
from index.dumps.dump import is_dumped, next_dump, prune_dumps, write_dump
from index.releases.current import CurrentRelease
from index.settings import Settings
from ingest.intake import Progress


def dump_pending(catalogue: Catalogue, settings: Settings, progress: Progress) -> Path | None:
    """Write a dump of the release in use and the present tags, unless the newest one holds them.

    Older dumps go, but for as many as the settings keep. Raises NoRoom.
    """
    if not settings.keep_dumps:
        return None
    release = CurrentRelease(settings.data).get()
    if is_dumped(catalogue, release, settings.data):
        return None
    at = datetime.now(UTC)
    folder = next_dump(settings.data, at)
    write_dump(catalogue, release, folder, at, progress=partial(progress, "dump"))
    prune_dumps(settings.data, settings.keep_dumps)
    return folder
