"""Author name matching: accents, initials and "family name first" do not matter."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")


def name_words(name: str) -> list[str]:
    """Return the words of a name, case-folded and without accents; "Hinton, G." is reordered."""
    family, comma, given = name.partition(",")
    reordered = f"{given} {family}" if comma else name
    plain = unicodedata.normalize("NFKD", reordered)
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)).casefold())


def matches_name(query: str, author: str) -> bool:
    """Return whether every word of the query matches a different word of the author's name.

    An initial matches any word that starts with it, on either side. The family name, which is
    the last word of the query, must match in full.
    """
    wanted, available = name_words(query), name_words(author)
    if not wanted or wanted[-1] not in available:
        return False
    available.remove(wanted[-1])
    for word in wanted[:-1]:
        match = next((a for a in available if word == a or _is_initial_of(word, a)), None)
        if match is None:
            return False
        available.remove(match)
    return True


def any_matches_name(query: str, authors: Iterable[str]) -> bool:
    """Return whether the query matches any of the authors, as `matches_name` defines it."""
    return any(matches_name(query, author) for author in authors)


def name_alternatives(query: str) -> list[list[str]]:
    """Return groups of words for a full-text query; a matching name has a word of each group.

    A group is the family name, or a given name with its initial. A given name that the query
    itself reduces to an initial has no group, because too many names start with it.
    """
    *given, family = name_words(query)
    return [[family], *([word, word[0]] for word in given if len(word) > 1)]


def _is_initial_of(one: str, other: str) -> bool:
    return one[0] == other[0] and 1 in (len(one), len(other))
