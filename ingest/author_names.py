"""Names of authors: from a line as people type it, or from names that the source has split."""

import re
from collections.abc import Iterable, Sequence

from index.arxiv.name_parts import NameParts, given_parts, guess_parts, is_group, without_et_al
from index.arxiv.paper import to_single_line
from index.arxiv.tex.text import decode_author_tex

_APPENDIX = r"\b(?:with\s+)?(?:an?\s+)?append(?:ix|ices)\s+(?:written\s+)?by\s+"
_BETWEEN = re.compile(
    rf"\s*[,;:]\s*(?:and\s+|&\s*)?(?:{_APPENDIX})?|\s+(?:and\b[\s,]+|&\s*)|&\s+|\s+et\.?\s*al\b\.?"
    rf"|(?:(?<=\w\w)\.)?\s+{_APPENDIX}",
    re.IGNORECASE,
)
_AND_COMMAND = re.compile(r"\\and(?![A-Za-z])")
_BRACKETS = str.maketrans("[]", "()")
_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|IV|VI{0,3}|Ph\.? ?D|M\.? ?D)\.?", re.IGNORECASE)
_BEFORE_NAME = re.compile(rf"\A(?:and\s+)?(?:{_APPENDIX})?", re.IGNORECASE)
# A list of affiliations after the names, such as ((1) Uni X, (2) Uni Y), is not always closed.
_LIST = re.compile(r"\(\s*\(\s*\w{1,2}\s*\)\s*[^\s,;]")
_SEPARATOR = re.compile(r"[,;:]|\s(?:and|&)\s")
# Footnotes, and marks of affiliations: $^{1,2}$, $^\dagger$, \textsuperscript{a}, [1], *.
_NOTE = re.compile(
    r"\\(?:thanks|footnote(?:mark|text)?|orcid\w*|inst|(?:alt)?affil\w*|email|IEEEauthorrefmark)"
    r"(?![A-Za-z])\s*(?:\[[^][]*\])?"
    r"(?:\s*\{(?:[^{}]|\{[^{}]*\})*\})?"
)
_SUPERSCRIPT = re.compile(
    r"(?:\$\s*(?:\{\}\s*)?\^\s*(?:\{[^{}$]{0,60}\}|\\[A-Za-z]+|[^{}$\s])\s*\$"
    r"|\\textsuperscript\s*\{[^{}]{0,60}\})(?=\s*(?:[,;:&($]|\\&|and\b|$))"
)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]{3}")
_MARK = re.compile(
    r"(?<=[\w.])(?:[*†‡§¶∗⁎¹²³⁰⁴-⁹]+|\^\d{1,2}(?:,\d{1,2})*)(?![\w.])|<[^<>\s]*@[^<>\s]*>"
)
_NOBODY = re.compile(
    r"(?:(?:and|plus|with)\s+|\+\s*)*(?:et\.?(?:\s*al\.?)?|al\.|etc\.?|and|deceased|…"
    r"|(?:(?:many|all|the|several|some)\s+)*(?:others?|co-?authors|more)"
    r"|(?:(?:the|another|other|some|about|over)\s+)*\d[\d,. ]*\+?\s+"
    r"(?:(?:more|others?|further|additional)(?:\s+|$))*"
    r"(?:(?:co-?)?authors?|collaborators?|members|people|persons|names|researchers|scientists)?"
    r"(?:\s+(?:not\s+(?:shown|listed|displayed)|in\s+total|total|omitted))?)\.?",
    re.IGNORECASE,
)
_AND_MORE = re.compile(
    r"\s*(?:\+|\b(?:plus|with)\b)\s*\d+\+?\s+[\w-]+(?: [\w-]+){0,3}$|\s*(?:…|\.{3})$", re.IGNORECASE
)
_ON_BEHALF = re.compile(
    r"(?:(?P<person>.*\S)\s+)?(?:(?:on behalf of|in the name of|representing)\s+(?:the\s+)?"
    r"|(?:for|from|with)\s+the\s+|for\s+)(?P<group>\S.*)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r".*\b(?:Collaborations|Groups|Teams)", re.IGNORECASE)
_ACRONYM = re.compile(
    r"(?:(?:for|from|on behalf of)\s+)?(?:the\s+)?(?P<acronym>(?=[\w-]*[A-Z][\w-]*[A-Z\d])[\w-]+)"
)

_PLAIN = re.compile(r"(?:[^\W\d_]|[.'-]|(?<! ) (?=\S))*")
"""A name, or a part of one, that needs no decoding."""

SplitAuthors = tuple[tuple[str, ...], tuple[NameParts | None, ...]]
"""The names of the authors, and the parts of each."""


def author_names(line: str) -> tuple[str, ...]:
    """Split an author line into names.

    Text in parentheses or brackets, such as affiliations and "for the X Collaboration", is left
    out, and so are footnotes, "et al." and counts of further authors. A collaboration is one name.

    >>> author_names("A. One (Uni X), B. Two, Jr and C. Three, for the D Collaboration, et al.")
    ('A. One', 'B. Two Jr', 'C. Three', 'D Collaboration')
    """
    line = _AND_COMMAND.sub(" and ", _SUPERSCRIPT.sub(_without_mark, _NOTE.sub(" ", line)))
    text = to_single_line(decode_author_tex(line)).translate(_BRACKETS)
    # If there is nothing else, the name of a collaboration is in parentheses.
    return _names(_without_parentheses(text)) or _names(re.sub(r"[()]", " ", text))


def listed_authors(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a list in which each name is one author, without "et al." and counts."""
    bare = (to_single_line(_without_parentheses(_decoded(name))) for name in names)
    return tuple(found for name in bare for found in _people(_BEFORE_NAME.sub("", name)))


def split_authors(rows: Iterable[Sequence[str]]) -> SplitAuthors:
    """Return the names of a list with family name, given name and suffix of each author."""
    found = [parts for row in rows if (parts := _parts(*row)) is not None]
    return tuple(parts.name for parts in found), tuple(found)


def _parts(family: str, given: str = "", suffix: str = "") -> NameParts | None:
    """Return the parts of an author; None for "et al." and counts."""
    # If a line of names ends in ", and", arXiv's server treats the "and" as part of a name.
    given, family = (_BEFORE_NAME.sub("", _decoded(part)) for part in (given, family))
    suffix = _decoded(suffix)
    parts = given_parts(family, given, "" if _NOBODY.fullmatch(suffix) else suffix)
    people = _people(parts.name)
    if not people:
        return None
    if people == [parts.name]:
        return parts
    # From "A. Two et al.", arXiv's server makes the family name "al."
    return guess_parts(people[-1]) if parts.given else NameParts(people[-1])


def _decoded(part: str) -> str:
    if _PLAIN.fullmatch(part):
        return part
    text = _MARK.sub("", decode_author_tex(_SUPERSCRIPT.sub(_without_mark, part)))
    return to_single_line(text).strip("[]\\ ")


def _without_mark(superscript: re.Match[str]) -> str:
    """Return a superscript if it has a word, else nothing: it refers to an affiliation."""
    is_word = _WORD.search(_COMMAND.sub("", superscript[0]))
    return superscript[0] if is_word else ""


def _without_parentheses(text: str) -> str:
    """Return a line without text in parentheses; one that is not closed ends with its name."""
    if "(" not in text and ")" not in text:
        return text
    ends = _closed(text)
    kept: list[str] = []
    place, is_inside = 0, False
    while place < len(text):
        if place in ends:
            place = ends[place]
            kept.append(" ")
        elif text[place] == "(":
            if _LIST.match(text, place):
                break
            is_inside = True
        elif is_inside and _SEPARATOR.match(text, place):
            is_inside = False
        if not is_inside and text[place] not in "()":
            kept.append(text[place])
        place += 1
    return "".join(kept)


def _closed(text: str) -> dict[int, int]:
    """Return the place of the closing parenthesis for each opening one that has it."""
    ends: dict[int, int] = {}
    open_places: list[int] = []
    for place, character in enumerate(text):
        if character == "(":
            open_places.append(place)
        elif character == ")" and open_places:
            ends[open_places.pop()] = place
    return ends


def _names(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for piece in _BETWEEN.split(to_single_line(_MARK.sub("", text))):
        part = piece.strip()
        if names and _SUFFIX.fullmatch(part):
            names[-1] += f" {part}"
        elif _SEVERAL.fullmatch(part):  # H1 and ZEUS Collaborations
            several: list[str] = []
            while names and (found := _ACRONYM.fullmatch(names[-1])):
                several.insert(0, found["acronym"])
                names.pop()
            names += [f"{', '.join(several)} and {part}"] if several else _people(part)
        else:
            names += _people(part)
    return tuple(names)


def _people(part: str) -> list[str]:
    """Return the names in a part of a line: none for a count, two for a person and a group."""
    name = without_et_al(part)
    if not _PLAIN.fullmatch(name):
        name = to_single_line(_AND_MORE.sub("", _MARK.sub("", name)))
    if not any(map(str.isalpha, name)) or _NOBODY.fullmatch(name):
        return []
    found = _ON_BEHALF.fullmatch(name) if is_group(name) else None
    if found and is_group(found["group"]) and " " in (found["person"] or " "):
        person = found["person"] or ""
        return [*([] if _NOBODY.fullmatch(person) or not person else [person]), found["group"]]
    return [name]
