"""Progress on standard error: a bar on a terminal, otherwise one line per step."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from index.progress import Progress

_T = TypeVar("_T")


@contextmanager
def show_steps() -> Iterator[Progress]:
    """Yield a function that reports progress: step name, items done, total (0 if unknown)."""
    steps = _Steps()
    try:
        yield steps.report
    finally:
        steps.end()


def counted(progress: Progress, step: str, items: Iterable[_T], every: int = 100) -> Iterator[_T]:
    """Yield the items and report their count every `every` items; the total is unknown."""
    count = 0
    for count, item in enumerate(items, 1):
        if count % every == 0:
            progress(step, count, 0)
        yield item
    progress(step, count, count)


class _Steps:
    def __init__(self) -> None:
        self._step = ""
        self._done = 0
        self._bar: click.progressbar[int] | None = None  # type: ignore[valid-type]

    def report(self, step: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self._draw(step, done, total)
        elif done == total:
            click.echo(f"{step}: {done}", err=True)

    def _draw(self, step: str, done: int, total: int) -> None:
        if not total:
            click.echo(f"\r{step}: {done}", nl=False, err=True)
        elif self._bar is None and done == total:
            click.echo(f"\r{step}: {done}", err=True)
        else:
            self._advance(step, done, total)

    def _advance(self, step: str, done: int, total: int) -> None:
        if self._bar is None or step != self._step:
            self.end()
            self._bar = click.progressbar(
                length=total, label=step, file=sys.stderr, show_pos=True, width=30
            )
            self._bar.render_progress()
            self._step, self._done = step, 0
        self._bar.update(done - self._done)
        self._done = done
        if done == total:
            self.end()

    def end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None
