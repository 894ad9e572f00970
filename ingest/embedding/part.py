"""Embed one part of the pending papers; runs here or on a Ray worker."""

from index.arrays import Floats
from index.embedding.embedder import Embedder, embed_papers

Part = list[tuple[bytes, str, str]]
"""Text hash, title and abstract of each text that is embedded, and kept, together."""


Embedded = tuple[list[bytes], Floats]
"""Text hashes, and as many vectors, shape (texts, dimension)."""


def embed_part(embedder: Embedder, part: Part) -> Embedded:
    """A part's vectors: all that is computed of a text, wherever it is computed."""
    vectors = embed_papers(embedder, [(title, abstract) for _, title, abstract in part])
    return [digest for digest, *_ in part], vectors
