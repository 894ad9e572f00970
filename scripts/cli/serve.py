"""The `serve` command, and the sockets that a server of the command line listens on."""

import errno
import socket
import sys
from contextlib import suppress

import click

from index.errors import BadInput, Unavailable
from index.settings import Settings


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Return sockets bound to every address of a host, which a server may listen on.

    Raises Unavailable if the port is in use, and BadInput if the host is not an address of this
    machine, or if this user may not use the port.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise BadInput(f"--host {host}: no such host ({error}): {_HOSTS}") from error
    bound: list[socket.socket] = []
    refused: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        try:
            bound.append(_bound(socket.socket(family, kind, protocol), address))
        except OSError as error:
            refused = refused or error
            if error.errno == errno.EADDRINUSE:
                break
    if refused is None or (bound and refused.errno != errno.EADDRINUSE):
        return bound
    for one in bound:
        one.close()
    raise _refusal(refused, host, port) from refused


def address_of(host: str, port: int) -> str:
    """Return the address of a server; an IPv6 address is in brackets."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _bound(made: socket.socket, address: object) -> socket.socket:
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if made.family == socket.AF_INET6:  # IPv4 has a socket of its own
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)  # type: ignore[arg-type]
        made.listen(_BACKLOG)
        made.set_inheritable(True)  # worker processes accept from it
    except OSError:
        made.close()
        raise
    return made


def _refusal(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return Unavailable(
            f"port {port} of {host} is in use: stop the program that uses it, or choose another "
            "port with --port"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return BadInput(f"this user may not use port {port}: choose one above 1023 with --port")
    return BadInput(f"--host {host} cannot be used ({error.strerror}): {_HOSTS}")


_BACKLOG = 2_048  # connections that wait to be accepted, as uvicorn's default
_HOSTS = "use an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them"


@click.command()
@click.option("--host", help="Address to listen on.  [default: SEEALSO_HOST]")
@click.option("--port", help="Port to listen on.  [default: SEEALSO_PORT]")
@click.option("--workers", help="Number of server processes.  [default: SEEALSO_WORKERS]")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: str | None, workers: str | None) -> None:
    """Serve the REST API and the web pages.

    On SIGTERM the server stops accepting requests, finishes those in progress and exits with 0.
    It logs one line of JSON per request on standard error. If systemd passes a socket, the server
    listens on that one instead of --host and --port.
    """
    import os
    import signal
    import tempfile
    from contextlib import ExitStack

    # One thread per request: by default FAISS starts one per processor in each of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from api.draining import DrainingProtocol
    from api.monitoring.request_log import LOGGING
    from index.catalogue.catalogue import read_catalogue
    from index.settings import load_settings
    from scripts.cli.inherited_socket import inherited_socket

    given = {"data": str(settings.data), "host": host, "port": port, "workers": workers}
    settings = load_settings(os.environ, **given)
    # Worker processes read their settings from the environment.
    os.environ |= {f"SEEALSO_{name.upper()}": value for name, value in given.items() if value}
    with read_catalogue(settings.data):
        inherited = inherited_socket(os.environ, os.getpid())
        sockets = [inherited] if inherited else listening_sockets(settings.host, settings.port)
    if inherited is None:
        address = address_of(settings.host, settings.port)
    elif inherited.family == socket.AF_UNIX:
        address = inherited.getsockname()
    else:
        address = address_of(*inherited.getsockname()[:2])
    click.echo(f"serving {settings.data} on {address} (Ctrl-C ends it)", err=True)
    # uvicorn raises the signal again after draining. That is a normal exit, and threads that still
    # compute abandoned answers would delay any other way of exiting.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with ExitStack() as shared:
        if settings.workers > 1:
            folder = shared.enter_context(tempfile.TemporaryDirectory(prefix="seealso-metrics-"))
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        config = uvicorn.Config(
            "api.app:serving_app",
            factory=True,
            workers=settings.workers,
            http=DrainingProtocol,  # h11, so its limit on request headers applies
            h11_max_incomplete_event_size=_MAX_HEAD_LENGTH,
            log_config=LOGGING,
            access_log=False,
            timeout_graceful_shutdown=settings.request_timeout,
        )
        server = uvicorn.Server(config)
        if settings.workers > 1:
            Multiprocess(config, sockets=sockets).run()
            return
        # uvicorn raises the signal again after it has stopped; Ctrl-C is a normal end.
        with suppress(KeyboardInterrupt):
            server.run(sockets=sockets)
    if not server.started:
        sys.exit(1)  # uvicorn has logged why


# Larger than the URL limit of api/middleware/body_limit.py, so that limit answers with a problem.
_MAX_HEAD_LENGTH = 131_072
COMMANDS = (serve,)
