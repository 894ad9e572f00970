"""How much of what one heading of a reading list holds together stands together here."""

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
    """How many members were asked about, and the mean share of a member's group in its list."""

    queries: int
    share_at_50: float


def evaluate_groups(finder: RelatedFinder, path: Path) -> GroupFigures:
    """For each member of a group: the share of the other members in the first 50 of its list.

    Groups are a JSON list of objects with `papers`, a list of identifiers; those of which fewer
    than three are held here do not count. Raises BadInput for a file of another form.
    """
    shares = [
        share
        for members in _read_groups(path)
        if len(held := _member_rows(finder, members)) >= _MIN_COUNT
        for share in _member_shares(finder, held)
    ]
    if not shares:
        raise BadInput(f"{path}: of no group are {_MIN_COUNT} papers held here")
    return GroupFigures(len(shares), round(float(np.mean(shares)), 4))


def _member_shares(finder: RelatedFinder, members: set[int]) -> list[float]:
    found = []
    for row in sorted(members):
        others = members - {row}
        near = finder.nearest_not_withdrawn(finder.nearness.seed(row), _DEPTH, np.array([row]))
        found.append(len(others & {one.row for one in near}) / len(others))
    return found


def _member_rows(finder: RelatedFinder, members: list[str]) -> set[int]:
    """The rows of those members that the release holds."""
    rows = set()
    for member in members:
        try:
            asked = finder.paper_query(canonical_id(member))
        except (BadIdentifier, UnknownPaper, NotReady):
            continue
        if asked.row is not None:
            rows.add(asked.row)
    return rows


def _read_groups(path: Path) -> list[list[str]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        groups = [[str(paper) for paper in group["papers"]] for group in content]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"{path}: no JSON list of groups with papers: {error}") from error
    return groups
