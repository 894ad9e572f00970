"""Which formulas are harmless: balanced, and made of known commands and symbols only."""

import re
from collections.abc import Callable

from index.arxiv.tex.tokens import COMMAND

_MAX_DEPTH = 10
# A percent sign begins a comment, and ^^5c is a backslash. A backslash that is left would make the
# closing dollar a sign.
_FORBIDDEN = re.compile(r"[%#&$]|\^\^|\\\Z")


def is_harmless(source: str, is_known: Callable[[str], bool]) -> bool:
    """Return whether a formula, without its dollars, does nothing but print symbols and text.

    Its braces balance and nest at most ten deep, each command is known, and it has no comment,
    parameter, column or character code.
    """
    bare = COMMAND.sub("", source)
    depth = brace_depth(bare)
    return (
        depth is not None
        and depth <= _MAX_DEPTH
        and not _FORBIDDEN.search(bare)
        and all(is_known(name) for name in _names(source))
    )


def brace_depth(text: str) -> int | None:
    """Return how deep the braces of a text nest; None if they do not balance."""
    depth = deepest = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            return None
    return None if depth else deepest


def _names(source: str) -> list[str]:
    return list(filter(None, COMMAND.findall(source)))
