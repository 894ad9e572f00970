"""Maintenance commands: `backup`, `restore`, `dump`, `doctor`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import Damaged
from index.settings import Settings
from scripts.cli.output import as_json_option, file_type, print_json
from scripts.cli.progress import show_steps

if TYPE_CHECKING:
    from index.health.findings import Finding

_file = click.Path(dir_okay=False, path_type=Path)
_folder = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_file, required=False)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Keep this many backups in DATA/backups and delete older ones.",
)
@click.pass_obj
def backup(settings: Settings, file: Path | None, keep: int | None) -> None:
    """Back up the catalogue to FILE, by default DATA/backups/catalogue-TIME.db.

    The backup can run at the same time as other commands. It contains only the catalogue, from
    which releases and taggers can be rebuilt.
    """
    from index.catalogue.protection.backup import back_up, next_backup_path, prune_backups

    with show_steps() as progress:
        made = back_up(
            settings.data,
            file or next_backup_path(settings.data, datetime.now(UTC)),
            lambda done, total: progress("backup", done, total),
        )
    click.echo(f"{made.path}: {made.papers} papers, {made.size / 1e6:,.1f} MB")
    for old in prune_backups(settings.data, keep) if keep else []:
        click.echo(f"{old}: deleted")


@click.command()
@click.argument("file", type=file_type)
@click.pass_obj
def restore(settings: Settings, file: Path) -> None:
    """Replace the catalogue with the backup FILE. The old catalogue is kept under a new name."""
    from index.catalogue.protection.backup import restore as run
    from ingest.run_lock import run_lock

    with run_lock(settings.data):
        done = run(settings.data, file, datetime.now(UTC))
    if not done.signed:
        click.echo(
            f"{file} has no checksum: only its structure and its rows were checked", err=True
        )
    if done.aside:
        click.echo(f"the previous catalogue was kept as {done.aside}")
    click.echo(
        f"{done.papers} papers restored: run `seealso update` now; until then lists come "
        "from the previous release"
    )


@click.command()
@click.argument("folder", type=_folder, required=False)
@click.option(
    "--limit",
    type=click.IntRange(1, 500),
    default=10,
    show_default=True,
    help="Papers per related list.",
)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Keep this many dumps in DATA/dumps and delete older ones.",
)
@click.option(
    "--weak",
    type=click.Choice(["include", "exclude"]),
    default="exclude",
    show_default=True,
    help="Whether to write weak matches.",
)
@click.pass_obj
def dump(settings: Settings, folder: Path | None, limit: int, keep: int | None, weak: Any) -> None:
    """Write all tags and related lists to FOLDER, by default DATA/dumps/TIME.

    The dump consists of JSON Lines and Parquet files with a schema and checksums. It can
    be written while other commands run.
    """
    from index.catalogue.catalogue import read_catalogue
    from index.dumps.dump import next_dump_path, prune_dumps, write_dump
    from index.releases.current import CurrentRelease

    at = datetime.now(UTC)
    release = CurrentRelease(settings.data).get()
    with read_catalogue(settings.data) as catalogue, show_steps() as progress:
        target = folder or next_dump_path(settings.data, at)
        made = write_dump(
            catalogue,
            release,
            target,
            at,
            limit,
            partial(progress, "dump"),
            weak,
            private=folder is None,
        )
    click.echo(f"{target}: {made.tags} tags, {made.related} related papers of {made.papers}")
    for old in prune_dumps(settings.data, keep) if keep else []:
        click.echo(f"{old}: deleted")


@click.command()
@click.option(
    "--full",
    is_flag=True,
    help="Also check the files that no answer uses: earlier releases and taggers, backups, models.",
)
@as_json_option
@click.option(
    "--repair", is_flag=True, help="Build the full-text index again if only that is broken."
)
@click.pass_obj
def doctor(settings: Settings, as_json: bool, full: bool, repair: bool) -> None:
    """Check catalogue, release, taggers, settings, disk and clock, and suggest remedies.

    Exit codes: 0 if nothing is broken, otherwise 65.
    """
    from dataclasses import asdict

    from index.health.doctor import DoctorContext, run_checks
    from ingest.arxiv.pacing import is_loopback

    tagger, findings = _taggers(settings, full=full)
    with _alone(settings.data) as alone:
        around = DoctorContext(alone, tagger, not is_loopback(settings.oai), full)
        checks = run_checks(settings, datetime.now(UTC), around)
        if repair and _broken(checks) == ["full text"]:
            _rebuild_full_text(settings)
            checks = run_checks(settings, datetime.now(UTC), around)
    findings = [*checks, *findings, _pause(settings)]
    broken = _broken(findings)
    if as_json:
        print_json({"well": not broken, "findings": [asdict(finding) for finding in findings]})
    for finding in [] if as_json else findings:
        do = f" -> {finding.do}" if finding.do else ""
        click.echo(f"{finding.state:<8} {finding.subject:<10} {finding.what}{do}")
    if broken:
        raise Damaged(f"checks failed: {', '.join(broken)}")


def _broken(findings: "list[Finding]") -> list[str]:
    broken = (finding.subject for finding in findings if finding.state == "broken")
    return list(dict.fromkeys(broken))


def _rebuild_full_text(settings: Settings) -> None:
    from index.catalogue.catalogue import open_catalogue

    with open_catalogue(settings.data) as catalogue:
        catalogue.full_text.rebuild()
    click.echo("the full-text index was built again from the papers", err=True)


@contextmanager
def _alone(data: Path) -> Iterator[bool]:
    """Hold the run lock if it is free, and yield whether it is held. Creates no data folder."""
    from index.errors import Busy, NotWritable
    from ingest.run_lock import run_lock

    with ExitStack() as held:
        alone = data.is_dir()
        try:
            if alone:
                held.enter_context(run_lock(data))
        except (Busy, NotWritable):
            alone = False
        yield alone


def _taggers(settings: Settings, *, full: bool) -> "tuple[tuple[str, str] | None, list[Finding]]":
    """Return taxonomy and version of the survey's tagger, and the findings about all taggers."""
    from classifier.stored_taggers import find_tagger_faults, load_tagger
    from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY
    from index.errors import DamagedTagger
    from index.health.findings import Finding

    findings = list(find_tagger_faults(settings.data, earlier=full))
    try:
        tagger = load_tagger(settings.data, DEFAULT_TAXONOMY)
    except DamagedTagger:  # one of the faults
        return None, findings
    if tagger is None:
        return None, findings
    return (tagger.taxonomy, tagger.version), findings or [
        Finding("tagger", "well", "all checksums match")
    ]


def _pause(settings: Settings) -> "Finding":
    from index.errors import BadInput
    from index.health.findings import Finding
    from ingest.arxiv.pacing import pause_for

    try:
        for address in (settings.oai, settings.arxiv_api):
            pause_for(address, settings.pause)
    except BadInput as error:
        return Finding("pause", "broken", str(error), "unset SEEALSO_PAUSE")
    return Finding("pause", "well", f"{settings.pause} s between requests")


COMMANDS = (backup, restore, dump, doctor)
