"""Papers whose title a query nearly is: with words left out, in another order, or misspelt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from index.catalogue.catalogue import Catalogue
from index.releases.release import Release
from index.search.nearness import Neighbour
from index.search.tfidf import TfidfIndex, words

COMPARED = 50
"""The papers nearest to a query whose titles are compared with it."""
_MAX_WORDS = 40  # of a query; no title here has more
_MAX_FROM_TITLES = 20
_MIN_MATCHED = 3  # words that query and title share, unless they are equal
_MIN_CLOSENESS = 0.75
_MIN_QUERY_SHARE = 0.75
_MIN_FUZZY_LETTERS, _MIN_TWO_EDITS_LETTERS = 4, 9
_MAX_LISTED_FIRST = 3


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """A row whose title the query nearly is; `closeness` is 1 if they have the same words."""

    row: int
    closeness: float


class TitleFinder:
    """Finds the papers whose title a query nearly is.

        titles = TitleFinder(catalogue, release)
        titles.matches("atention all need", nearest)  # [TitleMatch(row=..., closeness=0.9)]

    The rarer a word is in the corpus, the more it weighs. The closeness is the harmonic mean of two
    shares: of the query's words that the title has, and of the title's words that the query has.
    """

    def __init__(self, catalogue: Catalogue, release: Release) -> None:
        self._catalogue = catalogue
        self._release = release

    def matches(self, text: str, nearest: Sequence[Neighbour]) -> list[TitleMatch]:
        """Return up to three matches, closest first; equal ones in the order of `nearest`.

        The titles compared are those of the nearest papers, and those that have all words of the
        query that any text has.
        """
        index = self._release.nearness.words
        asked = list(dict.fromkeys(words(text)))
        if not asked or len(asked) > _MAX_WORDS:
            return []
        near = {self._release.number(one.row): one.row for one in nearest[:COMPARED]}
        known = [word for word in asked if index.counts.term(word) is not None]
        if len(known) >= min(len(asked), _MIN_MATCHED):
            found = self._catalogue.full_text.with_title_words(known, _MAX_FROM_TITLES)
            for number in found:
                row = self._release.row(number)
                if row is not None:
                    near.setdefault(number, row)
        titles = self._catalogue.names.titles_of(list(near))
        weights = _Weights(index)
        matches = [
            TitleMatch(row, closeness)
            for number, row in near.items()
            if (closeness := _closeness(asked, titles.get(number, ""), weights))
        ]
        matches.sort(key=lambda one: -one.closeness)
        return matches[:_MAX_LISTED_FIRST]


class _Weights(dict[str, float]):
    """The weights of words: their idf, and that of the rarest words if no text has them."""

    def __init__(self, index: TfidfIndex) -> None:
        super().__init__()
        self._index = index

    def __missing__(self, word: str) -> float:
        share = self._index.share_of_texts(word) or 1 / (1 + len(self._index))
        self[word] = 1 - log(share)
        return self[word]


def _closeness(asked: Sequence[str], title: str, weights: Mapping[str, float]) -> float:
    """Return the closeness of a query's words and a title, 0 if it is too low to be a match."""
    in_title = list(dict.fromkeys(words(title)))
    if not in_title:
        return 0.0
    pairs = _pairs(asked, in_title)
    of_query = sum(weights[word] for word in pairs) / sum(weights[word] for word in asked)
    of_title = sum(weights[pairs[word]] for word in pairs) / sum(weights[w] for w in in_title)
    if of_query < _MIN_QUERY_SHARE or not pairs:
        return 0.0
    closeness = 2 * of_query * of_title / (of_query + of_title)
    is_same = len(pairs) == len(asked) == len(in_title) > 1
    if closeness < _MIN_CLOSENESS or (len(pairs) < _MIN_MATCHED and not is_same):
        return 0.0
    return closeness


def _pairs(asked: Sequence[str], in_title: Sequence[str]) -> dict[str, str]:
    """Return the words of the query with the equal or misspelt words of the title."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    free = dict.fromkeys(in_title)
    pairs = {word: word for word in asked if word in free}
    for word in pairs:
        del free[word]
    for word in asked:
        if word in pairs or len(word) < _MIN_FUZZY_LETTERS or not free:
            continue
        edits = 2 if len(word) >= _MIN_TWO_EDITS_LETTERS else 1
        best = process.extractOne(word, list(free), scorer=OSA.distance, score_cutoff=edits)
        if best:
            pairs[word] = best[0]
            del free[best[0]]
    return pairs
