"""Commands that change the harvest scope: `follow` and `unfollow`."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from index.settings import Settings
from scripts.cli.ingest import nightly_payload, warn_of_redirects, writing
from scripts.cli.output import as_json_option, day_type, print_json

if TYPE_CHECKING:
    from index.catalogue.harvests import FollowedSelection
    from ingest.nightly import NightlyReport
    from ingest.scope import Plan

_LOG = "follow.log"


@click.command()
@click.argument("sets", nargs=-1, metavar="[SET]...")
@click.option(
    "--since",
    type=day_type,
    metavar="DAY",
    help="Follow the papers submitted since this day, for example 2023-01-01.  [default: all]",
)
@click.option(
    "--background",
    is_flag=True,
    help=f"Record the scope, then load its past in a process of its own that logs to DATA/{_LOG}.",
)
@as_json_option
@click.pass_obj
def follow(
    settings: Settings,
    sets: tuple[str, ...],
    since: datetime | None,
    background: bool,
    as_json: bool,
) -> None:
    """Follow sets of arXiv from a day on: load their past now, what is new every night.

    SET is a category (cs.CL), an archive (hep-th, cs), an OAI set (cs:cs:CL), or `all`. The
    command records the sets and the day, fetches the papers, and embeds, tags and releases them.
    Nightly runs continue from there. Repeat it after an interruption: it resumes. Without SET, list
    what is followed.

    Example: seealso follow cs.CL cs.LG --since 2023-01-01
    """
    if not sets:
        if since or background:
            raise click.UsageError("name the sets to follow, such as cs.CL, or `all`")
        _list_scope(settings, as_json)
        return
    from index.arxiv.calendar import read_calendar
    from index.errors import UpstreamError
    from ingest.following import describe_plan, load_past, record_scope

    calendar = read_calendar(settings.holidays)
    with writing(settings) as (catalogue, progress):
        plan = record_scope(catalogue, sets, since.date() if since else None)
        for line in describe_plan(catalogue, plan):
            click.echo(line, err=True)
        if not background:
            report = load_past(catalogue, settings, calendar, progress, plan)
            empty = not catalogue.count()
    if background:
        _start_in_background(settings, plan, as_json)
        return
    warn_of_redirects(report.redirects)
    _print_report(report, plan, as_json)
    if report.failure:
        raise report.failure
    if report.unverified:
        raise UpstreamError(
            f"arXiv lists no record of {', '.join(report.unverified)} that changed since then: it "
            "has none yet, or its server fails; nightly runs request them again, and `seealso "
            "unfollow` ends this"
        )
    if empty:
        click.echo("no paper has been submitted since then; nightly runs add new ones", err=True)


@click.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET...")
@click.pass_obj
def unfollow(settings: Settings, sets: tuple[str, ...]) -> None:
    """Stop following sets. Papers that are stored stay; nightly runs add no others.

    SET is written as for `follow`.
    """
    from ingest.following import unfollow as stop_following
    from ingest.scope import parse_selection

    with writing(settings) as (catalogue, _):
        names = stop_following(catalogue, sets)
        is_last = not catalogue.harvests.followed()
    click.echo(f"{', '.join(names)}: not followed any more; the papers stay")
    if still := sorted({parse_selection(one) for one in settings.sets} & set(names)):
        click.echo(
            f"SEEALSO_SETS names {', '.join(still)}: remove it there too, or the next nightly run "
            "follows it again",
            err=True,
        )
    if is_last and not settings.sets:
        click.echo(
            "no set is followed now, so nightly runs have nothing to fetch and end with an error: "
            "follow another set, or disable the nightly job",
            err=True,
        )


def _list_scope(settings: Settings, as_json: bool) -> None:
    from index.catalogue.catalogue import read_catalogue
    from ingest.scope import scope_text

    with read_catalogue(settings.data) as catalogue:
        followed = catalogue.harvests.followed()
    if as_json:
        print_json({"following": [_scope_row(one) for one in followed]})
        return
    for one in followed:
        if not one.has_past:
            state = "its past is not complete yet"
        else:
            state = f"complete up to {one.complete:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{scope_text(one)}: {state}")
    if not followed:
        click.echo("no set is followed: `seealso follow cs.CL --since 2023-01-01` follows one")


def _scope_row(followed: "FollowedSelection") -> dict[str, object]:
    """Return a selection as JSON; all its papers are wanted if both days are null."""
    from ingest.scope import FROM_THE_BEGINNING

    submitted = followed.submitted_since
    return {
        "set": followed.selection or "all",
        "submitted_since": submitted if submitted != FROM_THE_BEGINNING else None,
        "changed_since": followed.since if submitted is None else None,
        "complete": followed.complete,
        "past_is_complete": followed.has_past,
    }


def _plan_payload(plan: "Plan") -> dict[str, object]:
    """Return the sets of a plan as JSON, with the day from which each is followed."""
    from ingest.scope import FROM_THE_BEGINNING

    days = {one: None if day == FROM_THE_BEGINNING else day for one, day in plan.wanted.items()}
    return {
        "added": [
            {"set": one or "all", "submitted_since": day and day.isoformat()}
            for one, day in days.items()
        ],
        "followed_already": [one or "all" for one in plan.known],
        "contained": {one: wider or "all" for one, wider in plan.contained.items()},
        "replaced": {one: wider or "all" for one, wider in plan.replaced.items()},
    }


def _print_report(report: "NightlyReport", plan: "Plan", as_json: bool) -> None:
    if as_json:
        print_json({**nightly_payload(report), "scope": _plan_payload(plan)})
    else:
        click.echo(str(report))


def _start_in_background(settings: Settings, plan: "Plan", as_json: bool) -> None:
    """Run `follow` again in a process of its own, and wait until it has begun to write."""
    import subprocess
    import sys
    import time

    from index.errors import Unavailable
    from index.files import make_file
    from index.health.run_state import is_run_active

    log = settings.data / _LOG
    make_file(log)
    command = "from scripts.cli.main import main; main()"
    names = [selection or "all" for selection in plan.selections]
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-c", command, "--data", str(settings.data), "follow", *names],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while child.poll() is None and not is_run_active(settings.data):
        time.sleep(0.05)
    if child.returncode:
        raise Unavailable(f"the load ended with exit code {child.returncode}: read {log}")
    if as_json:
        print_json({"process": child.pid, "log": str(log), "scope": _plan_payload(plan)})
    else:
        click.echo(
            f"process {child.pid} loads the past; `seealso status` shows how far it is, {log} is "
            "its log. If it is interrupted, the next nightly run resumes it"
        )


COMMANDS = (follow, unfollow)
