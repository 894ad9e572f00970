"""How good the tagger is, on papers that judges have filed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.evaluation.figures import (
    Bin,
    Confusion,
    LabelFigures,
    calibration_error,
    confusion,
    label_figures,
    reliability,
)
from classifier.tagger import Tagger, label_probabilities, select_tags
from classifier.taxonomies.taxonomy import Taxonomy
from classifier.word_features import word_rows
from index.arrays import Floats
from index.arxiv.paper import to_single_line
from index.embedding.embedder import Embedder, embed_papers
from index.errors import BadInput

_MIN_GOLD_ROWS = 5


@dataclass(frozen=True, slots=True)
class TagFigures:
    """Shares from 0 to 1; "best" is the likeliest leaf or section, abstention ignored.

    `leaf_accuracy`, `section_accuracy`: the best is among the gold ones, rows in scope; a section
    is a topmost label.
    `macro_f1`: of the best leaves, mean over leaves with five gold rows or more; a row's truth is
    its best leaf where that is gold, else its first gold leaf.
    `coverage`: rows in scope given a leaf. `precision_of_given_tags`: given leaves that are gold.
    `out_of_scope_left_untagged`: neither leaf nor section given.
    `ece`: expected calibration error of the best leaf's probability, 15 bins, rows in scope;
    `ece_all_rows`: the same over all rows, a best leaf out of scope being wrong.
    """

    rows: int
    rows_in_scope: int
    leaf_accuracy: float
    section_accuracy: float
    macro_f1: float
    coverage: float
    precision_of_given_tags: float
    out_of_scope_left_untagged: float
    ece: float
    ece_all_rows: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A paper that judges have filed: on these leaves, on none out of scope."""

    title: str
    abstract: str
    leaves: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over `all` rows and the `sure` ones; of the latter also label by label.

    `reliability` has the rows in scope, by the best leaf's probability.
    """

    all: TagFigures
    sure: TagFigures
    labels: list[LabelFigures]
    confusion: Confusion
    reliability: list[Bin]


def embed_judged(embedder: Embedder, judged: Sequence[Judged]) -> Floats:
    """The vectors of judged papers, by title and abstract, shape (rows, dimension)."""
    return embed_papers(embedder, [(row.title, row.abstract) for row in judged])


def evaluate_tagger(
    taxonomy: Taxonomy, tagger: Tagger, judged: Sequence[Judged], vectors: Floats
) -> Evaluation:
    """Tag judged papers by their vectors and words, and compare."""
    texts = [f"{row.title} {row.abstract}" for row in judged]
    rows = word_rows(tagger.vocabulary, tagger.idf, texts)
    return evaluate(taxonomy, tagger.leaves, judged, tagger.leaf_probabilities(vectors, rows))


def evaluate(
    taxonomy: Taxonomy, leaves: Sequence[str], judged: Sequence[Judged], probabilities: Floats
) -> Evaluation:
    """Compare the leaves' probabilities, shape (rows, leaves), with what the judges said."""
    figures = tag_figures(taxonomy, leaves, judged, probabilities)
    sure = [number for number, row in enumerate(judged) if row.sure]
    truth = [judged[number].leaves for number in sure]
    given = [
        [tag.label for tag in select_tags(taxonomy, leaves, probabilities[number])]
        for number in sure
    ]
    in_scope = [number for number in sure if judged[number].leaves]
    best = probabilities[in_scope].argmax(axis=1).tolist()
    right = [leaves[i] in judged[n].leaves for i, n in zip(best, in_scope, strict=True)]
    return Evaluation(
        all=figures["all"],
        sure=figures["sure"],
        labels=label_figures(leaves, truth, given),
        confusion=confusion(leaves, truth, given),
        reliability=reliability(probabilities[in_scope].max(axis=1), np.array(right, bool)),
    )


def by_definitions(embedder: Embedder, taxonomy: Taxonomy, vectors: Floats) -> Floats:
    """What needs no learning: all on the leaf whose definition is nearest, shape (rows, leaves)."""
    texts = [(leaf.title, leaf.definition) for leaf in taxonomy.leaves]
    return all_on_best(vectors @ embed_papers(embedder, texts).T)


def all_on_best(scores: Floats) -> Floats:
    """One for the best leaf of each row and zero for the others."""
    found: Floats = np.eye(scores.shape[1], dtype=np.float32)[scores.argmax(axis=1)]
    return found


def tag_figures(
    taxonomy: Taxonomy, leaves: Sequence[str], judged: Sequence[Judged], probabilities: Floats
) -> dict[str, TagFigures]:
    """Figures over `all` rows and the `sure` ones; `probabilities` of shape (rows, leaves)."""
    sure = [row for row, found in enumerate(judged) if found.sure]
    return {
        "all": _figures(taxonomy, leaves, judged, probabilities),
        "sure": _figures(taxonomy, leaves, [judged[row] for row in sure], probabilities[sure]),
    }


def _figures(
    taxonomy: Taxonomy, leaves: Sequence[str], judged: Sequence[Judged], probabilities: Floats
) -> TagFigures:
    tops = taxonomy.children(None)
    top_of = {below: top.id for top in tops for below in taxonomy.with_descendants(top.id)}
    in_scope = [row for row, found in enumerate(judged) if found.leaves]
    best = [leaves[i] for i in probabilities.argmax(axis=1)] if judged else []
    given = [{tag.label for tag in select_tags(taxonomy, leaves, row)} for row in probabilities]
    right_anywhere = np.array([b in row.leaves for b, row in zip(best, judged, strict=True)], bool)
    right = right_anywhere[in_scope]
    sections_right = []
    for row in in_scope:
        of = dict(zip(leaves, probabilities[row].tolist(), strict=True))
        sections = label_probabilities(taxonomy, tops, of)
        surest = max(sections, key=lambda section: sections[section])
        sections_right.append(surest in {top_of[leaf] for leaf in judged[row].leaves})
    given_leaves = [
        leaf in found.leaves
        for found, labels in zip(judged, given, strict=True)
        for leaf in labels & set(leaves)
    ]
    untagged = [not labels for found, labels in zip(judged, given, strict=True) if not found.leaves]
    return TagFigures(
        rows=len(judged),
        rows_in_scope=len(in_scope),
        leaf_accuracy=_share(right),
        section_accuracy=_share(sections_right),
        macro_f1=_macro_f1([judged[row] for row in in_scope], [best[row] for row in in_scope]),
        coverage=_share([bool(given[row] & set(leaves)) for row in in_scope]),
        precision_of_given_tags=_share(given_leaves),
        out_of_scope_left_untagged=_share(untagged),
        ece=calibration_error(reliability(probabilities[in_scope].max(axis=1), right)),
        ece_all_rows=calibration_error(reliability(probabilities.max(axis=1), right_anywhere)),
    )


def _share(hits: Sequence[bool] | np.ndarray) -> float:
    return round(float(np.mean(hits)), 4) if len(hits) else 0.0


def _macro_f1(judged: Sequence[Judged], best: Sequence[str]) -> float:
    from sklearn.metrics import f1_score

    if not judged:
        return 0.0
    truth = [b if b in row.leaves else row.leaves[0] for row, b in zip(judged, best, strict=True)]
    gold = [leaf for row in judged for leaf in row.leaves]
    counted = sorted({leaf for leaf in gold if gold.count(leaf) >= _MIN_GOLD_ROWS})
    if not counted:
        return 0.0
    found = f1_score(truth, best, labels=counted, average="macro", zero_division=0)
    return round(float(found), 4)


def read_judged(path: Path, taxonomy: Taxonomy) -> list[Judged]:
    """The rows of a judged file; raises BadInput, naming file and line, for another form."""
    by_title = {label.title: label.id for label in taxonomy.leaves}
    judged = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            leaves = tuple(by_title[title] for title in row["leaves"])
            title, abstract = to_single_line(row["title"]), to_single_line(row["abstract"])
            judged.append(Judged(title, abstract, leaves, bool(row["sure"])))
        except (ValueError, TypeError) as error:
            raise BadInput(f"{path}, line {number}: {error}") from error
        except KeyError as error:
            raise BadInput(
                f"{path}, line {number}: no field or leaf of the taxonomy is called {error}"
            ) from error
    return judged
