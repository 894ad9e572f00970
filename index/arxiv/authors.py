"""Authors as people write them: with and without accents, initials, the family name first."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")


def name_words(name: str) -> list[str]:
    """The words of a name in lower case and without accents; "Hinton, G." is turned round."""
    family, comma, given = name.partition(",")
    turned = f"{given} {family}" if comma else name
    plain = unicodedata.normalize("NFKD", turned)
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)).casefold())


def matches_name(asked: str, author: str) -> bool:
    """Whether an author may be the one asked for: every word asked is a word of the name.

    An initial stands for any word that it begins, on either side; the family name, which comes
    last, must be whole.
    """
    wanted, held = name_words(asked), name_words(author)
    if not wanted or wanted[-1] not in held:
        return False
    held.remove(wanted[-1])
    for word in wanted[:-1]:
        fitting = next((h for h in held if word == h or _initial(word, h)), None)
        if fitting is None:
            return False
        held.remove(fitting)
    return True


def any_matches_name(asked: str, authors: Iterable[str]) -> bool:
    """Whether any of the authors may be the one asked for."""
    return any(matches_name(asked, author) for author in authors)


def name_alternatives(asked: str) -> list[list[str]]:
    """For each word of a name, the words of which one must stand in any spelling of it.

    None for a given name's initial, which may stand for too many.
    """
    *given, family = name_words(asked)
    return [[family], *([word, word[0]] for word in given if len(word) > 1)]


def _initial(one: str, other: str) -> bool:
    return one[0] == other[0] and 1 in (len(one), len(other))
