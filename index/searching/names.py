"""Names of authors in the words of a query."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from index.arxiv.tex.folding import fold
from index.catalogue.catalogue import Catalogue
from index.queries.syntax import ParsedQuery
from index.search.tfidf import STOP_WORDS, TfidfIndex, words

_MAX_WORDS = 16  # a longer text is a paragraph, which may contain names of methods
_MAX_NAME_WORDS = 4
_MAX_TEXT_SHARE = 0.01  # of the papers: a word of their texts that is more frequent is no surname
_MIN_PAPERS_PER_MENTION = 2  # of a single word that is taken for a name
_MAX_NAMES = 10
_MAX_JOINED = 4
# Words around a name that say no more than that its papers are wanted.
_FILLERS = STOP_WORDS | {
    "paper",
    "papers",
    "article",
    "articles",
    "publications",
    "works",
    "author",
}
_BETWEEN_NAMES = re.compile(r"\s*(?:[;&]|\s(?:and|AND)\s)\s*")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,?\s+[^\W\d_][\w.'’-]*)*", re.UNICODE)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class MatchingAuthor:
    """An author whose name matches words of the query, and the number of papers here."""

    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Authors that words of a query match: the ten with most papers, and how many in all.

    `numbers` are the catalogue numbers of their papers. `is_whole` says that the query has no other
    words.
    """

    text: str
    authors: list[MatchingAuthor]
    authors_in_all: int
    numbers: list[int]
    is_whole: bool


class NameFinder:
    """Finds authors by their names, each name once.

    names = NameFinder(catalogue, release.nearness.words)
    names.in_query(parse_query("Mengwei Xu edge inference"))  # authors of the name Mengwei Xu
    """

    def __init__(self, catalogue: Catalogue, words: TfidfIndex) -> None:
        self._catalogue = catalogue
        self._words = words
        self._found: dict[str, dict[int, list[str]]] = {}

    def numbers(self, name: str) -> list[int]:
        """Return the numbers of the papers by authors of a name."""
        return list(self._matching(name))

    def of_name(self, name: str, *, is_whole: bool = False) -> NameMatch | None:
        """Return the authors that a name matches; None if there are none."""
        return _match(name, self._matching(name), is_whole=is_whole)

    def in_query(self, parsed: ParsedQuery) -> NameMatch | None:
        """Return the longest part of a query's words that is the name of authors; None without one.

        A name has two words or more, or it is the only word and a family name. A name that more
        papers mention in their texts than its authors have written is no name: "page rank". Several
        names, such as "Mengwei Xu and Xin Jin" or "Mengwei Xu, Xin Jin", find the papers by all.
        """
        if parsed.phrases or parsed.excluded or parsed.is_literal or not parsed.has_words:
            return None
        text = " ".join(parsed.words.split())
        if len(text.split()) > _MAX_WORDS:
            return None
        if _NAME.fullmatch(text) and (whole := self._whole(text)):
            return whole
        if joined := self._joined(text):
            return joined
        full_text = self._catalogue.full_text
        for part in _candidates(text, self._words):
            if part != text and full_text.has_author_phrase(_reversals(part)):
                found = self.of_name(part)
                if found and len(found.numbers) > self._mentions(part, len(found.numbers)):
                    others = words(text.replace(part, " ", 1))
                    return replace(found, is_whole=_FILLERS.issuperset(others))
        return None

    def _joined(self, text: str) -> NameMatch | None:
        """Return the authors of several names, and the papers by all of them; None without any."""
        for separator in (_BETWEEN_NAMES, re.compile(r"\s*,\s*(?:and\s)?\s*")):
            parts = separator.split(text)
            if not 2 <= len(parts) <= _MAX_JOINED or any(len(one.split()) < 2 for one in parts):
                continue
            matches = [self._whole(one) for one in parts if _NAME.fullmatch(one)]
            found = [one for one in matches if one]
            papers = (
                set(found[0].numbers).intersection(*(one.numbers for one in found)) if found else ()
            )
            if len(found) == len(parts) and papers:
                matching = {
                    number: list(chain.from_iterable(self._matching(one)[number] for one in parts))
                    for number in self._matching(parts[0])
                    if number in papers
                }
                return _match(text, matching, is_whole=True)
        return None

    def _matching(self, name: str) -> dict[int, list[str]]:
        if name not in self._found:
            self._found[name] = self._catalogue.authors_matching(name)
        return self._found[name]

    def _whole(self, text: str) -> NameMatch | None:
        parts = _WORD.findall(fold(text))
        if not parts or len(parts) > _MAX_NAME_WORDS:
            return None
        if all(_is_frequent(part, self._words) for part in parts if len(part) > 1):
            return None
        matching = self._matching(text)
        papers = len(matching)
        if len(parts) == 1:
            family = parts[0]
            matching = {
                number: last
                for number, names in matching.items()
                if (last := [name for name in names if fold(name).split()[-1:] == [family]])
            }
            papers = len(matching) // _MIN_PAPERS_PER_MENTION
        found = _match(text, matching, is_whole=True)
        return found if found and papers > self._mentions(text, papers) else None

    def _mentions(self, text: str, enough: int) -> int:
        """Return how many papers have a phrase in title or abstract, at most `enough`."""
        return self._catalogue.full_text.count_with_phrase(text, enough)


def _match(name: str, matching: Mapping[int, list[str]], *, is_whole: bool) -> NameMatch | None:
    if not matching:
        return None
    counts = Counter(chain.from_iterable(matching.values()))
    most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shown = [MatchingAuthor(one, count) for one, count in most[:_MAX_NAMES]]
    return NameMatch(name, shown, len(counts), list(matching), is_whole)


def _candidates(text: str, words: TfidfIndex) -> Iterator[str]:
    """Yield runs of two to four words that may be a name, the longest first."""
    tokens = text.split()
    for length in range(min(_MAX_NAME_WORDS, len(tokens)), 1, -1):
        for start in range(len(tokens) - length + 1):
            run = tokens[start : start + length]
            plain = [fold(token).strip(".,;:!?()") for token in run]
            if not all(_WORD.fullmatch(one.replace("-", "")) and len(one) > 1 for one in plain):
                continue
            # "He" may be a family name, "he" is none.
            small = [token for token, one in zip(run, plain, strict=True) if one in STOP_WORDS]
            if len(small) < length - 1 and any(token.islower() for token in small):
                continue
            if len(small) < length and not all(_is_frequent(one, words) for one in plain):
                yield " ".join(token.strip(".,;:!?()") for token in run)


def _is_frequent(word: str, words: TfidfIndex) -> bool:
    """Return whether so many texts have a word that it is hardly a name."""
    return words.share_of_texts(word) > _MAX_TEXT_SHARE


def _reversals(name: str) -> Sequence[str]:
    """Return a name with the family name last and first."""
    first, *rest = name.split()
    *given, last = name.split()
    return list(dict.fromkeys([name, " ".join([*rest, first]), " ".join([last, *given])]))
