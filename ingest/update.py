"""From pending to released: embed, tag and release whatever is not yet. Safe to stop anywhere."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from classifier.tagger import apply_tagger
from classifier.taxonomies.followed import followed_taxonomies
from classifier.training.trainer import tagger_in_force
from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import BoundVectors
from index.dumps.dump import is_dumped, next_dump_path, prune_dumps, write_dump
from index.embedding.opening import identity_in_force
from index.errors import DamagedRelease, NotReady, SeeAlsoError
from index.releases.building import build_release
from index.releases.corpus import catalogue_state
from index.releases.current import CurrentRelease
from index.releases.folder import current_name
from index.releases.release import open_release
from index.settings import Settings
from ingest.embedding.pending import embed_pending
from ingest.intake import Progress


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did. `release` is the one in use, `built` whether it is new.

    `untagged` says why no tags were given, None where they were.
    """

    embedded: int
    tagged: int
    untagged: str | None
    release: str
    built: bool

    @property
    def counts(self) -> dict[str, int]:
        """The counts for a run's record."""
        return {"embedded": self.embedded, "tagged": self.tagged, "released": int(self.built)}

    def __str__(self) -> str:
        tagged = f"not tagged: {self.untagged}" if self.untagged else f"{self.tagged} tagged"
        release = "built" if self.built else "holds all this already"
        return f"{self.embedded} embedded, {tagged}, release {self.release} {release}"


def update(
    catalogue: Catalogue, settings: Settings, progress: Progress, cluster: str | None = None
) -> UpdateReport:
    """`bring_up_to_date`, with a run's record of it."""
    run = catalogue.runs.start("update")
    try:
        report = bring_up_to_date(catalogue, settings, progress, cluster)
    except SeeAlsoError as error:
        catalogue.runs.finish(run, str(error), {})
        raise
    catalogue.runs.finish(run, "done", report.counts)
    return report


def bring_up_to_date(
    catalogue: Catalogue, settings: Settings, progress: Progress, cluster: str | None = None
) -> UpdateReport:
    """Bring vectors, tags and the release up to the catalogue's papers.

    The vectors are computed by the Ray cluster whose address is given, else here. Raises NotReady
    for an empty catalogue, ModelUnavailable, RayUnavailable, DamagedRelease for a release that
    does not hold what was just written.
    """
    if not catalogue.count():
        raise NotReady("the catalogue is empty: bring papers in with `seealso ingest`")
    vectors = catalogue.vectors.of(identity_in_force(settings))
    embedded = embed_pending(vectors, settings, progress, cluster)
    tagged, untagged = tag_pending(catalogue, settings, vectors, progress)
    release, built = release_pending(catalogue, settings, vectors, progress)
    return UpdateReport(embedded, tagged, untagged, release, built)


def tag_pending(
    catalogue: Catalogue, settings: Settings, vectors: BoundVectors, progress: Progress
) -> tuple[int, str | None]:
    """Tag, in every taxonomy, the papers that its tagger in force has not seen.

    Returns how many, and why one has no tagger where that is so.
    """
    tagged, untagged = 0, list[str]()
    for taxonomy in followed_taxonomies(catalogue):
        tagger = tagger_in_force(catalogue, taxonomy, vectors, settings)
        if isinstance(tagger, str):
            untagged.append(tagger)
        else:
            tagged += apply_tagger(catalogue, settings.data, taxonomy, tagger, progress)
    return tagged, "; ".join(untagged) or None


def release_pending(
    catalogue: Catalogue, settings: Settings, vectors: BoundVectors, progress: Progress
) -> tuple[str, bool]:
    """Build and switch to a release, unless the current one already holds all this."""
    name = current_name(settings.data)
    if name is not None and _holds_all(catalogue, settings, vectors, name):
        return name, False
    progress("release", 0, 1)
    manifest = build_release(
        catalogue,
        vectors.identity,
        settings.data,
        settings.exact_up_to,
        settings.keep_releases,
        settings.index,
    )
    progress("release", 1, 1)
    return manifest.name, True


def _holds_all(catalogue: Catalogue, settings: Settings, vectors: BoundVectors, name: str) -> bool:
    """Whether a release is whole, lies where the settings say, and lacks nothing."""
    try:
        release = open_release(settings.data, name)
        if not release.manifest.lies_in(settings.index):
            return False
        release.check_vectors(whole=True)
    except DamagedRelease:
        return False
    return release.manifest.state == catalogue_state(catalogue, vectors.identity)


def dump_pending(
    catalogue: Catalogue, data: Path, keep_dumps: int, progress: Progress
) -> Path | None:
    """Write a dump of the current release and tags, unless the newest dump already has them.

    Keeps the newest `keep_dumps` dumps in the data folder and deletes older ones; writes none if
    it is 0. Raises NoSpaceLeft.
    """
    if not keep_dumps:
        return None
    release = CurrentRelease(data).get()
    if is_dumped(catalogue, release, data):
        return None
    at = datetime.now(UTC)
    folder = next_dump_path(data, at)
    write_dump(catalogue, release, folder, at, progress=partial(progress, "dump"))
    prune_dumps(data, keep_dumps)
    return folder
