"""Measure how many papers of one reading-list heading are in each other's related lists."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Floats
from index.arxiv.identifier import canonical_id
from index.errors import BadIdentifier, BadInput
from index.lists.finder import RelatedFinder

DEPTH = 50
_MIN_COUNT = 3
_MAX_QUERIES = 8  # members of a heading that recall is measured for
_RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Group:
    """The identifiers under one heading of a reading list; the list is named before " > "."""

    name: str
    papers: list[str]

    @property
    def reading_list(self) -> str:
        """The list that the heading belongs to."""
        return self.name.partition(" > ")[0]


@dataclass(frozen=True, slots=True)
class Recall:
    """The mean recall over headings, its 95 % interval, and the number of headings and lists."""

    at: int
    mean: float
    interval: tuple[float, float]
    headings: int
    lists: int


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The number of queries, one per member, the mean share of the group in a list, and recall."""

    queries: int
    share_at_50: float
    recall: Recall | None = None


def evaluate_groups(finder: RelatedFinder, path: Path, at: int | None = None) -> GroupFigures:
    """Measure, for each member of a group, the share of other members in its 50 nearest papers.

    If `at` is given, recall is measured too: for at most eight members of a group, evenly spaced in
    sorted order, the number of other members among the first `at` papers, divided by the largest
    possible number; the mean over members, then over groups. Its interval is a bootstrap over
    lists.

    The file is a JSON list of objects with `papers`, a list of identifiers, and `group`, the
    heading. Groups with fewer than three papers in the release are skipped. Raises BadInput if the
    file has another form, or if no group is left.
    """
    shares: list[float] = []
    recalls: list[float] = []
    lists: list[str] = []
    for group, rows in groups_in_release(finder, path):
        nearest = {row: listed_rows(finder, row, max(DEPTH, at or 0)) for row in rows.values()}
        members = set(nearest)
        for row, listed in nearest.items():
            others = members - {row}
            shares.append(len(others & set(listed[:DEPTH])) / len(others))
        if at is not None:
            queries = [rows[paper] for paper in evenly_spaced(sorted(rows))]
            recalls.append(
                float(np.mean([recall(nearest[row][:at], members - {row}, at) for row in queries]))
            )
            lists.append(group.reading_list)
    if not shares:
        raise BadInput(
            f"{path}: no group has at least {_MIN_COUNT} papers in this release: "
            "ingest their papers, or give other groups"
        )
    measured = None if at is None else mean_recall(at, np.array(recalls), lists)
    return GroupFigures(len(shares), round(float(np.mean(shares)), 4), measured)


def evenly_spaced(papers: Sequence[str]) -> list[str]:
    """Return at most eight papers, evenly spaced, with the first and the last."""
    count = min(_MAX_QUERIES, len(papers))
    return [papers[i] for i in np.linspace(0, len(papers) - 1, count).round().astype(int)]


def recall(listed: Sequence[int], others: set[int], at: int) -> float:
    """Return the share of the largest possible number of other members that a list has."""
    return len(others & set(listed)) / min(at, len(others))


def mean_recall(at: int, recalls: Floats, lists: Sequence[str]) -> Recall:
    """Return the mean of the recalls of headings, with an interval by bootstrap over lists."""
    low, high = bootstrap_over_lists(recalls, lists)
    mean = round(float(recalls.mean()), 4)
    return Recall(at, mean, (round(low, 4), round(high, 4)), len(recalls), len(set(lists)))


def bootstrap_over_lists(values: Floats, lists: Sequence[str]) -> tuple[float, float]:
    """Return the limits of the 95 % interval of the mean, with whole lists drawn again."""
    _, list_of = np.unique(np.array(lists), return_inverse=True)
    sums, counts = np.bincount(list_of, values), np.bincount(list_of)
    drawn = np.random.default_rng(0).integers(0, len(sums), (_RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def listed_rows(finder: RelatedFinder, row: int, depth: int) -> list[int]:
    """Return the rows of the first `depth` papers of a paper's list."""
    seed = finder.nearness.seed(row)
    nearest = finder.nearest_not_withdrawn(seed, depth, np.array([row]))
    return [neighbour.row for neighbour in nearest]


def groups_in_release(finder: RelatedFinder, path: Path) -> Iterator[tuple[Group, dict[str, int]]]:
    """Yield the groups of a file that have at least three papers in the release.

    Each comes with the rows of these papers by canonical id. Raises BadInput.
    """
    for group in read_groups(path):
        rows = member_rows(finder, group)
        if len(rows) >= _MIN_COUNT:
            yield group, rows


def member_rows(finder: RelatedFinder, group: Group) -> dict[str, int]:
    """Return the rows of those members that are in the release, by canonical id."""
    ids = []
    for member in group.papers:
        with suppress(BadIdentifier):
            ids.append(canonical_id(member))
    rows = {}
    for paper, number in finder.catalogue.numbers_of(ids).items():
        row = finder.release.row(number)
        if row is not None:
            rows[paper] = row
    return rows


def read_groups(path: Path) -> list[Group]:
    """Read a file of groups; raises BadInput if it has another form."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [
            Group(str(group.get("group", "")), [str(paper) for paper in group["papers"]])
            for group in content
        ]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(
            f'{path} is not a JSON list of groups such as {{"papers": ["2401.08092"]}}: {error}'
        ) from error
