"""Where each paper of a neighbourhood stands in its picture, in units of the view box.

The seed is the origin. What is one step away stands on an inner ellipse, what is two on an outer
one, beside the paper one step away that it is nearest to. Both are filled row by row, a half to the
right and a half to the left, so that labels beside them never meet.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from index.lists.neighbourhood import Neighbourhood

_ROW = 46.0  # the height of a row: a label of two lines, and air
_OUTER, _INNER = 170.0, 100.0  # half the width of the ellipses
_INNER_HEIGHT = 0.62  # of the outer ellipse's
_MIN_WIDTH = 0.64  # of the inner ellipse: labels stand below its papers, and must not meet
_MIN_HEIGHT = 130.0  # half of it

Place: TypeAlias = tuple[float, float]
Pull: TypeAlias = Callable[[Iterable[str], Sequence[str]], float]


@dataclass(frozen=True, slots=True)
class Group:
    """A paper one step away, by id, and those two steps away that stand beside it."""

    paper: str
    others: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows it fills; two even where nothing stands beside it, for its own label."""
        return max(2, len(self.others))

    @property
    def all(self) -> tuple[str, ...]:
        """All of its papers."""
        return (self.paper, *self.others)


@dataclass(frozen=True, slots=True)
class Layout:
    """Places by id; `branches` are the pairs by which the papers hang together as a tree."""

    places: dict[str, Place]
    branches: set[frozenset[str]]


def lay_out(graph: Neighbourhood) -> Layout:
    """Place every paper of a neighbourhood; the same one is always laid out alike."""
    ring = _ring(graph)
    right, left = _halves(ring)
    rows = max(_rows(right), _rows(left))
    half_height = max(rows * _ROW / 2, _MIN_HEIGHT)
    return Layout(
        places={graph.id: (0.0, 0.0), **_places(right, 1, half_height)}
        | _places(left, -1, half_height),
        branches={frozenset((graph.id, group.paper)) for group in ring}
        | {frozenset((group.paper, other)) for group in ring for other in group.others},
    )


def _ring(graph: Neighbourhood) -> list[Group]:
    """The groups in an order round the seed in which those stand side by side that most joins."""
    scores = {frozenset((edge.source, edge.target)): edge.score for edge in graph.edges}

    def pull(ours: Iterable[str], theirs: Sequence[str]) -> float:
        return sum(scores.get(frozenset((one, other)), 0.0) for one in ours for other in theirs)

    ring: list[Group] = []
    for group in _groups(graph, pull):  # the nearest first, each where it joins most

        def gain(place: int, group: Group = group) -> float:
            before, after = ring[place - 1], ring[place % len(ring)]
            joined = pull(group.all, before.all) + pull(group.all, after.all)
            return joined - pull(before.all, after.all)

        ring.insert(max(range(1, len(ring) + 1), key=gain, default=0), group)

    def turned(place: int) -> Group:
        before, group, after = ring[place - 1], ring[place], ring[(place + 1) % len(ring)]

        def lean(other: str) -> float:
            return pull([other], after.all) - pull([other], before.all)

        return Group(group.paper, tuple(sorted(group.others, key=lean)))

    return [turned(place) for place in range(len(ring))]


def _groups(graph: Neighbourhood, pull: Pull) -> list[Group]:
    first = [node.id for node in graph.nodes if node.step == 1]
    others: dict[str, list[str]] = {paper_id: [] for paper_id in first}
    for node in graph.nodes:
        if node.step == 2:
            pulls = {paper_id: pull([node.id], [paper_id]) for paper_id in first}
            others[max(first, key=pulls.__getitem__)].append(node.id)
    return [Group(paper_id, tuple(beside)) for paper_id, beside in others.items()]


def _rows(half: Sequence[Group]) -> int:
    return sum(group.rows for group in half)


def _halves(ring: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """The ring cut into halves of as even heights as can be, each from above to below."""

    def unevenness(cut: int) -> int:
        return abs(_rows(ring[:cut]) - _rows(ring[cut:]))

    cut = min(range(len(ring), -1, -1), key=unevenness)
    left = [Group(group.paper, group.others[::-1]) for group in reversed(ring[cut:])]
    return list(ring[:cut]), left


def _places(half: Sequence[Group], sign: int, half_height: float) -> dict[str, Place]:
    """The places of one half; sign is 1 to the right, -1 to the left."""
    places = {}
    above = 0
    for group in half:
        middle = above + group.rows / 2
        t = 2 * middle / _rows(half) - 1
        x = _INNER * max(_MIN_WIDTH, sqrt(1 - t * t))
        places[group.paper] = (round(sign * x, 1), round(t * half_height * _INNER_HEIGHT, 1))
        for number, other in enumerate(group.others):
            t = 2 * (middle + number - (len(group.others) - 1) / 2) / _rows(half) - 1
            x = _OUTER * sqrt(1 - t * t)
            places[other] = (round(sign * x, 1), round(t * half_height, 1))
        above += group.rows
    return places
