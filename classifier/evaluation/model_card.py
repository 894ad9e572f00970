"""Model card of a tagger: its training data, and its results in cross-validation."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from classifier.evaluation.cross_validation import JudgedPaper, TagFigures, evaluate
from classifier.evaluation.figures import Bin, LabelFigures
from classifier.evaluation.pictures import draw_reliability_diagram
from classifier.tagger import LEAF_THRESHOLD, SURE_THRESHOLD, Tagger
from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Counts of the training data of a tagger, and a hash.

    `data_hash` covers the identifiers, texts and labels of all labelled papers. `in_scope` and
    `out_of_scope` papers are labelled. `unlabelled` papers replace out-of-scope papers if too few
    of these are known. `descriptions` counts definitions and included subjects, `words` the
    vocabulary.
    """

    data_hash: str
    in_scope: int
    out_of_scope: int
    unlabelled: int
    descriptions: int
    words: int


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Model card of a tagger; the same training data always give the same card.

    `edition` is the version of the taxonomy, `vectors` the embedding model and `lessons` the
    training data. `held_out`, `labels` and `reliability` are results of cross-validation on the
    labelled papers, None or empty if there are too few. Field names are those of `card.json`.
    """

    taxonomy: str
    edition: str
    version: str
    vectors: str
    lessons: TrainingData
    leaf_threshold: float
    sure_threshold: float
    held_out: TagFigures | None
    labels: list[LabelFigures]
    reliability: list[Bin]


def model_card(
    taxonomy: Taxonomy,
    tagger: Tagger,
    training_data: TrainingData,
    gold: Sequence[Sequence[str]],
    held_out: Floats | None,
) -> ModelCard:
    """Return the model card of a tagger.

    `gold` are the leaves of the labelled papers. `held_out` are their leaf probabilities from
    cross-validation, shape (papers, leaves), or None without cross-validation. The results on the
    card do not consider which papers are surveys of the whole taxonomy.
    """
    results = None
    if held_out is not None:
        judged = [JudgedPaper("", "", tuple(leaves), sure=True) for leaves in gold]
        results = evaluate(taxonomy, tagger.leaves, judged, held_out)
    return ModelCard(
        taxonomy=taxonomy.name,
        edition=taxonomy.version,
        version=tagger.version,
        vectors=str(tagger.identity),
        lessons=training_data,
        leaf_threshold=LEAF_THRESHOLD,
        sure_threshold=SURE_THRESHOLD,
        held_out=results.all if results else None,
        labels=results.labels if results else [],
        reliability=results.reliability if results else [],
    )


def card_files(card: ModelCard, taxonomy: Taxonomy) -> dict[str, str]:
    """Return the card as files by name: JSON, Markdown, and the reliability diagram if there is."""
    files = {"card.json": card_json(card), "card.md": _card_markdown(card, taxonomy)}
    if card.reliability:
        files["reliability.svg"] = draw_reliability_diagram(card.reliability)
    return files


def card_json(card: ModelCard) -> str:
    """Return the card as a JSON object."""
    return json.dumps(asdict(card), indent=1) + "\n"


def _card_markdown(card: ModelCard, taxonomy: Taxonomy) -> str:
    data = card.lessons
    lines = [
        f"# Tagger {card.version} for {taxonomy.title}",
        "",
        f"This tagger assigns labels of the taxonomy {card.taxonomy} (version {card.edition}) to a "
        f"paper, or abstains. Its input is the title and abstract of the paper, and their vector "
        f"by {card.vectors}.",
        "",
        f"Training data: {data.in_scope} papers with a label, {data.out_of_scope} papers known to "
        f"be out of scope, {data.unlabelled} unlabelled papers, and {data.descriptions} "
        f"definitions and included subjects of the leaves. The vocabulary has {data.words} words. "
        f"Hash of the labelled papers: `{data.data_hash}`.",
        "",
        f"A leaf is assigned if its probability is at least {card.leaf_threshold}. If no leaf "
        f"reaches that, the lowest label above the leaves with at least {card.sure_threshold} is "
        "assigned. Otherwise the tagger abstains. A survey that is more similar to the description "
        "of the whole taxonomy than to that of its most probable leaf gets no leaf.",
        "",
    ]
    if card.held_out is None:
        reason = "Too few papers are labelled, in scope or out of scope, for cross-validation."
        return "\n".join([*lines, reason, ""])
    lines += [
        "Results of cross-validation on the labelled papers. Each paper was judged by a model that "
        "was trained without it.",
        "",
    ]
    lines += [
        f"- {name.replace('_', ' ')}: {value}" for name, value in asdict(card.held_out).items()
    ]
    lines += ["", "| label | papers | tagged | correct | precision | recall |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for row in card.labels:
        cells = (row.label, row.papers, row.given, row.right, row.precision, row.recall)
        lines.append("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join([*lines, "", "![Share of correct leaves by probability](reliability.svg)", ""])
