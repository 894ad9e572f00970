"""Commands that agents talk to: mcp."""

import click

from index.settings import Settings


@click.command()
@click.option("--http", is_flag=True, help="Serve HTTP at /mcp instead of standard input.")
@click.option("--host", help="The address to listen on, with --http.")
@click.option(
    "--port", help="The port to listen on, with --http.", default="8001", show_default=True
)
@click.pass_obj
def mcp(settings: Settings, http: bool, host: str | None, port: str) -> None:
    """Serve agents by the Model Context Protocol.

    On standard input and output, as agents start it themselves; with --http for several at once.
    """
    import os

    # One thread a call: FAISS would start one for each processor in every one of them.
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

    address = f"http://{settings.host}:{settings.port}/mcp"
    click.echo(f"serving {settings.data} on {address} (Ctrl-C ends it)", err=True)
    # Every call is answered by itself: sessions and event streams would only be held in vain.
    app = server.streamable_http_app(stateless_http=True, json_response=True, host=settings.host)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning")


COMMANDS = (mcp,)
