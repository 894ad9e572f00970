"""Harvest by OAI-PMH: every record that changed, none missed, after any number of interruptions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from index.arxiv.calendar import Calendar
from index.arxiv.paper import Change, Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import Day, HarvestCheckpoint
from index.errors import UpstreamError
from index.progress import Progress
from ingest.intake import Intake
from ingest.oai.client import OaiClient
from ingest.oai.paging import RecordsQuery, list_pages
from ingest.oai.records import OaiRecord
from ingest.scope import EARLIEST, OVERLAP, Selection

_MIN_KNOWN = 5  # fewer records may all have left a set for another category


@dataclass(frozen=True, slots=True)
class Harvest:
    """A completed harvest: its first datestamp, and arXiv's clock when it began.

    `listed` counts the records that arXiv lists since `first_day`, `missing` those of them that
    could not be fetched. `verified` is False if a first harvest was answered by an empty list,
    which may also be an outage: the set then does not count as complete.
    """

    first_day: date
    began: datetime
    listed: int
    missing: int
    verified: bool = True


def first_day_of(catalogue: Catalogue, selection: str, wanted: date | None) -> date:
    """Return the first datestamp to list: the wanted one, else the first that is not complete.

    For a set that was never harvested, that is arXiv's earliest datestamp.
    """
    if wanted is not None:
        return wanted
    followed = catalogue.harvests.of(selection)
    if followed is None:
        return EARLIEST
    if followed.complete is None or followed.is_pending:
        return followed.since
    return max(followed.complete.date() - OVERLAP, EARLIEST)


def harvest(
    catalogue: Catalogue,
    client: OaiClient,
    intake: Intake,
    query: RecordsQuery,
    calendar: Calendar,
    progress: Progress,
    select: Selection | None = None,
) -> Harvest:
    """List a set and store it page by page, then fetch the records that were left out.

    Of each page, all papers are stored, or those that `select` returns. Each page is stored
    together with a checkpoint. Raises UpstreamError if arXiv fails, also if it lists nothing in
    days in which it has listed records before; the pages before are kept, and the next harvest
    resumes at the checkpoint.
    """
    count = 0
    checkpoint = _resumable(catalogue.harvests.checkpoint(query.selection), query)
    if checkpoint is not None and checkpoint.token is None:
        began = checkpoint.began  # all pages are stored; only the comparison is left
    else:
        for page, reached in list_pages(client, "ListRecords", query, checkpoint):
            _store(catalogue, intake, page.records, select, query.selection, reached)
            began = reached.began
            count += len(page.records)
            progress("harvest", count, 0)
        progress("harvest", count, count)
    listed, missing = reconcile(catalogue, client, intake, query, select)
    began = min(began, datetime.now(UTC))  # if arXiv's clock is ahead, skip no day until then
    if not listed:
        _refuse_contradiction(catalogue, query, count)
        if not _was_harvested(catalogue, query.selection):
            catalogue.harvests.save_unverified(query.selection, query.first_day)
            return Harvest(query.first_day, began, 0, 0, verified=False)
    catalogue.harvests.finish(query.selection, query.first_day, began, calendar)
    return Harvest(query.first_day, began, listed, missing)


def _was_harvested(catalogue: Catalogue, selection: str) -> bool:
    followed = catalogue.harvests.of(selection)
    return followed is not None and followed.complete is not None


def _refuse_contradiction(catalogue: Catalogue, query: RecordsQuery, count: int) -> None:
    """Raise UpstreamError if an empty list contradicts the `count` records read, or earlier lists.

    A record that changes is listed under a later day, so a list since a day stays non-empty.
    """
    known = catalogue.harvests.days(query.selection, query.first_day)
    before = count or sum(day.listed for day in known)
    if count or before >= _MIN_KNOWN:
        if not count:
            catalogue.harvests.drop_checkpoint(query.selection)
        raise UpstreamError(
            f"arXiv's OAI-PMH server lists nothing since {query.first_day}, although it has listed "
            f"{before} records before: try again later"
        )


def reconcile(
    catalogue: Catalogue,
    client: OaiClient,
    intake: Intake,
    query: RecordsQuery,
    select: Selection | None = None,
) -> tuple[int, int]:
    """Compare the catalogue with arXiv's list of identifiers; list days with missing records again.

    Returns how many records arXiv lists, and how many are still missing.
    """
    listed: Counter[date] = Counter()
    missing: dict[str, date] = {}
    today = datetime.now(UTC).date()  # replaced by arXiv's own day with the first page
    for page, checkpoint in list_pages(client, "ListIdentifiers", query):
        today = checkpoint.began.date()
        headers = {header.paper_id: header.datestamp for header in page.headers}
        listed.update(headers.values())
        missing |= catalogue.harvests.filter_unread(headers)
    for day in sorted({min(day, today) for day in missing.values()}):
        again = RecordsQuery(query.selection, query.format, day, day)
        for page, _ in list_pages(client, "ListRecords", again):
            _store(catalogue, intake, page.records, select)
    missing = catalogue.harvests.filter_unread(missing)
    absent = Counter(missing.values())
    tomorrow = today + timedelta(days=1)  # a later datestamp is an error of arXiv's
    # A day with gaps may list nothing now: its records changed and have a later datestamp.
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
    """Return the checkpoint if it covers the query, else None."""
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
    records: Iterable[OaiRecord],
    select: Selection | None,
    selection: str = "",
    checkpoint: HarvestCheckpoint | None = None,
) -> None:
    records = list(records)
    datestamps = {one.header.paper_id: one.header.datestamp for one in records if one.header}
    skipped = _skipped_ids(records, select)
    deleted = [one.header.paper_id for one in records if one.header and one.header.deleted]
    withdrawn = 0

    def note() -> None:
        nonlocal withdrawn
        catalogue.harvests.save_datestamps(
            {one: day for one, day in datestamps.items() if one not in skipped}
        )
        catalogue.scope.save_skipped(
            {one: day for one, day in datestamps.items() if one in skipped}
        )
        withdrawn = catalogue.withdraw(deleted)
        if checkpoint is not None:
            catalogue.harvests.save_checkpoint(selection, checkpoint)

    papers = [one.paper for one in records if one.paper is not None]
    intake.store(
        (one for one in papers if not (isinstance(one, Paper) and one.id in skipped)), note
    )
    intake.skipped += len(skipped)
    intake.changes[Change.WITHDRAWN] += withdrawn  # counted once the transaction is committed


def _skipped_ids(records: Sequence[OaiRecord], select: Selection | None) -> set[str]:
    """Return the ids of the papers of a page that are not to be stored."""
    if select is None:
        return set()
    dated = [
        (one.paper, one.header.datestamp if one.header else None)
        for one in records
        if isinstance(one.paper, Paper)
    ]
    return {paper.id for paper, _ in dated} - select(dated)
