"""What somebody may have meant by a word that is not known."""

from collections.abc import Iterable

_ALIKE = 0.7  # of 1; below it a word is none that was misspelt


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known words that look like this one, as a question to end a message with; or nothing."""
    import difflib

    by_small_letters = {one.lower(): one for one in known}
    close = difflib.get_close_matches(word.lower(), by_small_letters, cutoff=_ALIKE)
    return f"did you mean {' or '.join(by_small_letters[one] for one in close)}?" if close else ""
