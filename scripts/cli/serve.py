"""The `serve` command."""

import click

from index.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on.  [default: SEEALSO_HOST]")
@click.option("--port", help="Port to listen on.  [default: SEEALSO_PORT]")
@click.option("--workers", help="Number of server processes.  [default: SEEALSO_WORKERS]")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: str | None, workers: str | None) -> None:
    """Serve the REST API and the web pages.

    On SIGTERM the server stops accepting requests, finishes those in progress and exits with 0.
    It logs one line of JSON per request on standard error.
    """
    import os
    import signal
    import tempfile
    from contextlib import ExitStack

    # One thread per request: by default FAISS starts one per processor in each of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import uvicorn

    from api.monitoring.request_log import LOGGING
    from index.catalogue.catalogue import read_catalogue
    from index.settings import load_settings

    given = {"data": str(settings.data), "host": host, "port": port, "workers": workers}
    settings = load_settings(os.environ, **given)
    # Worker processes read their settings from the environment.
    os.environ |= {f"SEEALSO_{name.upper()}": value for name, value in given.items() if value}
    with read_catalogue(settings.data):
        address = f"http://{settings.host}:{settings.port}"
        click.echo(f"serving {settings.data} on {address} (Ctrl-C ends it)", err=True)
    # uvicorn raises the signal again after draining. That is a normal exit, and threads that still
    # compute abandoned answers would delay any other way of exiting.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with ExitStack() as shared:
        if settings.workers > 1:
            folder = shared.enter_context(tempfile.TemporaryDirectory(prefix="seealso-metrics-"))
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        uvicorn.run(
            "api.app:serving_app",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            http="h11",  # its limit on request headers applies whichever parsers are installed
            h11_max_incomplete_event_size=_MAX_HEAD_LENGTH,
            log_config=LOGGING,
            access_log=False,
            timeout_graceful_shutdown=settings.request_timeout,
        )


# Larger than the URL limit of api/middleware/body_limit.py, so that limit answers with a problem.
_MAX_HEAD_LENGTH = 131_072
COMMANDS = (serve,)
