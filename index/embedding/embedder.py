"""Text to vector: the recipe for a paper, and the door to the ways of computing it."""

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from index.arrays import Floats, unit
from index.embedding.identity import ModelIdentity

RECIPE = "unit(title. abstract + 0.5 title)"
TITLE_WEIGHT = np.float32(0.5)


class Embedder(Protocol):
    """A model that turns texts into unit vectors."""

    @property
    def identity(self) -> ModelIdentity:
        """What the vectors may be compared with."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of the texts, shape (texts, dimension)."""
        ...

    def close(self) -> None:
        """Free what the model holds."""
        ...


def embed_papers(embedder: Embedder, papers: Sequence[tuple[str, str]]) -> Floats:
    """One unit vector for each (title, abstract), shape (papers, dimension).

    The title counts half again beside the whole text: measured on CSFCube, both better than
    either alone (docs/measured.md).
    """
    whole = embedder.encode([f"{title}. {abstract}" for title, abstract in papers])
    titles = embedder.encode([title for title, _ in papers])
    return unit(whole + TITLE_WEIGHT * titles)


def embed_text(embedder: Embedder, text: str) -> Floats:
    """The unit vector of a free text, shape (dimension,)."""
    vector: Floats = embedder.encode([re.sub(r"\s+", " ", text).strip()])[0]
    return vector
