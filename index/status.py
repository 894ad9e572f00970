"""What the data folder holds and how it is: one look for people, scripts and the API."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from index.catalogue import Catalogue
from index.errors import NotReady, SeeAlsoError
from index.release import CurrentRelease, Release, list_releases
from index.runs import Run


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a data folder.

    `papers` and `vectors` count the catalogue's, `released` those that lists can name. `problem`
    says what is wrong with the release that should be in use, None where nothing is.
    `followed` names what papers were taken from; `stale` as in the meta of every list.
    """

    papers: int
    vectors: int
    release: str | None
    released: int
    search: str | None
    model: str | None
    releases: list[str]
    problem: str | None
    newest_announcement: date | None
    last_run: Run | None
    last_ingest: Run | None
    followed: list[str]
    stale: bool | None


def status_of(data: Path, catalogue: Catalogue, current: CurrentRelease) -> Status:
    """Look at a data folder; a missing or damaged release is told, not raised."""
    release: Release | None = None
    problem: str | None = None
    try:
        release = current.get()
        problem = current.problem
    except NotReady:
        problem = None
    except SeeAlsoError as error:
        problem = str(error)
    manifest = release.manifest if release else None
    return Status(
        papers=catalogue.count(),
        vectors=catalogue.vectors.count(manifest.identity) if manifest else 0,
        release=manifest.name if manifest else None,
        released=manifest.papers if manifest else 0,
        search=manifest.kind if manifest else None,
        model=str(manifest.identity) if manifest else None,
        releases=list_releases(data),
        problem=problem,
        newest_announcement=catalogue.newest_day(),
        last_run=catalogue.runs.last(),
        last_ingest=catalogue.runs.last("ingest"),
        followed=[f"{source}: {selection}" for source, selection in catalogue.runs.scope()],
        stale=None,
    )
