"""Dumps: every tag and every related list as self-describing files for other programs.

data/dumps/20260101T020304Z/    tags, related (JSON Lines and Parquet), schema, manifest, checksums
"""

import fcntl
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
from index.dumps.rows import related_rows, tag_rows
from index.dumps.tables import write_table
from index.errors import BadInput, Busy
from index.files import file_sha256, make_folder, to_write_error, write_folder
from index.lists.options import DEFAULT_OPTIONS, WeakMatches
from index.progress import CountProgress
from index.releases.release import Release
from index.search.match_strength import PAPER_LINE

_MOMENT = "%Y%m%dT%H%M%SZ"
_DUMP_NAME = re.compile(r"\d{8}T\d{6}Z")
_MANIFEST, _SUMS = "manifest.json", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a dump: its release and model, and the number of rows of each kind.

    `papers` is the number of papers of the release and `limit` the length of a list. `weak` says
    whether the lists include weak matches, and `weak_below` is the score below which a match is
    weak. `tagged` is when a paper was last judged by a tagger or a person, None if that never
    happened.
    """

    created: str
    release: str
    model: str
    papers: int
    limit: int
    weak: WeakMatches
    weak_below: float
    tags: int
    related: int
    tagged: str | None


def write_dump(
    catalogue: Catalogue,
    release: Release,
    folder: Path,
    at: datetime,
    limit: int = DEFAULT_OPTIONS.limit,
    progress: CountProgress | None = None,
    weak: WeakMatches = "exclude",
    *,
    private: bool = True,
) -> Manifest:
    """Write a dump of the present state to a new folder.

    Only the owner may read it, unless it is not `private`: then the umask decides. Memory use does
    not depend on the number of rows. Raises BadInput if the folder exists or
    cannot be created, Busy while another dump is written to the same parent folder, NoSpaceLeft if
    the disk is full. After an error no part of the dump remains.
    """
    if folder.exists():
        raise BadInput(f"{folder} exists already: choose another folder, or move the existing one")
    if not folder.parent.is_dir():
        raise BadInput(f"the folder {folder.parent} does not exist: create it, or choose another")
    schema = Path(__file__).with_name("dump_schema.json").read_text()
    kinds = json.loads(schema)["$defs"]
    with (
        _lock(folder.parent),
        _translating_errors(folder),
        write_folder(folder, private=private) as part,
        catalogue.atomic(),  # all queries read the same state
    ):
        # First, because its processes open the release, which may be deleted meanwhile.
        related = write_table(
            part,
            "related",
            kinds["related"],
            related_rows(catalogue, release, limit, weak, progress),
        )
        manifest = Manifest(
            created=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            release=release.manifest.name,
            model=str(release.manifest.identity),
            papers=release.manifest.papers,
            limit=limit,
            weak=weak,
            weak_below=PAPER_LINE.score,
            tags=write_table(part, "tags", kinds["tags"], tag_rows(catalogue)),
            related=related,
            tagged=catalogue.tags.last_tagged_at(),
        )
        fields = asdict(manifest)
        readme = Path(__file__).with_name("dump_readme.md").read_text()
        (part / "README.md").write_text(readme.format(**fields))
        (part / "schema.json").write_text(schema)
        (part / _MANIFEST).write_text(json.dumps(fields, indent=1) + "\n")
        (part / _SUMS).write_text("".join(_checksums(part)))
    return manifest


def next_dump_path(data: Path, at: datetime) -> Path:
    """Return the path of a dump of this time in DATA/dumps, or of the next unused second."""
    folder = data / "dumps"
    if data.is_dir():
        make_folder(folder)
    while (path := folder / at.strftime(_MOMENT)).exists():
        at += timedelta(seconds=1)
    return path


def list_dumps(data: Path) -> list[Path]:
    """Return the dumps in DATA/dumps, newest first."""
    folder = data / "dumps"
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in paths if _DUMP_NAME.fullmatch(path.name)), reverse=True)


def prune_dumps(data: Path, keep: int) -> list[Path]:
    """Delete the dumps in DATA/dumps except the newest `keep`; return the deleted ones."""
    old = list_dumps(data)[keep:]
    for path in old:
        shutil.rmtree(path)
    return old


def is_dumped(catalogue: Catalogue, release: Release, data: Path) -> bool:
    """Return whether the newest dump has this release and the present tags."""
    dumps = list_dumps(data)
    if not dumps:
        return False
    manifest = json.loads((dumps[0] / _MANIFEST).read_text())
    present = (release.manifest.name, catalogue.tags.last_tagged_at())
    return (manifest.get("release"), manifest.get("tagged")) == present


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Lock a folder against other dumps, which would delete this one's temporary folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Busy(f"another dump is being written to {folder}: wait until it ends") from error
    finally:
        os.close(descriptor)


@contextmanager
def _translating_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise to_write_error(error, folder) from error


def _checksums(folder: Path) -> Iterator[str]:
    """Yield a line for each file in the format of sha256sum."""
    for file in sorted(folder.iterdir()):
        if file.name != _SUMS:
            yield f"{file_sha256(file)}  {file.name}\n"
