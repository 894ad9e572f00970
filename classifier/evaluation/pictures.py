"""Diagrams of a tagger's results as SVG: confusion matrix and reliability diagram."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from classifier.evaluation.figures import Bin, Confusion

_CELL, _NAMES, _MARGIN = 34, 250, 12
_SIDE = 300
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.m{text-anchor:middle}.e{text-anchor:end}"
    ".l{fill:#fff}.f{fill:none;stroke:#999}.d{stroke:#999;stroke-dasharray:4}.b{fill:#3a6ea5;fill-opacity:.7}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
)


def draw_confusion_matrix(confusion: Confusion, titles: dict[str, str]) -> str:
    """Return a confusion matrix: a row for each correct leaf, a column for each assigned leaf.

    The colour of a cell is darker the larger its share of its row is. `titles` are the names of
    leaves by id; a label without a title is shown by its id.
    """
    size = len(confusion.labels)
    width = _NAMES + size * _CELL + _MARGIN
    height = 2 * _MARGIN + (size + 1) * _CELL
    svg = _svg(width, height, "Confusion matrix: correct leaf by row, assigned leaf by column")
    names = [titles.get(label, label) for label in confusion.labels]
    for place, name in enumerate(names):
        column_x = _NAMES + (place + 0.5) * _CELL
        row_y = _MARGIN + (place + 1.5) * _CELL + 4
        _text(svg, _NAMES - 8, row_y, f"{name}  {place + 1}", "e")
        _text(svg, column_x, _MARGIN + 0.5 * _CELL + 4, str(place + 1), "m")
    for row, counts in enumerate(confusion.counts):
        row_total = max(sum(counts), 1)
        for column, count in enumerate(counts):
            if not count:
                continue
            x, y = _NAMES + column * _CELL, _MARGIN + (row + 1) * _CELL
            share = count / row_total
            colour = "#2c7a4b" if row == column else "#b3412e"
            cell = {"x": x + 1, "y": y + 1, "width": _CELL - 2, "height": _CELL - 2}
            box = _element(
                svg, "rect", fill=colour, **{"fill-opacity": 0.15 + 0.85 * share}, **cell
            )
            tooltip = f"correct: {names[row]}; assigned: {names[column]}; papers: {count}"
            SubElement(box, "title").text = tooltip
            _text(svg, x + _CELL / 2, y + _CELL / 2 + 4, str(count), "m l" if share > 0.4 else "m")
    return _to_string(svg)


def draw_reliability_diagram(bins: Sequence[Bin]) -> str:
    """Return a reliability diagram: the share of correct leaves (y) by their probability (x).

    A dot on the dashed diagonal is perfectly calibrated. A dot with more papers is larger.
    """
    svg = _svg(_SIDE + 90, _SIDE + 80, "Share of correct leaves by probability")
    left, top, bottom = 60, 20, 20 + _SIDE
    _element(svg, "rect", x=left, y=top, width=_SIDE, height=_SIDE, **{"class": "f"})
    _element(svg, "line", x1=left, y1=bottom, x2=left + _SIDE, y2=top, **{"class": "d"})
    for share in (0, 0.25, 0.5, 0.75, 1):
        _text(svg, left + share * _SIDE, bottom + 20, f"{share:g}", "m")
        _text(svg, left - 8, bottom - share * _SIDE + 4, f"{share:g}", "e")
    _text(svg, left + _SIDE / 2, bottom + 44, "probability", "m")
    y_label = _text(svg, 16, bottom - _SIDE / 2, "share correct", "m")
    y_label.set("transform", f"rotate(-90 16 {bottom - _SIDE / 2})")
    most = max((b.papers for b in bins), default=1)
    for b in bins:
        x, y = left + b.confidence * _SIDE, bottom - b.right * _SIDE
        radius = 3 + 13 * float(np.sqrt(b.papers / most))
        dot = _element(svg, "circle", cx=x, cy=y, r=radius, **{"class": "b"})
        tooltip = (
            f"{b.papers} papers: mean probability {b.confidence:.2f}, share correct {b.right:.2f}"
        )
        SubElement(dot, "title").text = tooltip
    return _to_string(svg)


def _svg(width: float, height: float, title: str) -> Element:
    box = f"0 0 {width:g} {height:g}"
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": box, "role": "img"})
    SubElement(svg, "title").text = title
    SubElement(svg, "style").text = _STYLE
    return svg


def _element(parent: Element, tag: str, **attributes: float | str) -> Element:
    texts = {
        name: value if isinstance(value, str) else f"{value:.4g}"
        for name, value in attributes.items()
    }
    return SubElement(parent, tag, texts)


def _text(parent: Element, x: float, y: float, text: str, style: str) -> Element:
    element = _element(parent, "text", x=x, y=y, **{"class": style})
    element.text = text
    return element


def _to_string(svg: Element) -> str:
    return tostring(svg, encoding="unicode") + "\n"
