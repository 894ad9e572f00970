"""Join counts that are saved in several folders, without reading all of them into memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.arrays import Rows, mapped, release_pages, writing_array
from index.search.term_counts import TermCounts, read_vocabulary, write_vocabulary
from index.search.words.vocabularies import joined, numbers_in

if TYPE_CHECKING:
    import pyarrow

_BLOCK = 50_000  # rows
_STARTS, _TERMS, _COUNTS = "words-starts.npy", "words-terms.npy", "words-counts.npy"


class Run(NamedTuple):
    """Consecutive rows of a part, `first` up to `stop`, which are consecutive in the result."""

    part: int
    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class Origins:
    """The part that each row of a joined array comes from, and its row in that part."""

    parts: Rows
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, rows: Rows) -> "Origins":
        """Return the origins of some rows of the result."""
        return Origins(self.parts[rows], self.rows[rows])

    def runs(self) -> Iterator[tuple[int, list[Run]]]:
        """Yield the runs of 50,000 rows at a time, with the first of these rows, in order."""
        for start in range(0, len(self), _BLOCK):
            parts, rows = self.parts[start : start + _BLOCK], self.rows[start : start + _BLOCK]
            breaks = np.flatnonzero((np.diff(rows) != 1) | (np.diff(parts) != 0)) + 1
            starts, ends = np.append(0, breaks), np.append(breaks, len(rows)) - 1
            fields = parts[starts], rows[starts], rows[ends] + 1
            yield start, [Run(*one) for one in zip(*(f.tolist() for f in fields), strict=True)]


def join_counts(folders: Sequence[Path], origins: Origins, target: Path) -> TermCounts:
    """Write the counts of these rows into a folder, and open them there.

    Part i of the origins is saved in `folders[i]`. The files are those that `TermCounts.save`
    writes for the same texts.
    """
    words, numbers = _joined_vocabulary(folders)
    starts = [mapped(folder / _STARTS) for folder in folders]
    joined_starts = _joined_starts(starts, origins)
    np.save(target / _STARTS, joined_starts, allow_pickle=False)
    frequencies = np.zeros(len(words), np.int64)
    shape = (int(joined_starts[-1]),)
    terms, counts = ([mapped(folder / file) for folder in folders] for file in (_TERMS, _COUNTS))
    with (
        writing_array(target / _TERMS, np.int32, shape) as write_terms,
        writing_array(target / _COUNTS, np.uint8, shape) as write_counts,
    ):
        for _, runs in origins.runs():
            spans = [(part, *starts[part][[first, stop]].tolist()) for part, first, stop in runs]
            block = np.concatenate([numbers[part][terms[part][a:b]] for part, a, b in spans])
            frequencies += np.bincount(block, minlength=len(frequencies))
            write_terms(block)
            write_counts(np.concatenate([counts[part][a:b] for part, a, b in spans]))
            for part in {part for part, _, _ in spans}:
                release_pages(terms[part])
                release_pages(counts[part])
    vocabulary = words.to_pylist()
    if not (used := frequencies > 0).all():
        _renumber(target / _TERMS, (np.cumsum(used) - 1).astype(np.int32), shape[0])
        vocabulary = list(compress(vocabulary, used.tolist()))
    write_vocabulary(target, vocabulary)
    return TermCounts.open(target)


def _joined_vocabulary(folders: Sequence[Path]) -> tuple["pyarrow.Array", list[np.ndarray]]:
    """Return the words of all folders, sorted, and the numbers in it of the words of each."""
    import pyarrow

    parts = [pyarrow.array(read_vocabulary(one), pyarrow.large_string()) for one in folders]
    words = joined(parts)
    return words, [numbers_in(words, part) for part in parts]


def _joined_starts(starts: Sequence[Rows], origins: Origins) -> Rows:
    sizes = np.zeros(len(origins.rows) + 1, np.int64)
    for part, of_part in enumerate(starts):
        here = np.flatnonzero(origins.parts == part)
        rows = origins.rows[here]
        sizes[here + 1] = of_part[rows + 1] - of_part[rows]
    return np.cumsum(sizes)


def _renumber(file: Path, numbers: np.ndarray, count: int) -> None:
    """Replace each term in a file of so many terms by its new number."""
    header = file.stat().st_size - count * numbers.itemsize
    with file.open("r+b") as content:
        for start in range(0, count, _BLOCK * 100):
            position = header + start * numbers.itemsize
            content.seek(position)
            terms = np.fromfile(content, np.int32, min(_BLOCK * 100, count - start))
            content.seek(position)
            content.write(numbers[terms].data)
