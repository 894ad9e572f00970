"""Builds releases from the catalogue and makes them current."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from index.embedding.identity import ModelIdentity
from index.errors import DamagedRelease, NoSpaceLeft, NotReady
from index.files import write_file, write_folder
from index.milvus_address import MilvusAddress
from index.releases.contents import ReleaseContents
from index.releases.corpus import ReleasePlan, gather
from index.releases.engines import Engine, choose_engine
from index.releases.folder import (
    current_name,
    list_releases,
    releases_folder,
    sizes_and_checksums,
)
from index.releases.manifest import Manifest
from index.releases.release import intact_release, open_release
from index.search.nearness import Nearness
from index.search.term_coherence import term_coherence
from index.search.tfidf import TfidfIndex
from index.settings import Settings


@dataclass(frozen=True, slots=True)
class ReleaseBuilder:
    """Builds the releases of one data folder.

        builder = ReleaseBuilder.from_settings(settings)
        with open_catalogue(settings.data) as catalogue:
            vectors = catalogue.vectors.of(configured_identity(settings))
            manifest = builder.build(ReleaseContents.read(catalogue, vectors))

    Search is exact up to `exact_up_to` papers and approximate above. `keep` releases stay on disk.
    `index` is the address of a Milvus that stores the vectors; None stores them in the releases.
    """

    data: Path
    exact_up_to: int
    keep: int
    index: MilvusAddress | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "ReleaseBuilder":
        """Return a builder for the data folder of these settings."""
        return cls(settings.data, settings.exact_up_to, settings.keep_releases, settings.index)

    def up_to_date(self, contents: ReleaseContents) -> str | None:
        """Return the name of the current release if there is nothing to build.

        It must open, contain exactly these papers, and have all its vectors in the place for new
        releases. Raises IndexUnavailable.
        """
        name = current_name(self.data)
        if name is None:
            return None
        try:
            release = open_release(self.data, name)
            manifest = release.manifest
            if manifest.state != contents.state or not manifest.is_stored_at(self.index):
                return None
            release.check_vectors(complete=True)
        except DamagedRelease:
            return None
        return name

    def build(self, contents: ReleaseContents) -> Manifest:
        """Build a release, check it and make it current; then delete old releases.

        The caller must hold the run lock: what killed builds have left is deleted. Raises NotReady
        if the contents are empty, NoSpaceLeft and IndexUnavailable. The current release is
        unchanged then, unless the error is raised while old releases are deleted.
        """
        if not len(contents):
            raise NotReady("no paper has a vector yet: run `seealso update`")
        _delete_leftovers(self.data)
        engine = choose_engine(releases_folder(self.data), self.index)
        predecessor = _predecessor(self.data, contents.vectors.identity, engine)
        created, name = _new_name(self.data, contents.state)
        with _report_write_errors(name), write_folder(releases_folder(self.data) / name) as folder:
            corpus = gather(contents, self.data, predecessor, folder, all_vectors=engine.in_release)
            plan = ReleasePlan(name, corpus, self.exact_up_to, predecessor)
            manifest = _write(plan, engine, created, folder)
            del corpus, plan  # the release is opened below, which needs memory too
        open_release(self.data, name).check_vectors(complete=True)
        write_file(releases_folder(self.data) / "CURRENT", name.encode())
        _prune(self.data, max(self.keep, engine.min_kept), engine)
        return manifest


def _delete_leftovers(data: Path) -> None:
    """Delete the temporary folders of killed builds, which are as large as releases."""
    for part in releases_folder(data).glob(".*.part"):
        if part.is_dir():
            shutil.rmtree(part)


def _write(plan: ReleasePlan, engine: Engine, created: datetime, folder: Path) -> Manifest:
    """Write all files of a release."""
    corpus, contents = plan.corpus, plan.corpus.contents
    corpus.save(folder)
    vectors, location = engine.begin(plan)
    vectors.save(folder)
    words = TfidfIndex.build(corpus.counts).save(folder)
    density = corpus.density(plan.predecessor)
    density.save(folder)
    nearness = Nearness(vectors, words, density, contents.attributes.approximate_days)
    np.save(folder / "random.npy", nearness.random_similarities(), allow_pickle=False)
    vectors.release_memory()
    np.save(folder / "coherence.npy", term_coherence(words, vectors), allow_pickle=False)
    manifest = Manifest(
        name=plan.name,
        created=f"{created:%Y-%m-%dT%H:%M:%SZ}",
        papers=len(corpus),
        kind=vectors.kind,
        identity=contents.vectors.identity,
        state=contents.state,
        files=sizes_and_checksums(folder),
        location=location,
    )
    manifest.write(folder)
    return manifest


def _predecessor(data: Path, identity: ModelIdentity, engine: Engine) -> Path | None:
    """Return the release that the next one can extend, if any."""
    current = intact_release(data, identity)
    return current if current is not None and engine.can_extend(current) else None


def _new_name(data: Path, state: str) -> tuple[datetime, str]:
    """Return the time and the name of a new release.

    If a release of this second exists, the next free second is taken: names must sort by age.
    """
    created, taken = datetime.now(UTC), {name.split("-")[0] for name in list_releases(data)}
    while (second := f"{created:%Y%m%dT%H%M%SZ}") in taken:
        created += timedelta(seconds=1)
    return created, f"{second}-{state[:8]}"


@contextmanager
def _report_write_errors(name: str) -> Iterator[None]:
    """Raise NoSpaceLeft for errors of writing; FAISS raises RuntimeError for a full disk."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise NoSpaceLeft(
            f"release {name} cannot be written ({error}); the current release is unchanged"
        ) from error


def _prune(data: Path, keep: int, engine: Engine) -> None:
    folders = [releases_folder(data) / name for name in list_releases(data)]
    removed = [folder for folder in folders[keep:] if folder.name != current_name(data)]
    engine.delete_vectors(removed, [folder for folder in folders if folder not in removed])
    for folder in removed:
        shutil.rmtree(folder)
