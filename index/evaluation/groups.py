"""Measure how many papers of one reading-list heading are in each other's related lists."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arxiv.identifier import canonical_id
from index.errors import BadIdentifier, BadInput, NotReady, UnknownPaper
from index.lists.finder import RelatedFinder

_DEPTH = 50
_MIN_COUNT = 3


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The number of queries, one per member, and the mean share of the group in a list."""

    queries: int
    share_at_50: float


def evaluate_groups(finder: RelatedFinder, path: Path) -> GroupFigures:
    """Measure, for each member of a group, the share of other members in its 50 nearest papers.

    The file is a JSON list of objects with `papers`, a list of identifiers. Groups with fewer than
    three papers in the release are skipped. Raises BadInput if the file has another form, or if
    no group is left.
    """
    shares = [
        share
        for members in _read_groups(path)
        if len(rows := _member_rows(finder, members)) >= _MIN_COUNT
        for share in _member_shares(finder, rows)
    ]
    if not shares:
        raise BadInput(
            f"{path}: no group has at least {_MIN_COUNT} papers in this release: "
            "ingest their papers, or give other groups"
        )
    return GroupFigures(len(shares), round(float(np.mean(shares)), 4))


def _member_shares(finder: RelatedFinder, members: set[int]) -> list[float]:
    shares = []
    for row in sorted(members):
        others = members - {row}
        nearest = finder.nearest_not_withdrawn(finder.nearness.seed(row), _DEPTH, np.array([row]))
        shares.append(len(others & {neighbour.row for neighbour in nearest}) / len(others))
    return shares


def _member_rows(finder: RelatedFinder, members: list[str]) -> set[int]:
    """Return the rows of those members that are in the release."""
    rows = set()
    for member in members:
        try:
            query = finder.paper_query(canonical_id(member))
        except (BadIdentifier, UnknownPaper, NotReady):
            continue
        if query.row is not None:
            rows.add(query.row)
    return rows


def _read_groups(path: Path) -> list[list[str]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        groups = [[str(paper) for paper in group["papers"]] for group in content]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(
            f'{path} is not a JSON list of groups such as {{"papers": ["2401.08092"]}}: {error}'
        ) from error
    return groups
