"""A snapshot read by a process of its own, so that reading and storing take two cores."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from index.errors import BadInput, SeeAlsoError
from ingest.intake import batches
from ingest.snapshot.records import Line, read_snapshot

_LINES = 2_000


def read_ahead(path: Path, after: int = 0) -> Iterator[list[Line]]:
    """The lines of a snapshot after the first few, in lists; errors as `read_snapshot`."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    reader = context.Process(target=_send, args=(path, after, sending), daemon=True)
    reader.start()
    sending.close()
    try:
        while True:
            try:
                given = receiving.recv()
            except EOFError:
                raise BadInput(f"reading {path} ended early: {reader.exitcode}") from None
            if isinstance(given, SeeAlsoError):
                raise given
            if given is None:
                return
            yield given
    finally:
        receiving.close()  # whoever reads on finds nobody listening, and ends
        reader.join()


def _send(path: Path, after: int, sending: Connection) -> None:
    try:
        try:
            for lines in batches(read_snapshot(path, after), _LINES):
                sending.send(lines)
            sending.send(None)
        except SeeAlsoError as error:
            sending.send(error)
    except BrokenPipeError:
        return
