"""The interface of embedding models, and the formula for the vector of a paper."""

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from index.arrays import Floats, unit
from index.embedding.identity import ModelIdentity

RECIPE = "unit(title. abstract + 0.5 title)"
TITLE_WEIGHT = np.float32(0.5)


class Embedder(Protocol):
    """A model that turns texts into unit vectors.

    There is one implementation for each backend. `open_embedder` chooses it from the settings:

        embedder = open_embedder(settings)
        vectors = embed_papers(embedder, [("A survey of newts", "We review newts in ponds.")])
        query = embed_text(embedder, "amphibians in ponds")
        cosines = vectors @ query
        embedder.close()
    """

    @property
    def identity(self) -> ModelIdentity:
        """The identity of the vectors. Only vectors with equal identities can be compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the unit vectors of the texts, shape (texts, dimension)."""
        ...

    def close(self) -> None:
        """Free the resources of the model, such as its child process."""
        ...


def embed_papers(embedder: Embedder, papers: Sequence[tuple[str, str]]) -> Floats:
    """Return a unit vector for each (title, abstract), shape (papers, dimension).

    The vector of the title is added to the vector of the whole text with weight 0.5. On CSFCube
    the sum is better than either vector alone (docs/measured.md).
    """
    texts = embedder.encode([f"{title}. {abstract}" for title, abstract in papers])
    titles = embedder.encode([title for title, _ in papers])
    return unit(texts + TITLE_WEIGHT * titles)


def embed_text(embedder: Embedder, text: str) -> Floats:
    """Return the unit vector of a free text, shape (dimension,)."""
    vector: Floats = embedder.encode([re.sub(r"\s+", " ", text).strip()])[0]
    return vector
