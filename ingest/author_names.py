"""Split an author line as authors type it: with accents in TeX, affiliations in parentheses."""

import re

from index.arxiv.paper import to_single_line
from index.arxiv.tex.text import decode_author_tex

_INNERMOST = re.compile(r"\([^()]*\)")
_BETWEEN = re.compile(r"\s*[,;:]\s*(?:[aA]nd\s+)?|\s+and\s+|\s*&\s*")
_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|IV|V)\.?", re.IGNORECASE)


def author_names(line: str) -> tuple[str, ...]:
    """Return the names in an author line: "A. One (Uni X), B. Two, Jr and C. Three" has three.

    Text in parentheses is left out: affiliations and notes such as "for the D0 Collaboration".
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
