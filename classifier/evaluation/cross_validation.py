"""Evaluate a tagger on judged papers, whose correct leaves are known."""

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
from index.arrays import Floats, Mask
from index.arxiv.paper import to_single_line
from index.embedding.embedder import Embedder, embed_papers
from index.errors import BadInput

_MIN_GOLD_ROWS = 5


@dataclass(frozen=True, slots=True)
class TagFigures:
    """Measures from 0 to 1. A row is a judged paper; its gold leaves are the correct ones.

    The best leaf or section of a row is the most probable one, even if the tagger abstains. A
    section is a topmost label.

    - `leaf_accuracy`, `section_accuracy`: share of rows in scope whose best leaf or section is gold
    - `macro_f1`: mean F1 of the best leaves, over leaves with at least five gold rows in scope; the
      true leaf of a row is its best leaf if that is gold, otherwise its first gold leaf
    - `coverage`: share of rows in scope that are assigned a leaf
    - `precision_of_given_tags`: share of assigned leaves that are gold, over all rows
    - `out_of_scope_left_untagged`: share of rows out of scope that are assigned no label at all
    - `ece`: expected calibration error of the best leaf's probability, in 15 bins, rows in scope
    - `ece_all_rows`: the same over all rows; any best leaf of a row out of scope is wrong
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
class JudgedPaper:
    """A paper with its gold leaves, none if it is out of scope; `sure` if the judges were sure."""

    title: str
    abstract: str
    leaves: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over `all` rows and over the `sure` rows; the rest is over the sure rows only.

    `reliability` bins the rows in scope by the probability of their best leaf.
    """

    all: TagFigures
    sure: TagFigures
    labels: list[LabelFigures]
    confusion: Confusion
    reliability: list[Bin]


def embed_judged(embedder: Embedder, judged: Sequence[JudgedPaper]) -> Floats:
    """Return the vectors of judged papers, from title and abstract, shape (rows, dimension)."""
    return embed_papers(embedder, [(row.title, row.abstract) for row in judged])


def evaluate_tagger(
    taxonomy: Taxonomy, tagger: Tagger, judged: Sequence[JudgedPaper], vectors: Floats
) -> Evaluation:
    """Tag judged papers by their vectors and words, and compare with the gold leaves."""
    texts = [f"{row.title} {row.abstract}" for row in judged]
    rows = word_rows(tagger.vocabulary, tagger.idf, texts)
    probabilities = tagger.leaf_probabilities(vectors, rows)
    about_whole = tagger.about_whole([row.title for row in judged], vectors, probabilities)
    return evaluate(taxonomy, tagger.leaves, judged, probabilities, about_whole)


def evaluate(
    taxonomy: Taxonomy,
    leaves: Sequence[str],
    judged: Sequence[JudgedPaper],
    probabilities: Floats,
    about_whole: Mask | None = None,
) -> Evaluation:
    """Compare leaf probabilities, shape (rows, leaves), with the gold leaves.

    `about_whole` says which papers are about the whole taxonomy, shape (rows,); by default none.
    """
    if about_whole is None:
        about_whole = np.zeros(len(judged), bool)
    figures = tag_figures(taxonomy, leaves, judged, probabilities, about_whole)
    sure = [row for row, paper in enumerate(judged) if paper.sure]
    gold = [judged[row].leaves for row in sure]
    assigned = [
        _assigned(taxonomy, leaves, probabilities[row], about_whole=about_whole[row])
        for row in sure
    ]
    in_scope = [row for row in sure if judged[row].leaves]
    best = probabilities[in_scope].argmax(axis=1).tolist()
    correct = [leaves[i] in judged[row].leaves for i, row in zip(best, in_scope, strict=True)]
    return Evaluation(
        all=figures["all"],
        sure=figures["sure"],
        labels=label_figures(leaves, gold, assigned),
        confusion=confusion(leaves, gold, assigned),
        reliability=reliability(probabilities[in_scope].max(axis=1), np.array(correct, bool)),
    )


def predict_nearest_definition(embedder: Embedder, taxonomy: Taxonomy, vectors: Floats) -> Floats:
    """Return probability 1 for the leaf with the nearest definition, shape (rows, leaves).

    A baseline that needs no training.
    """
    texts = [(leaf.title, leaf.definition) for leaf in taxonomy.leaves]
    return one_hot_best(vectors @ embed_papers(embedder, texts).T)


def one_hot_best(scores: Floats) -> Floats:
    """Return 1 for the highest score of each row and 0 for the others."""
    one_hot: Floats = np.eye(scores.shape[1], dtype=np.float32)[scores.argmax(axis=1)]
    return one_hot


def tag_figures(
    taxonomy: Taxonomy,
    leaves: Sequence[str],
    judged: Sequence[JudgedPaper],
    probabilities: Floats,
    about_whole: Mask | None = None,
) -> dict[str, TagFigures]:
    """Return figures over `all` and over `sure` rows; the arguments are those of `evaluate`."""
    whole = np.zeros(len(judged), bool) if about_whole is None else about_whole
    sure = [row for row, paper in enumerate(judged) if paper.sure]
    sure_papers = [judged[row] for row in sure]
    return {
        "all": _figures(taxonomy, leaves, judged, probabilities, whole),
        "sure": _figures(taxonomy, leaves, sure_papers, probabilities[sure], whole[sure]),
    }


def _assigned(
    taxonomy: Taxonomy, leaves: Sequence[str], row: Floats, *, about_whole: np.bool_
) -> list[str]:
    tags = select_tags(taxonomy, leaves, row, about_whole=about_whole)
    return [tag.label for tag in tags]


def _figures(
    taxonomy: Taxonomy,
    leaves: Sequence[str],
    judged: Sequence[JudgedPaper],
    probabilities: Floats,
    about_whole: Mask,
) -> TagFigures:
    sections = taxonomy.children(None)
    section_of = {
        label: section.id for section in sections for label in taxonomy.with_descendants(section.id)
    }
    in_scope = [row for row, paper in enumerate(judged) if paper.leaves]
    best = [leaves[i] for i in probabilities.argmax(axis=1)] if judged else []
    assigned = [
        set(_assigned(taxonomy, leaves, row, about_whole=is_whole))
        for row, is_whole in zip(probabilities, about_whole, strict=True)
    ]
    all_correct = np.array([b in paper.leaves for b, paper in zip(best, judged, strict=True)], bool)
    correct = all_correct[in_scope]
    sections_correct = []
    for row in in_scope:
        of_leaves = dict(zip(leaves, probabilities[row].tolist(), strict=True))
        of_sections = label_probabilities(taxonomy, sections, of_leaves)
        best_section = max(of_sections, key=lambda section: of_sections[section])
        sections_correct.append(best_section in {section_of[leaf] for leaf in judged[row].leaves})
    assigned_leaves_correct = [
        leaf in paper.leaves
        for paper, labels in zip(judged, assigned, strict=True)
        for leaf in labels & set(leaves)
    ]
    untagged = [
        not labels for paper, labels in zip(judged, assigned, strict=True) if not paper.leaves
    ]
    return TagFigures(
        rows=len(judged),
        rows_in_scope=len(in_scope),
        leaf_accuracy=_share(correct),
        section_accuracy=_share(sections_correct),
        macro_f1=_macro_f1([judged[row] for row in in_scope], [best[row] for row in in_scope]),
        coverage=_share([bool(assigned[row] & set(leaves)) for row in in_scope]),
        precision_of_given_tags=_share(assigned_leaves_correct),
        out_of_scope_left_untagged=_share(untagged),
        ece=calibration_error(reliability(probabilities[in_scope].max(axis=1), correct)),
        ece_all_rows=calibration_error(reliability(probabilities.max(axis=1), all_correct)),
    )


def _share(hits: Sequence[bool] | np.ndarray) -> float:
    return round(float(np.mean(hits)), 4) if len(hits) else 0.0


def _macro_f1(judged: Sequence[JudgedPaper], best: Sequence[str]) -> float:
    from sklearn.metrics import f1_score

    if not judged:
        return 0.0
    truth = [b if b in row.leaves else row.leaves[0] for row, b in zip(judged, best, strict=True)]
    gold = [leaf for row in judged for leaf in row.leaves]
    counted = sorted({leaf for leaf in gold if gold.count(leaf) >= _MIN_GOLD_ROWS})
    if not counted:
        return 0.0
    macro_f1 = f1_score(truth, best, labels=counted, average="macro", zero_division=0)
    return round(float(macro_f1), 4)


def read_judged(path: Path, taxonomy: Taxonomy) -> list[JudgedPaper]:
    """Read judged papers from JSON Lines: `title`, `abstract`, `leaves` (titles) and `sure`.

    Raises BadInput, with file and line, if a line has another form or names an unknown leaf.
    """
    by_title = {leaf.title: leaf.id for leaf in taxonomy.leaves}
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
            judged.append(JudgedPaper(title, abstract, leaves, bool(row["sure"])))
        except (ValueError, TypeError) as error:
            raise BadInput(f"{path}, line {number}: {error}") from error
        except KeyError as error:
            raise BadInput(
                f"{path}, line {number}: {error} is either a missing field or not the title of "
                "a leaf"
            ) from error
    return judged
