"""Commands that store papers: `ingest`, one subcommand per source, and `nightly`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from index.progress import Progress
from index.settings import Settings
from scripts.cli.output import FullHelpGroup, as_json_option, day_type, file_type, print_json
from scripts.cli.progress import counted, show_steps

if TYPE_CHECKING:
    from index.catalogue.catalogue import Catalogue
    from ingest.arxiv.session import Redirect
    from ingest.intake import Intake
    from ingest.nightly import NightlyReport

_SHOWN_REJECTIONS = 20


@contextmanager
def writing(settings: Settings) -> Iterator["tuple[Catalogue, Progress]"]:
    """Lock the data folder, open the catalogue for writing, show progress and record failures."""
    from index.catalogue.catalogue import open_catalogue
    from index.errors import SeeAlsoError
    from index.health.embedding import next_release
    from index.health.run_state import RunStateFile
    from index.releases.instalments import Instalments
    from ingest.run_lock import run_lock

    rule, began = Instalments(settings.instalment), datetime.now(UTC)
    with run_lock(settings.data) as lock:
        state = RunStateFile(lock, partial(next_release, settings.data, rule, began))
        try:
            with (
                open_catalogue(settings.data) as catalogue,
                show_steps(lambda: str(state.state)) as progress,
            ):
                catalogue.runs.close_interrupted(state.previous.error if state.previous else None)
                state.begin()
                yield catalogue, state.reporting(progress)
        except SeeAlsoError as error:
            state.fail(str(error))
            raise
        except Exception as error:
            state.fail(f"{type(error).__name__}: {error}")
            raise


@click.group(cls=FullHelpGroup)
def ingest() -> None:
    """Store papers in the catalogue."""


@ingest.command()
@click.argument("path", type=file_type, required=False)
@click.pass_obj
def snapshot(settings: Settings, path: Path | None) -> None:
    """Load a metadata snapshot in the format of Kaggle's arXiv dataset.

    PATH may be plain, .gz or .zip. Without PATH, load the bundled sample of 5,000 papers.
    """
    from ingest.snapshot.loading import load_snapshot
    from ingest.snapshot.records import SAMPLE

    with writing(settings) as (catalogue, progress):
        intake = load_snapshot(catalogue, path or SAMPLE, progress)
    _report(intake)


@ingest.command()
@click.argument("query")
@click.option("--limit", default=100, show_default=True, help="Maximum number of papers.")
@click.option(
    "--from", "first", type=day_type, help="First submission date, for example 2026-11-01."
)
@click.option("--to", "last", type=day_type, help="Last submission date.")
@click.pass_obj
def api(
    settings: Settings, query: str, limit: int, first: datetime | None, last: datetime | None
) -> None:
    """Store the results of a query to arXiv's API.

    Example: seealso ingest api "cat:cs.LG AND abs:quantization"
    """
    from ingest.arxiv.query_api import QueryApi, submitted_between
    from ingest.arxiv.session import RequestPolicy
    from ingest.intake import ingest_papers

    dated_query = submitted_between(query, _date(first), _date(last))
    with writing(settings) as (catalogue, progress):
        source = QueryApi(settings.arxiv_api, RequestPolicy.from_settings(settings))
        papers = counted(progress, "ingest", source.search(dated_query, limit))
        intake = ingest_papers(catalogue, "api", dated_query, papers)
    _report(intake)


@ingest.command()
@click.argument("ids", nargs=-1, required=True)
@click.pass_obj
def ids(settings: Settings, ids: tuple[str, ...]) -> None:
    """Fetch papers from arXiv's API by identifier.

    IDS are arXiv identifiers in any form: 2401.08092, a URL or a DOI.
    """
    from index.arxiv.identifier import canonical_id
    from ingest.arxiv.query_api import QueryApi
    from ingest.arxiv.session import RequestPolicy
    from ingest.intake import ingest_papers

    wanted = list(dict.fromkeys(canonical_id(one) for one in ids))
    with writing(settings) as (catalogue, progress):
        source = QueryApi(settings.arxiv_api, RequestPolicy.from_settings(settings))
        papers = counted(progress, "ingest", source.look_up(wanted))
        intake = ingest_papers(catalogue, "ids", ", ".join(wanted), papers)
        unknown = [one for one in wanted if one not in catalogue.numbers_of(wanted)]
    _report(intake)
    if unknown:
        click.echo(f"arXiv returned no record for: {', '.join(unknown)}", err=True)


@ingest.command()
@click.option("--base-url", help="Base URL of the OAI-PMH server.  [default: SEEALSO_OAI]")
@click.option(
    "--from",
    "first",
    type=day_type,
    help="First datestamp.  [default: resume after the last complete harvest]",
)
@click.option(
    "--set", "selection", default="", help="OAI set, for example cs:cs:CL.  [default: all of arXiv]"
)
@click.option(
    "--format",
    "metadata",
    type=click.Choice(["arXivRaw", "arXiv"]),
    default="arXivRaw",
    show_default=True,
    help="arXivRaw has versions, licence and arXiv's mark of withdrawn papers; arXiv has first and "
    "last names of authors.",
)
@click.pass_obj
def oai(
    settings: Settings,
    base_url: str | None,
    first: datetime | None,
    selection: str,
    metadata: Literal["arXivRaw", "arXiv"],
) -> None:
    """Harvest records by OAI-PMH.

    Without --from, continue after the last complete harvest of the set; a first harvest fetches
    the whole set.
    """
    from index.arxiv.calendar import read_calendar
    from index.arxiv.oai_sets import parse_set, selection_name
    from ingest.arxiv.session import ArxivSession, RequestPolicy
    from ingest.intake import recorded_intake
    from ingest.oai.client import OaiClient
    from ingest.oai.harvest import first_day_of, harvest
    from ingest.oai.paging import RecordsQuery
    from ingest.oai.records import SOURCE
    from ingest.scope import selection_for

    if metadata == "arXiv":
        click.echo(
            "the format arXiv cannot mark withdrawn papers: they are seen only if their comment, "
            "title or abstract announces it; arXivRaw has arXiv's flag",
            err=True,
        )
    written, selection = selection, parse_set(selection)
    if selection != written:
        click.echo(f"{written} is arXiv's set {selection}", err=True)
    address = base_url or settings.oai
    session = ArxivSession(address, RequestPolicy.from_settings(settings))
    calendar = read_calendar(settings.holidays)
    with (
        writing(settings) as (catalogue, progress),
        recorded_intake(catalogue, SOURCE, f"ingest {SOURCE}") as intake,
    ):
        query = RecordsQuery(selection, metadata, first_day_of(catalogue, selection, _date(first)))
        client = OaiClient(session, address)
        select = selection_for(catalogue, selection) if first is None else None
        done = harvest(catalogue, client, intake, query, calendar, progress, select)
    warn_of_redirects(session.redirects)
    _report(intake)
    if not done.verified:
        click.echo(
            f"arXiv lists no record of {selection_name(selection)} since {done.first_day}; this "
            "may be an outage, so it does not count as complete: the next run requests all again",
            err=True,
        )
    elif not done.listed:
        click.echo(f"no record has changed since {done.first_day}")
    elif done.missing:
        click.echo(f"{done.missing} of {done.listed} listed records could not be fetched", err=True)


@ingest.command()
@as_json_option
@click.pass_obj
def rejected(settings: Settings, as_json: bool) -> None:
    """List the records that could not be parsed. An upgrade of the parser retries them."""
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
    click.echo(f"{len(kept)} rejected records")


@click.command()
@click.option(
    "--catch-up",
    is_flag=True,
    help="After a long break: look for gaps in all months since the first harvest.",
)
@as_json_option
@click.pass_obj
def nightly(settings: Settings, catch_up: bool, as_json: bool) -> None:
    """Run the nightly job: harvest, store, embed, tag, build a release.

    It can be interrupted and repeated at any time.

    Exit codes: 0 done, even if nothing was announced; 75 try again later (arXiv does not respond,
    or another run holds the lock); 2 invalid setting; 65 damaged data; 74 disk full.
    """
    from index.arxiv.calendar import read_calendar
    from ingest.nightly import nightly as run

    calendar = read_calendar(settings.holidays)
    with writing(settings) as (catalogue, progress):
        report = run(catalogue, settings, calendar, progress, catch_up=catch_up)
    warn_of_redirects(report.redirects)
    if as_json:
        print_json(nightly_payload(report))
    else:
        click.echo(str(report))
    if report.failure:
        raise report.failure


def nightly_payload(report: "NightlyReport") -> dict[str, object]:
    """Return what `nightly --json` prints."""
    return {
        "announced": report.announced,
        "unverified": report.unverified,
        "counts": report.changes,
        "update": report.update,
        "dump": str(report.dump) if report.dump else None,
    }


def _report(intake: "Intake") -> None:
    for one in intake.rejected[:_SHOWN_REJECTIONS]:
        click.echo(f"{one.key} rejected: {one.reason}", err=True)
    click.echo(str(intake))


def warn_of_redirects(redirects: "list[Redirect]") -> None:
    """Print where arXiv's servers moved to, each once."""
    for one in dict.fromkeys(redirects):
        click.echo(f"{one.source} returned status {one.status}: it moved to {one.target}", err=True)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


COMMANDS = (ingest, nightly)
