"""Embed the texts that have no vector, part by part, in this process or on a Ray cluster."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.catalogue.vectors import BoundVectors, PendingTexts
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import open_embedder
from index.progress import Progress
from index.settings import Settings
from ingest.embedding.part import Embedded, Part, embed_part

_PART = 64
_WINDOW = 10_000  # texts that are read at a time and grouped by length
_AT_ONCE = 500_000  # texts that a Ray cluster gets at a time: about a gigabyte

EmbedParts = Callable[[Iterable[Part]], Generator[Embedded]]
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


def embed_pending(
    vectors: BoundVectors,
    embed_parts: EmbedParts,
    pending: PendingTexts,
    papers: int,
    progress: Progress,
) -> Generator[int]:
    """Embed texts in about this order, and store each part when it is done.

    After each part, yields the number of papers, of all `papers`, that have a vector. Raises
    ModelUnavailable, and RayUnavailable on a cluster; parts stored before are kept.
    """
    if not len(pending):
        return
    embedded = papers - int(pending.papers.sum())
    progress("embed", embedded, papers)
    for start in range(0, len(pending), _AT_ONCE):
        some = pending[start : start + _AT_ONCE]
        with closing(embed_parts(_parts(vectors, some))) as parts:
            papers_of = _shared_texts(some)
            for digests, computed in parts:
                vectors.add(digests, computed)
                embedded += sum(papers_of.get(digest, 1) for digest in digests)
                progress("embed", embedded, papers)
                yield embedded


def embedding_order(
    pending: PendingTexts, examples: NDArray[np.bytes_], first: int
) -> PendingTexts:
    """Return pending texts, given newest first, in the order in which they are embedded.

    After the `first` texts come the `examples` (text hashes) among the others, because tags need
    the vectors of all labelled papers, and then the rest.
    """
    later = np.isin(pending.text_hashes, examples)
    later[:first] = False
    rows = np.arange(len(pending))
    is_first = rows < first
    return pending[np.concatenate([rows[is_first], rows[later], rows[~is_first & ~later]])]


def _shared_texts(pending: PendingTexts) -> dict[bytes, int]:
    """Return how many papers have a text, for the texts that several have."""
    shared = pending[np.flatnonzero(pending.papers > 1)]
    return dict(zip(shared.hashes(), shared.papers.tolist(), strict=True))


def _parts(vectors: BoundVectors, pending: PendingTexts) -> Iterator[Part]:
    """Group texts of similar length, since the model pads all texts of a batch to the longest.

    The parts of a window are not in order of length, so that a rate measured early holds for all.
    """
    for start in range(0, len(pending), _WINDOW):
        texts = vectors.texts_of(pending[start : start + _WINDOW].hashes())
        by_length = sorted(
            ((digest, *text) for digest, text in texts.items()),
            key=lambda text: (len(text[2]), text[0]),
        )
        parts = [by_length[first : first + _PART] for first in range(0, len(by_length), _PART)]
        yield from sorted(parts)


def _embed_here(open_model: Callable[[], Embedder], parts: Iterable[Part]) -> Generator[Embedded]:
    with closing(open_model()) as embedder:
        for part in parts:
            yield embed_part(embedder, part)
