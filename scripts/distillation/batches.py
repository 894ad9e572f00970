"""Which papers a training batch consists of: neighbours by the teacher, or headings of a list.

A batch depends on its number and the seed alone, so that a resumed run sees the same batches.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from index.arrays import Floats, Rows
from index.arxiv.identifier import canonical_id

_FOLDS = 5
_PER_GROUP = 8  # papers of one heading, or one paper and its neighbours, in a batch
_NEIGHBOURS = 64  # nearest papers by the teacher that a batch draws from
_LIST_BATCHES = 5  # one batch in this many consists of headings


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of a batch; `headings` numbers the heading of each, -1 if there is none."""

    rows: Rows
    headings: np.ndarray


def fold_of(reading_list: str) -> int:
    """Return the fold of a reading list, 0 to 4, which depends on its name alone."""
    return crc32(reading_list.encode()) % _FOLDS


def read_headings(
    path: Path, rows: Mapping[str, int], held_out: int | None
) -> dict[str, list[Rows]]:
    """Return the headings of each reading list, as rows of papers, without the lists of a fold.

    `path` has a JSON object per line with `repo`, `ids` and `broad`; `rows` has the row of each
    identifier. Headings that are broad, or have fewer than two papers here, are left out, and so
    are lists with fewer than two headings: their siblings are the hard negatives of a batch.
    """
    headings = defaultdict[str, list[Rows]](list)
    for line in path.read_text().splitlines():
        heading = json.loads(line)
        if heading["broad"] or fold_of(heading["repo"]) == held_out:
            continue
        ids = {canonical_id(paper) for paper in heading["ids"]}
        members = np.array(sorted(rows[paper] for paper in ids if paper in rows), np.int64)
        if len(members) > 1:
            headings[heading["repo"]].append(members)
    return {name: members for name, members in headings.items() if len(members) > 1}


class Batches:
    """Draws batches of `size` rows from the teacher's vectors and the headings of lists."""

    def __init__(
        self, teacher: Floats, headings: Mapping[str, Sequence[Rows]], size: int, seed: int
    ) -> None:
        self._teacher = teacher
        self._lists = [headings[name] for name in sorted(headings)]
        self._shares = np.array([sum(map(len, members)) for members in self._lists], np.float64)
        self._size = size
        self._seed = seed

    def __getitem__(self, number: int) -> Batch:
        """Return a batch; one in five consists of headings of one reading list."""
        random = np.random.default_rng([self._seed, number])
        if self._lists and number % _LIST_BATCHES == 0:
            return self._of_headings(random)
        return self._of_neighbours(random)

    def _of_headings(self, random: np.random.Generator) -> Batch:
        chosen = random.choice(len(self._lists), p=self._shares / self._shares.sum())
        members = self._lists[chosen]
        rows, headings, taken = list[int](), list[int](), set[int]()
        for heading in random.permutation(len(members)):
            free = np.array([row for row in members[heading] if row not in taken], np.int64)
            if len(rows) + 2 > self._size:
                break
            count = min(_PER_GROUP, len(free), self._size - len(rows))
            if count > 1:
                drawn = random.choice(free, count, replace=False).tolist()
                rows += drawn
                headings += [int(heading)] * count
                taken.update(drawn)
        return Batch(np.array(rows), np.array(headings))

    def _of_neighbours(self, random: np.random.Generator) -> Batch:
        seeds = random.choice(len(self._teacher), self._size // _PER_GROUP, replace=False)
        cosines = self._teacher[seeds] @ self._teacher.T
        near = min(_NEIGHBOURS, len(self._teacher) - 1)
        nearest = np.argpartition(-cosines, near, axis=1)[:, :near]
        drawn = [random.choice(row, min(_PER_GROUP - 1, near), replace=False) for row in nearest]
        rows = np.unique(np.concatenate([seeds, *drawn]))
        return Batch(rows, np.full(len(rows), -1))
