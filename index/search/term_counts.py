"""How often each word stands in each text: all that the weights of words are computed from."""

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.arrays import Rows, mapped
from index.files import read_json

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_TEXTS_AT_ONCE = 10_000
MAX_COUNTED: int = np.iinfo(np.uint8).max
"""How often a word counts in a text at most."""
_ARRAYS = ("starts", "terms", "counts")
_VOCABULARY = "words-vocabulary.json"


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Texts as the words that they hold, and how often.

    The terms of text i are `terms[starts[i]:starts[i+1]]`, rising numbers in the sorted
    `vocabulary`; `counts` lies beside them. No word is in the vocabulary that stands in no text,
    so the same texts give the same arrays, whichever way they came together.
    """

    vocabulary: list[str]
    starts: Rows
    terms: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]]) -> "TermCounts":
        """Count the words of each text."""
        met: defaultdict[str, int] = defaultdict()
        met.default_factory = met.__len__
        parts = [_counted([])]
        arriving = iter(texts)
        while batch := [
            array("q", map(met.__getitem__, text)) for text in islice(arriving, _TEXTS_AT_ONCE)
        ]:
            parts.append(_counted(batch))
        sizes, terms, counts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        vocabulary = sorted(met)
        matrix = cls(vocabulary, starts, _new_numbers(met, vocabulary)[terms], counts).matrix()
        matrix.sort_indices()
        return cls(vocabulary, starts, matrix.indices, matrix.data)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def matrix(self, values: np.ndarray | None = None) -> "csr_matrix":
        """The counts, or other values in their places, shape (texts, words); copies nothing."""
        from scipy.sparse import csr_matrix

        held = self.counts if values is None else values
        shape = (len(self), len(self.vocabulary))
        return csr_matrix((held, self.terms, self.starts), shape=shape)

    def rows(self, rows: Rows) -> "TermCounts":
        """These texts, in this order."""
        chosen = self.matrix()[rows]
        held = np.zeros(len(self.vocabulary), bool)
        held[chosen.indices] = True
        number = np.cumsum(held, dtype=np.int32) - np.int32(1)
        return TermCounts(
            list(compress(self.vocabulary, held.tolist())),
            chosen.indptr.astype(np.int64),
            number[chosen.indices],
            chosen.data,
        )

    @classmethod
    def joined(cls, parts: Sequence["TermCounts"]) -> "TermCounts":
        """The texts of one part after those of the other."""
        if not parts:
            return cls.of([])
        vocabulary = sorted(set().union(*(part.vocabulary for part in parts)))
        sizes = np.concatenate([np.diff(part.starts) for part in parts])
        return cls(
            vocabulary,
            np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
            np.concatenate([_new_numbers(p.vocabulary, vocabulary)[p.terms] for p in parts]),
            np.concatenate([part.counts for part in parts]),
        )

    def save(self, folder: Path) -> None:
        """Write the arrays and the vocabulary into a folder."""
        for name in _ARRAYS:
            np.save(folder / f"words-{name}.npy", getattr(self, name), allow_pickle=False)
        vocabulary = json.dumps(self.vocabulary, ensure_ascii=False)
        (folder / _VOCABULARY).write_text(vocabulary, encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> "TermCounts":
        """Open by memory map what `save` wrote; raises OSError or ValueError for damage."""
        arrays = (mapped(folder / f"words-{name}.npy") for name in _ARRAYS)
        vocabulary = read_json(folder / _VOCABULARY)
        if not isinstance(vocabulary, list) or not set(map(type, vocabulary)) <= {str}:
            raise ValueError(f"{_VOCABULARY} does not hold words")
        return cls(vocabulary, *arrays)


def _counted(batch: Sequence["array[int]"]) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Of texts given as words' numbers: how many terms each holds, then all terms and counts."""
    words = np.concatenate([np.empty(0, np.int64), *batch])
    texts = np.repeat(np.arange(len(batch)), [len(text) for text in batch])
    pairs, counts = np.unique(texts << 32 | words, return_counts=True)
    sizes = np.bincount(pairs >> 32, minlength=len(batch))
    return sizes, pairs & 0xFFFFFFFF, np.minimum(counts, MAX_COUNTED).astype(np.uint8)


def _new_numbers(words: Iterable[str], vocabulary: Sequence[str]) -> np.ndarray:
    """For each of these words its number in the vocabulary."""
    number_of = {word: number for number, word in enumerate(vocabulary)}
    return np.fromiter((number_of[word] for word in words), np.int32)
