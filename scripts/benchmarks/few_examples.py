"""Measure how well a custom taxonomy is learnt from few or no examples, on papers of astro-ph.

    python -m scripts.benchmarks.few_examples DATA [--examples 0 3 10]

DATA is a data folder whose papers are embedded. Some of them must belong to astro-ph and most must
not, as in Kaggle's snapshot. Use a copy, because vectors of short texts are added to it. --examples
lists the numbers of examples for each leaf.

The shipped taxonomy of astrophysics is trained with that number of examples, drawn from DATA, and
measured on the other papers:

- Papers of astro-ph: their primary category and cross-lists should be the leaves of the same name.
- Papers without a category of astro-ph: they should get no tag. A third of these belong to
  neighbouring fields (gravitation, particles, space physics). The last column lists the share left
  untagged for both kinds.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from classifier.evaluation.cross_validation import JudgedPaper, tag_figures
from classifier.tagger import Tagger, read_papers
from classifier.taxonomies.taxonomy import load_taxonomy
from classifier.training.trainer import TaggerTrainer
from index.arrays import Floats
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.settings import load_settings

_LEAF_OF = {
    "astro-ph.CO": "cosmology",
    "astro-ph.EP": "earth-and-planetary",
    "astro-ph.GA": "astrophysics-of-galaxies",
    "astro-ph.HE": "high-energy",
    "astro-ph.IM": "instrumentation",
    "astro-ph.SR": "solar-and-stellar",
}
_NEIGHBOURS = ("gr-qc", "hep-", "nucl-", "physics.space-ph", "physics.ao-ph", "physics.plasm-ph")
_OUT_OF_SCOPE = 2_000
_FIGURES = ("leaf_accuracy", "macro_f1", "coverage", "precision_of_given_tags")


def main() -> None:
    """Print a line for each number of examples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder; vectors are added to it")
    parser.add_argument(
        "--examples",
        type=int,
        nargs="+",
        default=[0, 3, 10],
        help="examples for each leaf (default: %(default)s)",
    )
    arguments = parser.parse_args()
    settings = load_settings(os.environ, data=str(arguments.data))
    taxonomy = load_taxonomy("astrophysics")
    with open_catalogue(arguments.data) as catalogue:
        trainer = TaggerTrainer.from_settings(catalogue, settings)
        inside, neighbouring, other = _papers(catalogue)
        print(
            f"{len(inside)} papers of astro-ph, {len(neighbouring)} of neighbouring fields, "
            f"{len(other)} others\n"
        )
        print(
            "| examples | leaf accuracy | macro-F1 | coverage | precision "
            "| untagged: others, neighbouring fields |"
        )
        print("|---:|---:|---:|---:|---:|---:|")
        for count in arguments.examples:
            examples = _draw_examples(inside, count)
            tagger, _ = trainer.train(replace(taxonomy, examples=examples))
            measured = [paper for paper in inside if paper.id not in examples]
            figures = [
                tag_figures(taxonomy, tagger.leaves, _judged(papers), probabilities)["all"]
                for papers in ([*measured, *neighbouring, *other], other, neighbouring)
                for probabilities in [_probabilities(catalogue, arguments.data, tagger, papers)]
            ]
            row = " | ".join(f"{getattr(figures[0], name):.3f}" for name in _FIGURES)
            untagged = ", ".join(f"{part.out_of_scope_left_untagged:.3f}" for part in figures[1:])
            print(f"| {count} | {row} | {untagged} |", flush=True)


def _papers(catalogue: Catalogue) -> tuple[list[Paper], list[Paper], list[Paper]]:
    """Return all papers of astro-ph, a sample of neighbouring fields, and a sample of the rest.

    Papers of astro-ph are those with one of its six categories as the primary one.
    """
    inside, neighbouring, other = list[Paper](), list[Paper](), list[Paper]()
    for start in range(1, catalogue.count() + 1, 10_000):
        for entry in catalogue.entries(range(start, start + 10_000)).values():
            paper = entry.paper
            if paper.primary_category in _LEAF_OF:
                inside.append(paper)
            elif not any(category.startswith("astro-ph") for category in paper.categories):
                is_near = (paper.primary_category or "").startswith(_NEIGHBOURS)
                (neighbouring if is_near else other).append(paper)
    random = np.random.default_rng(0)
    return (
        inside,
        _sample(neighbouring, _OUT_OF_SCOPE // 3, random),
        _sample(other, _OUT_OF_SCOPE * 2 // 3, random),
    )


def _sample(papers: Sequence[Paper], count: int, random: np.random.Generator) -> list[Paper]:
    places = random.permutation(len(papers))[:count]
    return [papers[place] for place in sorted(places.tolist())]


def _leaves(paper: Paper) -> tuple[str, ...]:
    return tuple(_LEAF_OF[category] for category in paper.categories if category in _LEAF_OF)


def _draw_examples(inside: Sequence[Paper], count: int) -> dict[str, tuple[str, ...]]:
    """Draw `count` papers of each primary category and return their leaves by identifier."""
    random = np.random.default_rng(0)
    drawn = [
        paper
        for category in _LEAF_OF
        for paper in _sample([p for p in inside if p.primary_category == category], count, random)
    ]
    return {paper.id: _leaves(paper) for paper in drawn}


def _judged(papers: Sequence[Paper]) -> list[JudgedPaper]:
    return [JudgedPaper(paper.title, paper.abstract, _leaves(paper), sure=True) for paper in papers]


def _probabilities(
    catalogue: Catalogue, data: Path, tagger: Tagger, papers: Sequence[Paper]
) -> Floats:
    """Return the leaf probabilities of papers, shape (papers, leaves)."""
    numbers = catalogue.numbers_of(paper.id for paper in papers)
    row_of = {numbers[paper.id]: row for row, paper in enumerate(papers)}
    probabilities = np.zeros((len(papers), len(tagger.leaves)), np.float32)
    for read, vectors, words in read_papers(catalogue, data, tagger, list(row_of)):
        rows = [row_of[number] for number in read]
        probabilities[rows] = tagger.leaf_probabilities(vectors, words)
    return probabilities


if __name__ == "__main__":
    main()
