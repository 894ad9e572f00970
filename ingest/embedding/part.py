"""Embed one part of the pending texts; runs in this process or on a Ray worker."""

from index.arrays import Floats
from index.embedding.embedder import Embedder, embed_papers

Part = list[tuple[bytes, str, str]]
"""Text hash, title and abstract of each text; a part is embedded and stored as a whole."""


Embedded = tuple[list[bytes], Floats]
"""Text hashes, and their vectors, shape (texts, dimension)."""


def embed_part(embedder: Embedder, part: Part) -> Embedded:
    """Return the vectors of one batch of texts."""
    vectors = embed_papers(embedder, [(title, abstract) for _, title, abstract in part])
    return [digest for digest, *_ in part], vectors
