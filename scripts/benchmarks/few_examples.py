"""How well a taxonomy of one's own is learnt from few examples or none, by arXiv's astro-ph.

    python -m scripts.benchmarks.few_examples DATA [--examples 0 3 10]

DATA is a data folder (a copy: vectors of short texts are added) whose papers are embedded, those of
astro-ph among them and most of them not, as in Kaggle's snapshot. The shipped taxonomy of
astrophysics is trained with so many examples a leaf, drawn from DATA, and measured on the other
papers: where arXiv filed them, primary category or cross-list, against the leaf of the same name;
and papers without a category of astro-ph, which belong on no leaf. A third of these are of its
neighbours, gravitation, particles and space physics, and are also told apart.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from classifier.evaluation.cross_validation import Judged, tag_figures
from classifier.tagger import Tagger, read_papers
from classifier.taxonomies.taxonomy import load_taxonomy
from classifier.training.trainer import train_tagger
from index.arrays import Floats
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.opening import identity_in_force
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
_OUTSIDE = 2_000
_FIGURES = ("leaf_accuracy", "macro_f1", "coverage", "precision_of_given_tags")


def main() -> None:
    """Print a line for each number of examples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--examples", type=int, nargs="+", default=[0, 3, 10])
    arguments = parser.parse_args()
    settings = load_settings(os.environ, data=str(arguments.data))
    taxonomy = load_taxonomy("astrophysics")
    with open_catalogue(arguments.data) as catalogue:
        vectors = catalogue.vectors.of(identity_in_force(settings))
        inside, near, far = _papers(catalogue)
        print(
            f"{len(inside)} papers of astro-ph, {len(near)} of its neighbours, {len(far)} others\n"
        )
        print("| examples | leaf | macro-F1 | coverage | precision | others, neighbours untagged |")
        print("|---:|---:|---:|---:|---:|---:|")
        for count in arguments.examples:
            examples = _drawn(inside, count)
            tagger, _ = train_tagger(
                catalogue, replace(taxonomy, examples=examples), vectors, settings
            )
            asked = [paper for paper in inside if paper.id not in examples]
            figures = [
                tag_figures(taxonomy, tagger.leaves, _judged(papers), found)["all"]
                for papers in ([*asked, *near, *far], far, near)
                for found in [_probabilities(catalogue, arguments.data, tagger, papers)]
            ]
            whole = " | ".join(f"{getattr(figures[0], name):.3f}" for name in _FIGURES)
            others, neighbours = (one.out_of_scope_left_untagged for one in figures[1:])
            print(f"| {count} | {whole} | {others:.3f}, {neighbours:.3f} |", flush=True)


def _papers(catalogue: Catalogue) -> tuple[list[Paper], list[Paper], list[Paper]]:
    """All papers of astro-ph's six categories; some of its neighbours; some of the rest."""
    inside, near, far = list[Paper](), list[Paper](), list[Paper]()
    for start in range(1, catalogue.count() + 1, 10_000):
        for entry in catalogue.entries(range(start, start + 10_000)).values():
            paper = entry.paper
            if paper.primary_category in _LEAF_OF:
                inside.append(paper)
            elif not any(category.startswith("astro-ph") for category in paper.categories):
                is_near = (paper.primary_category or "").startswith(_NEIGHBOURS)
                (near if is_near else far).append(paper)
    random = np.random.default_rng(0)
    return inside, _some(near, _OUTSIDE // 3, random), _some(far, _OUTSIDE * 2 // 3, random)


def _some(papers: Sequence[Paper], count: int, random: np.random.Generator) -> list[Paper]:
    places = random.permutation(len(papers))[:count]
    return [papers[place] for place in sorted(places.tolist())]


def _leaves(paper: Paper) -> tuple[str, ...]:
    return tuple(_LEAF_OF[category] for category in paper.categories if category in _LEAF_OF)


def _drawn(inside: Sequence[Paper], count: int) -> dict[str, tuple[str, ...]]:
    """So many papers of each leaf, by primary category."""
    random = np.random.default_rng(0)
    drawn = [
        paper
        for category in _LEAF_OF
        for paper in _some([p for p in inside if p.primary_category == category], count, random)
    ]
    return {paper.id: _leaves(paper) for paper in drawn}


def _judged(papers: Sequence[Paper]) -> list[Judged]:
    return [Judged(paper.title, paper.abstract, _leaves(paper), sure=True) for paper in papers]


def _probabilities(
    catalogue: Catalogue, data: Path, tagger: Tagger, papers: Sequence[Paper]
) -> Floats:
    numbers = catalogue.numbers_of(paper.id for paper in papers)
    row_of = {numbers[paper.id]: row for row, paper in enumerate(papers)}
    found = np.zeros((len(papers), len(tagger.leaves)), np.float32)
    for read, vectors, rows in read_papers(catalogue, data, tagger, list(row_of)):
        found[[row_of[number] for number in read]] = tagger.leaf_probabilities(vectors, rows)
    return found


if __name__ == "__main__":
    main()
