"""Vectors for the texts that have none, part by part: by this machine, or by a Ray cluster."""

from collections.abc import Generator, Sequence
from contextlib import closing

from index.arrays import Floats
from index.catalogue import Catalogue
from index.embedding import Embedder, embed_papers, open_embedder
from index.model_identity import ModelIdentity
from index.settings import Settings
from ingest.store import Progress

_PART = 64

Part = list[tuple[bytes, str, str]]
"""Text hash, title and abstract of each text that is embedded, and kept, together."""
Embedded = tuple[list[bytes], Floats]
"""Text hashes, and as many vectors, shape (texts, dimension)."""


def embed_pending(
    catalogue: Catalogue,
    settings: Settings,
    identity: ModelIdentity,
    progress: Progress,
    cluster: str | None = None,
) -> int:
    """Embed every text without a vector of this identity; each part is kept as it is done.

    `cluster` is the address of a Ray cluster whose workers compute; they write nothing. Raises
    ModelUnavailable, and RayUnavailable with a cluster.
    """
    pending = catalogue.vectors.pending(identity)
    if not pending:
        return 0
    parts = [pending[start : start + _PART] for start in range(0, len(pending), _PART)]
    done = 0
    progress("embed", done, len(pending))
    with closing(_embedded(settings, identity, parts, cluster)) as embedded:
        for digests, vectors in embedded:
            catalogue.vectors.add(identity, digests, vectors)
            done += len(digests)
            progress("embed", done, len(pending))
    return done


def _embedded(
    settings: Settings, identity: ModelIdentity, parts: Sequence[Part], cluster: str | None
) -> Generator[Embedded]:
    if cluster is None:
        return _embedded_here(settings, parts)
    from ingest.ray_embedding import embedded_on_ray

    return embedded_on_ray(settings, identity, parts, cluster)


def _embedded_here(settings: Settings, parts: Sequence[Part]) -> Generator[Embedded]:
    with closing(open_embedder(settings)) as embedder:
        for part in parts:
            yield embed_part(embedder, part)


def embed_part(embedder: Embedder, part: Part) -> Embedded:
    """A part's vectors: all that is computed of a text, wherever it is computed."""
    vectors = embed_papers(embedder, [(title, abstract) for _, title, abstract in part])
    return [digest for digest, *_ in part], vectors
