"""The card of a tagger: what it learnt from, and how well it does on what it had not seen."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from classifier.evaluation.cross_validation import Judged, TagFigures, evaluate
from classifier.evaluation.figures import Bin, LabelFigures
from classifier.evaluation.pictures import reliability_picture
from classifier.tagger import LEAF_THRESHOLD, SURE_THRESHOLD, Tagger
from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a tagger learnt from, in numbers.

    `data_hash` is of every labelled paper's identifier, text and labels. `unlabelled` papers, which
    nobody had filed, taught it what is out of scope where the taxonomy says nothing of that.
    """

    data_hash: str
    in_scope: int
    out_of_scope: int
    unlabelled: int
    descriptions: int
    words: int


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A tagger's card; nothing in it depends on when or where it was trained.

    `held_out`, `labels` and `reliability` are of the labelled papers, each judged by a fit that had
    not seen it; None and empty where there were too few.
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
    lessons: TrainingData,
    truth: Sequence[Sequence[str]],
    held_out: Floats | None,
) -> ModelCard:
    """The card of a tagger.

    `truth` has the leaves of the labelled papers, `held_out` their leaves' probabilities by fits
    that had not seen them, shape (papers, leaves).
    """
    found = None
    if held_out is not None:
        judged = [Judged("", "", tuple(leaves), sure=True) for leaves in truth]
        found = evaluate(taxonomy, tagger.leaves, judged, held_out)
    return ModelCard(
        taxonomy=taxonomy.name,
        edition=taxonomy.version,
        version=tagger.version,
        vectors=str(tagger.identity),
        lessons=lessons,
        leaf_threshold=LEAF_THRESHOLD,
        sure_threshold=SURE_THRESHOLD,
        held_out=found.all if found else None,
        labels=found.labels if found else [],
        reliability=found.reliability if found else [],
    )


def card_files(card: ModelCard, taxonomy: Taxonomy) -> dict[str, str]:
    """What lies beside the weights, by file name: the card for people, for programs, a picture."""
    files = {"card.json": card_json(card), "card.md": _for_people(card, taxonomy)}
    if card.reliability:
        files["reliability.svg"] = reliability_picture(card.reliability)
    return files


def card_json(card: ModelCard) -> str:
    """The card as a JSON object."""
    return json.dumps(asdict(card), indent=1) + "\n"


def _for_people(card: ModelCard, taxonomy: Taxonomy) -> str:
    learnt = card.lessons
    lines = [
        f"# Tagger {card.version} of {taxonomy.title}",
        "",
        f"Says on which leaf of the taxonomy {card.taxonomy} (edition {card.edition}) a paper "
        f"stands, or on none, from its title and abstract and its vector by {card.vectors}.",
        "",
        f"Learnt from {learnt.in_scope} papers on a leaf, {learnt.out_of_scope} on none, "
        f"{learnt.unlabelled} that nobody had filed, {learnt.descriptions} lines that the leaves "
        f"say of themselves, and {learnt.words} words. Hash of the labelled papers: "
        f"`{learnt.data_hash}`.",
        "",
        f"A leaf is given from a probability of {card.leaf_threshold} on; where none has it, a "
        f"label above them from {card.sure_threshold} on.",
        "",
    ]
    if card.held_out is None:
        return "\n".join([*lines, "Too few papers are labelled to hold some of them out.", ""])
    lines += ["On the labelled papers, each judged by a fit that had not seen it:", ""]
    lines += [
        f"- {name.replace('_', ' ')}: {value}" for name, value in asdict(card.held_out).items()
    ]
    lines += ["", "| label | papers | given | right | precision | recall |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for one in card.labels:
        cells = (one.label, one.papers, one.given, one.right, one.precision, one.recall)
        lines.append("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join([*lines, "", "![Share that is right, by probability](reliability.svg)", ""])
