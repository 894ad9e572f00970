"""Do the three sentences of a summary say what the paper is about?

    python -m scripts.benchmarks.summaries [--data FOLDER] [--papers N]

Of papers with more than three sentences, the summary alone is embedded and asked for: how often is
its own paper the nearest of all, how high does it stand (mean reciprocal rank), and how many of the
paper's ten nearest are among the ten nearest of its summary? The first three sentences and the
last three are asked for in the same way. Only vectors are compared, so that words copied out of
the abstract give no start.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index.arrays import Floats
from index.arxiv.summary import sentences
from index.catalogue.catalogue import read_catalogue
from index.embedding.opening import open_embedder
from index.releases.current import CurrentRelease
from index.settings import load_settings

_RESAMPLES = 10_000


def _first(abstract: str) -> str:
    return " ".join(sentences(abstract)[:3])


def _last(abstract: str) -> str:
    return " ".join(sentences(abstract)[-3:])


def main() -> None:
    """Measure and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--data", help="the data folder, after an update")
    arguments.add_argument("--papers", type=int, default=400)
    asked = arguments.parse_args()
    settings = load_settings({}, data=asked.data)
    with read_catalogue(settings.data) as catalogue:
        release = CurrentRelease(settings.data).get()
        numbers, vectors = catalogue.vectors.of(release.manifest.identity).matrix()
        order = np.random.default_rng(0).permutation(len(numbers)).tolist()
        entries = catalogue.entries(numbers)
    rows = [row for row in order if len(sentences(entries[numbers[row]].paper.abstract)) > 3]
    rows = rows[: asked.papers]
    chosen = [entries[numbers[row]] for row in rows]
    embedder = open_embedder(settings)
    found: dict[str, Floats] = {}
    shortened: dict[str, Callable[[int], str]] = {
        "the first three": lambda i: _first(chosen[i].paper.abstract),
        "the last three": lambda i: _last(chosen[i].paper.abstract),
        "the summary": lambda i: chosen[i].summary,
    }
    for name, text in shortened.items():
        short = embedder.encode([text(i) for i in range(len(chosen))])
        found[name] = np.array(
            [_figures(vectors, row, asked_by) for row, asked_by in zip(rows, short, strict=True)]
        )
    embedder.close()
    print(f"{len(rows)} of {len(numbers)} papers in {Path(settings.data)}")
    print(f"{'':<16} {'nearest':>8} {'MRR':>7} {'neighbours':>11}   the summary has more")
    for name, figures in found.items():
        gains = [_interval(found["the summary"][:, i] - figures[:, i]) for i in range(3)]
        shown = "" if name == "the summary" else "  ".join(gains)
        nearest, mrr, shared = figures.mean(axis=0)
        print(f"{name:<16} {nearest:8.3f} {mrr:7.3f} {shared:11.3f}   {shown}")


def _figures(vectors: Floats, row: int, short: Floats) -> tuple[float, float, float]:
    """Whether the paper is nearest to its shortened text, 1 / its rank, neighbours in common."""
    near = vectors @ short
    rank = int((near > near[row]).sum()) + 1
    neighbours = vectors @ vectors[row]
    neighbours[row] = near[row] = -1
    ours, theirs = np.argsort(-neighbours)[:10], np.argsort(-near)[:10]
    return float(rank == 1), 1 / rank, len(np.intersect1d(ours, theirs)) / 10


def _interval(gains: Floats) -> str:
    """The mean gain and its 95 % interval, by a bootstrap over the papers."""
    drawn = np.random.default_rng(0).integers(0, len(gains), (_RESAMPLES, len(gains)))
    least, most = np.percentile(gains[drawn].mean(axis=1), [2.5, 97.5])
    return f"{gains.mean():+.3f} [{least:+.3f}, {most:+.3f}]"


if __name__ == "__main__":
    main()
