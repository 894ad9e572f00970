"""Commands that answer: related, search, serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import click

from index.errors import BadInput
from index.settings import Settings
from scripts.output import as_json_option, limit_option, print_json

if TYPE_CHECKING:
    from index.catalogue import Catalogue
    from index.embedding import Embedder
    from index.release import Release


@contextmanager
def _reading(settings: Settings) -> Iterator["tuple[Catalogue, Release]"]:
    from index.catalogue import read_catalogue
    from index.release import CurrentRelease

    with read_catalogue(settings.data) as catalogue:
        current = CurrentRelease(settings.data)
        release = current.get()
        if current.problem:
            click.echo(f"seealso: {current.problem}; answering from the one before", err=True)
        yield catalogue, release


@contextmanager
def _embedder(settings: Settings, release: "Release") -> "Iterator[Embedder]":
    from index.embedding import open_text_embedder

    embedder = open_text_embedder(settings, release.manifest.identity)
    try:
        yield embedder
    finally:
        embedder.close()


@click.command()
@click.argument("paper_id", metavar="[ID]", required=False)
@click.option("--text", help="A paragraph instead of a paper.")
@limit_option
@click.option("--sort", type=click.Choice(["score", "date"]), default="score", show_default=True)
@as_json_option
@click.pass_obj
def related(
    settings: Settings,
    paper_id: str | None,
    text: str | None,
    limit: int,
    sort: Literal["score", "date"],
    as_json: bool,
) -> None:
    """List the papers related to ID, in any form of an arXiv identifier, or to a text."""
    from api.plain_text import listing_text, paper_text
    from index.identifier import canonical_id
    from index.related import Finder

    if (paper_id is None) == (text is None):
        raise BadInput("give either an ID or --text TEXT")
    known = canonical_id(paper_id) if paper_id is not None else None
    with _reading(settings) as (catalogue, release):
        finder = Finder(catalogue, release)
        if known:
            found = finder.related(known, limit, sort)
            shown = paper_text(catalogue.entry(known), found)
        else:
            with _embedder(settings, release) as embedder:
                found = finder.related_to_text(embedder, text or "", limit, sort)
            shown = listing_text(found)
    if as_json:
        print_json(found)
    else:
        click.echo(shown)


@click.command()
@click.argument("query")
@limit_option
@as_json_option
@click.pass_obj
def search(settings: Settings, query: str, limit: int, as_json: bool) -> None:
    """Find papers by words; phrases in double quotes must stand in title or abstract."""
    from api.plain_text import results_text
    from index.related import Finder

    with _reading(settings) as (catalogue, release), _embedder(settings, release) as embedder:
        found = Finder(catalogue, release).search(embedder, query, limit)
    if as_json:
        print_json(found)
    else:
        click.echo(results_text(found))


@click.command()
@click.option("--host", help="The address to listen on.")
@click.option("--port", help="The port to listen on.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: str | None) -> None:
    """Serve the REST API and the pages."""
    import os

    import uvicorn

    from api.app import create_app
    from index.catalogue import read_catalogue
    from index.settings import load_settings

    settings = load_settings(os.environ, data=str(settings.data), host=host, port=port)
    with read_catalogue(settings.data):
        address = f"http://{settings.host}:{settings.port}"
        click.echo(f"serving {settings.data} on {address} (Ctrl-C ends it)", err=True)
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="warning")


COMMANDS = (related, search, serve)
