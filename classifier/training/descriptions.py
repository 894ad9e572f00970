"""What the leaves of a taxonomy say of themselves: texts that are examples beside papers."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats
from index.arxiv.paper import text_hash
from index.catalogue.vectors import BoundVectors
from index.embedding.embedder import embed_papers
from index.embedding.opening import open_embedder
from index.settings import Settings

_INCLUDES = 2.0  # what a leaf says that it includes, all together, beside its definition


@dataclass(frozen=True)
class Descriptions:
    """Texts that say what stands on a leaf, its number, and their weights: 1 for a definition."""

    vectors: Floats
    texts: list[str]
    leaves: np.ndarray
    weights: np.ndarray


def descriptions_of(vectors: BoundVectors, taxonomy: Taxonomy, settings: Settings) -> Descriptions:
    """Each leaf's title with its definition, and every subject that it includes."""
    texts, leaves, weights = list[tuple[str, str]](), list[int](), list[float]()
    for number, leaf in enumerate(taxonomy.leaves):
        texts += [(leaf.title, leaf.definition), *((subject, "") for subject in leaf.includes)]
        leaves += [number] * (1 + len(leaf.includes))
        weights += [1.0, *(_INCLUDES / len(leaf.includes) for _ in leaf.includes)]
    return Descriptions(
        vectors=embedded_texts(vectors, settings, texts),
        texts=[" ".join(text) for text in texts],
        leaves=np.array(leaves),
        weights=np.array(weights),
    )


def embedded_texts(
    vectors: BoundVectors,
    settings: Settings,
    texts: Sequence[tuple[str, str]],
) -> Floats:
    """Vectors of titles and abstracts, kept in the catalogue like those of papers."""
    digests = [text_hash(*text) for text in texts]
    held = vectors.of_texts(digests)
    if len(held) < len(set(digests)):
        with closing(open_embedder(settings)) as embedder:
            vectors.add(digests, embed_papers(embedder, texts))
        held = vectors.of_texts(digests)
    return np.stack([held[digest] for digest in digests])
