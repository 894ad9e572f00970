"""Author name matching: accents, initials, hyphens and "family name first" do not matter."""

import re
from collections.abc import Iterable, Iterator

from index.arxiv.tex.folding import decode_tex, spellings

_WORD = re.compile(r"[^\W_]+")
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011](?=\w)")
_APOSTROPHE = re.compile(r"(?<=\w)' ?(?=\w)")
_INITIALS = re.compile(r"(?:[A-Z]\.?){1,3}")  # at the end of a name: "M", "D.P.", "DP"
_JOINED = str.maketrans("", "", "-' ")
_MAX_LENGTH = 300  # characters of a name that are read


def name_spellings(name: str, *, apart: bool = True) -> list[list[str]]:
    """Return the words of a name in each of its plain spellings; "Hinton, G." is reordered.

    Umlauts and the like are transliterated in a second spelling ("muller", "mueller"). Words with a
    hyphen are two words or one. Words with an apostrophe are one word and, if `apart`, also two.
    """
    family, comma, given = decode_tex(name[:_MAX_LENGTH]).partition(",")
    found = []
    for plain in spellings(f"{given} {family}" if comma else family):
        for form in _with_joined_words(plain, apart=apart):
            words = _WORD.findall(form)
            if words and words not in found:
                found.append(words)
    return found


def _with_joined_words(plain: str, *, apart: bool) -> Iterator[str]:
    for form in (plain, _HYPHEN.sub("", plain)):
        yield _APOSTROPHE.sub("", form)
        if apart:
            yield form


def matches_name(query: str, author: str) -> bool:
    """Return whether every word of the query matches a different word of the author's name.

    An initial matches any word that starts with it, on either side. The family name, which is
    the last word of the query, must match in full. One of the spellings must match.
    """
    return _matches(_query_spellings(query), author)


def names_that_match(query: str, authors: Iterable[str]) -> list[str]:
    """Return the authors that the query matches, as `matches_name` defines it."""
    wanted = _query_spellings(query)
    families = {words[-1] for words in wanted}
    return [
        author for author in authors if _may_have(author, families) and _matches(wanted, author)
    ]


def _may_have(author: str, words: Iterable[str]) -> bool:
    """Return whether a name may have one of these words; quick for most names that have none."""
    if not author.isascii() or "\\" in author:
        return True
    plain = author.lower()
    joined = plain.translate(_JOINED)
    return any(word in plain or word in joined for word in words)


def _matches(wanted: list[list[str]], author: str) -> bool:
    return any(
        _match_words(words, available) for available in name_spellings(author) for words in wanted
    )


def _query_spellings(query: str) -> list[list[str]]:
    """Return the words of a query in each spelling, with the family name at the end.

    A name that ends with initials may have its family name first: "Xu M", "Kingma DP".
    """
    # "O'Connor" must not match "Oliver Connor".
    found = name_spellings(query, apart=False)
    family, blank, initials = query.strip().rpartition(" ")
    if blank and "," not in query and _INITIALS.fullmatch(initials):
        inverted = f"{family}, {' '.join(initials.replace('.', ''))}"
        found += [words for words in name_spellings(inverted, apart=False) if words not in found]
    return found


def _match_words(wanted: list[str], available: list[str]) -> bool:
    if wanted[-1] not in available:
        return False
    left = available.copy()
    left.remove(wanted[-1])
    for word in wanted[:-1]:
        match = next((a for a in left if word == a or _is_initial_of(word, a)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def name_alternatives(query: str) -> list[list[list[str]]]:
    """Return groups of words for a full-text query, one list of groups for each spelling.

    A matching name has a word of each group of one of these lists. A group is the family name, or a
    given name with its initial. A given name that the query itself reduces to an initial has no
    group, because too many names start with it.
    """
    return [
        [[family], *([word, word[0]] for word in given if len(word) > 1)]
        for *given, family in _query_spellings(query)
    ]


def searchable_names(names: Iterable[str]) -> str:
    """Return the words of all spellings of these names, as the full text has them."""
    words = (dict.fromkeys(word for one in name_spellings(name) for word in one) for name in names)
    return " , ".join(" ".join(one) for one in words)


def _is_initial_of(one: str, other: str) -> bool:
    return one[0] == other[0] and 1 in (len(one), len(other))
