"""The parts of an author's name: as the source gives them, or guessed from the name alone."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_GROUP = re.compile(
    r"\b(?:collaborations?|consortium|consortia|groups?|teams?|task force|network|project|survey"
    r"|initiative|committee|alliance|community|association|society|council|foundation|partnership"
    r"|programme|institute|university|laboratory|observatory|organi[sz]ation|corporation"
    r"|(?:research|medical|data) cent(?:er|re))\b"
)
_SUFFIX = re.compile(r"(?:Jr|Sr|Junior|Senior|2nd|3rd)\.?|I{2,3}|IV|VI{0,3}")
_SUFFIX_OF_TWO_WORDS = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
# Words that begin a family name, also if they are capitalised.
_PARTICLES = frozenset(
    "van von der den de del della delle degli dalla dal di da das dos do du des la las le les lo "
    "los ter ten het op af av zu zum zur al el bin ibn abu mac st. vander vande o' d' l' 't".split()
)
_ET_AL = re.compile(r"[\s,]+et\.?\s*al\.?$", re.IGNORECASE)
# After a given name, "Van" is no particle before these: Kiet Van Nguyen.
_VIETNAMESE = frozenset(
    "nguyen tran pham hoang phan vu vo dang bui do ho ngo duong ly huynh truong dinh dao".split()
)
_JOINING = frozenset("y e i".split())  # Ramón y Cajal


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of an author's name.

    A name without `given` is a group or a single name, and must not be split. `is_guess` is true
    if the source did not give the parts.
    """

    family: str
    given: str = ""
    suffix: str = ""
    is_guess: bool = False

    @property
    def name(self) -> str:
        """The name as it is read: given name, family name, suffix."""
        return " ".join(filter(None, (self.given, self.family, self.suffix)))

    @property
    def inverted(self) -> str:
        """The name with the family name first if the source gives the parts, else as read."""
        if self.is_guess or not self.given:
            return self.name
        return f"{self.family}, {' '.join(filter(None, (self.given, self.suffix)))}"


def is_group(name: str) -> bool:
    """Return whether a name is that of a collaboration or another group of people."""
    return bool(_GROUP.search(name.lower()))


def without_et_al(name: str) -> str:
    """Return a name without "et al." at its end."""
    return _ET_AL.sub("", name)


def given_parts(family: str, given: str, suffix: str) -> NameParts:
    """Return the parts that a source gives; a group, which some sources split too, is one part."""
    parts = NameParts(family, given, suffix) if family else NameParts(given, "", suffix)
    name = parts.name
    return NameParts(name) if is_group(name) else parts


def guess_parts(name: str) -> NameParts:
    """Guess the parts of a name: the family name is the last word, with the particles before it.

    A comma separates a family name that comes first. Spanish and Portuguese double names without
    a particle cannot be recognised.

    >>> guess_parts("Ludwig van der Berg Jr.")
    NameParts(family='van der Berg', given='Ludwig', suffix='Jr.', is_guess=True)
    """
    if is_group(name):
        return NameParts(name, is_guess=True)
    name = without_et_al(name)  # early versions stored it
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma and family and given and not _SUFFIX.fullmatch(given):
        return NameParts(family, given, is_guess=True)
    words = [word for part in name.split() if (word := part.rstrip(","))]
    suffix = ""
    if _is_suffix(words):
        suffix = words.pop()
    first = _start_of_family(words)
    return NameParts(" ".join(words[first:]), " ".join(words[:first]), suffix, is_guess=True)


def _is_suffix(words: Sequence[str]) -> bool:
    """Return whether the last word is a suffix; a V after one name is an initial."""
    if len(words) < 3:
        return len(words) == 2 and bool(_SUFFIX_OF_TWO_WORDS.fullmatch(words[-1]))
    return bool(_SUFFIX.fullmatch(words[-1]))


def _start_of_family(words: Sequence[str]) -> int:
    """Return the index of the first word of the family name; 0 if there is no given name."""
    if not words or (words[0].islower() and words[0] in _PARTICLES):
        return 0
    has_capitals = any(word[0].isupper() for word in words)
    start = len(words) - 1
    if start > 1 and words[start - 1] == "Van" and _plain(words[start]) in _VIETNAMESE:
        return start
    while start > 1 and _is_particle(words[start - 1], has_capitals):
        start -= 1
        if words[start] in _JOINING and start > 1:
            start -= 1  # it joins two family names
    return start


def _is_particle(word: str, has_capitals: bool) -> bool:
    """Return whether a word belongs to the family name after it.

    In a name with capitals, every word in lower case does.
    """
    return word.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") in _PARTICLES or (
        has_capitals and word[0].islower()
    )


def name_key(name: str) -> str:
    """Return a form of a name that is equal if only accents, signs or letter case differ."""
    return "".join(filter(str.isalnum, _plain(name)))


def _plain(text: str) -> str:
    """Return a text in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
