"""The `mcp` command."""

from contextlib import suppress

import click

from index.settings import Settings
from scripts.cli.serve import address_of, listening_sockets


@click.command()
@click.option("--http", is_flag=True, help="Serve HTTP at /mcp instead of standard input.")
@click.option("--host", help="Address to listen on with --http.  [default: SEEALSO_HOST]")
@click.option("--port", help="Port to listen on with --http.", default="8001", show_default=True)
@click.pass_obj
def mcp(settings: Settings, http: bool, host: str | None, port: str) -> None:
    """Serve agents over the Model Context Protocol (MCP).

    By default it talks to the agent that started it over standard input and output. With --http
    it serves several agents.
    """
    import os

    # One thread per call: by default FAISS starts one per processor in each of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from api.agents.server import agent_server
    from index.catalogue.catalogue import read_catalogue
    from index.settings import load_settings

    settings = load_settings(os.environ, data=str(settings.data), host=host, port=port)
    with read_catalogue(settings.data):
        server = agent_server(settings)
    if not http:
        server.run("stdio")
        return
    import uvicorn

    sockets = listening_sockets(settings.host, settings.port)
    address = f"{address_of(settings.host, settings.port)}/mcp"
    click.echo(f"serving {settings.data} on {address} (Ctrl-C ends it)", err=True)
    # Calls are independent of each other, so sessions and event streams are not needed.
    app = server.streamable_http_app(stateless_http=True, json_response=True, host=settings.host)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=sockets)


COMMANDS = (mcp,)
