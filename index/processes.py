"""Pools of processes whose failures are said in words."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from index.errors import NoSpaceLeft, NotWritable

_MAX_PROCESSES = 8  # each needs more than 100 MB
Result = TypeVar("Result")


@contextmanager
def process_pool(
    purpose: str,
    initializer: Callable[..., object],
    arguments: tuple[object, ...] = (),
    tasks_per_process: int | None = None,
) -> Iterator[ProcessPoolExecutor]:
    """Open a pool with a process for each processor; `purpose` says what its processes do.

    They are spawned, because a process with a database connection and threads cannot be forked
    safely. Raises NoSpaceLeft if one is killed, and NotWritable if none can be started. Waiting
    tasks are dropped if the block ends early.
    """
    try:
        pool = ProcessPoolExecutor(
            process_count(),
            get_context("spawn"),
            initializer,
            arguments,
            max_tasks_per_child=tasks_per_process,
        )
    except OSError as error:
        raise NotWritable(
            f"no process that {purpose} can be started ({error}): /dev/shm must be writable"
        ) from error
    try:
        yield pool
    except BrokenProcessPool as error:
        raise NoSpaceLeft(
            f"a process that {purpose} was killed, possibly for lack of memory ({error})"
        ) from error
    finally:
        # Not `cancel` of single tasks: the pool fails to end if a process is killed after it.
        pool.shutdown(cancel_futures=True)


def process_count() -> int:
    """Return how many processes a pool has: as many as processors that may be used, at most 8."""
    has_affinity = hasattr(os, "sched_getaffinity")  # not on macOS
    usable = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return min(usable, _MAX_PROCESSES)


def submit(
    pool: ProcessPoolExecutor, compute: Callable[..., Result], *arguments: Any
) -> Future[Result]:
    """Submit a task; a process that is started for it is not interrupted by Ctrl-C.

    Its parent is, and ends it. Else each process would print a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(compute, *arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
