"""Commands that run the server: serve."""

import click

from index.settings import Settings


@click.command()
@click.option("--host", help="The address to listen on.")
@click.option("--port", help="The port to listen on.")
@click.option("--workers", help="How many processes answer.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: str | None, workers: str | None) -> None:
    """Serve the REST API and the pages.

    On SIGTERM it takes no more requests, answers those it has, and ends. It logs a line of JSON
    for each request on standard error.
    """
    import os
    import signal
    import tempfile
    from contextlib import ExitStack

    # One thread a request: FAISS would start one for each processor in every one of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import uvicorn

    from api.monitoring.request_log import LOGGING
    from index.catalogue.catalogue import read_catalogue
    from index.settings import load_settings

    given = {"data": str(settings.data), "host": host, "port": port, "workers": workers}
    settings = load_settings(os.environ, **given)
    # Workers are processes of their own and find these settings where they find the others.
    os.environ |= {f"SEEALSO_{name.upper()}": value for name, value in given.items() if value}
    with read_catalogue(settings.data):
        address = f"http://{settings.host}:{settings.port}"
        click.echo(f"serving {settings.data} on {address} (Ctrl-C ends it)", err=True)
    # uvicorn, once it has drained, hands the signal on. To have ended as told is no failure; and
    # threads that still compute what nobody waits for would hold up any other way to leave.
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
            http="h11",  # whose bound on a request's head holds whatever else is installed
            h11_max_incomplete_event_size=_MAX_HEAD_LENGTH,
            log_config=LOGGING,
            access_log=False,
            timeout_graceful_shutdown=settings.request_timeout,
        )


# Over what api/middleware/body_limit.py takes of an address, so that who exceeds that is told so.
_MAX_HEAD_LENGTH = 131_072
COMMANDS = (serve,)
