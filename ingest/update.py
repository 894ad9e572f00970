"""Update: embed and tag pending papers, build a release. Safe to interrupt at any point."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from classifier.tagger import apply_tagger
from classifier.taxonomies.followed import followed_taxonomies
from classifier.training.trainer import TaggerTrainer
from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import BoundVectors
from index.dumps.dump import is_dumped, next_dump_path, prune_dumps, write_dump
from index.embedding.opening import configured_identity, open_embedder
from index.errors import NotReady, SeeAlsoError
from index.progress import Progress
from index.releases.building import ReleaseBuilder
from index.releases.contents import ReleaseContents
from index.releases.current import CurrentRelease
from index.settings import Settings
from ingest.embedding.pending import embed_pending, parts_embedder


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """Result of an update. `release` is the current release; `built`: this update built it.

    `untagged` is the reason why papers were not tagged, None if they were.
    """

    embedded: int
    tagged: int
    untagged: str | None
    release: str
    built: bool

    @property
    def counts(self) -> dict[str, int]:
        """The counts for the record of a run."""
        return {"embedded": self.embedded, "tagged": self.tagged, "released": int(self.built)}

    def __str__(self) -> str:
        tagged = f"not tagged: {self.untagged}" if self.untagged else f"{self.tagged} tagged"
        release = "built" if self.built else "already up to date"
        return f"{self.embedded} embedded, {tagged}, release {self.release} {release}"


def update(
    catalogue: Catalogue, settings: Settings, progress: Progress, cluster: str | None = None
) -> UpdateReport:
    """Call `bring_up_to_date` and record it, also if it fails, as a run."""
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
    """Embed and tag the papers that are pending, and build a release if anything changed.

    `cluster` is the address of a Ray cluster that computes the vectors; without it, this process
    does. Raises NotReady for an empty catalogue, BadInput for an invalid address, ModelUnavailable,
    RayUnavailable, and DamagedRelease if the new release does not contain what was written.
    """
    if not catalogue.count():
        raise NotReady("the catalogue is empty: add papers with `seealso ingest`")
    identity = configured_identity(settings)
    vectors = catalogue.vectors.of(identity)
    embedded = embed_pending(vectors, parts_embedder(settings, identity, cluster), progress)
    trainer = TaggerTrainer(catalogue, vectors, partial(open_embedder, settings))
    tagged, untagged = tag_pending(catalogue, settings.data, trainer, progress)
    builder = ReleaseBuilder.from_settings(settings)
    release, built = release_pending(catalogue, vectors, builder, progress)
    return UpdateReport(embedded, tagged, untagged, release, built)


def tag_pending(
    catalogue: Catalogue, data: Path, trainer: TaggerTrainer, progress: Progress
) -> tuple[int, str | None]:
    """Tag, in every followed taxonomy, the papers that its current tagger has not seen.

    Returns the number of papers, and why a taxonomy has no tagger, None if all have one.
    """
    tagged, untagged = 0, list[str]()
    for taxonomy in followed_taxonomies(catalogue):
        tagger = trainer.current_tagger(taxonomy, data)
        if isinstance(tagger, str):
            untagged.append(tagger)
        else:
            tagged += apply_tagger(catalogue, data, taxonomy, tagger, progress)
    return tagged, "; ".join(untagged) or None


def release_pending(
    catalogue: Catalogue, vectors: BoundVectors, builder: ReleaseBuilder, progress: Progress
) -> tuple[str, bool]:
    """Build a release and make it current, unless the current one is up to date.

    Returns its name, and whether it was built.
    """
    contents = ReleaseContents.read(catalogue, vectors)
    if name := builder.up_to_date(contents):
        return name, False
    progress("release", 0, 1)
    manifest = builder.build(contents)
    progress("release", 1, 1)
    return manifest.name, True


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
