"""The socket that `serve` listens on, if systemd passes one (sd_listen_fds(3))."""

import os
import socket
from collections.abc import MutableMapping

from index.errors import BadInput

_FIRST = 3  # the number of the first descriptor that systemd passes


def inherited_socket(environment: MutableMapping[str, str], process: int) -> socket.socket | None:
    """Return the listening socket that was passed to this process, None if there is none.

    Removes the variables, so that child processes do not take them for their own. Raises BadInput
    for more than one socket, and for one that does not listen.
    """
    owner, count = environment.pop("LISTEN_PID", ""), environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if owner != str(process) or count in ("", "0"):
        return None
    if count != "1":
        raise BadInput(f"systemd passes {count} sockets: give seealso.socket one ListenStream")
    os.set_inheritable(_FIRST, False)
    found = socket.socket(fileno=_FIRST)
    if not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        found.close()
        raise BadInput("the socket that systemd passes does not listen: set Accept=no")
    return found
