"""arXiv's rate limit: one request every three seconds, one connection, over all local processes.

arXiv's terms of use apply this limit to all of its services together
(info.arxiv.org/help/api/tou.html). All seealso processes of a user share one lock file. A process
holds the lock during a request and writes the start of the request into the file, so that the
others keep the pause. If a process is killed, the system releases the lock and the time remains.
"""

import fcntl
import os
import stat
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import BadInput, Busy

ARXIV_PAUSE = 3
"""Minimum seconds between the starts of two requests."""

MAX_LOCK_WAIT = 900.0
"""Seconds after which waiting for the lock is an error; a request holds it for much less."""

_POLL = 0.1  # seconds between attempts to take the lock
_TEMPORARY = Path("/tmp")  # noqa: S108 - the same for every TMPDIR; only a private folder in it is used
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_START = struct.Struct("<d")
_HOLDER = struct.Struct("<q")


def pause_for(address: str, pause: int) -> int:
    """Return the pause between requests; raises BadInput if it is shorter than arXiv requires.

    A shorter pause is allowed only for a server on this machine, which is not arXiv's.
    """
    if pause < ARXIV_PAUSE and not is_loopback(address):
        raise BadInput(
            f"SEEALSO_PAUSE={pause}: arXiv requires at least {ARXIV_PAUSE} seconds between "
            "requests; a shorter pause is allowed only for a loopback address"
        )
    return pause


def is_loopback(address: str) -> bool:
    """Return whether an address is on this machine."""
    return urlsplit(address).hostname in _LOOPBACK


def lock_path(environment: Mapping[str, str] = os.environ, temporary: Path = _TEMPORARY) -> Path:
    """Return the lock file of this user: in $XDG_RUNTIME_DIR, else in a private folder in /tmp.

    Raises BadInput if that folder cannot be created or other users can write to it.
    """
    runtime = Path(environment.get("XDG_RUNTIME_DIR", ""))
    if runtime.is_absolute() and _is_private(runtime):
        return runtime / "seealso-arxiv.lock"
    folder = temporary / f"seealso-{os.getuid()}"
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        reason = "it is not a folder that belongs to you alone"
        usable = _is_private(folder)
    except OSError as error:
        reason, usable = str(error), False
    if not usable:
        raise BadInput(
            f"the lock on requests to arXiv cannot be kept in {folder}: {reason}. Set "
            "XDG_RUNTIME_DIR to an existing folder that belongs to you and that only you can "
            "write to"
        )
    return folder / "arxiv.lock"


def _is_private(folder: Path) -> bool:
    """Return whether a path is a folder, not a link, of this user that nobody else can write to."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    own = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return own and not status.st_mode & 0o022


@contextmanager
def request_slot(
    pause: float,
    path: Path,
    *,
    max_wait: float = MAX_LOCK_WAIT,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Wait until a request may start, and hold the lock while the block runs.

    `clock` must be shared by all processes and start with the host. Raises Busy if other processes
    hold the lock for `max_wait` seconds.
    """
    file = _wait_for_slot(pause, path, max_wait, clock, sleep)
    try:
        os.pwrite(file, _START.pack(clock()), 0)
        yield
    finally:
        os.close(file)


def _wait_for_slot(
    pause: float,
    path: Path,
    max_wait: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> int:
    deadline = clock() + max_wait
    while True:
        file = _take_lock(path)
        if file is None:
            if clock() >= deadline:
                raise Busy(_held_message(path, max_wait))
            sleep(_POLL)
            continue
        remaining = _remaining(file, pause, clock())
        if not remaining:
            return file
        os.close(file)  # during the pause another process may take it: the pause is the same
        sleep(remaining)
        deadline = clock() + max_wait


def _take_lock(path: Path) -> int | None:
    """Return the locked file, None if another process holds the lock."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.lstat()):
                os.pwrite(file, _HOLDER.pack(os.getpid()), _START.size)
                return file
        os.close(file)  # the file was deleted or replaced meanwhile: lock the new one


def _remaining(file: int, pause: float, now: float) -> float:
    """Return the seconds until the next request may start."""
    written = os.pread(file, _START.size, 0)
    if len(written) < _START.size:
        return 0
    start: float = _START.unpack(written)[0]
    if not start <= now:  # the host was restarted since: its clock began again at zero
        os.pwrite(file, _START.pack(now), 0)
        return pause
    return max(0, pause - (now - start))


def _held_message(path: Path, waited: float) -> str:
    holder = "another process"
    with suppress(OSError):
        written = path.read_bytes()[_START.size :]
        if len(written) == _HOLDER.size:
            holder = f"process {_HOLDER.unpack(written)[0]}"
    return (
        f"waited {waited:.0f} s for the lock on requests to arXiv, {path}, which {holder} holds: "
        "wait until that process has finished, or end it, then try again"
    )
