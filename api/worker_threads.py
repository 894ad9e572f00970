"""The threads that answer requests: few, because Python computes in one of them at a time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from anyio.to_thread import current_default_thread_limiter

from index.errors import Busy

_COMPUTING = 2
"""More threads compete for the interpreter, and each list takes up to twice its CPU time
(docs/measured.md, "Threads"). FAISS, NumPy and SQLite release the interpreter while they work."""
_WAITING_FOR_SERVER = 12


class WorkerThreads:
    """Limits the threads of a server that compute, not those that wait.

        threads = WorkerThreads()
        threads.start(with_vector_server=False)  # in the event loop
        with threads.waiting():
            lock.acquire(timeout=30)

    Before `start`, in a program without a server, `waiting` has no effect.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, *, with_vector_server: bool) -> None:
        """Limit the threads of the running event loop.

        If vectors are on a server, requests spend most of their time waiting for it.
        """
        self._loop = asyncio.get_running_loop()
        limiter = current_default_thread_limiter()
        limiter.total_tokens = _WAITING_FOR_SERVER if with_vector_server else _COMPUTING

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let another request compute within the block, in which the caller's thread only waits."""
        self._change(+1)
        try:
            yield
        finally:
            self._change(-1)

    def _change(self, by: int) -> None:
        def change() -> None:
            current_default_thread_limiter().total_tokens += by

        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: no request waits for a thread
                self._loop.call_soon_threadsafe(change)


class Waiting:
    """A limit on the requests that wait at once for one thing.

        with corrections.waiting():
            write()

    More are refused, because each occupies a thread and files.
    """

    def __init__(self, threads: WorkerThreads, most: int, what: str) -> None:
        self._threads, self._most, self._what = threads, most, what
        self._places = threading.BoundedSemaphore(most)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait within the block, not counted as computing; raises Busy if too many do."""
        if not self._places.acquire(blocking=False):
            raise Busy(f"{self._most} other {self._what} are waiting: try again later")
        try:
            with self._threads.waiting():
                yield
        finally:
            self._places.release()
