"""The picture of a neighbourhood, as its template draws it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

from api.rendering.graph_labels import short_name, short_title
from api.rendering.graph_layout import Layout, Place, bend, compute_layout
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from classifier.taxonomies.taxonomy import Taxonomy, load_taxonomy
from index.catalogue.tags import TagKey
from index.lists.neighbourhood import Neighbourhood, Node

LabelSide: TypeAlias = Literal["right", "left", "above"]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""

WIDTH = 690
PAGE_HEIGHT = 700
"""The height that a page reserves for a picture; style.css has the same ratio."""
_MARGIN, _LEGEND_ROW = 14.0, 26.0
_MAX_COLUMNS, _SEED_COLUMNS = 26, 60
_NAME_COLUMNS, _NARROW_NAME_COLUMNS = 19, 10
_YEAR_COLUMNS = 5  # after a name, with the blank
_COLUMN = 6.9  # width of a narrow character in the widest usual typeface
_RADII = (15.0, 9.0, 5.5)  # by step
_GAP = 5.0  # between a circle and its label
_UP, _DOWN = 12.0, 16.0  # how far a label of two lines reaches from its middle
_SEED_LABEL = 46.0  # how far the middle of the seed's label is above everything else


@dataclass(frozen=True, slots=True)
class DrawnPaper:
    """A paper in the picture with its label, whose middle is at `label_x`, `label_y`.

    `side` is the side of the label. Narrow screens use larger letters and show only `narrow_name`.
    `section` is the number of the taxonomy's section from 1; 0 means none.
    """

    node: Node
    title: str
    x: float
    y: float
    radius: float
    side: LabelSide
    label_x: float
    label_y: float
    section: int
    name: str
    narrow_name: str
    words: str

    @property
    def label_box(self) -> Box:
        """The box of the label, whatever the typeface."""
        columns = max(len(self.name) + _YEAR_COLUMNS, len(self.words))
        width = min(columns * _COLUMN, WIDTH / 2 - abs(self.label_x) if self.x else WIDTH)
        left = {"right": 0.0, "left": -width, "above": -width / 2}[self.side] + self.label_x
        return left, self.label_y - _UP, left + width, self.label_y + _DOWN


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """An edge as a quadratic curve (start, control point, end), with its strength from 0 to 1.

    A `branch` is an edge of the tree that the layout follows. `ends` are the positions of its
    papers in the picture.
    """

    curve: tuple[Place, Place, Place]
    strength: float
    branch: bool
    ends: tuple[int, int]

    @property
    def path(self) -> str:
        """The edge as an SVG path."""
        (x1, y1), (x2, y2), (x3, y3) = self.curve
        return f"M{x1} {y1}Q{x2} {y2} {x3} {y3}"


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
    highest = min(y - _RADII[2] for _, y in layout.places.values())
    papers = [
        _draw_paper(node, layout.places[node.id], _section(node, sections), highest)
        for node in graph.nodes
    ]
    boxes = [paper.label_box for paper in papers]
    top = min(box[1] for box in boxes) - _MARGIN
    bottom = max(box[3] for box in boxes)
    bottom = max(bottom, *(paper.y + paper.radius for paper in papers))
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


def _draw_paper(node: Node, place: Place, section: int, highest: float) -> DrawnPaper:
    """Draw a paper; the label of the seed is above the `highest` of all papers."""
    x, y = place
    radius = _RADII[node.step]
    side: LabelSide = "above" if not node.step else "right" if x > 0 else "left"
    label_x = {"right": x + radius + _GAP, "left": x - radius - _GAP, "above": x}[side]
    columns = int((WIDTH / 2 - abs(label_x) - _MARGIN) / _COLUMN)
    columns = min(columns, _MAX_COLUMNS) if node.step else _SEED_COLUMNS
    author = to_plain_text(node.first_author_family or "", MAX_TITLE_LENGTH)
    title = to_plain_text(node.title, MAX_TITLE_LENGTH)
    words = short_title(title, columns)
    return DrawnPaper(
        node=node,
        title=title,
        x=x,
        y=y,
        radius=radius,
        side=side,
        label_x=round(label_x, 1),
        label_y=y if node.step else min(highest, -radius) - _SEED_LABEL / 2,
        section=section,
        name=short_name(author, min(_NAME_COLUMNS, columns - _YEAR_COLUMNS)),
        narrow_name=short_name(author or words, _NARROW_NAME_COLUMNS),
        words=words,
    )


def _draw_edges(graph: Neighbourhood, layout: Layout) -> list[DrawnEdge]:
    number_of = {node.id: number for number, node in enumerate(graph.nodes)}
    return [
        DrawnEdge(
            curve=(start, bend(start, end), end),
            strength=_strength(edge.score),
            branch=frozenset((edge.source, edge.target)) in layout.branches,
            ends=(number_of[edge.source], number_of[edge.target]),
        )
        for edge in graph.edges
        for start, end in [(layout.places[edge.source], layout.places[edge.target])]
    ]


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
