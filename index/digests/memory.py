"""What a digest remembers between runs, in a file of the user's: what it has covered and sent.

Times alone cannot tell: a nightly run may be late, or repeated after the digest. The file has the
last run of the catalogue whose papers all earlier digests have considered. A run that is still
active, or whose papers are not all in the release, is considered again; the ids of the papers sent
keep it from sending one twice. The file is written after a digest was delivered, so a digest that
fails is repeated.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from index.catalogue.arrivals.new_papers import Arrivals, Period
from index.errors import BadInput, Busy, Damaged
from index.files import make_folder, read_json, to_write_error, write_file

_FORM = 1
_MAX_SENT = 10_000  # ids kept, the latest


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier digests have covered, and the ids of the papers that they listed."""

    period: Period
    sent: tuple[str, ...] = ()

    def after_digest(
        self, found: Sequence[Arrivals], waiting: frozenset[int], listed: Sequence[str]
    ) -> "Memory":
        """Return the memory after a digest of these arrivals that listed these papers.

        `waiting` has the numbers of new papers that the release does not have yet.
        """
        after = self.period.after
        for one in found:
            if one.run is None:
                continue
            if one.run.finished is None or not waiting.isdisjoint(one.numbers):
                break
            after = one.run.started, one.run.number
        sent = tuple(dict.fromkeys((*self.sent, *listed)))[-_MAX_SENT:]
        return Memory(Period(self.period.since if after is None else after[0], after), sent)


def read_memory(path: Path, first: Period) -> Memory:
    """Return the memory that a file has; one that begins with the period `first` without a file.

    Raises Damaged if it is no such file, BadInput if it cannot be read.
    """
    try:
        content = read_json(path)
    except FileNotFoundError:
        return Memory(first)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error}): name a file that you may read") from error
    except ValueError as error:
        raise _damaged(path) from error
    try:
        return _parse(content)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error


@contextmanager
def locked_memory(path: Path) -> Iterator[None]:
    """Keep other digests with this file out of the block; create its folder if needed.

    The lock is a file in the same folder. That file remains, and the lock is released when the
    process ends. Raises Busy if another digest has it, and NoSpaceLeft, NotWritable or BadInput if
    the folder takes no file, so that this is known before a digest is sent.
    """
    try:
        make_folder(path.parent)
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise to_write_error(error, path) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Busy(
            f"another digest with {path} is running: wait until it has ended; two digests that run "
            "at the same time need files of their own"
        ) from error
    finally:
        os.close(lock)


def write_memory(path: Path, memory: Memory) -> None:
    """Replace the file in one step; raises NoSpaceLeft, NotWritable, or BadInput."""
    after = memory.period.after
    content = {
        "form": _FORM,
        "since": memory.period.since.isoformat(),
        "after_run": None if after is None else [after[0].isoformat(), after[1]],
        "sent": memory.sent,
    }
    try:
        write_file(path, json.dumps(content, indent=1).encode())
    except OSError as error:
        raise to_write_error(error, path) from error


def _parse(content: object) -> Memory:
    match content:
        case {"form": int(form), "since": str(since), "after_run": after, "sent": [*sent]} if (
            form == _FORM and all(isinstance(one, str) for one in sent)
        ):
            run = None
            match after:
                case [str(started), int(number)]:
                    run = _utc(started), number
                case None:
                    pass
                case _:
                    raise ValueError("after_run")
            return Memory(Period(_utc(since), run), tuple(map(str, sent)))
    raise ValueError("not a memory")


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError("a time without offset")
    return moment


def _damaged(path: Path) -> Damaged:
    return Damaged(
        f"{path} was not written by `seealso digest`, or by a newer version of it: name another "
        "file, or delete it to begin with --since again"
    )
