"""Split author lines as people type them, with TeX accents and affiliations in parentheses."""

import re

from index.arxiv.paper import to_single_line
from index.arxiv.tex.text import decode_author_tex

_INNERMOST = re.compile(r"\([^()]*\)")
_BETWEEN = re.compile(r"\s*[,;:]\s*(?:[aA]nd\s+)?|\s+and\s+|\s*&\s*")
_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|IV|V)\.?", re.IGNORECASE)


def author_names(line: str) -> tuple[str, ...]:
    """Split an author line into names.

    Text in parentheses, such as affiliations and "for the X Collaboration", is left out.

    >>> author_names("A. One (Uni X), B. Two, Jr and C. Three")
    ('A. One', 'B. Two Jr', 'C. Three')
    """
    text = line
    while (shorter := _INNERMOST.sub(" ", text)) != text:
        text = shorter
    names: list[str] = []
    for part in _BETWEEN.split(to_single_line(decode_author_tex(text))):
        if names and _SUFFIX.fullmatch(part):
            names[-1] += f" {part}"
        elif part.strip():
            names.append(part.strip())
    return tuple(names)
