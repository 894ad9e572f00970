"""Join counts that are saved in several folders, without reading all of them into memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.arrays import Rows, mapped, release_pages, writing_array
from index.search.packed_terms import (
    PackedCounts,
    PackedTerms,
    high_bits,
    high_type,
    low_bits,
)
from index.search.term_counts import (
    HIGH_FILE,
    LOW_FILE,
    STARTS_FILE,
    TermCounts,
    read_vocabulary,
    write_vocabulary,
)
from index.search.words.vocabularies import joined, numbers_in

if TYPE_CHECKING:
    import pyarrow

_BLOCK = 50_000  # rows


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
    parts = [TermCounts.open(folder) for folder in folders]
    starts = _joined_starts([part.starts for part in parts], origins)
    np.save(target / STARTS_FILE, starts, allow_pickle=False)
    frequencies = np.zeros(len(words), np.int64)
    with _writing(target, int(starts[-1]), len(words)) as write:
        for _, runs in origins.runs():
            spans = [(n, slice(*parts[n].starts[[first, stop]])) for n, first, stop in runs]
            terms = np.concatenate([numbers[n][parts[n].terms[span]] for n, span in spans])
            frequencies += np.bincount(terms, minlength=len(frequencies))
            write(terms, np.concatenate([parts[n].counts[span] for n, span in spans]))
            for n in {n for n, _ in spans}:
                parts[n].release_pages()
    vocabulary = words.to_pylist()
    if not (used := frequencies > 0).all():
        _renumber(target, (np.cumsum(used) - 1).astype(np.int32))
        vocabulary = list(compress(vocabulary, used.tolist()))
    write_vocabulary(target, vocabulary)
    return TermCounts.open(target)


@contextmanager
def _writing(
    folder: Path, size: int, words: int
) -> Iterator[Callable[[np.ndarray, np.ndarray], None]]:
    """Write terms of a vocabulary of so many words, and their counts, block by block."""
    kind = high_type(words)
    with (
        writing_array(folder / LOW_FILE, np.uint16, (size,)) as write_low,
        writing_array(folder / HIGH_FILE, kind.type, (size,)) as write_high,
    ):

        def write(terms: np.ndarray, counts: np.ndarray) -> None:
            write_low(low_bits(terms))
            write_high(high_bits(terms, counts, kind))

        yield write


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


def _renumber(folder: Path, numbers: np.ndarray) -> None:
    """Replace each term of saved counts by its new number."""
    low, high = mapped(folder / LOW_FILE), mapped(folder / HIGH_FILE)
    terms, counts = PackedTerms(low, high), PackedCounts(high)
    with TemporaryDirectory(dir=folder) as name:
        renumbered = Path(name)
        with _writing(renumbered, len(terms), int(numbers[-1]) + 1) as write:
            for start in range(0, len(terms), _BLOCK * 100):
                span = slice(start, start + _BLOCK * 100)
                write(numbers[terms[span]], counts[span])
                release_pages(low)
                release_pages(high)
        for file in (LOW_FILE, HIGH_FILE):
            (renumbered / file).rename(folder / file)
