"""Measure how many matches are related, by score: where a match becomes weak.

    python -m scripts.benchmarks.queries.weak_matches GROUPS [--data FOLDER] [--depth 20]

GROUPS is a JSON list of objects with `papers`, and with `group`, a path of headings that begins
with the name of its list ("list > topic > subtopic"). The papers are in the release of FOLDER.
Seeds are at most eight papers of each group, evenly spaced, and the last heading of each path as a
query.

For each band of scores of their first 20 matches, the table has the number of matches, the share
in the group of the seed, and the share in its list; then the same shares of all matches with that
score or a higher one, with 95 % intervals by bootstrap over lists. Other papers may be related
too, so the shares are lower bounds.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.catalogue.catalogue import Catalogue, read_catalogue
from index.embedding.embedder import Embedder
from index.embedding.opening import open_text_embedder
from index.errors import BadInput
from index.evaluation.groups import member_rows, read_groups
from index.lists.entries import Query
from index.lists.finder import RelatedFinder
from index.releases.current import CurrentRelease
from index.settings import load_settings

_MAX_SEEDS = 8
_BAND = 2.5  # width of a band of scores
_RESAMPLES = 1_000


class Match(NamedTuple):
    """A match of a seed: score, whether it is in the seed's group and list, and the list."""

    score: float
    in_group: bool
    in_list: bool
    list_name: str


def _groups(path: Path, finder: RelatedFinder) -> list[tuple[str, str, list[int]]]:
    """Return the list, the last heading and the rows in the release of each group."""
    groups = []
    for group in read_groups(path):
        heading = group.name.rpartition(">")[2].strip()
        groups.append((group.reading_list, heading, sorted(member_rows(finder, group).values())))
    return groups


def _matches(
    finder: RelatedFinder, query: Query, depth: int, group: set[int], in_list: set[int], name: str
) -> Iterator[Match]:
    own = np.array([] if query.row is None else [query.row], np.int64)
    for one in finder.nearest_not_withdrawn(query.seed, depth, own):
        yield Match(100 * one.similarity, one.row in group, one.row in in_list, name)


def _collect(
    finder: RelatedFinder, catalogue: Catalogue, embedder: Embedder, path: Path, depth: int
) -> dict[str, list[Match]]:
    groups = _groups(path, finder)
    lists: dict[str, set[int]] = {}
    for name, _, rows in groups:
        lists.setdefault(name, set()).update(rows)
    found: dict[str, list[Match]] = {"papers": [], "headings": []}
    for name, heading, rows in groups:
        group = set(rows)
        seeds = sorted({rows[i] for i in np.linspace(0, len(rows) - 1, _MAX_SEEDS).astype(int)})
        for row in seeds if len(rows) > 1 else []:
            [entry] = catalogue.entries([finder.release.number(row)]).values()
            query = finder.entry_query(entry)
            found["papers"] += _matches(finder, query, depth, group, lists[name], name)
        try:
            query = finder.text_query(embedder, heading)
        except BadInput:  # a heading without words
            continue
        if not query.vague:
            found["headings"] += _matches(finder, query, depth, group, lists[name], name)
    return found


def _print(name: str, matches: list[Match]) -> None:
    scores = np.array([one.score for one in matches])
    related = np.array([(one.in_group, one.in_list) for one in matches], float)
    lists = np.array([one.list_name for one in matches])
    names = np.unique(lists)
    rng = np.random.default_rng(0)
    samples = rng.integers(0, len(names), (_RESAMPLES, len(names)))
    print(f"\nseeds: {name}; {len(matches)} matches of {len(names)} lists")
    print("score from | matches | in group | in list | above: in group | above: in list")
    for low in np.arange(_BAND * np.floor(scores.min() / _BAND), scores.max(), _BAND):
        band = (scores >= low) & (scores < low + _BAND)
        if not band.any():
            continue
        cells = [f"{low:10.1f}", f"{band.sum():7d}"]
        cells += [f"{share:8.3f}" for share in related[band].mean(axis=0)]
        above = scores >= low
        by_list = np.array([related[above & (lists == one)].sum(axis=0) for one in names])
        counts = np.array([(above & (lists == one)).sum() for one in names])[samples].sum(axis=1)
        for column in (0, 1):
            draws = by_list[samples, column].sum(axis=1) / np.maximum(1, counts)
            lower, upper = np.percentile(draws, [2.5, 97.5])
            cells.append(f"{related[above, column].mean():.3f} [{lower:.3f}, {upper:.3f}]")
        print(" | ".join(cells))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("groups", type=Path)
    parser.add_argument("--data")
    parser.add_argument("--depth", type=int, default=20)
    args = parser.parse_args()
    settings = load_settings({}, data=args.data)
    with read_catalogue(settings.data) as catalogue:
        release = CurrentRelease(settings.data).get()
        embedder = open_text_embedder(settings, release.manifest.identity)
        finder = RelatedFinder(catalogue, release)
        found = _collect(finder, catalogue, embedder, args.groups, args.depth)
        embedder.close()
    for name, matches in found.items():
        _print(name, matches)


if __name__ == "__main__":
    main()
