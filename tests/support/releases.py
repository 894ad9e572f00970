"""Releases built from a catalogue in one call."""

from pathlib import Path

from index.catalogue.catalogue import Catalogue
from index.embedding.identity import ModelIdentity
from index.milvus_address import MilvusAddress
from index.releases.building import ReleaseBuilder
from index.releases.contents import ReleaseContents
from index.releases.manifest import Manifest


def release_contents(catalogue: Catalogue, identity: ModelIdentity) -> ReleaseContents:
    """Return what a release of the catalogue would hold."""
    return ReleaseContents.read(catalogue, catalogue.vectors.of(identity))


def build_release(
    catalogue: Catalogue,
    identity: ModelIdentity,
    data: Path,
    exact_up_to: int = 50_000,
    keep: int = 2,
    index: MilvusAddress | None = None,
) -> Manifest:
    """Build a release in a data folder and make it current."""
    builder = ReleaseBuilder(data, exact_up_to, keep, index)
    return builder.build(release_contents(catalogue, identity))
