"""The picture of a neighbourhood: all that its template draws."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from api.rendering.graph_labels import family_name, short_title
from api.rendering.graph_layout import Layout, Place, lay_out
from api.rendering.prose import MAX_TITLE_LENGTH, prose
from classifier.taxonomies.taxonomy import Taxonomy, load_taxonomy
from index.catalogue.tags import TagKey
from index.lists.neighbourhood import Neighbourhood, Node

Side: TypeAlias = Literal["right", "left", "below", "above"]

WIDTH = 690
_MARGIN, _LEGEND_ROW = 14.0, 26.0
_FIRST_COLUMNS, _MAX_COLUMNS = 17, 26
_NAME_COLUMNS, _OUTER_NAME_COLUMNS, _NARROW_NAME_COLUMNS = 11, 15, 10
_YEAR_COLUMNS = 5  # behind a name, with the blank
_COLUMN = 6.9  # the width of a narrow character, in the widest of the usual typefaces
_RADII = (15.0, 9.0, 5.5)  # by step
_LABEL = 40.0  # the height of a label above or below a paper, with its distance
_LINE = 16.0  # what a label beside a paper reaches down


@dataclass(frozen=True, slots=True)
class Mark:
    """A paper in the picture; `side` is where its label stands.

    A screen that is narrow has larger letters, and shows `narrow_name` only.
    `section` numbers the taxonomy's sections from 1; 0 is none.
    """

    node: Node
    title: str
    x: float
    y: float
    radius: float
    side: Side
    section: int
    name: str
    narrow_name: str
    words: str

    @property
    def top(self) -> float:
        """The upper edge of paper and label."""
        return self.y - self.radius - (_LABEL if self.side == "above" else 0)

    @property
    def bottom(self) -> float:
        """The lower edge of paper and label."""
        beside = _LINE if self.side in ("right", "left") else 0
        return self.y + max(self.radius + (_LABEL if self.side == "below" else 0), beside)


@dataclass(frozen=True, slots=True)
class Line:
    """An edge as a path, and how strongly it is drawn, 0 to 1.

    A `branch` is an edge of the tree by which the papers are ordered.
    """

    path: str
    strength: float
    branch: bool


@dataclass(frozen=True, slots=True)
class Colour:
    """What a colour of the picture says."""

    x: float
    y: float
    section: int
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in units of its view box, whose left edge is -width / 2."""

    title: str
    top: float
    width: float
    height: float
    lines: list[Line]
    marks: list[Mark]
    legend: list[Colour]


def picture(graph: Neighbourhood) -> Picture:
    """Draw a neighbourhood; the same one gives the same picture."""
    layout = lay_out(graph)
    taxonomy = load_taxonomy()
    sections = _sections(taxonomy)
    inner = [layout.places[node.id] for node in graph.nodes if node.step == 1]
    marks = [
        _mark(node, layout.places[node.id], _section(node, sections), inner) for node in graph.nodes
    ]
    top = min(mark.top for mark in marks) - _MARGIN
    bottom = max(mark.bottom for mark in marks)
    legend = _legend(taxonomy, {mark.section for mark in marks}, bottom)
    bottom = max([bottom, *(colour.y for colour in legend)]) + _MARGIN
    return Picture(
        title=marks[0].title,
        top=top,
        width=WIDTH,
        height=round(bottom - top, 1),
        lines=_lines(graph, layout),
        marks=marks,
        legend=legend,
    )


def _mark(node: Node, place: Place, section: int, inner: Iterable[Place]) -> Mark:
    x, y = place
    side: Side
    names = _OUTER_NAME_COLUMNS if node.step == 2 else _NAME_COLUMNS
    if node.step == 0:
        side, room = _beside_the_seed(inner)
        columns = int(room / _COLUMN)
        names = min(names, columns - _YEAR_COLUMNS)
    elif node.step == 1:
        side, columns = "below", _FIRST_COLUMNS
    else:
        side = "right" if x > 0 else "left"
        columns = int((WIDTH / 2 - abs(x) - _MARGIN) / _COLUMN)
    author = prose(node.first_author or "", MAX_TITLE_LENGTH)
    title = prose(node.title, MAX_TITLE_LENGTH)
    return Mark(
        node=node,
        title=title,
        x=x,
        y=y,
        radius=_RADII[node.step],
        side=side,
        section=section,
        name=family_name(author, names),
        narrow_name=family_name(author, _NARROW_NAME_COLUMNS),
        words=short_title(title, min(columns, _MAX_COLUMNS)),
    )


def _beside_the_seed(inner: Iterable[Place]) -> tuple[Side, float]:
    """Where the seed's label has more room between the papers one step away, and how much."""
    rooms: dict[Side, float] = {"below": WIDTH, "above": WIDTH}
    for x, y in inner:
        top, label, bottom = y - _RADII[1], y + _RADII[1], y + _RADII[1] + _LABEL
        spans: dict[Side, tuple[float, float]] = {
            "below": (_RADII[0], _RADII[0] + _LABEL),
            "above": (-_RADII[0] - _LABEL, -_RADII[0]),
        }
        for side, (start, end) in spans.items():
            if start < bottom and label < end:
                room = 2 * abs(x) - _FIRST_COLUMNS * _COLUMN
            elif start < label and top < end:
                room = 2 * (abs(x) - _RADII[1])
            else:
                continue
            rooms[side] = min(rooms[side], room)
    side = max(rooms, key=rooms.__getitem__)
    return side, rooms[side]


def _lines(graph: Neighbourhood, layout: Layout) -> list[Line]:
    return [
        Line(
            path=_path(layout.places[edge.source], layout.places[edge.target]),
            strength=_strength(edge.score),
            branch=frozenset((edge.source, edge.target)) in layout.branches,
        )
        for edge in graph.edges
    ]


def _path(start: Place, end: Place) -> str:
    """A curve that bends a little towards the seed; to the seed itself it is straight."""
    (x1, y1), (x2, y2) = start, end
    return f"M{x1} {y1}Q{0.46 * (x1 + x2):.1f} {0.46 * (y1 + y2):.1f} {x2} {y2}"


def _strength(score: float) -> float:
    """0 up to a score of 25, 1 from 75 on: a fixed scale, so that pictures compare."""
    return round(min(max((score - 25) / 50, 0.0), 1.0), 2)


def _sections(taxonomy: Taxonomy) -> dict[TagKey, int]:
    """The number of the section under which each label's shelf stands, from 1."""
    return {
        (taxonomy.name, label_id): number
        for number, section in enumerate(taxonomy.children(None), 1)
        for label_id in taxonomy.with_descendants(section.id)
    }


def _section(node: Node, sections: dict[TagKey, int]) -> int:
    """The section of the surest tag that has one, 0 where none has."""
    tag_keys = [(tag.taxonomy, tag.label) for tag in node.tags]
    return next((sections[tag_key] for tag_key in tag_keys if tag_key in sections), 0)


def _legend(taxonomy: Taxonomy, shown: Collection[int], above: float) -> list[Colour]:
    """What the colours shown say, in two columns; nothing where no paper has a section."""
    if not any(shown):
        return []
    titles = [*enumerate((section.title for section in taxonomy.children(None)), 1), (0, "No tag")]
    return [
        Colour(
            x=WIDTH * (place % 2 - 1) / 2 + 20,
            y=above + _LEGEND_ROW * (place // 2 + 1),
            section=number,
            title=title,
        )
        for place, (number, title) in enumerate(t for t in titles if t[0] in shown)
    ]
