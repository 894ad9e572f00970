"""Taggers side by side on judged papers: those that are kept, and one that has learnt nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.evaluation.cross_validation import (
    Judged,
    TagFigures,
    by_definitions,
    evaluate_tagger,
    tag_figures,
)
from classifier.stored_taggers import kept_taggers
from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats
from index.embedding.embedder import Embedder


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The figures of one way to tag, over `all` rows and the `sure` ones."""

    name: str
    all: TagFigures
    sure: TagFigures


def compare_models(
    data: Path, taxonomy: Taxonomy, embedder: Embedder, judged: Sequence[Judged], vectors: Floats
) -> list[ModelFigures]:
    """The tagger in use, those kept from before, and the leaf with the nearest definition.

    A tagger of other leaves or other vectors is left out. The nearest definition never abstains.
    Raises DamagedTagger.
    """
    leaves = tuple(leaf.id for leaf in taxonomy.leaves)
    found = []
    for tagger in kept_taggers(data, taxonomy.name):
        if tagger.leaves == leaves and tagger.identity == embedder.identity:
            figures = evaluate_tagger(taxonomy, tagger, judged, vectors)
            found.append(ModelFigures(f"tagger {tagger.version}", figures.all, figures.sure))
    nearest = tag_figures(taxonomy, leaves, judged, by_definitions(embedder, taxonomy, vectors))
    return [*found, ModelFigures("nearest definition", **nearest)]
