"""Progress on standard error: one line that changes on a terminal, otherwise lines.

Without a terminal, as in a log or in a mail of cron, there is a line per step and per minute.
"""

import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from index.progress import Progress

_T = TypeVar("_T")
_INTERVAL = 60.0  # seconds


@contextmanager
def show_steps(
    describe: Callable[[], str] | None = None, interval: float = _INTERVAL
) -> Iterator[Progress]:
    """Yield a function that reports progress: step name, items done, total (0 if unknown).

    Without a terminal, a line describes the current step every `interval` seconds, also if nothing
    is reported meanwhile. `describe` returns what it says; by default it has the reported counts.
    """
    steps = _Steps(describe)
    ended = threading.Event()
    minutes = threading.Thread(target=steps.describe_every, args=(interval, ended), daemon=True)
    if not sys.stderr.isatty():
        minutes.start()
    try:
        yield steps.report
    finally:
        ended.set()
        if minutes.is_alive():
            minutes.join()


def counted(progress: Progress, step: str, items: Iterable[_T], every: int = 100) -> Iterator[_T]:
    """Yield the items and report their count every `every` items; the total is unknown."""
    count = 0
    for count, item in enumerate(items, 1):
        if count % every == 0:
            progress(step, count, 0)
        yield item
    progress(step, count, count)


class _Steps:
    def __init__(self, describe: Callable[[], str] | None) -> None:
        self._counts: str = ""
        self._describe = describe or (lambda: self._counts)

    def report(self, step: str, done: int, total: int) -> None:
        is_terminal, is_done = sys.stderr.isatty(), done == total
        self._counts = f"{step}: {done:,}" + (f" of {total:,}" if total else "")
        if is_terminal:
            text = self._describe()[: shutil.get_terminal_size().columns - 1]
            click.echo(f"\r\x1b[K{text}", nl=is_done, err=True)
        elif is_done:
            click.echo(f"{step}: {done}", err=True)

    def describe_every(self, interval: float, ended: threading.Event) -> None:
        while not ended.wait(interval):
            if self._counts:
                click.echo(self._describe(), err=True)
