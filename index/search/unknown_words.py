"""Words of a text that no paper of a corpus contains."""

from collections.abc import Sequence

from index.search.term_counts import TermCounts
from index.search.tfidf import words

_MIN_UNKNOWN_SHARE = 0.5


def unknown_words(text: str, counts: TermCounts) -> list[str]:
    """Return the distinct words of a text that the vocabulary of the counts lacks, in order."""
    return [word for word in dict.fromkeys(words(text)) if counts.term(word) is None]


def is_mostly_unknown(text: str, unknown: Sequence[str]) -> bool:
    """Return whether at least half of the distinct words of a text are unknown.

    A text without words, function words apart, is mostly unknown too.
    """
    distinct = set(words(text))
    return len(unknown) >= _MIN_UNKNOWN_SHARE * len(distinct)
