"""Outline the papers that have no outline yet, part by part."""

from index.catalogue.catalogue import Catalogue
from index.lists.outlines.outline import encode_outline, outline_form, outline_paper
from index.progress import Progress

_PART = 1_000  # papers stored in one transaction


def outline_pending(catalogue: Catalogue, progress: Progress) -> int:
    """Outline every paper without an outline of the present form; return how many there were.

    If it is interrupted, the stored parts are kept.
    """
    outlines = catalogue.outlines
    outlines.begin_form(outline_form())
    pending = outlines.pending()
    for start in range(0, len(pending), _PART):
        progress("outline", start, len(pending))
        outlines.add(
            [
                (number, encode_outline(outline_paper(title, abstract), abstract))
                for number, title, abstract in outlines.texts(pending[start : start + _PART])
            ]
        )
    if pending:
        progress("outline", len(pending), len(pending))
    return len(pending)
