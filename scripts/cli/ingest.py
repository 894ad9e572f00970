"""Commands that bring papers in: ingest, by source, and the whole night."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from index.settings import Settings
from scripts.cli.output import as_json_option, file_type, print_json
from scripts.cli.progress import Progress, counted, show_steps

if TYPE_CHECKING:
    from index.catalogue.catalogue import Catalogue
    from ingest.arxiv.session import Moved
    from ingest.intake import Intake

_SHOWN_REJECTIONS = 20
_day = click.DateTime(["%Y-%m-%d"])


@contextmanager
def writing(settings: Settings) -> Iterator["tuple[Catalogue, Progress]"]:
    """The catalogue for one writing run, alone over its data folder, with progress shown."""
    from index.catalogue.catalogue import open_catalogue
    from ingest.run_lock import run_lock

    with (
        run_lock(settings.data),
        open_catalogue(settings.data) as catalogue,
        show_steps() as progress,
    ):
        catalogue.runs.close_interrupted()
        yield catalogue, progress


@click.group()
def ingest() -> None:
    """Bring papers into the catalogue."""


@ingest.command()
@click.argument("path", type=file_type, required=False)
@click.pass_obj
def snapshot(settings: Settings, path: Path | None) -> None:
    """Read PATH in the Kaggle snapshot's form, plain, .gz or .zip; without PATH the sample."""
    from ingest.snapshot.loading import load_snapshot
    from ingest.snapshot.records import SAMPLE

    with writing(settings) as (catalogue, progress):
        intake = load_snapshot(catalogue, path or SAMPLE, progress)
    _report(intake)


@ingest.command()
@click.argument("query")
@click.option("--limit", default=100, show_default=True, help="How many papers at most.")
@click.option("--from", "first", type=_day, help="First day of submission, like 2026-11-01.")
@click.option("--to", "last", type=_day, help="Last day of submission.")
@click.pass_obj
def api(
    settings: Settings, query: str, limit: int, first: datetime | None, last: datetime | None
) -> None:
    """Ask arXiv's API; for instance: seealso ingest api "cat:cs.LG AND abs:quantization"."""
    from ingest.arxiv.query_api import search_api, submitted_between
    from ingest.intake import ingest_papers

    asked = submitted_between(query, _date(first), _date(last))
    with writing(settings) as (catalogue, progress):
        papers = counted(progress, "ingest", search_api(settings, asked, limit))
        intake = ingest_papers(catalogue, "api", asked, papers)
    _report(intake)


@ingest.command()
@click.argument("ids", nargs=-1, required=True)
@click.pass_obj
def ids(settings: Settings, ids: tuple[str, ...]) -> None:
    """Fetch single papers from arXiv's API, by identifiers in any form."""
    from index.arxiv.identifier import canonical_id
    from ingest.arxiv.query_api import look_up
    from ingest.intake import ingest_papers

    wanted = list(dict.fromkeys(canonical_id(one) for one in ids))
    with writing(settings) as (catalogue, progress):
        papers = counted(progress, "ingest", look_up(settings, wanted))
        intake = ingest_papers(catalogue, "ids", ", ".join(wanted), papers)
        unknown = [one for one in wanted if one not in catalogue.numbers_of(wanted)]
    _report(intake)
    if unknown:
        click.echo(f"arXiv did not give: {', '.join(unknown)}", err=True)


@ingest.command()
@click.option("--base-url", help="Address of the OAI-PMH server.  [default: SEEALSO_OAI]")
@click.option("--from", "first", type=_day, help="First datestamp.  [default: not yet complete]")
@click.option("--set", "selection", default="", help="An OAI set, like cs:cs:CL.  [default: all]")
@click.option(
    "--format",
    "metadata",
    type=click.Choice(["arXivRaw", "arXiv"]),
    default="arXivRaw",
    show_default=True,
    help="arXivRaw has versions and licence, arXiv has split names.",
)
@click.pass_obj
def oai(
    settings: Settings,
    base_url: str | None,
    first: datetime | None,
    selection: str,
    metadata: Literal["arXivRaw", "arXiv"],
) -> None:
    """Harvest by OAI-PMH; without --from what is not complete yet, at first all of arXiv."""
    from index.arxiv.calendar import read_calendar
    from ingest.arxiv.session import ArxivSession
    from ingest.intake import ingesting
    from ingest.oai.client import OaiClient
    from ingest.oai.harvest import first_day_of, harvest
    from ingest.oai.paging import RecordsQuery
    from ingest.oai.records import SOURCE

    address = base_url or settings.oai
    session = ArxivSession(settings, address)
    calendar = read_calendar(settings.holidays)
    with (
        writing(settings) as (catalogue, progress),
        ingesting(catalogue, SOURCE, f"ingest {SOURCE}") as intake,
    ):
        query = RecordsQuery(selection, metadata, first_day_of(catalogue, selection, _date(first)))
        client = OaiClient(session, address)
        done = harvest(catalogue, client, intake, query, calendar, progress)
    _tell_moved(session.moved)
    _report(intake)
    if not done.listed:
        click.echo(f"arXiv lists nothing since {done.first_day}: no record has changed")
    elif done.missing:
        click.echo(f"{done.missing} of {done.listed} listed records could not be had", err=True)


@ingest.command()
@as_json_option
@click.pass_obj
def rejected(settings: Settings, as_json: bool) -> None:
    """List the records that could not be understood; a better reader will try them again."""
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(settings.data) as catalogue:
        kept = catalogue.rejections.all()
    if as_json:
        print_json(
            {
                "rejected": [
                    {
                        "source": one.source,
                        "key": one.key,
                        "reason": one.reason,
                        "seen": one.seen,
                        "raw": one.raw.decode("utf-8", "backslashreplace"),
                    }
                    for one in kept
                ]
            }
        )
        return
    for one in kept:
        click.echo(f"{one.source:<9} {one.key:<24} {one.seen[:10]}  {one.reason}")
    click.echo(f"{len(kept)} kept aside")


@click.command()
@click.option("--catch-up", is_flag=True, help="After months away: also look for older gaps.")
@as_json_option
@click.pass_obj
def nightly(settings: Settings, catch_up: bool, as_json: bool) -> None:
    """Harvest, store, embed, tag, release: everything of a night, safe at any time.

    Exit codes: 0 done, also where nothing was announced; 75 try again later (arXiv does not
    answer, or another run is at work); 2 a wrong setting; 65 damaged data; 74 a full disk.
    """
    from index.arxiv.calendar import read_calendar
    from ingest.nightly import nightly as run

    calendar = read_calendar(settings.holidays)
    with writing(settings) as (catalogue, progress):
        night = run(catalogue, settings, calendar, progress, catch_up=catch_up)
    _tell_moved(night.moved)
    if as_json:
        told = {"announced": night.announced, "counts": night.changes, "update": night.update}
        print_json({**told, "dump": str(night.dump) if night.dump else None})
    else:
        click.echo(str(night))
    if night.failure:
        raise night.failure


def _report(intake: "Intake") -> None:
    for one in intake.rejected[:_SHOWN_REJECTIONS]:
        click.echo(f"{one.key} kept aside: {one.reason}", err=True)
    click.echo(str(intake))


def _tell_moved(moved: "list[Moved]") -> None:
    for one in dict.fromkeys(moved):
        click.echo(f"{one.asked} answered {one.status}: it is at {one.given} now", err=True)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


COMMANDS = (ingest, nightly)
