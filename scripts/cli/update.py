"""Commands that keep the index and say how it is: update, release, status."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from index.settings import Settings
from scripts.cli.ingest import writing
from scripts.cli.output import as_json_option, print_json

if TYPE_CHECKING:
    from index.health.status import Status


@click.command()
@click.option("--ray", "cluster", metavar="HOST:PORT", help="Embed on the Ray cluster there.")
@as_json_option
@click.pass_obj
def update(settings: Settings, cluster: str | None, as_json: bool) -> None:
    """Embed, tag and release whatever is pending."""
    from ingest.update import update as run

    with writing(settings) as (catalogue, progress):
        report = run(catalogue, settings, progress, cluster)
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
    from index.embedding.opening import identity_in_force
    from index.releases.building import build_release

    with writing(settings) as (catalogue, _):
        manifest = build_release(
            catalogue,
            identity_in_force(settings),
            settings.data,
            settings.exact_up_to,
            settings.keep_releases,
            settings.index,
        )
    click.echo(f"{manifest.name}: {manifest.papers} papers, {manifest.kind} search")


@release.command(name="list")
@as_json_option
@click.pass_obj
def list_command(settings: Settings, as_json: bool) -> None:
    """List the releases on disk, the newest first, the one in use marked."""
    from index.releases.folder import current_name, list_releases

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
    from index.releases.folder import current_name, list_releases
    from index.releases.release import check_release

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
    from index.catalogue.catalogue import read_catalogue
    from index.health.status import status_of
    from index.releases.current import CurrentRelease

    with read_catalogue(settings.data) as catalogue:
        found = status_of(settings.data, catalogue, CurrentRelease(settings.data))
    if as_json:
        print_json(found)
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: "Status") -> Iterator[str]:
    """The status as lines for people; the JSON has every day and every run's counts."""
    from dataclasses import asdict

    from ingest.intake import in_words

    told = asdict(found)
    for name in ("following", "rejected", "tagging", "last_run", "last_ingest"):
        told.pop(name)
    for name, value in told.items():
        text = ", ".join(value) if isinstance(value, list) else value
        yield f"{name.replace('_', ' '):<20} {'-' if text in (None, '') else text}"
    for name, run in (("last run", found.last_run), ("last ingest", found.last_ingest)):
        if run is None:
            yield f"{name:<20} -"
            continue
        counts = f"; {in_words(run.counts)}" if any(run.counts.values()) else ""
        yield f"{name:<20} {run.kind}, {run.finished}: {run.outcome}{counts}"
    for tagging in found.tagging:
        last = tagging.last
        sure = f", {last.confidence:.2f} sure on average" if last.confidence is not None else ""
        yield f"{'tagging':<20} {last.taxonomy}, {last.at}: {last.tagged} of {last.judged}{sure}"
        yield from (f"{'':<20} drift: {change}" for change in tagging.drift)
    for one in found.following:
        state = f"complete up to {one.complete}" if one.complete else "not complete yet"
        yield f"{'following':<20} {one.selection} since {one.since}, {state}"
        for gap in one.gaps:
            missing = f"{gap.missing} missing" if gap.missing else "nothing was listed"
            yield f"{'':<20} gap: {gap.what}, {missing}"
    for reason, count in found.rejected.items():
        yield f"{'rejected':<20} {count}: {reason}"


COMMANDS = (update, release, status)
