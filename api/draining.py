"""Connections that a client may still use for a moment after the server was told to end.

uvicorn closes idle connections at once, also one on which a request is on its way: the client then
gets no answer. Here they stay open for a second. A request that arrives is answered, and its answer
says that the connection is closed.
"""

from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE = 1.0
"""Seconds for which an idle connection stays open during shutdown."""

_CLOSE = (b"connection", b"close")


class DrainingProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, with `GRACE` for idle connections during shutdown."""

    def shutdown(self) -> None:
        """Let answers close the connection, and close it after `GRACE` if it is idle then."""
        if _CLOSE not in self.server_state.default_headers:
            self.server_state.default_headers.append(_CLOSE)
        self.loop.call_later(GRACE, super().shutdown)
