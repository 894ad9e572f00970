"""Unknown and misspelt words of a query, by the vocabulary of a corpus."""

import re
from collections.abc import Callable, Sequence
from itertools import chain, takewhile
from string import ascii_lowercase

import numpy as np

from index.arxiv.tex.folding import as_written, fold
from index.search.term_counts import TermCounts
from index.search.tfidf import STOP_WORDS, TfidfIndex, words

_MIN_UNKNOWN_SHARE = 0.5
_MAX_QUERY_WORDS = 16  # a longer text is a paragraph, not a query
_MAX_LOOKUPS = 4  # words of a query that are compared with the vocabulary
_MAX_TARGETS = 50_000  # the most frequent words, so that a look-up takes milliseconds at any size
_MIN_TARGET_PAPERS = 5
_MIN_LETTERS, _MIN_KNOWN_LETTERS, _MIN_FIRST_LETTER_LETTERS = 4, 5, 6
# A word of the corpus counts as misspelt if it is in at most 3 papers, or 1 in 10,000, and a word
# that differs by one edit is in at least 100 times as many.
_MAX_RARE_PAPERS, _MAX_RARE_SHARE, _MIN_RATIO = 3, 1 / 10_000, 100
_PUNCTUATION = ".,;:!?()[]{}\"'“”‘’"
# Endings by which two forms of one word differ, and spellings of British and American English.
_ENDINGS = frozenset(["", *"s es d ed e r er ers rs or ors ing y ly ic al n ies".split()])
_VARIANTS = (("is", "iz"), ("our", "or"), ("ys", "yz"))


def unknown_words(text: str, counts: TermCounts) -> list[str]:
    """Return the distinct words of a text that the vocabulary of the counts lacks, in order.

    They are in lower case, with the accents of the text.
    """
    unknown = [word for word in dict.fromkeys(words(text)) if counts.term(word) is None]
    return as_written(unknown, text)


def is_mostly_unknown(text: str, unknown: Sequence[str]) -> bool:
    """Return whether at least half of the distinct words of a text are unknown.

    A text without words, function words apart, is mostly unknown too.
    """
    distinct = set(words(text))
    return len(unknown) >= _MIN_UNKNOWN_SHARE * len(distinct)


class Spelling:
    """The frequent words of a corpus, which misspelt words are corrected to.

        spelling = Spelling.of(release.nearness.words)
        spelling.correct("qantization")            # "quantization"
        spelling.correct_query("Qantization of language models")

    Corrections differ by one edit: a letter inserted, deleted, replaced, or swapped with the next.
    """

    def __init__(self, index: TfidfIndex, frequencies: np.ndarray, targets: Sequence[int]) -> None:
        self._index = index
        self._frequencies = frequencies
        self._max_rare = max(_MAX_RARE_PAPERS, len(index) * _MAX_RARE_SHARE)
        self._targets: dict[tuple[str, int], list[str]] = {}
        for word in (*(index.vocabulary[term] for term in targets), *STOP_WORDS):
            if word.isalpha() and len(word) >= _MIN_LETTERS:
                self._targets.setdefault((word[0], len(word)), []).append(word)

    @classmethod
    def of(cls, index: TfidfIndex) -> "Spelling":
        """Collect the most frequent words of an index, at most 50,000."""
        frequencies = index.frequencies()
        most = np.argsort(-frequencies, kind="stable")[:_MAX_TARGETS]
        targets = most[frequencies[most] >= _MIN_TARGET_PAPERS]
        return cls(index, frequencies, targets.tolist())

    def correct_query(
        self, query: str, is_name: Callable[[str], bool] = lambda _: False
    ) -> str | None:
        """Return a query with its misspelt words corrected; None if no word has a correction.

        Only words of letters are corrected, in lower case or with a capital first letter, not
        parts of identifiers, formulas or words with hyphens; and no word for which `is_name`
        returns True. Queries of more than 16 words are not corrected, nor are those of which at
        least half of the words, names apart, would stay unknown.
        """
        tokens = re.findall(r"\s+|\S+", query)
        plain = [_plain_word(token) for token in tokens]
        suspects = list(dict.fromkeys(fold(word) for word in plain if self._is_suspect(word)))
        if len(words(query)) > _MAX_QUERY_WORDS or not 0 < len(suspects) <= _MAX_LOOKUPS:
            return None
        corrections = {
            word: correction
            for word in suspects
            if (correction := self.correct(word)) and not is_name(word)
        }
        if not corrections:
            return None
        corrected = "".join(
            token.replace(word, _with_case_of(word, corrections[fold(word)]))
            if fold(word) in corrections
            else token
            for token, word in zip(tokens, plain, strict=True)
        )
        still_unknown = [
            word for word in unknown_words(corrected, self._index.counts) if not is_name(word)
        ]
        return None if is_mostly_unknown(corrected, still_unknown) else corrected

    def correct(self, word: str) -> str | None:
        """Return the most frequent word that differs by one edit; None if there is none.

        Forms of the same word, such as plurals, do not count. A word of the corpus itself is
        corrected only if it is rare and the other word is at least 100 times as frequent. Accents
        do not count.
        """
        if not self._is_suspect(word):
            return None
        word = fold(word)
        papers = self._papers(word)
        near = self._near(word)
        if not papers and len(word) >= _MIN_FIRST_LETTER_LETTERS:
            near += self._near_but_for_first_letter(word)
        if word in near or not STOP_WORDS.isdisjoint(near):
            return None
        frequencies = {one: self._papers(one) for one in near if not _are_forms(word, one)}
        best = max(frequencies, key=frequencies.__getitem__, default=None)
        return best if best and frequencies[best] > _MIN_RATIO * papers else None

    def _near(self, word: str) -> list[str]:
        """Return the frequent words with the same first letter, at most one edit away."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        lengths = (len(word) - 1, len(word), len(word) + 1)
        targets = chain(*(self._targets.get((word[0], length), ()) for length in lengths))
        return [
            target
            for target, _, _ in process.extract(
                word, list(targets), scorer=OSA.distance, score_cutoff=1, limit=None
            )
        ]

    def _near_but_for_first_letter(self, word: str) -> list[str]:
        """Return the frequent words from which a word differs by an edit of the first letter."""
        rest = word[1:]
        edited = [rest, word[1] + word[0] + word[2:]]
        edited += [letter + end for letter in ascii_lowercase for end in (word, rest)]
        return [one for one in edited if one in self._targets.get((one[0], len(one)), ())]

    def _is_suspect(self, word: str) -> bool:
        """Return whether a word could be misspelt: of letters only, and rare or unknown."""
        word = fold(word)
        if not word.isalpha() or word in STOP_WORDS:
            return False
        papers = self._papers(word)
        least = _MIN_KNOWN_LETTERS if papers else _MIN_LETTERS
        return len(word) >= least and papers <= self._max_rare

    def _papers(self, word: str) -> float:
        term = self._index.counts.term(word)
        return 0 if term is None else float(self._frequencies[term])


def _plain_word(token: str) -> str:
    """Return the word of a token without punctuation around it; "" if it is none to correct."""
    word = token.strip(_PUNCTUATION)
    return word if word.isalpha() and (word.islower() or word.istitle()) else ""


def _with_case_of(word: str, correction: str) -> str:
    return correction.capitalize() if word[0].isupper() else correction


def _are_forms(word: str, other: str) -> bool:
    """Return whether two words differ only by an ending or by British and American spelling."""
    if _american(word) == _american(other):
        return True
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, other)))  # noqa: B905
    return shared >= 3 and {word[shared:], other[shared:]} <= _ENDINGS


def _american(word: str) -> str:
    for british, american in _VARIANTS:
        word = word.replace(british, american)
    return word
