"""Build a release from the catalogue and make it current."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from index.catalogue.catalogue import Catalogue
from index.embedding.identity import ModelIdentity
from index.errors import NoSpaceLeft, NotReady
from index.files import write_file, write_folder
from index.milvus_address import MilvusAddress
from index.releases.corpus import gather, state_of
from index.releases.engines import Engine, engine_of
from index.releases.folder import current_name, list_releases, releases_folder, size_and_checksum
from index.releases.manifest import Manifest
from index.releases.release import check_release, intact_release
from index.search.nearness import Nearness


def build_release(
    catalogue: Catalogue,
    identity: ModelIdentity,
    data: Path,
    exact_up_to: int,
    keep: int,
    index: MilvusAddress | None = None,
) -> Manifest:
    """Make a release of every paper that has a vector, check it, and switch to it.

    Its vectors lie in its folder, or in Milvus. Raises NotReady where no paper has a vector,
    NoSpaceLeft, and IndexUnavailable, which leave the current release, unless as old ones are
    deleted.
    """
    engine = engine_of(releases_folder(data), index)
    before = _predecessor(data, identity, engine)
    corpus = gather(catalogue, data, identity, before, whole=engine.in_release)
    if not len(corpus):
        raise NotReady("no paper has a vector yet: run `seealso update`")
    state = state_of(corpus.papers, corpus.attributes, identity)
    created, name = _new_name(data, state)
    vectors, new, place = engine.begin(name, corpus, identity, exact_up_to, before)
    nearness = Nearness.from_counts(
        vectors, new, corpus.counts, corpus.surveys, corpus.attributes.days
    )
    with _written(name), write_folder(releases_folder(data) / name) as folder:
        corpus.save(folder)
        nearness.save(folder)
        np.save(folder / "random.npy", nearness.random_similarities(), allow_pickle=False)
        manifest = Manifest(
            name=name,
            created=f"{created:%Y-%m-%dT%H:%M:%SZ}",
            papers=len(corpus),
            kind=nearness.vectors.kind,
            identity=identity,
            state=state,
            files={file.name: size_and_checksum(file) for file in sorted(folder.iterdir())},
            place=place,
        )
        manifest.write(folder)
    check_release(data, name)
    write_file(releases_folder(data) / "CURRENT", name.encode())
    _prune(data, max(keep, engine.fewest_kept), engine)
    return manifest


def _predecessor(data: Path, identity: ModelIdentity, engine: Engine) -> Path | None:
    """The release that the next one can go on from, None where there is no such."""
    before = intact_release(data, identity)
    return before if before is not None and engine.usable(before) else None


def _new_name(data: Path, state: str) -> tuple[datetime, str]:
    """When and under which name; a second build within one second counts as of the next."""
    created, taken = datetime.now(UTC), {name.split("-")[0] for name in list_releases(data)}
    while (second := f"{created:%Y%m%dT%H%M%SZ}") in taken:  # else their hashes would order them
        created += timedelta(seconds=1)
    return created, f"{second}-{state[:8]}"


@contextmanager
def _written(name: str) -> Iterator[None]:
    """Errors of writing, told; faiss has RuntimeError for a full disk."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise NoSpaceLeft(
            f"release {name} cannot be written ({error}); the one in use stays"
        ) from error


def _prune(data: Path, keep: int, engine: Engine) -> None:
    folders = [releases_folder(data) / name for name in list_releases(data)]
    gone = [folder for folder in folders[keep:] if folder.name != current_name(data)]
    engine.forget(gone, [folder for folder in folders if folder not in gone])
    for folder in gone:
        shutil.rmtree(folder)
