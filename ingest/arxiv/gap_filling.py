"""Find missing identifiers by gaps in a month's numbers, and request them from the query API.

OAI-PMH has omitted ranges of papers for hours or days without any error. arXiv numbers papers
without gaps, so a range of numbers that no paper has is a sign of it. The query API may have the
papers earlier.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from index.arxiv.numbering import IdRange, missing_ranges, month_and_number
from index.arxiv.oai_sets import is_in_set
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import FollowedSelection
from index.catalogue.rejections import RejectedRecord
from index.health.freshness import MAX_REQUESTS
from ingest.intake import Intake, batches
from ingest.scope import HarvestedPapers

MAX_IDS = 500
"""Maximum number of identifiers to request for one set in one run."""

_BATCH = 99  # with one identifier that arXiv certainly has, a request has a hundred
_SATURDAY = 5
_CHANCE = 1e-2  # a false alarm costs a request in three runs, a missed range costs papers

LookUp = Callable[[Sequence[str]], Iterable[Paper | RejectedRecord]]
"""Yields the papers with these canonical ids, without those that arXiv does not have."""


def fill_gaps(
    catalogue: Catalogue,
    look_up: LookUp,
    intake: Intake,
    followed: FollowedSelection,
    months: Sequence[str],
) -> None:
    """Find missing ranges of these months, request them, and save which are still missing.

    Raises UpstreamError if the look-up fails; the missing ranges are saved before.
    """
    selection = followed.selection
    known = dict(catalogue.harvests.missing_ranges(selection))
    missing = find_missing(catalogue, followed, months)
    other_months = {gap: tries for gap, tries in known.items() if gap.month not in months}
    gaps = other_months | with_tries(missing, known)
    catalogue.harvests.save_missing_ranges(selection, gaps)
    wanted = choose_gaps(gaps)
    if not wanted:
        return
    certain = catalogue.newest_id()
    for ids in batches((paper_id for gap in wanted for paper_id in gap.ids()), _BATCH):
        records = list(look_up([certain, *ids])) if ids else []
        if ids and certain not in {_id_of(record) for record in records}:
            return  # the API lacks a paper that certainly exists: this does not count as a try
        papers = [one for one in records if isinstance(one, Paper)]
        within = HarvestedPapers(catalogue)([(one, None) for one in papers])
        intake.store(
            record
            for record in records
            if isinstance(record, RejectedRecord)
            or (record.id in within and is_in_set(record.categories, selection))
        )
    months_wanted = {gap.month for gap in wanted}
    still_missing = find_missing(catalogue, followed, months_wanted)
    tried = gaps | {gap: gaps[gap] + 1 for gap in wanted}
    others = {gap: tries for gap, tries in tried.items() if gap.month not in months_wanted}
    catalogue.harvests.save_missing_ranges(selection, others | with_tries(still_missing, tried))


def _id_of(record: Paper | RejectedRecord) -> str:
    return record.id if isinstance(record, Paper) else record.key


def find_missing(
    catalogue: Catalogue, followed: FollowedSelection, months: Iterable[str]
) -> list[IdRange]:
    """Return the ranges of these months that the catalogue lacks, each of at most `MAX_IDS`."""
    missing: list[IdRange] = []
    for month in sorted(months):
        numbers = _numbers(
            paper_id
            for paper_id, categories in catalogue.ids_of_month(month)
            if is_in_set(categories, followed.selection)
        )
        if numbers:
            first = (
                1 if month > _first_month(followed) else _first_followed(catalogue, followed, month)
            )
            ranges = missing_ranges(month, numbers, first, max(numbers), chance=_CHANCE)
            missing += (piece for id_range in ranges for piece in _split(id_range))
    return missing


def _numbers(ids: Iterable[str]) -> list[int]:
    return [parts[1] for paper_id in ids if (parts := month_and_number(paper_id))]


def _split(id_range: IdRange) -> list[IdRange]:
    """Split a range into ranges that one run can request."""
    return [
        IdRange(id_range.month, first, min(first + MAX_IDS - 1, id_range.last))
        for first in range(id_range.first, id_range.last + 1, MAX_IDS)
    ]


def _first_month(followed: FollowedSelection) -> str:
    """Return the month in the identifiers of the first papers of a scope."""
    if followed.submitted_since is None:
        return month_of(followed.since)
    return f"{followed.first_wanted:%y%m}"


def _first_followed(catalogue: Catalogue, followed: FollowedSelection, month: str) -> int:
    """Return the first number of the month from which the set is followed.

    Most records listed under the first weekday are new papers, but some are older papers that
    changed. The lowest quarter of the numbers is therefore ignored. The same holds for the papers
    submitted on the first day of a scope: some got their number before.
    """
    by_submission = followed.submitted_since is not None
    ids_of = (
        catalogue.scope.ids_submitted_on if by_submission else catalogue.harvests.ids_with_datestamp
    )
    for day in (followed.first_wanted + timedelta(days=later) for later in range(7)):
        numbers = sorted(_numbers(ids_of(day, month)))
        if numbers and (by_submission or day.weekday() < _SATURDAY):
            return numbers[len(numbers) // 4]
    return 10**6


def with_tries(missing: Iterable[IdRange], known: Mapping[IdRange, int]) -> dict[IdRange, int]:
    """Return how often each missing range, or a known one that contains it, was requested."""
    return {
        id_range: max(
            (
                tries
                for other, tries in known.items()
                if other.month == id_range.month
                and other.first <= id_range.first
                and id_range.last <= other.last
            ),
            default=0,
        )
        for id_range in missing
    }


def choose_gaps(gaps: Mapping[IdRange, int], limit: int = MAX_IDS) -> list[IdRange]:
    """Return the ranges to request in this run: least often requested first, then shortest first.

    `gaps` maps ranges to the number of tries. The result has at most `limit` identifiers.
    """
    chosen: list[IdRange] = []
    left = limit
    for id_range in sorted(gaps, key=lambda gap: (gaps[gap], len(gap), gap)):
        if gaps[id_range] < MAX_REQUESTS and len(id_range) <= left:
            chosen.append(id_range)
            left -= len(id_range)
    return chosen


def month_of(day: date) -> str:
    """Return the month in the identifiers listed under a datestamp: that of the evening before."""
    return f"{day - timedelta(days=1):%y%m}"


def months_between(first: date, last: date) -> list[str]:
    """Return the months ("2603") from one day to another, from April 2007 at the earliest.

    Identifiers of before have another form.
    """
    start = max(first, date(2007, 4, 1))
    count = (last.year - start.year) * 12 + last.month - start.month
    months = [divmod(start.year * 12 + start.month - 1 + n, 12) for n in range(count + 1)]
    return [f"{year % 100:02}{month + 1:02}" for year, month in months]
