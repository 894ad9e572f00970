"""Learn the weights of the ranking from the headings of reading lists.

    python -m scripts.ranking.fit_weights DATA GROUPS [--to FILE]

DATA is a data folder with a release of the papers that the lists name. GROUPS is a JSON list of
headings, as `seealso evaluate groups` reads it. For at most eight members of each heading, the
candidates of the member's list are ranked with each combination of weights on a coarse grid. The
figure is recall at 20, as `seealso evaluate groups --at 20` measures it. All headings count
equally.

Of all combinations whose recall is not significantly lower than that of the best (at 5 %, by
bootstrap over lists), those with the smallest correction for density are taken, and their mean is
chosen. The rule is a form of the one-standard-error rule (Breiman and others, 1984).

Recall is reported with weights chosen without the list that the heading belongs to (in eleven folds
of lists). The same is done with each signal left out. The shipped weights are chosen on all lists.
They are written to FILE together with the figures.
"""

import argparse
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.arrays import Floats, Mask, Rows
from index.catalogue.catalogue import read_catalogue
from index.evaluation.groups import (
    bootstrap_over_lists,
    evenly_spaced,
    groups_in_release,
)
from index.files import file_sha256
from index.lists.finder import RelatedFinder
from index.releases.current import CurrentRelease
from index.search.nearness import MIN_CANDIDATES
from index.search.ranking_weights import WEIGHTS_FILE, Signals

_AT = 20
_FOLDS = 11
_RESAMPLES = 1_000
_SIGNIFICANT = 1.96  # standard errors
_MAX_DIFFERENCE = 0.02  # combinations that are worse by more than this are not compared
_GRID = {
    # The weight of the vector is 1 less this one. Smaller weights of the expansion are as good on
    # reading lists, but lose on CSFCube together with the density (docs/measured.md).
    "expansion": (0.65, 0.8),
    "words": (0.25, 0.5, 0.75, 1.0),
    "time": (0.0, 0.05, 0.1, 0.15),
    "density": (0.0, -0.25, -0.5, -0.75, -1.0, -1.25),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one member of a heading.

    `signals` has shape (candidates, signals). `related` marks the other members of the heading,
    `others` is their number in the corpus, `weight` is 1 / (queries of the heading).
    """

    heading: int
    signals: Floats
    related: Mask
    others: int
    weight: float


def read_pools(finder: RelatedFinder, groups: Path) -> tuple[list[Pool], list[str]]:
    """Return the pools of all headings, and the list that each heading belongs to."""
    pools: list[Pool] = []
    lists: list[str] = []
    for group, rows in groups_in_release(finder, groups):
        queries = evenly_spaced(sorted(rows))
        for paper in queries:
            others = np.array([row for other, row in rows.items() if other != paper])
            pools.append(_pool(finder, len(lists), rows[paper], others, 1 / len(queries)))
        lists.append(group.reading_list)
    return pools, lists


def _pool(finder: RelatedFinder, heading: int, row: int, others: Rows, weight: float) -> Pool:
    nearness = finder.nearness
    seed = nearness.seed(row)
    candidates = nearness.candidates(seed, MIN_CANDIDATES)
    candidates = np.setdiff1d(candidates, np.append(finder.release.withdrawn, row))
    signals = np.stack(nearness.signals(seed, candidates), axis=1).astype(np.float32)
    return Pool(heading, signals, np.isin(candidates, others), len(others), weight)


def grid(without: str | None = None) -> Floats:
    """Return the combinations of weights, shape (combinations, signals), without one signal."""
    values = {name: ((0.0,) if name == without else _GRID[name]) for name in Signals._fields[1:]}
    combinations = [[1 - other[0], *other] for other in itertools.product(*values.values())]
    return np.array(combinations, np.float32)


def recalls(pools: Sequence[Pool], weights: Floats, headings: int) -> Floats:
    """Return the recall at 20 of each heading for each combination, (combinations, headings)."""
    longest = max(len(pool.related) for pool in pools)
    signals = np.zeros((len(pools), longest, weights.shape[1]), np.float32)
    related = np.zeros((len(pools), longest), bool)
    for place, pool in enumerate(pools):
        signals[place, : len(pool.related)] = pool.signals
        related[place, : len(pool.related)] = pool.related
    empty = np.arange(longest) >= np.array([len(pool.related) for pool in pools])[:, None]
    share = np.array([pool.weight / min(_AT, pool.others) for pool in pools])
    heading_of = np.array([pool.heading for pool in pools])
    measured = np.empty((len(weights), headings), np.float32)
    for place, combination in enumerate(weights):
        scores = signals @ combination
        scores[empty] = -np.inf
        first = np.argpartition(-scores, _AT, axis=1)[:, :_AT]
        hits = np.take_along_axis(related, first, axis=1).sum(axis=1)
        measured[place] = np.bincount(heading_of, hits * share, minlength=headings)
    return measured


def choose(measured: Floats, weights: Floats, list_of: Rows) -> Floats:
    """Return the mean of the combinations that are as good as the best, with the least correction.

    `measured` has shape (combinations, headings), the result (signals,).
    """
    means = measured.mean(axis=1)
    best = int(np.argmax(means))
    counts = np.bincount(list_of)
    present = np.flatnonzero(counts)
    drawn = np.random.default_rng(0).choice(present, (_RESAMPLES, len(present)))
    drawn_counts = counts[drawn].sum(axis=1)
    as_good = []
    for place in np.flatnonzero(means > means[best] - _MAX_DIFFERENCE).tolist():
        sums = np.bincount(list_of, measured[best] - measured[place])
        error = float((sums[drawn].sum(axis=1) / drawn_counts).std())
        if means[best] - means[place] <= _SIGNIFICANT * error:
            as_good.append(place)
    correction = np.abs(weights[as_good, -1])
    chosen: Floats = weights[as_good][correction == correction.min()].mean(axis=0)
    return chosen


def cross_validated(pools: Sequence[Pool], lists: Sequence[str], weights: Floats) -> Floats:
    """Return the recall of each heading with weights chosen without its list."""
    _, list_of = np.unique(lists, return_inverse=True)
    measured = recalls(pools, weights, len(lists))
    fold_of = np.random.default_rng(0).permutation(list_of.max() + 1) % _FOLDS
    recall = np.empty(len(lists), np.float32)
    for fold in range(_FOLDS):
        inside = fold_of[list_of] == fold
        chosen = choose(measured[:, ~inside], weights, list_of[~inside])
        recall[inside] = recalls(pools, chosen[None], len(lists))[0, inside]
    return recall


def main() -> None:
    """Fit the weights, print what each signal is worth, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, metavar="DATA", help="data folder with a release")
    parser.add_argument("groups", type=Path, metavar="GROUPS", help="headings of reading lists")
    parser.add_argument("--to", type=Path, default=WEIGHTS_FILE, help="file to write")
    arguments = parser.parse_args()
    with read_catalogue(arguments.data) as catalogue:
        finder = RelatedFinder(catalogue, CurrentRelease(arguments.data).get())
        pools, lists = read_pools(finder, arguments.groups)
        papers = finder.release.manifest.papers
    _, list_of = np.unique(lists, return_inverse=True)
    print(f"{len(pools)} papers of {len(lists)} headings of {len(set(lists))} lists")
    full = cross_validated(pools, lists, grid())
    print(f"{'all signals':<20} {_figure(full, lists)}")
    for name in Signals._fields[1:]:
        without = cross_validated(pools, lists, grid(without=name))
        print(f"{'without ' + name:<20} {_figure(without, lists)} {_gain(full - without, lists)}")
    alone = recalls(pools, np.eye(1, len(Signals._fields), dtype=np.float32), len(lists))[0]
    print(f"{'vector alone':<20} {_figure(alone, lists)} {_gain(full - alone, lists)}")
    weights = grid()
    chosen = choose(recalls(pools, weights, len(lists)), weights, list_of)
    usual = float(np.mean(np.concatenate([pool.signals[:, -1] for pool in pools])))
    card = {
        "made_by": "python -m scripts.ranking.fit_weights",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "groups": {
            "name": arguments.groups.name,
            "sha256": file_sha256(arguments.groups),
            "headings": len(lists),
            "lists": len(set(lists)),
            "papers_in_corpus": papers,
        },
        "folds": f"{_FOLDS} folds of lists; the shipped weights are chosen on all of them",
        "recall_at_20_with_the_list_left_out": _interval(full, lists),
        "recall_at_20_of_the_vector_alone": _interval(alone, lists),
    }
    content = {
        "card": card,
        "weights": {
            name: round(float(w), 3) for name, w in zip(Signals._fields, chosen, strict=True)
        },
        "usual_density": round(usual, 3),
    }
    arguments.to.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(content["weights"]))


def _interval(values: Floats, lists: Sequence[str]) -> list[float]:
    low, high = bootstrap_over_lists(values, lists)
    return [round(float(one), 4) for one in (values.mean(), low, high)]


def _figure(values: Floats, lists: Sequence[str]) -> str:
    return "{:.3f} [{:.3f}, {:.3f}]".format(*_interval(values, lists))


def _gain(values: Floats, lists: Sequence[str]) -> str:
    return "{:+.3f} [{:+.3f}, {:+.3f}]".format(*_interval(values, lists))


if __name__ == "__main__":
    main()
