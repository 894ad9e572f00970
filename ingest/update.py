"""Update: embed and tag pending papers, build a release. Safe to interrupt at any point."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from classifier.corrections import labelled_papers
from classifier.tagger import apply_tagger
from classifier.taxonomies.followed import followed_taxonomies
from classifier.taxonomies.taxonomy import Taxonomy
from classifier.training.trainer import TaggerTrainer
from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import BoundVectors, PendingTexts
from index.dumps.dump import is_dumped, next_dump_path, prune_dumps, write_dump
from index.embedding.identity import ModelIdentity
from index.embedding.opening import configured_identity, open_embedder
from index.errors import ADD_PAPERS, NotReady, SeeAlsoError
from index.health.embedding import EmbeddingState, last_release
from index.health.run_state import EMBED
from index.lists.outlines.pending import outline_pending
from index.progress import Pace, Progress
from index.releases.building import ReleaseBuilder
from index.releases.contents import ReleaseContents
from index.releases.current import CurrentRelease
from index.releases.instalments import Instalments
from index.settings import Settings
from ingest.embedding.model_change import check_model_change
from ingest.embedding.pending import EmbedParts, embed_pending, embedding_order, parts_embedder


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """Result of an update. `release` is the current release; `built`: this update built it.

    `untagged` is the reason why papers were not tagged, None if they were. `instalments` counts the
    releases before the last one. `embedding` is the state at the end, with the rate of this update.
    """

    embedded: int
    tagged: int
    untagged: str | None
    release: str
    built: bool
    instalments: int
    embedding: EmbeddingState

    @property
    def counts(self) -> dict[str, int]:
        """The counts for the record of a run."""
        released = self.instalments + self.built
        return {"embedded": self.embedded, "tagged": self.tagged, "released": released}

    def __str__(self) -> str:
        tagged = f"not tagged: {self.untagged}" if self.untagged else f"{self.tagged} tagged"
        release = "built" if self.built else "already up to date"
        before = f" after {self.instalments} instalments" if self.instalments else ""
        done = f"{self.embedded} embedded, {tagged}, release {self.release} {release}{before}"
        return f"{done}; {self.embedding}"


def update(
    catalogue: Catalogue,
    settings: Settings,
    progress: Progress,
    cluster: str | None = None,
    *,
    embed_again: bool = False,
) -> UpdateReport:
    """Call `bring_up_to_date` and record it, also if it fails, as a run."""
    run = catalogue.runs.start("update")
    try:
        report = bring_up_to_date(catalogue, settings, progress, cluster, embed_again=embed_again)
    except SeeAlsoError as error:
        catalogue.runs.finish(run, str(error), {})
        raise
    catalogue.runs.finish(run, "done", report.counts)
    return report


def bring_up_to_date(
    catalogue: Catalogue,
    settings: Settings,
    progress: Progress,
    cluster: str | None = None,
    *,
    embed_again: bool = False,
) -> UpdateReport:
    """Embed and tag the papers that are pending, and build a release if anything changed.

    Papers are embedded newest first. If they are many, releases are built before all are embedded,
    see `Instalments`. `cluster` is the address of a Ray cluster that computes the vectors; without
    it, this process does. With `embed_again`, the settings may name another model than that of the
    vectors that there are. Raises NotReady for an empty catalogue, BadInput for an invalid address,
    ModelUnavailable, ModelChanged, RayUnavailable, and DamagedRelease if the new release does not
    contain what was written.
    """
    if not catalogue.count():
        raise NotReady(f"the catalogue is empty: {ADD_PAPERS}")
    identity = configured_identity(settings)
    embed_parts = parts_embedder(settings, identity, cluster)
    if not embed_again:
        check_model_change(catalogue, identity, partial(open_embedder, settings))
    return _Update(catalogue, settings, identity, progress).run(embed_parts)


class _Update:
    """The steps of one update, and what they have done so far."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        identity: ModelIdentity,
        progress: Progress,
    ) -> None:
        self._catalogue = catalogue
        self._data = settings.data
        self._rule = Instalments(settings.instalment)
        self._vectors = catalogue.vectors.of(identity)
        self._trainer = TaggerTrainer(catalogue, self._vectors, partial(open_embedder, settings))
        self._builder = ReleaseBuilder.from_settings(settings)
        self._progress = progress
        self._began = datetime.now(UTC)
        self._tagged = 0
        self._instalments = 0

    def run(self, embed_parts: EmbedParts) -> UpdateReport:
        """Embed, with a release at each instalment, then tag and release the rest."""
        papers = self._catalogue.count()
        pending = self._vectors.pending()
        before = embedded = papers - int(pending.papers.sum())
        pending = self._in_order(pending, embedded)
        pace, rate = Pace(), None
        pace.report(EMBED, before, time.monotonic())
        for embedded in embed_pending(self._vectors, embed_parts, pending, papers, self._progress):
            rate = pace.report(EMBED, embedded, time.monotonic())
            released, since = last_release(self._data, self._began)
            if self._rule.is_due(embedded, released, papers, since, datetime.now(UTC)):
                self._release_instalment()
                pace.report("release", 0, time.monotonic())
        untagged = self._tag(self._taxonomies())
        release, built = self._release()
        # Last, since lists without stored outlines only take longer.
        outline_pending(self._catalogue, self._progress)
        state = EmbeddingState(embedded, papers, rate and round(rate, 2))
        return UpdateReport(
            embedded - before, self._tagged, untagged, release, built, self._instalments, state
        )

    def _taxonomies(self) -> list[Taxonomy]:
        return list(followed_taxonomies(self._catalogue))

    def _in_order(self, pending: PendingTexts, embedded: int) -> PendingTexts:
        examples = {
            paper_id
            for taxonomy in self._taxonomies()
            for paper_id in labelled_papers(self._catalogue, taxonomy)
        }
        first = max(0, self._rule.first - embedded)
        return embedding_order(pending, self._vectors.hashes_of(examples), first)

    def _release_instalment(self) -> None:
        """Tag and release what is embedded; only with taggers that the rest does not change."""
        self._tag([one for one in self._taxonomies() if self._trainer.has_all_vectors(one)])
        _, built = self._release()
        self._instalments += built

    def _tag(self, taxonomies: Iterable[Taxonomy]) -> str | None:
        tagged, untagged = tag_pending(
            self._catalogue, self._data, self._trainer, taxonomies, self._progress
        )
        self._tagged += tagged
        return untagged

    def _release(self) -> tuple[str, bool]:
        return release_pending(self._catalogue, self._vectors, self._builder, self._progress)


def tag_pending(
    catalogue: Catalogue,
    data: Path,
    trainer: TaggerTrainer,
    taxonomies: Iterable[Taxonomy],
    progress: Progress,
) -> tuple[int, str | None]:
    """Tag, in each of these taxonomies, the embedded papers that its current tagger has not seen.

    Returns the number of papers, and why a taxonomy has no tagger, None if all have one.
    """
    tagged, untagged = 0, list[str]()
    for taxonomy in taxonomies:
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
