"""A bounded queue for the embedding model, which embeds one free text at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge

from api.worker_threads import WorkerThreads
from index.errors import TooManyTexts


class TextQueue:
    """Serialise access to the embedding model, with a limit on waiting requests.

        queue = TextQueue(max_waiting=8, max_wait=30, threads=WorkerThreads())
        with queue.slot():
            vectors = embedder.encode([text])

    A request is refused at once if `max_waiting` others wait already. A request that has waited
    `max_wait` seconds, the request timeout, is refused too, since its client has gone.

    `texts` is a gauge of texts that wait or are being embedded; `refusals` counts requests
    refused because the queue was full.
    """

    def __init__(self, max_waiting: int, max_wait: float, threads: WorkerThreads) -> None:
        self._max_waiting = max_waiting
        self._max_wait = max_wait
        self._threads = threads
        self._places = threading.BoundedSemaphore(max_waiting + 1)
        self._model = threading.Lock()
        self.texts = Gauge(
            "seealso_text_queue_texts",
            "Free texts that the model is embedding or that wait for it",
            multiprocess_mode="livesum",
            registry=None,
        )
        self.refusals = Counter(
            "seealso_text_queue_refusals",
            "Requests refused because too many texts were waiting",
            registry=None,
        )

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for the model, and keep it for the block.

        Raises TooManyTexts if the queue is full or the wait exceeds the limit.
        """
        if not self._places.acquire(blocking=False):
            self.refusals.inc()
            raise TooManyTexts(
                f"{self._max_waiting} other texts are waiting for the model: try again later; "
                "lists for papers in the catalogue still work"
            )
        try:
            with self.texts.track_inprogress(), self._model_in_time():
                yield
        finally:
            self._places.release()

    @contextmanager
    def _model_in_time(self) -> Iterator[None]:
        if not (self._model.acquire(blocking=False) or self._acquire_later()):
            raise TooManyTexts(
                f"the model did not become free within {self._max_wait:g} seconds: try again later"
            )
        try:
            yield
        finally:
            self._model.release()

    def _acquire_later(self) -> bool:
        with self._threads.waiting():
            return self._model.acquire(timeout=self._max_wait)
