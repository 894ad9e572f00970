"""Suggest known words for a misspelt one."""

from collections.abc import Iterable

_MIN_SIMILARITY = 0.7  # from 0 to 1; less similar words do not count as a misspelling


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question with similar known words for the end of a message, or an empty string."""
    close = _close(word, known)
    return f"did you mean {' or '.join(close)}?" if close else ""


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that a misspelt one resembles most; "" if it resembles none."""
    return next(iter(_close(word, known)), "")


def _close(word: str, known: Iterable[str]) -> list[str]:
    import difflib

    by_lower_case = {one.lower(): one for one in known}
    close = difflib.get_close_matches(word.lower(), by_lower_case, cutoff=_MIN_SIMILARITY)
    return [by_lower_case[one] for one in close]
