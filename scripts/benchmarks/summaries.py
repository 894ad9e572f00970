"""Measure whether a summary describes what the paper is about.

    python -m scripts.benchmarks.summaries [--data FOLDER] [--papers N]

FOLDER is a data folder with a release. For N papers with more than three sentences, the summary
alone is embedded and used as a query. The first three and the last three sentences are used in the
same way. Only vectors are compared, so that sentences copied from the abstract gain nothing from
equal words. The table lists for each variant:

- nearest: how often the query's own paper is the nearest of all,
- MRR: the mean reciprocal rank of that paper,
- neighbours: the share of the paper's ten nearest papers among the query's ten nearest,
- the summary's gain over the variant, with 95 % intervals, in the same three figures.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index.arrays import Floats
from index.arxiv.paper import Paper
from index.arxiv.summaries.sentences import sentences
from index.arxiv.summaries.summary import summarise
from index.catalogue.catalogue import read_catalogue
from index.embedding.opening import open_embedder
from index.releases.current import CurrentRelease
from index.settings import load_settings

_RESAMPLES = 10_000


def _first(abstract: str) -> str:
    return " ".join(sentences(abstract)[:3])


def _summary(paper: Paper) -> str:
    """Return the present method's summary; a catalogue may hold that of an earlier version."""
    return summarise(paper.abstract, paper.title)


def _last(abstract: str) -> str:
    return " ".join(sentences(abstract)[-3:])


def main() -> None:
    """Measure the three variants and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--data", metavar="FOLDER", help="data folder with a release (default: data/)"
    )
    parser.add_argument(
        "--papers", type=int, default=400, help="papers to measure (default: %(default)s)"
    )
    arguments = parser.parse_args()
    settings = load_settings({}, data=arguments.data)
    with read_catalogue(settings.data) as catalogue:
        release = CurrentRelease(settings.data).get()
        numbers, vectors = catalogue.vectors.of(release.manifest.identity).matrix()
        order = np.random.default_rng(0).permutation(len(numbers)).tolist()
        entries = catalogue.entries(numbers)
    rows = [row for row in order if len(sentences(entries[numbers[row]].paper.abstract)) > 3]
    rows = rows[: arguments.papers]
    chosen = [entries[numbers[row]] for row in rows]
    embedder = open_embedder(settings)
    figures: dict[str, Floats] = {}
    variants: dict[str, Callable[[int], str]] = {
        "the first three": lambda i: _first(chosen[i].paper.abstract),
        "the last three": lambda i: _last(chosen[i].paper.abstract),
        "the summary": lambda i: _summary(chosen[i].paper),
    }
    for name, text_of in variants.items():
        queries = embedder.encode([text_of(i) for i in range(len(chosen))])
        figures[name] = np.array(
            [_figures(vectors, row, query) for row, query in zip(rows, queries, strict=True)]
        )
    embedder.close()
    print(f"{len(rows)} of {len(numbers)} papers in {Path(settings.data)}")
    print(f"{'':<16} {'nearest':>8} {'MRR':>7} {'neighbours':>11}   gain of the summary")
    for name, of_variant in figures.items():
        gains = [_interval(figures["the summary"][:, i] - of_variant[:, i]) for i in range(3)]
        gain = "" if name == "the summary" else "  ".join(gains)
        nearest, mrr, shared = of_variant.mean(axis=0)
        print(f"{name:<16} {nearest:8.3f} {mrr:7.3f} {shared:11.3f}   {gain}")


def _figures(vectors: Floats, row: int, query: Floats) -> tuple[float, float, float]:
    """Return for one paper: whether it is the nearest, its reciprocal rank, shared neighbours."""
    to_query = vectors @ query
    rank = int((to_query > to_query[row]).sum()) + 1
    to_paper = vectors @ vectors[row]
    to_paper[row] = to_query[row] = -1
    shared = np.intersect1d(np.argsort(-to_paper)[:10], np.argsort(-to_query)[:10])
    return float(rank == 1), 1 / rank, len(shared) / 10


def _interval(gains: Floats) -> str:
    """Format the mean gain and its 95 % interval, from a bootstrap over the papers."""
    drawn = np.random.default_rng(0).integers(0, len(gains), (_RESAMPLES, len(gains)))
    low, high = np.percentile(gains[drawn].mean(axis=1), [2.5, 97.5])
    return f"{gains.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


if __name__ == "__main__":
    main()
