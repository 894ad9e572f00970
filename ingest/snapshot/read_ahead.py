"""Read a snapshot in a process of its own, so that parsing and storing use two cores."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from index.errors import BadInput, SeeAlsoError
from ingest.snapshot.records import Line, read_snapshot

_LINES = 2_000
_BYTES = 2**25  # of lines; a line may have 2 MB


def read_ahead(path: Path, skip: int = 0) -> Iterator[list[Line]]:
    """Yield lines of a snapshot in lists, without the first `skip`; raises like `read_snapshot`."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    reader = context.Process(target=_send, args=(path, skip, sending), daemon=True)
    reader.start()
    sending.close()
    try:
        while True:
            try:
                payload = receiving.recv()
            except EOFError:
                raise BadInput(
                    f"the process that reads {path} ended early, with exit code {reader.exitcode}"
                ) from None
            if isinstance(payload, SeeAlsoError):
                raise payload
            if payload is None:
                return
            yield payload
    finally:
        receiving.close()  # the reader's next send then fails, and it ends
        reader.join()


def _send(path: Path, skip: int, sending: Connection) -> None:
    try:
        try:
            lines: list[Line] = []
            size = 0
            try:
                for line in read_snapshot(path, skip):
                    lines.append(line)
                    size += line.size
                    if len(lines) == _LINES or size > _BYTES:
                        sending.send(lines)
                        lines, size = [], 0
            finally:
                sending.send(lines)
            sending.send(None)
        except SeeAlsoError as error:
            sending.send(error)
    except BrokenPipeError:
        return
