"""The status of a data folder, for the command line, the API and the status page."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from index.catalogue.catalogue import Catalogue
from index.catalogue.runs import Run
from index.errors import NotReady, SeeAlsoError
from index.health.drift import TaggingState, read_tagging_states
from index.health.embedding import EmbeddingState
from index.health.freshness import (
    Following,
    is_stale,
    list_following,
    newest_announcement,
    next_announcement,
)
from index.health.run_state import RunProgress, is_run_active, latest_run, running_embedding
from index.releases.current import CurrentRelease
from index.releases.folder import list_releases
from index.releases.manifest import Manifest
from index.releases.release import Release


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a data folder.

    `papers` and `vectors` count those of the catalogue, `released` the papers that lists can have.
    `embedding` says how far an update is that embeds papers, else how many have a vector.
    `problem` says what is wrong with the current release, None if nothing is. `taken_from` has the
    sources and selections that papers were ingested from, and `following` the selections harvested
    every night, with days and gaps. `next_announcement` and `stale` are those of the meta of
    lists. `rejected` counts rejected records by reason. `tagging` is the last tagging run of each
    taxonomy. `last_run` is the latest run; the outcome "running" means that it still is, and
    `progress` says how far it is, or was when it was interrupted.
    """

    papers: int
    vectors: int
    embedding: EmbeddingState
    release: str | None
    released: int
    search: str | None
    model: str | None
    releases: list[str]
    problem: str | None
    newest_announcement: date | None
    next_announcement: datetime | None
    stale: bool | None
    tagging: list[TaggingState]
    last_run: Run | None
    progress: RunProgress | None
    last_ingest: Run | None
    taken_from: list[str]
    following: list[Following]
    rejected: dict[str, int]


def read_status(data: Path, catalogue: Catalogue, current: CurrentRelease) -> Status:
    """Read the status of a data folder; a missing or damaged release is reported, not raised."""
    release: Release | None = None
    problem: str | None = None
    try:
        release = current.get()
        problem = current.problem
        release.check_vectors()
    except NotReady:
        problem = None
    except SeeAlsoError as error:
        problem = "; ".join(filter(None, (problem, str(error))))
    manifest = release.manifest if release else None
    at = datetime.now(UTC)
    followed = catalogue.harvests.followed()
    last_run, progress = latest_run(catalogue, data, is_active=is_run_active(data))
    papers, vectors = catalogue.count(), _count_vectors(catalogue, manifest)
    return Status(
        papers=papers,
        vectors=vectors,
        embedding=running_embedding(data) or EmbeddingState(vectors, papers),
        release=manifest.name if manifest else None,
        released=manifest.papers if manifest else 0,
        search=manifest.kind if manifest else None,
        model=str(manifest.identity) if manifest else None,
        releases=list_releases(data),
        problem=problem,
        newest_announcement=newest_announcement(catalogue),
        next_announcement=next_announcement(followed),
        stale=is_stale(followed, at),
        tagging=read_tagging_states(catalogue.taggings),
        last_run=last_run,
        progress=progress,
        last_ingest=catalogue.runs.last_ingest(),
        taken_from=[f"{source}: {selection}" for source, selection in catalogue.runs.scope()],
        following=list_following(catalogue, at),
        rejected=catalogue.rejections.reasons(),
    )


def _count_vectors(catalogue: Catalogue, manifest: Manifest | None) -> int:
    """Count the papers with a vector of the release's model, before the first release of any."""
    if manifest is None:
        return catalogue.vectors.count_latest()
    return catalogue.vectors.of(manifest.identity).count()
