"""Bounds on what a source may send of one paper: several times what arXiv has.

The largest values in 142,605 papers: a title of 272 characters, an abstract of 4,482, 3,303
authors, an author of 513 characters, a line of 135,044 bytes.
"""

from index.arxiv.paper import Paper
from index.catalogue.rejections import MAX_RAW

MAX_RECORD = MAX_RAW
"""Maximum bytes of a record, or of a line."""

_MAX_LENGTHS = {
    "title": 10_000,
    "abstract": 100_000,
    "comment": 20_000,
    "journal_ref": 10_000,
    "doi": 2_000,
    "license": 1_000,
}
_MAX_COUNTS = {"authors": 20_000, "categories": 500, "versions": 1_000}
_MAX_NAME = 10_000


def within_bounds(paper: Paper) -> Paper:
    """Return the paper; raises ValueError if one of its fields is larger than any at arXiv."""
    for name, most in _MAX_LENGTHS.items():
        _check(name, len(getattr(paper, name) or ""), "characters", most)
    for name, most in _MAX_COUNTS.items():
        _check(name, len(getattr(paper, name)), "entries", most)
    _check("longest author", max(map(len, paper.authors), default=0), "characters", _MAX_NAME)
    _check("longest category", max(map(len, paper.categories), default=0), "characters", 100)
    return paper


def _check(name: str, found: int, unit: str, most: int) -> None:
    if found > most:
        raise ValueError(f"the {name} has {found:,} {unit}: at most {most:,} are accepted")
