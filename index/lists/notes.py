"""Notes: what a list reports about itself if matches are weak, or words or authors unknown."""

from collections.abc import Iterable, Sequence

from index.catalogue.catalogue import Catalogue
from index.lists.entries import Hit, Query
from index.lists.options import ListOptions

_UNRELEASED = (
    "This paper is not in the release yet: its vector was computed from its text for this list, "
    "and no list contains it."
)
_MAX_WORDS = 10
_MAX_QUERY_WORDS = 16  # a longer text is a paragraph, in which rare words are usual


def note_on(
    queries: Iterable[Query],
    candidates: Sequence[Hit],
    listed: Sequence[Hit],
    options: ListOptions,
    catalogue: Catalogue,
) -> str | None:
    """Return a note on a list of hits chosen from the candidates; None if it needs none.

    It reports papers that are not in the release yet, words of short or vague queries that no paper
    contains, authors without a paper if nothing was found, and that no paper is a strong match.
    """
    asked = list(queries)
    sentences = [_UNRELEASED] if any(one.paper and one.row is None for one in asked) else []
    sentences += [_unknown_words(query, catalogue) for query in asked]
    if not candidates:
        sentences.append(_unknown_authors(options.filters.authors, catalogue))
    if listed and all(hit.weak for hit in listed):
        sentences.append("No paper is closely related: all entries are weak matches.")
    elif not listed and options.weak == "exclude" and any(hit.weak for hit in candidates):
        sentences.append("No paper is closely related. Weak matches were left out.")
    return " ".join(filter(None, sentences)) or None


def _unknown_authors(names: Sequence[str], catalogue: Catalogue) -> str:
    """Return a sentence if no paper is by any of these authors."""
    if not names or catalogue.numbers_by_authors(names):
        return ""
    return f"No paper here has an author {_quoted(names, ' or ')}."


def _unknown_words(query: Query, catalogue: Catalogue) -> str:
    is_short = len(query.text.split()) <= _MAX_QUERY_WORDS
    if not (query.unknown and (is_short or query.vague)):
        return ""
    sentence = f"No paper contains {_quoted(query.unknown[:_MAX_WORDS])}"
    more = len(query.unknown) - _MAX_WORDS
    sentence += f" and {more} more words." if more > 0 else "."
    names = [w for w in query.unknown[:_MAX_WORDS] if catalogue.full_text.is_author_word(w)]
    if names:
        sentence += f" Authors here have the name {_quoted(names)}: search for author:{names[0]}."
    return sentence


def _quoted(texts: Sequence[str], joint: str = ", ") -> str:
    return joint.join(f"“{text[:50]}”" for text in texts)
