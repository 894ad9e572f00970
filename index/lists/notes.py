"""Notes: what a list reports about itself if its matches are weak or none is left."""

from collections.abc import Iterable, Sequence

from index.lists.entries import Hit, Query
from index.lists.options import ListOptions

_MAX_WORDS = 10
_MAX_QUERY_WORDS = 16  # a longer text is a paragraph, in which rare words are usual


def note_on(
    queries: Iterable[Query], candidates: Sequence[Hit], listed: Sequence[Hit], options: ListOptions
) -> str | None:
    """Return a note on a list of hits chosen from the candidates; None if it needs none.

    It reports words of short or vague queries that no paper contains, and that no paper is a strong
    match.
    """
    sentences = [_unknown_words(query) for query in queries]
    if listed and all(hit.weak for hit in listed):
        sentences.append("No paper is closely related: all entries are weak matches.")
    elif not listed and options.weak == "exclude" and any(hit.weak for hit in candidates):
        sentences.append("No paper is closely related. Weak matches were left out.")
    return " ".join(filter(None, sentences)) or None


def _unknown_words(query: Query) -> str:
    is_short = len(query.text.split()) <= _MAX_QUERY_WORDS
    if not (query.unknown and (is_short or query.vague)):
        return ""
    shown = ", ".join(f"“{word[:50]}”" for word in query.unknown[:_MAX_WORDS])
    more = len(query.unknown) - _MAX_WORDS
    return f"No paper contains {shown}" + (f" and {more} more words." if more > 0 else ".")
