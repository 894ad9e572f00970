"""Which formulas are harmless: balanced, and made of known commands and symbols only."""

import re
from collections.abc import Callable, Collection

from index.arxiv.tex.tokens import COMMAND

_MAX_DEPTH = 10


def is_harmless(
    source: str,
    commands: Collection[str],
    is_symbol: Callable[[str], bool],
    forbidden: re.Pattern[str],
) -> bool:
    """Return whether a formula can define, load or print nothing but symbols and text.

    Its braces balance and nest at most ten deep, each command is one of these or a symbol, and
    nothing forbidden remains without the commands.
    """
    bare = COMMAND.sub("", source)
    depth = brace_depth(bare)
    return (
        depth is not None
        and depth <= _MAX_DEPTH
        and not forbidden.search(bare)
        and all(name in commands or is_symbol(name) for name in _names(source))
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
