"""Harvesting by OAI-PMH: every record that changed, none missed, however often interrupted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from index.arxiv.calendar import Calendar
from index.arxiv.paper import Change
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import Day, HarvestCheckpoint
from ingest.intake import Intake, Progress
from ingest.oai.client import OaiClient
from ingest.oai.paging import EARLIEST, RecordsQuery, walk
from ingest.oai.records import Harvested

OVERLAP = timedelta(days=2)
"""What is listed again each time: arXiv's pages shift, and records come late under a day."""


@dataclass(frozen=True, slots=True)
class Harvest:
    """A harvest that came to its end: what it asked for, and arXiv's clock when it began.

    `listed` counts the records that arXiv lists since `first_day`, `missing` those of them that
    could not be had.
    """

    first_day: date
    began: datetime
    listed: int
    missing: int


def first_day_of(catalogue: Catalogue, selection: str, wanted: date | None) -> date:
    """From which day to list a selection: as wanted, else what is not complete yet, else all."""
    if wanted is not None:
        return wanted
    followed = catalogue.harvests.of(selection)
    if followed is None:
        return EARLIEST
    if followed.complete is None:
        return followed.since
    return max(followed.complete.date() - OVERLAP, EARLIEST)


def harvest(
    catalogue: Catalogue,
    client: OaiClient,
    intake: Intake,
    query: RecordsQuery,
    calendar: Calendar,
    progress: Progress,
) -> Harvest:
    """List a selection and store it page by page, then fetch again what slipped through.

    Each page is stored together with the place to go on from. Raises UpstreamError where arXiv
    fails; what came before is kept, and the next harvest goes on there.
    """
    checkpoint = _resumable(catalogue.harvests.checkpoint(query.selection), query)
    if checkpoint is not None and checkpoint.token is None:
        began = checkpoint.began  # every page was stored; what follows was not finished
    else:
        count = 0
        for page, reached in walk(client, "ListRecords", query, checkpoint):
            _store(catalogue, intake, page.records, query.selection, reached)
            began = reached.began
            count += len(page.records)
            progress("harvest", count, 0)
        progress("harvest", count, count)
    listed, missing = reconcile(catalogue, client, intake, query)
    began = min(began, datetime.now(UTC))  # a clock ahead would leave out all days until then
    catalogue.harvests.finish(query.selection, query.first_day, began, calendar)
    return Harvest(query.first_day, began, listed, missing)


def reconcile(
    catalogue: Catalogue, client: OaiClient, intake: Intake, query: RecordsQuery
) -> tuple[int, int]:
    """Compare with the bare list of identifiers, and list days again of which records are missing.

    Returns how many records arXiv lists, and how many are still missing.
    """
    listed: Counter[date] = Counter()
    missing: dict[str, date] = {}
    for page, checkpoint in walk(client, "ListIdentifiers", query):
        today = checkpoint.began.date()
        headers = {header.paper_id: header.datestamp for header in page.headers}
        listed.update(headers.values())
        missing |= catalogue.harvests.filter_unread(headers)
    for day in sorted({min(day, today) for day in missing.values()}):
        again = RecordsQuery(query.selection, query.format, day, day)
        for page, _ in walk(client, "ListRecords", again):
            _store(catalogue, intake, page.records)
    missing = catalogue.harvests.filter_unread(missing)
    absent = Counter(missing.values())
    tomorrow = today + timedelta(days=1)  # a datestamp of a later day is a slip
    # A day may list nothing any more: what was missing has changed since, and has a later one.
    had_gaps = (
        gap.day
        for gap in catalogue.harvests.days_with_gaps(query.selection)
        if gap.missing and query.first_day <= gap.day <= (query.last_day or tomorrow)
    )
    catalogue.harvests.save_days(
        query.selection,
        (Day(day, listed[day], absent[day]) for day in {*listed, *had_gaps} if day <= tomorrow),
    )
    return listed.total(), len(missing)


def _resumable(
    checkpoint: HarvestCheckpoint | None, query: RecordsQuery
) -> HarvestCheckpoint | None:
    """The stand of a broken harvest, if it is part of what is asked for now."""
    if (
        checkpoint is None
        or checkpoint.format != query.format
        or checkpoint.first_day > query.first_day
    ):
        return None
    return checkpoint


def _store(
    catalogue: Catalogue,
    intake: Intake,
    records: Iterable[Harvested],
    selection: str = "",
    checkpoint: HarvestCheckpoint | None = None,
) -> None:
    records = list(records)
    datestamps = {one.header.paper_id: one.header.datestamp for one in records if one.header}
    deleted = [one.header.paper_id for one in records if one.header and one.header.deleted]

    def note() -> None:
        catalogue.harvests.save_datestamps(datestamps)
        intake.changes[Change.WITHDRAWN] += catalogue.withdraw(deleted)
        if checkpoint is not None:
            catalogue.harvests.save_checkpoint(selection, checkpoint)

    intake.store((one.paper for one in records if one.paper is not None), note)
