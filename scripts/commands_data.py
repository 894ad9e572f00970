"""Commands that bring papers in and keep the index: ingest, update, release, status."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.settings import Settings
from scripts.output import as_json_option, file_type, print_json
from scripts.progress import Progress, counted, show_steps

if TYPE_CHECKING:
    from index.catalogue import Catalogue

_SHOWN_REJECTIONS = 20


@contextmanager
def writing(settings: Settings) -> Iterator["tuple[Catalogue, Progress]"]:
    """The catalogue for one writing run, alone over its data folder, with progress shown."""
    from index.catalogue import open_catalogue
    from ingest.run_lock import run_lock

    with (
        run_lock(settings.data),
        open_catalogue(settings.data) as catalogue,
        show_steps() as progress,
    ):
        yield catalogue, progress


@click.group()
def ingest() -> None:
    """Bring papers into the catalogue."""


@ingest.command()
@click.argument("path", type=file_type, required=False)
@click.pass_obj
def snapshot(settings: Settings, path: Path | None) -> None:
    """Read PATH in the Kaggle snapshot's form, plain, .gz or .zip; without PATH the sample."""
    from ingest.snapshot import SAMPLE, read_snapshot
    from ingest.store import ingest as store

    source = path or SAMPLE
    with writing(settings) as (catalogue, progress):
        records = counted(progress, "ingest", read_snapshot(source))
        report = store(catalogue, "snapshot", source.name, records)
    for rejected in report.rejected[:_SHOWN_REJECTIONS]:
        click.echo(f"line {rejected.line} left out: {rejected.reason}", err=True)
    click.echo(str(report))


@ingest.command()
@click.argument("query")
@click.option("--limit", default=100, show_default=True, help="How many papers at most.")
@click.pass_obj
def api(settings: Settings, query: str, limit: int) -> None:
    """Ask arXiv's API; for instance: seealso ingest api "cat:cs.LG AND abs:quantization"."""
    from ingest.arxiv_api import search_api
    from ingest.store import ingest as store

    with writing(settings) as (catalogue, progress):
        records = counted(progress, "ingest", search_api(settings, query, limit))
        report = store(catalogue, "api", query, records)
    click.echo(str(report))


@click.command()
@as_json_option
@click.pass_obj
def update(settings: Settings, as_json: bool) -> None:
    """Embed, tag and release whatever is pending."""
    from ingest.update import update as run

    with writing(settings) as (catalogue, progress):
        report = run(catalogue, settings, progress)
    if as_json:
        print_json(report)
    else:
        click.echo(str(report))


@click.group()
def release() -> None:
    """Build, list or check releases of the index."""


@release.command()
@click.pass_obj
def build(settings: Settings) -> None:
    """Build a release of every paper that has a vector, and switch to it."""
    from index.embedding import identity_in_force
    from index.release import build_release

    with writing(settings) as (catalogue, _):
        manifest = build_release(
            catalogue,
            identity_in_force(settings),
            settings.data,
            settings.exact_up_to,
            settings.keep_releases,
        )
    click.echo(f"{manifest.name}: {manifest.papers} papers, {manifest.kind} search")


@release.command(name="list")
@as_json_option
@click.pass_obj
def list_command(settings: Settings, as_json: bool) -> None:
    """List the releases on disk, the newest first, the one in use marked."""
    from index.release import current_name, list_releases

    names, current = list_releases(settings.data), current_name(settings.data)
    if as_json:
        print_json({"releases": names, "current": current})
    elif not names:
        click.echo("no release of the index yet: run `seealso update`")
    for name in [] if as_json else names:
        click.echo(f"{'*' if name == current else ' '} {name}")


@release.command()
@click.argument("name", required=False)
@click.pass_obj
def check(settings: Settings, name: str | None) -> None:
    """Read every byte of a release, the current one unless NAME is given, against its checksums."""
    from index.errors import NotFound, NotReady
    from index.release import check_release, current_name, list_releases

    if name is not None and name not in list_releases(settings.data):
        raise NotFound(f"no release {name!r}: `seealso release list` names those on disk")
    name = name or current_name(settings.data)
    if name is None:
        raise NotReady("no release of the index yet: run `seealso update`")
    manifest = check_release(settings.data, name)
    click.echo(f"{manifest.name}: {len(manifest.files)} files, {manifest.papers} papers, all well")


@click.command()
@as_json_option
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Say what the data folder holds and how it is."""
    from dataclasses import asdict

    from index.catalogue import read_catalogue
    from index.release import CurrentRelease
    from index.status import status_of

    with read_catalogue(settings.data) as catalogue:
        found = status_of(settings.data, catalogue, CurrentRelease(settings.data))
    if as_json:
        print_json(found)
        return
    for name, value in asdict(found).items():
        click.echo(f"{name.replace('_', ' '):<20} {'-' if value in (None, []) else value}")


COMMANDS = (ingest, update, release, status)
