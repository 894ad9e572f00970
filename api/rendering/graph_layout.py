"""Positions of the papers of a neighbourhood in its picture, in units of the view box.

The seed is the origin. All other papers are in two columns that bulge outwards; each paper two
steps away is next to the paper one step away that it is most similar to. Labels are outside the
columns, and edges stay inside them, so that no edge crosses a label: the region between the columns
is convex, and so flat at its sides that it does not reach the label of any paper.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from index.lists.neighbourhood import Neighbourhood

_ROW = 38.0  # height of a row: a label of two lines and a gap
_HALF_WIDTH = 130.0  # of the region between the columns, in its middle
_BULGE = 0.3  # 0 for straight columns, 1 for an ellipse
_MIN_HEIGHT = 130.0  # half the height of the columns
_BEND = 250.0  # an edge of this height within a column bends the most

Place: TypeAlias = tuple[float, float]
Attraction: TypeAlias = Callable[[Iterable[str], Sequence[str]], float]


@dataclass(frozen=True, slots=True)
class Group:
    """A paper one step away, by id, and the papers two steps away that are placed next to it."""

    paper: str
    others: tuple[str, ...]

    @property
    def rows(self) -> int:
        """The number of rows that the group needs."""
        return len(self.all)

    @property
    def all(self) -> tuple[str, ...]:
        """All papers of the group from top to bottom, the one next to the seed in the middle."""
        middle = len(self.others) // 2
        return (*self.others[:middle], self.paper, *self.others[middle:])


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions by id; `branches` are the pairs of papers that form a tree from the seed."""

    places: dict[str, Place]
    branches: set[frozenset[str]]


def compute_layout(graph: Neighbourhood) -> Layout:
    """Place each paper of a neighbourhood; the result is deterministic."""
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
    """Order the groups around the seed so that strongly connected groups are adjacent."""
    scores = {frozenset((edge.source, edge.target)): edge.score for edge in graph.edges}

    def attraction(these: Iterable[str], those: Sequence[str]) -> float:
        return sum(scores.get(frozenset((one, other)), 0.0) for one in these for other in those)

    ring: list[Group] = []
    for group in _groups(graph, attraction):  # nearest first, each at its strongest connections

        def gain(place: int, group: Group = group) -> float:
            before, after = ring[place - 1], ring[place % len(ring)]
            joined = attraction(group.all, before.all) + attraction(group.all, after.all)
            return joined - attraction(before.all, after.all)

        ring.insert(max(range(1, len(ring) + 1), key=gain, default=0), group)

    def ordered(place: int) -> Group:
        before, group, after = ring[place - 1], ring[place], ring[(place + 1) % len(ring)]

        def lean(other: str) -> float:
            return attraction([other], after.all) - attraction([other], before.all)

        return Group(group.paper, tuple(sorted(group.others, key=lean)))

    return [ordered(place) for place in range(len(ring))]


def _groups(graph: Neighbourhood, attraction: Attraction) -> list[Group]:
    first = [node.id for node in graph.nodes if node.step == 1]
    others: dict[str, list[str]] = {paper_id: [] for paper_id in first}
    for node in graph.nodes:
        if node.step == 2:
            pulls = {paper_id: attraction([node.id], [paper_id]) for paper_id in first}
            others[max(first, key=pulls.__getitem__)].append(node.id)
    return [Group(paper_id, tuple(nearby)) for paper_id, nearby in others.items()]


def _rows(half: Sequence[Group]) -> int:
    return sum(group.rows for group in half)


def _halves(ring: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """Cut the ring into two halves of similar height, each from top to bottom."""

    def height_difference(cut: int) -> int:
        return abs(_rows(ring[:cut]) - _rows(ring[cut:]))

    cut = min(range(len(ring), -1, -1), key=height_difference)
    left = [Group(group.paper, group.others[::-1]) for group in reversed(ring[cut:])]
    return list(ring[:cut]), left


def _places(half: Sequence[Group], sign: int, half_height: float) -> dict[str, Place]:
    """Place one half; `sign` is 1 for the right side, -1 for the left."""
    column = [paper for group in half for paper in group.all]
    places = {}
    for row, paper in enumerate(column):
        t = (2 * row + 1) / len(column) - 1
        x = _HALF_WIDTH * sqrt(1 - _BULGE * t * t)
        places[paper] = (round(sign * x, 1), round(t * half_height, 1))
    return places


def bend(start: Place, end: Place) -> Place:
    """Return the control point of the edge between two papers, a quadratic curve.

    It lies towards the seed, so that the curve stays between the columns. An edge within a column
    bends the more, the longer it is; an edge of the seed is straight.
    """
    (x1, y1), (x2, y2) = start, end
    within = x1 * x2 > 0
    inwards = min(abs(y1 - y2) / _BEND, 0.8) if within else 0.1
    return round((x1 + x2) / 2 * (1 - inwards), 1), round((y1 + y2) / 2 * 0.95, 1)
