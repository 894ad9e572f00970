"""arXiv's pace: a request every three seconds, one connection, over all processes on this host.

arXiv asks for it over all its services together (info.arxiv.org/help/api/tou.html). A lock on one
file that all processes share holds back the others while a request runs; the file says when the
last one began. Both outlive a killed process: the lock ends with it, the moment stays written.
"""

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import BadInput

ARXIV_PAUSE = 3
"""Seconds from the beginning of one request to that of the next."""

_SHARED = Path("/tmp/seealso-arxiv-pace")  # noqa: S108 - one place for all users, data folders and TMPDIRs
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MOMENT = struct.Struct("<d")


def pause_for(address: str, pause: int) -> int:
    """The pause to keep towards an address; raises BadInput for less than arXiv asks for.

    Only a server on this machine, which is not arXiv's, may be asked more often.
    """
    if pause < ARXIV_PAUSE and not is_loopback(address):
        raise BadInput(
            f"SEEALSO_PAUSE={pause}: arXiv asks for {ARXIV_PAUSE} seconds or more between "
            "requests; only a loopback address may be asked more often"
        )
    return pause


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(address).hostname in _LOOPBACK


@contextmanager
def request_slot(pause: float, shared: Path = _SHARED) -> Iterator[None]:
    """Wait until a request may begin, and keep every other process waiting while it runs."""
    file = _open_for_all(shared)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        time.sleep(_remaining(os.pread(file, _MOMENT.size, 0), pause))
        os.pwrite(file, _MOMENT.pack(time.monotonic()), 0)
        yield
    finally:
        os.close(file)


def _remaining(written: bytes, pause: float) -> float:
    """Seconds still to wait; the clock is the host's since its start, which nobody can set."""
    if len(written) < _MOMENT.size:
        return 0
    since = time.monotonic() - _MOMENT.unpack(written)[0]
    return max(0, pause - since) if since >= 0 else pause  # before: the host was started anew


def _open_for_all(path: Path) -> int:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        pass
    try:
        file = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:  # another process was quicker
        return os.open(path, flags)
    os.fchmod(file, 0o666)  # whatever the umask: other users take turns too
    return file
