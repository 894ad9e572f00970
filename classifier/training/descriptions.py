"""Descriptions of leaves as training texts: definitions and included subjects, with vectors."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats
from index.arxiv.paper import text_hash
from index.catalogue.vectors import BoundVectors
from index.embedding.embedder import Embedder, embed_papers

_INCLUDES = 2.0  # weight of all included subjects of a leaf together; its definition weighs 1


@dataclass(frozen=True)
class TextVectors:
    """Vectors of any texts, computed once and stored in the catalogue like those of papers.

    `open_embedder` opens the model that made the `stored` vectors.
    """

    stored: BoundVectors
    open_embedder: Callable[[], Embedder]

    def of(self, texts: Sequence[tuple[str, str]]) -> Floats:
        """Return the vectors of titles and abstracts, shape (texts, dimension).

        Opens the model only if a vector is missing. Raises ModelUnavailable.
        """
        digests = [text_hash(*text) for text in texts]
        vectors = self.stored.of_texts(digests)
        if len(vectors) < len(set(digests)):
            with closing(self.open_embedder()) as embedder:
                self.stored.add(digests, embed_papers(embedder, texts))
            vectors = self.stored.of_texts(digests)
        return np.stack([vectors[digest] for digest in digests])


@dataclass(frozen=True)
class Descriptions:
    """Texts that describe leaves: for each, its vector, leaf number and weight.

    A definition has the weight 1.
    """

    vectors: Floats
    texts: list[str]
    leaves: np.ndarray
    weights: np.ndarray


def contrast_vectors(taxonomy: Taxonomy, text_vectors: TextVectors) -> Floats:
    """Return vectors that tell a leaf from the whole taxonomy, shape (dimension, leaves + 1).

    A leaf is described by the taxonomy's title, its own title and its definition. The last column
    is the whole taxonomy, described by its title and the definitions of its topmost labels, or of
    those below its root if it has one. All texts have the taxonomy's title, so that they differ
    only in what a leaf adds to it.
    """
    root = taxonomy.root
    definitions = [label.definition for label in taxonomy.children(root.id if root else None)]
    leaves = [(f"{taxonomy.title}: {leaf.title}", leaf.definition) for leaf in taxonomy.leaves]
    return text_vectors.of([*leaves, (taxonomy.title, " ".join(definitions))]).T


def describe_leaves(taxonomy: Taxonomy, text_vectors: TextVectors) -> Descriptions:
    """Return the descriptions of all leaves: title with definition, and each included subject."""
    texts, leaves, weights = list[tuple[str, str]](), list[int](), list[float]()
    for number, leaf in enumerate(taxonomy.leaves):
        texts += [(leaf.title, leaf.definition), *((subject, "") for subject in leaf.includes)]
        leaves += [number] * (1 + len(leaf.includes))
        weights += [1.0, *(_INCLUDES / len(leaf.includes) for _ in leaf.includes)]
    return Descriptions(
        vectors=text_vectors.of(texts),
        texts=[" ".join(text) for text in texts],
        leaves=np.array(leaves),
        weights=np.array(weights),
    )
