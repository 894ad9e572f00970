"""Dumps for re-users: every tag and every related list, in files that explain themselves.

data/dumps/20260101T020304Z/    tags, related (JSON lines and Parquet), schema, manifest, checksums
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from index.catalogue.catalogue import Catalogue
from index.dumps.rows import Progress, related_rows, tag_rows
from index.dumps.tables import write_table
from index.errors import BadInput, Busy
from index.files import to_write_error, write_folder
from index.lists.options import DEFAULT_OPTIONS
from index.releases.release import Release

_MOMENT = "%Y%m%dT%H%M%SZ"
_DUMP_NAME = re.compile(r"\d{8}T\d{6}Z")
_MANIFEST, _SUMS = "manifest.json", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump holds: from which release and model, and how many rows of each kind.

    `papers` counts those of the release, `limit` is the length of a list, and `tagged` the moment
    of the latest tag, None where nothing was ever tagged.
    """

    created: str
    release: str
    model: str
    papers: int
    limit: int
    tags: int
    related: int
    tagged: str | None


def write_dump(
    catalogue: Catalogue,
    release: Release,
    folder: Path,
    at: datetime,
    limit: int = DEFAULT_OPTIONS.limit,
    progress: Progress | None = None,
) -> Manifest:
    """Write a dump, as all stands at this moment, into a folder that must not exist yet.

    Memory does not grow with the rows. Raises BadInput for a folder that cannot be made, Busy
    while another dump is written beside it, NoRoom; then nothing is left of it.
    """
    if folder.exists():
        raise BadInput(f"{folder} exists already: name another folder, or move that one away")
    if not folder.parent.is_dir():
        raise BadInput(f"the folder {folder.parent} does not exist: make it, or name another")
    schema = Path(__file__).with_name("dump_schema.json").read_text()
    kinds = json.loads(schema)["$defs"]
    with (
        _lock(folder.parent),
        _translating_errors(folder),
        write_folder(folder) as part,
        catalogue.atomic(),  # so that all that is read is of one moment
    ):
        related = related_rows(catalogue, release, limit, progress)
        manifest = Manifest(
            created=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            release=release.manifest.name,
            model=str(release.manifest.identity),
            papers=release.manifest.papers,
            limit=limit,
            tags=write_table(part, "tags", kinds["tags"], tag_rows(catalogue)),
            related=write_table(part, "related", kinds["related"], related),
            tagged=catalogue.tags.last_tagged_at(),
        )
        told = asdict(manifest)
        readme = Path(__file__).with_name("dump_readme.md").read_text()
        (part / "README.md").write_text(readme.format(**told))
        (part / "schema.json").write_text(schema)
        (part / _MANIFEST).write_text(json.dumps(told, indent=1) + "\n")
        (part / _SUMS).write_text("".join(_checksums(part)))
    return manifest


def next_dump_path(data: Path, at: datetime) -> Path:
    """Where a dump of this moment belongs; within one second, the next one's."""
    folder = data / "dumps"
    if data.is_dir():
        folder.mkdir(exist_ok=True)
    while (path := folder / at.strftime(_MOMENT)).exists():
        at += timedelta(seconds=1)
    return path


def list_dumps(data: Path) -> list[Path]:
    """The dumps in the data folder, the newest first."""
    folder = data / "dumps"
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in found if _DUMP_NAME.fullmatch(path.name)), reverse=True)


def prune_dumps(data: Path, keep: int) -> list[Path]:
    """Delete all dumps in the data folder but the newest; returns those deleted."""
    old = list_dumps(data)[keep:]
    for path in old:
        shutil.rmtree(path)
    return old


def is_dumped(catalogue: Catalogue, release: Release, data: Path) -> bool:
    """Whether the newest dump in the data folder holds this release and the present tags."""
    made = list_dumps(data)
    if not made:
        return False
    held = json.loads((made[0] / _MANIFEST).read_text())
    present = (release.manifest.name, catalogue.tags.last_tagged_at())
    return (held.get("release"), held.get("tagged")) == present


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Keep other dumps out of a folder: what one fills under a name, another would clear away."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Busy(f"another dump is written into {folder}: wait for it") from error
    finally:
        os.close(descriptor)


@contextmanager
def _translating_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise to_write_error(error, folder) from error


def _checksums(folder: Path) -> Iterator[str]:
    """A line for each file, as sha256sum reads them."""
    for file in sorted(folder.iterdir()):
        if file.name != _SUMS:
            with file.open("rb") as content:
                yield f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n"
