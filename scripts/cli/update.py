"""Commands that build the index and report its state: `update`, `release`, `status`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from index.settings import Settings
from scripts.cli.ingest import writing
from scripts.cli.output import FullHelpGroup, as_json_option, print_json

if TYPE_CHECKING:
    from index.catalogue.runs import Run
    from index.health.run_state import RunProgress
    from index.health.status import Status


@click.command()
@click.option("--ray", "cluster", metavar="HOST:PORT", help="Embed on this Ray cluster.")
@click.option(
    "--embed-again", is_flag=True, help="Embed all papers again if the settings name another model."
)
@as_json_option
@click.pass_obj
def update(settings: Settings, cluster: str | None, embed_again: bool, as_json: bool) -> None:
    """Embed and tag pending papers, then build a release."""
    from ingest.update import update as run

    with writing(settings) as (catalogue, progress):
        report = run(catalogue, settings, progress, cluster, embed_again=embed_again)
    if as_json:
        print_json(report)
    else:
        click.echo(str(report))


@click.group(cls=FullHelpGroup)
def release() -> None:
    """Build, list and check releases of the search index."""


@release.command()
@click.pass_obj
def build(settings: Settings) -> None:
    """Build a release of all papers that have a vector and make it current.

    Then prepare what lists compare of papers (their outlines) if that is missing.
    """
    from index.embedding.opening import configured_identity
    from index.lists.outlines.pending import outline_pending
    from index.releases.building import ReleaseBuilder
    from index.releases.contents import ReleaseContents

    with writing(settings) as (catalogue, progress):
        vectors = catalogue.vectors.of(configured_identity(settings))
        contents = ReleaseContents.read(catalogue, vectors)
        manifest = ReleaseBuilder.from_settings(settings).build(contents)
        # Last, since lists without stored outlines only take longer.
        outline_pending(catalogue, progress)
    click.echo(f"{manifest.name}: {manifest.papers} papers, {manifest.kind} search")


@release.command(name="list")
@as_json_option
@click.pass_obj
def list_command(settings: Settings, as_json: bool) -> None:
    """List the releases on disk, newest first. An asterisk marks the current one."""
    from index.releases.folder import current_name, list_releases

    names, current = list_releases(settings.data), current_name(settings.data)
    if as_json:
        print_json({"releases": names, "current": current})
    elif not names:
        click.echo("there is no release yet: run `seealso update`")
    for name in [] if as_json else names:
        click.echo(f"{'*' if name == current else ' '} {name}")


@release.command()
@click.argument("name", required=False)
@click.pass_obj
def check(settings: Settings, name: str | None) -> None:
    """Verify the checksums of every file of a release, by default the current one."""
    from index.errors import NotFound, NotReady
    from index.releases.folder import current_name, list_releases
    from index.releases.release import check_release

    if name is not None and name not in list_releases(settings.data):
        raise NotFound(f"there is no release {name!r}: `seealso release list` lists those on disk")
    name = name or current_name(settings.data)
    if name is None:
        raise NotReady("there is no release yet: run `seealso update`")
    manifest = check_release(settings.data, name)
    counts = f"{len(manifest.files)} files, {manifest.papers} papers"
    click.echo(f"{manifest.name}: {counts}, all checksums match")


@click.command()
@as_json_option
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Show what the data folder holds, how fresh it is, and what is missing."""
    from index.catalogue.catalogue import read_catalogue
    from index.health.status import read_status
    from index.releases.current import CurrentRelease

    with read_catalogue(settings.data) as catalogue:
        found = read_status(settings.data, catalogue, CurrentRelease(settings.data))
    if as_json:
        print_json(found)
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: "Status") -> Iterator[str]:
    """Format the status for a terminal. The JSON output also has counts for each day and run."""
    from dataclasses import asdict

    fields = asdict(found)
    for name in ("following", "rejected", "tagging", "last_run", "last_ingest", "progress"):
        fields.pop(name)
    fields["embedding"] = str(found.embedding)
    for name, value in fields.items():
        text = ", ".join(value) if isinstance(value, list) else value
        yield f"{name.replace('_', ' '):<20} {'-' if text in (None, '') else text}"
    for name, run in (("last run", found.last_run), ("last ingest", found.last_ingest)):
        yield f"{name:<20} {_run_text(run, found.progress if name == 'last run' else None)}"
    for tagging in found.tagging:
        last = tagging.last
        confidence = (
            f", mean confidence {last.confidence:.2f}" if last.confidence is not None else ""
        )
        tagged = f"{last.tagged} of {last.judged} papers tagged{confidence}"
        yield f"{'tagging':<20} {last.taxonomy}, {last.at}: {tagged}"
        yield from (f"{'':<20} drift: {change}" for change in tagging.drift)
    for one in found.following:
        state = f"complete up to {one.complete}" if one.complete else "not yet complete"
        if one.unverified:
            state = "no record listed so far; unverified, the next nightly run requests all again"
        yield f"{'following':<20} {one.selection} since {one.since}, {state}"
        for gap in one.gaps:
            missing = f"{gap.missing} missing" if gap.missing else "no records listed"
            yield f"{'':<20} gap: {gap.what}, {missing}"
    for reason, count in found.rejected.items():
        yield f"{'rejected':<20} {count}: {reason}"


def _run_text(run: "Run | None", progress: "RunProgress | None") -> str:
    """Describe a run; one that has not finished by its progress instead of its counts."""
    from ingest.intake import format_counts

    if run is None:
        return "-"
    failed = "" if run.outcome in ("done", "running", "interrupted") else "failed: "
    if run.finished is None:
        return f"{run.kind} since {run.started}: {failed}{run.outcome}; {progress or 'no progress'}"
    counts = f"; {format_counts(run.counts)}" if any(run.counts.values()) else ""
    return f"{run.kind}, {run.finished}: {failed}{run.outcome}{counts}"


COMMANDS = (update, release, status)
