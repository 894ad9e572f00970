"""Embed the texts that have no vector, part by part, in this process or on a Ray cluster."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial

from index.catalogue.vectors import BoundVectors
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import open_embedder
from index.progress import Progress
from index.settings import Settings
from ingest.embedding.part import Embedded, Part, embed_part

_PART = 64
_AT_ONCE = 500_000  # texts in memory at a time: about a gigabyte

EmbedParts = Callable[[Sequence[Part]], Generator[Embedded]]
"""Yields the vectors of parts, in any order, each part once."""


def parts_embedder(
    settings: Settings, identity: ModelIdentity, cluster: str | None = None
) -> EmbedParts:
    """Return the function that embeds parts: here, or on the Ray cluster at this address.

    Raises BadInput for an invalid address and RayUnavailable if no cluster answers there.
    """
    if cluster is None:
        return partial(_embed_here, partial(open_embedder, settings))
    from ingest.embedding.ray_client import check_ray, embed_on_ray, worker_settings

    check_ray(cluster)
    return partial(embed_on_ray, cluster, worker_settings(settings), identity)


def embed_pending(vectors: BoundVectors, embed_parts: EmbedParts, progress: Progress) -> int:
    """Embed every text without a vector, store each part when it is done, return the number.

    Raises ModelUnavailable, and RayUnavailable on a cluster; parts stored before are kept.
    """
    total = vectors.count_pending()
    if not total:
        return 0
    done, last = 0, b""
    progress("embed", done, total)
    while pending := vectors.pending(last, _AT_ONCE):
        last = pending[-1][0]
        with closing(embed_parts(_parts(pending))) as embedded:
            for digests, computed in embedded:
                vectors.add(digests, computed)
                done += len(digests)
                progress("embed", done, total)
    return done


def _parts(pending: Part) -> list[Part]:
    """Group texts of similar length, since the model pads all texts of a batch to the longest."""
    by_length = sorted(pending, key=lambda text: (len(text[2]), text[0]))
    return [by_length[start : start + _PART] for start in range(0, len(by_length), _PART)]


def _embed_here(open_model: Callable[[], Embedder], parts: Sequence[Part]) -> Generator[Embedded]:
    with closing(open_model()) as embedder:
        for part in parts:
            yield embed_part(embedder, part)
