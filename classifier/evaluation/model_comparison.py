"""Compare the stored taggers and an untrained baseline on judged papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.evaluation.cross_validation import (
    JudgedPaper,
    TagFigures,
    evaluate_tagger,
    predict_nearest_definition,
    tag_figures,
)
from classifier.stored_taggers import kept_taggers
from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats
from index.embedding.embedder import Embedder


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The figures of a tagger or baseline over `all` rows and over the `sure` rows."""

    name: str
    all: TagFigures
    sure: TagFigures


def compare_models(
    data: Path,
    taxonomy: Taxonomy,
    embedder: Embedder,
    judged: Sequence[JudgedPaper],
    vectors: Floats,
) -> list[ModelFigures]:
    """Return the figures of the current tagger, the previous ones, and the nearest definition.

    Taggers with other leaves or for another embedding model are left out. The nearest definition
    is a baseline that never abstains. Raises DamagedTagger if a stored tagger cannot be read.
    """
    leaves = tuple(leaf.id for leaf in taxonomy.leaves)
    models = []
    for tagger in kept_taggers(data, taxonomy.name):
        if tagger.leaves == leaves and tagger.identity == embedder.identity:
            figures = evaluate_tagger(taxonomy, tagger, judged, vectors)
            models.append(ModelFigures(f"tagger {tagger.version}", figures.all, figures.sure))
    nearest = tag_figures(
        taxonomy, leaves, judged, predict_nearest_definition(embedder, taxonomy, vectors)
    )
    return [*models, ModelFigures("nearest definition", **nearest)]
