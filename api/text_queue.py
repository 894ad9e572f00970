"""The queue before the model: one free text at a time is read, and only so many wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge

from index.errors import TooManyTexts


class TextQueue:
    """Turns at the model; who finds the queue full is refused at once.

    Who waits in it as long as a request may take leaves it, for nobody waits for the answer then.

    `texts` counts those that are read or wait, `refusals` who was sent away.
    """

    def __init__(self, most_waiting: int, longest_wait: float) -> None:
        self._most = most_waiting
        self._longest_wait = longest_wait
        self._places = threading.BoundedSemaphore(most_waiting + 1)
        self._model = threading.Lock()
        self.texts = Gauge(
            "seealso_text_queue_texts",
            "Free texts that the model reads, or that wait for it",
            multiprocess_mode="livesum",
            registry=None,
        )
        self.refusals = Counter(
            "seealso_text_queue_refusals",
            "Requests refused because too many texts waited",
            registry=None,
        )

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for the model and have it for the block; raises TooManyTexts where many wait."""
        if not self._places.acquire(blocking=False):
            self.refusals.inc()
            raise TooManyTexts(
                f"{self._most} other texts wait for the model already: ask again in a moment; "
                "lists for known papers go on"
            )
        try:
            with self.texts.track_inprogress(), self._model_in_time():
                yield
        finally:
            self._places.release()

    @contextmanager
    def _model_in_time(self) -> Iterator[None]:
        if not self._model.acquire(timeout=self._longest_wait):
            raise TooManyTexts(f"the model was not free within {self._longest_wait:g} seconds")
        try:
            yield
        finally:
            self._model.release()
