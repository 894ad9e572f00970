"""Computes the lists of a release's papers, in a process for each processor if there are many.

Python computes in one thread at a time: threads used 1.5 of two processors (docs/measured.md).
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice, pairwise, starmap
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import faiss
import numpy as np

from index.arrays import Floats, Rows
from index.processes import process_count, process_pool, submit
from index.releases.release import Release, open_folder
from index.search.block_ranking import MAX_LIMIT, BlockRanking
from index.search.faiss_index import FaissIndex
from index.search.nearness import Nearness, Neighbour

_BLOCK = 128  # papers whose lists are computed together; more take longer (docs/measured.md)
_MIN_PAPERS = 20_000  # fewer papers take less time than processes need to start
_AHEAD = 4  # blocks for each processor that are computed before they are needed

ListsOf = Callable[[Rows], Iterator[tuple[Rows, list[list[Neighbour]]]]]
"""Yields the given rows in blocks, in order, each with the list of each row."""


@contextmanager
def list_computation(release: Release, depth: int, excluded: Rows) -> Iterator[ListsOf]:
    """Return a function that computes the lists of rows, without `excluded` ones.

    `depth` is the one that `RelatedFinder` uses, so the lists are equal. Raises as `process_pool`,
    and DamagedRelease if a process cannot open the release.
    """
    ahead = _AHEAD * process_count()
    if isinstance(release.nearness.vectors, FaissIndex) and len(release.nearness) >= _MIN_PAPERS:
        start = (release.folder, depth, excluded)
        with process_pool("computes lists", _start, start) as processes:
            yield partial(_lists_of, partial(submit, processes, _compute_in_process), ahead)
        return
    # One FAISS thread per worker; by default FAISS starts several in each.
    with ThreadPoolExecutor(process_count(), "dump", faiss.omp_set_num_threads, (1,)) as threads:
        compute = partial(_pack, _ranking(release.nearness, depth, excluded))
        yield partial(_lists_of, partial(threads.submit, compute), ahead)


def _lists_of(
    submit_block: Callable[[Rows], "Future[_Packed]"], ahead: int, rows: Rows
) -> Iterator[tuple[Rows, list[list[Neighbour]]]]:
    blocks = (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
    waiting: deque[tuple[Rows, Future[_Packed]]] = deque()
    while True:
        for block in islice(blocks, ahead - len(waiting)):
            waiting.append((block, submit_block(block)))
        if not waiting:
            return
        block, computed = waiting.popleft()
        yield block, computed.result().unpack()


class _Packed(NamedTuple):
    """Lists as arrays, which pass between processes in less time than objects."""

    rows: Rows
    similarities: Floats
    bounds: Rows

    def unpack(self) -> list[list[Neighbour]]:
        found = list(map(Neighbour, self.rows.tolist(), self.similarities.tolist()))
        return [found[span] for span in starmap(slice, pairwise(self.bounds.tolist()))]


_Ranking = Callable[[Rows], Sequence[Sequence[Neighbour]]]


def _pack(ranking: _Ranking, block: Rows) -> _Packed:
    lists = ranking(block)
    found = [hit for hits in lists for hit in hits]
    return _Packed(
        np.array([hit.row for hit in found], np.int64),
        np.array([hit.similarity for hit in found], np.float64),
        np.append(0, np.cumsum([len(hits) for hits in lists])),
    )


def _ranking(nearness: Nearness, depth: int, excluded: Rows) -> _Ranking:
    if isinstance(nearness.vectors, FaissIndex) and depth <= MAX_LIMIT:
        ranking = BlockRanking(nearness, nearness.vectors)
        return lambda rows: ranking.nearest(rows, depth, excluded)

    def nearest(row: int) -> list[Neighbour]:
        others = np.append(excluded, row)
        return nearness.nearest(nearness.seed(row), depth, others, with_ties=True)

    return lambda rows: [nearest(row) for row in rows.tolist()]


class _Process:
    """What a process for lists was started with; the release is opened by the first block.

    An error of the initialiser would only say that the pool is broken.
    """

    def __init__(self, folder: Path, depth: int, excluded: Rows) -> None:
        self._folder, self._depth, self._excluded = folder, depth, excluded
        self._opened: _Ranking | None = None

    def compute(self, block: Rows) -> _Packed:
        """Return the lists of a block."""
        if self._opened is None:
            nearness = open_folder(self._folder).nearness
            self._opened = _ranking(nearness, self._depth, self._excluded)
        return _pack(self._opened, block)


_process: list[_Process] = []


def _start(folder: Path, depth: int, excluded: Rows) -> None:
    # The pool's processes would wait for work for ever if this one's parent were killed.
    Thread(target=_end_with_parent, daemon=True).start()
    faiss.omp_set_num_threads(1)
    _process.append(_Process(folder, depth, excluded))


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _compute_in_process(block: Rows) -> _Packed:
    return _process[0].compute(block)
