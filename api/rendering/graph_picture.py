"""The picture of a neighbourhood, as its template draws it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from api.rendering.graph_labels import short_name, short_title
from api.rendering.graph_layout import Layout, Place, compute_layout
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from classifier.taxonomies.taxonomy import Taxonomy, load_taxonomy
from index.catalogue.tags import TagKey
from index.lists.neighbourhood import Neighbourhood, Node

LabelSide: TypeAlias = Literal["right", "left", "below", "above"]

WIDTH = 690
_MARGIN, _LEGEND_ROW = 14.0, 26.0
_FIRST_COLUMNS, _MAX_COLUMNS = 17, 26
_NAME_COLUMNS, _OUTER_NAME_COLUMNS, _NARROW_NAME_COLUMNS = 11, 15, 10
_YEAR_COLUMNS = 5  # after a name, with the blank
_COLUMN = 6.9  # width of a narrow character in the widest usual typeface
_RADII = (15.0, 9.0, 5.5)  # by step
_LABEL = 40.0  # height of a label above or below a paper, with its gap
_LINE = 16.0  # how far a label at the side of a paper reaches down


@dataclass(frozen=True, slots=True)
class DrawnPaper:
    """A paper in the picture; `side` is the side of its label.

    Narrow screens use larger letters and show only `narrow_name`. `section` is the number of the
    taxonomy's section from 1; 0 means none.
    """

    node: Node
    title: str
    x: float
    y: float
    radius: float
    side: LabelSide
    section: int
    name: str
    narrow_name: str
    words: str

    @property
    def top(self) -> float:
        """The upper edge of circle and label."""
        return self.y - self.radius - (_LABEL if self.side == "above" else 0)

    @property
    def bottom(self) -> float:
        """The lower edge of circle and label."""
        label = _LINE if self.side in ("right", "left") else 0
        return self.y + max(self.radius + (_LABEL if self.side == "below" else 0), label)


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """An edge as an SVG path, with its strength from 0 to 1.

    A `branch` is an edge of the tree that the layout follows.
    """

    path: str
    strength: float
    branch: bool


@dataclass(frozen=True, slots=True)
class LegendItem:
    """An entry of the legend: a section and the position of its colour."""

    x: float
    y: float
    section: int
    title: str


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """A picture in units of its view box, with x from -width / 2 to width / 2."""

    title: str
    top: float
    width: float
    height: float
    edges: list[DrawnEdge]
    papers: list[DrawnPaper]
    legend: list[LegendItem]


def draw_graph(graph: Neighbourhood) -> GraphPicture:
    """Draw a neighbourhood; the result is deterministic."""
    layout = compute_layout(graph)
    taxonomy = load_taxonomy()
    sections = _sections(taxonomy)
    inner = [layout.places[node.id] for node in graph.nodes if node.step == 1]
    papers = [
        _draw_paper(node, layout.places[node.id], _section(node, sections), inner)
        for node in graph.nodes
    ]
    top = min(mark.top for mark in papers) - _MARGIN
    bottom = max(mark.bottom for mark in papers)
    legend = _legend(taxonomy, {mark.section for mark in papers}, bottom)
    bottom = max([bottom, *(colour.y for colour in legend)]) + _MARGIN
    return GraphPicture(
        title=papers[0].title,
        top=top,
        width=WIDTH,
        height=round(bottom - top, 1),
        edges=_draw_edges(graph, layout),
        papers=papers,
        legend=legend,
    )


def _draw_paper(node: Node, place: Place, section: int, inner: Iterable[Place]) -> DrawnPaper:
    x, y = place
    side: LabelSide
    names = _OUTER_NAME_COLUMNS if node.step == 2 else _NAME_COLUMNS
    if node.step == 0:
        side, space = _seed_label_side(inner)
        columns = int(space / _COLUMN)
        names = min(names, columns - _YEAR_COLUMNS)
    elif node.step == 1:
        side, columns = "below", _FIRST_COLUMNS
    else:
        side = "right" if x > 0 else "left"
        columns = int((WIDTH / 2 - abs(x) - _MARGIN) / _COLUMN)
    author = to_plain_text(node.first_author_family or "", MAX_TITLE_LENGTH)
    title = to_plain_text(node.title, MAX_TITLE_LENGTH)
    return DrawnPaper(
        node=node,
        title=title,
        x=x,
        y=y,
        radius=_RADII[node.step],
        side=side,
        section=section,
        name=short_name(author, names),
        narrow_name=short_name(author, _NARROW_NAME_COLUMNS),
        words=short_title(title, min(columns, _MAX_COLUMNS)),
    )


def _seed_label_side(inner: Iterable[Place]) -> tuple[LabelSide, float]:
    """Return the side on which the seed's label has more space, and the width of that space."""
    spaces: dict[LabelSide, float] = {"below": WIDTH, "above": WIDTH}
    for x, y in inner:
        top, label, bottom = y - _RADII[1], y + _RADII[1], y + _RADII[1] + _LABEL
        spans: dict[LabelSide, tuple[float, float]] = {
            "below": (_RADII[0], _RADII[0] + _LABEL),
            "above": (-_RADII[0] - _LABEL, -_RADII[0]),
        }
        for side, (start, end) in spans.items():
            if start < bottom and label < end:
                space = 2 * abs(x) - _FIRST_COLUMNS * _COLUMN
            elif start < label and top < end:
                space = 2 * (abs(x) - _RADII[1])
            else:
                continue
            spaces[side] = min(spaces[side], space)
    side = max(spaces, key=spaces.__getitem__)
    return side, spaces[side]


def _draw_edges(graph: Neighbourhood, layout: Layout) -> list[DrawnEdge]:
    return [
        DrawnEdge(
            path=_path(layout.places[edge.source], layout.places[edge.target]),
            strength=_strength(edge.score),
            branch=frozenset((edge.source, edge.target)) in layout.branches,
        )
        for edge in graph.edges
    ]


def _path(start: Place, end: Place) -> str:
    """Return a path that bends slightly towards the seed; an edge of the seed is straight."""
    (x1, y1), (x2, y2) = start, end
    return f"M{x1} {y1}Q{0.46 * (x1 + x2):.1f} {0.46 * (y1 + y2):.1f} {x2} {y2}"


def _strength(score: float) -> float:
    """Return 0 up to a score of 25, 1 from 75: a fixed scale, so that pictures are comparable."""
    return round(min(max((score - 25) / 50, 0.0), 1.0), 2)


def _sections(taxonomy: Taxonomy) -> dict[TagKey, int]:
    """Return the number of the section, from 1, of each label."""
    return {
        (taxonomy.name, label_id): number
        for number, section in enumerate(taxonomy.children(None), 1)
        for label_id in taxonomy.with_descendants(section.id)
    }


def _section(node: Node, sections: dict[TagKey, int]) -> int:
    """Return the section of the most probable tag that has one, or 0."""
    tag_keys = [(tag.taxonomy, tag.label) for tag in node.tags]
    return next((sections[tag_key] for tag_key in tag_keys if tag_key in sections), 0)


def _legend(taxonomy: Taxonomy, shown: Collection[int], above: float) -> list[LegendItem]:
    """Build the legend in two columns; it is empty if no paper has a section."""
    if not any(shown):
        return []
    titles = [*enumerate((section.title for section in taxonomy.children(None)), 1), (0, "No tag")]
    return [
        LegendItem(
            x=WIDTH * (place % 2 - 1) / 2 + 20,
            y=above + _LEGEND_ROW * (place // 2 + 1),
            section=number,
            title=title,
        )
        for place, (number, title) in enumerate(t for t in titles if t[0] in shown)
    ]
