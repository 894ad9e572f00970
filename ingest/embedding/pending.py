"""Vectors for the texts that have none, part by part: by this machine, or by a Ray cluster."""

from collections.abc import Generator, Sequence
from contextlib import closing

from index.catalogue.vectors import BoundVectors
from index.embedding.identity import ModelIdentity
from index.embedding.opening import open_embedder
from index.settings import Settings
from ingest.embedding.part import Embedded, Part, embed_part
from ingest.intake import Progress

_PART = 64
_AT_ONCE = 500_000  # texts held in memory: a gigabyte


def embed_pending(
    vectors: BoundVectors,
    settings: Settings,
    progress: Progress,
    cluster: str | None = None,
) -> int:
    """Embed every text without a vector; each part is kept as it is done.

    `cluster` is the address of a Ray cluster whose workers compute; they write nothing. Raises
    ModelUnavailable, and with a cluster, also where nothing is to be done, BadInput for an
    address of another form and RayUnavailable.
    """
    if cluster is not None:
        from ingest.embedding.ray_client import check_ray

        check_ray(cluster)
    total = vectors.count_pending()
    if not total:
        return 0
    done, last = 0, b""
    progress("embed", done, total)
    while pending := vectors.pending(last, _AT_ONCE):
        last = pending[-1][0]
        with closing(_embedded(settings, vectors.identity, _parts(pending), cluster)) as embedded:
            for digests, computed in embedded:
                vectors.add(digests, computed)
                done += len(digests)
                progress("embed", done, total)
    return done


def _parts(pending: Part) -> list[Part]:
    """Texts of like length together, since the model pads them to the longest."""
    by_length = sorted(pending, key=lambda text: (len(text[2]), text[0]))
    return [by_length[start : start + _PART] for start in range(0, len(by_length), _PART)]


def _embedded(
    settings: Settings, identity: ModelIdentity, parts: Sequence[Part], cluster: str | None
) -> Generator[Embedded]:
    if cluster is None:
        return _embedded_here(settings, parts)
    from ingest.embedding.ray_client import embedded_on_ray

    return embedded_on_ray(settings, identity, parts, cluster)


def _embedded_here(settings: Settings, parts: Sequence[Part]) -> Generator[Embedded]:
    with closing(open_embedder(settings)) as embedder:
        for part in parts:
            yield embed_part(embedder, part)
