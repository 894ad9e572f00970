"""Word counts: how often each text contains each word. Term weights are computed from them."""

import json
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.arrays import Rows, mapped, release_pages
from index.files import read_json
from index.search.packed_terms import (
    MAX_COUNTED,
    Counts,
    PackedCounts,
    PackedTerms,
    Terms,
    high_bits,
    high_type,
    low_bits,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BATCH = 10_000  # texts
STARTS_FILE, LOW_FILE, HIGH_FILE = "words-starts.npy", "words-low.npy", "words-high.npy"
"""The arrays in the folder of saved counts; `packed_terms.py` describes the last two."""
VOCABULARY_FILE = "words-vocabulary.json"
"""The vocabulary in the folder of saved counts; it is written last."""


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The words of each text, and how often it contains them.

    The terms of text i are `terms[starts[i]:starts[i+1]]`: numbers in the sorted `vocabulary`, in
    ascending order. `counts` contains their counts at the same positions. The vocabulary contains
    only words that occur, so equal texts have equal arrays, in whatever batches they were counted.
    """

    vocabulary: list[str]
    starts: Rows
    terms: Terms
    counts: Counts

    @classmethod
    def from_texts(cls, texts: Iterable[Sequence[str]]) -> "TermCounts":
        """Count the words of each text."""
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__
        parts = [_count_batch([])]
        iterator = iter(texts)
        while batch := [
            array("q", map(numbers.__getitem__, text)) for text in islice(iterator, _BATCH)
        ]:
            parts.append(_count_batch(batch))
        sizes, terms, counts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        vocabulary = sorted(numbers)
        [number_of] = numbers_in(vocabulary, [numbers])
        terms = number_of[terms]
        matrix = cls(vocabulary, starts, terms, counts).matrix(np.arange(len(starts) - 1))
        matrix.sort_indices()
        return cls(vocabulary, starts, matrix.indices, matrix.data)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def size(self, text: int) -> int:
        """Return the number of distinct words of a text."""
        return int(self.starts[text + 1] - self.starts[text])

    def term(self, word: str) -> int | None:
        """Return the position of a word in the vocabulary; None if no text contains it."""
        term = bisect_left(self.vocabulary, word)
        known = term < len(self.vocabulary) and self.vocabulary[term] == word
        return term if known else None

    def positions(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return the positions of the terms of these texts, text by text.

        Also returns where the terms of each text end among them.
        """
        starts, stops = self.starts.take(rows), self.starts.take(rows + 1)
        sizes = stops - starts
        ends = sizes.cumsum()
        positions = np.arange(ends[-1] if len(ends) else 0)
        positions += (stops - ends).repeat(sizes)
        return positions, ends

    def matrix(self, rows: Rows) -> "csr_matrix":
        """Return the counts of these texts as a sparse matrix of shape (rows, words)."""
        from scipy.sparse import csr_matrix

        positions, ends = self.positions(rows)
        values = self.counts.take(positions), self.terms.take(positions), np.append(0, ends)
        return csr_matrix(values, shape=(len(rows), len(self.vocabulary)))

    def select(self, rows: Rows) -> "TermCounts":
        """Return the counts of these texts, in this order."""
        matrix = self.matrix(rows)
        used = np.zeros(len(self.vocabulary), bool)
        used[matrix.indices] = True
        numbers = np.cumsum(used, dtype=np.int32) - np.int32(1)
        return TermCounts(
            list(compress(self.vocabulary, used.tolist())),
            matrix.indptr.astype(np.int64),
            numbers[matrix.indices],
            matrix.data,
        )

    @classmethod
    def concatenate(cls, parts: Sequence["TermCounts"]) -> "TermCounts":
        """Return the counts of the texts of all parts, one part after another."""
        if not parts:
            return cls.from_texts([])
        vocabulary = sorted(set().union(*(part.vocabulary for part in parts)))
        sizes = np.concatenate([np.diff(part.starts) for part in parts])
        numbers = numbers_in(vocabulary, [part.vocabulary for part in parts])
        return cls(
            vocabulary,
            np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
            np.concatenate([n[part.terms[:]] for n, part in zip(numbers, parts, strict=True)]),
            np.concatenate([part.counts[:] for part in parts]),
        )

    def save(self, folder: Path) -> None:
        """Write the arrays and the vocabulary into a folder, unless `join_counts` wrote them."""
        if (folder / VOCABULARY_FILE).exists():
            return
        terms, counts = self.terms[:], self.counts[:]
        high = high_bits(terms, counts, high_type(len(self.vocabulary)))
        files = {STARTS_FILE: self.starts, LOW_FILE: low_bits(terms), HIGH_FILE: high}
        for name, content in files.items():
            np.save(folder / name, content, allow_pickle=False)
        write_vocabulary(folder, self.vocabulary)

    @classmethod
    def open(cls, folder: Path) -> "TermCounts":
        """Open what `save` wrote as memory maps; raises OSError or ValueError if it is damaged."""
        starts, low, high = (mapped(folder / file) for file in (STARTS_FILE, LOW_FILE, HIGH_FILE))
        return cls(read_vocabulary(folder), starts, PackedTerms(low, high), PackedCounts(high))

    def release_pages(self) -> None:
        """Remove the pages of saved counts from the memory of this process."""
        for values in (self.terms, self.counts):
            for file in (values,) if isinstance(values, np.ndarray) else values.files:
                release_pages(file)


def write_vocabulary(folder: Path, vocabulary: list[str]) -> None:
    """Write the vocabulary of counts into their folder."""
    text = json.dumps(vocabulary, ensure_ascii=False)
    (folder / VOCABULARY_FILE).write_text(text, encoding="utf-8")


def read_vocabulary(folder: Path) -> list[str]:
    """Read the vocabulary of saved counts; raises OSError or ValueError if it is damaged."""
    vocabulary = read_json(folder / VOCABULARY_FILE)
    if not isinstance(vocabulary, list) or not set(map(type, vocabulary)) <= {str}:
        raise ValueError(f"{VOCABULARY_FILE} does not contain a list of words")
    return vocabulary


def _count_batch(batch: Sequence["array[int]"]) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Count texts that are given as numbers of words.

    Returns the number of terms of each text, then the terms and the counts of all texts.
    """
    words = np.concatenate([np.empty(0, np.int64), *batch])
    texts = np.repeat(np.arange(len(batch)), [len(text) for text in batch])
    pairs, counts = np.unique(texts << 32 | words, return_counts=True)
    sizes = np.bincount(pairs >> 32, minlength=len(batch))
    return sizes, pairs & 0xFFFFFFFF, np.minimum(counts, MAX_COUNTED).astype(np.uint8)


def numbers_in(vocabulary: Sequence[str], parts: Iterable[Iterable[str]]) -> Iterator[np.ndarray]:
    """Yield, for the words of each part, their numbers in the vocabulary."""
    number_of = {word: number for number, word in enumerate(vocabulary)}
    for words in parts:
        yield np.fromiter((number_of[word] for word in words), np.int32)
