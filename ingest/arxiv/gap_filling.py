"""Missing identifiers: found by the density of a month's numbers, asked for one by one.

OAI-PMH has left out stretches of papers for hours or days without a word. arXiv numbers without
gaps, so a stretch that nobody has shows; the query API may know it earlier.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from index.arxiv.numbering import IdRange, missing_ranges, month_and_number
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import FollowedSelection
from index.health.freshness import MAX_REQUESTS
from ingest.intake import Intake, batches

MAX_IDS = 500
"""Identifiers asked for in one night."""

_ASKED_AT_ONCE = 99  # and one that arXiv certainly has make a request of a hundred
_SATURDAY = 5
_CHANCE = 1e-2  # a false alarm costs a request on three nights, a missed stretch costs papers

LookUp = Callable[[Sequence[str]], Iterable[Paper]]


def fill_gaps(
    catalogue: Catalogue,
    look_up: LookUp,
    intake: Intake,
    followed: FollowedSelection,
    months: Sequence[str],
) -> None:
    """Look for missing stretches in these months, ask for them, and note what is missing still.

    Raises UpstreamError where the look-up fails; what was found missing is noted before.
    """
    selection = followed.selection
    known = dict(catalogue.harvests.missing_ranges(selection))
    missing = stretches_in(catalogue, followed, months)
    kept = {s: asked for s, asked in known.items() if s.month not in months}
    noted = kept | carried_over(known, missing)
    catalogue.harvests.save_missing_ranges(selection, noted)
    wanted = due_tonight(noted)
    if not wanted:
        return
    certain = catalogue.newest_id()
    for some in batches((paper_id for s in wanted for paper_id in s.ids()), _ASKED_AT_ONCE):
        found = list(look_up([certain, *some])) if some else []
        if some and certain not in {paper.id for paper in found}:
            return  # arXiv does not know what it certainly has: it has not answered at all
        intake.store(paper for paper in found if belongs(paper.categories, selection))
    still = stretches_in(catalogue, followed, {s.month for s in wanted})
    asked = noted | {s: noted[s] + 1 for s in wanted}
    others = {s: count for s, count in asked.items() if s.month not in {w.month for w in wanted}}
    catalogue.harvests.save_missing_ranges(selection, others | carried_over(asked, still))


def stretches_in(
    catalogue: Catalogue, followed: FollowedSelection, months: Iterable[str]
) -> list[IdRange]:
    """The stretches of these months that should be here and are not, none beyond `MAX_IDS`."""
    found: list[IdRange] = []
    for month in sorted(months):
        numbers = _numbers(
            paper_id
            for paper_id, categories in catalogue.ids_of_month(month)
            if belongs(categories, followed.selection)
        )
        if numbers:
            first = (
                1
                if month > month_of(followed.since)
                else _first_followed(catalogue, followed, month)
            )
            missing = missing_ranges(month, numbers, first, max(numbers), chance=_CHANCE)
            found += (piece for stretch in missing for piece in _pieces(stretch))
    return found


def _numbers(ids: Iterable[str]) -> list[int]:
    return [parts[1] for paper_id in ids if (parts := month_and_number(paper_id))]


def _pieces(stretch: IdRange) -> list[IdRange]:
    """A stretch in parts that one night can ask for."""
    return [
        IdRange(stretch.month, first, min(first + MAX_IDS - 1, stretch.last))
        for first in range(stretch.first, stretch.last + 1, MAX_IDS)
    ]


def _first_followed(catalogue: Catalogue, followed: FollowedSelection, month: str) -> int:
    """The number from which on this month is followed.

    What is listed under the first day that is none of a weekend is mostly new, but some of it is
    older and only changed, so its lowest numbers do not count.
    """
    for day in (followed.since + timedelta(days=later) for later in range(7)):
        numbers = sorted(_numbers(catalogue.harvests.ids_with_datestamp(day, month)))
        if numbers and day.weekday() < _SATURDAY:
            return numbers[len(numbers) // 4]
    return 10**6


def carried_over(known: Mapping[IdRange, int], missing: Iterable[IdRange]) -> dict[IdRange, int]:
    """How often arXiv was asked for each missing stretch, or for one that contained it."""
    return {
        stretch: max(
            (
                asked
                for other, asked in known.items()
                if other.month == stretch.month
                and other.first <= stretch.first
                and stretch.last <= other.last
            ),
            default=0,
        )
        for stretch in missing
    }


def due_tonight(noted: Mapping[IdRange, int], most: int = MAX_IDS) -> list[IdRange]:
    """The stretches to ask for in one night: the least often asked first, the shorter of them."""
    chosen: list[IdRange] = []
    left = most
    for stretch in sorted(noted, key=lambda s: (noted[s], len(s), s)):
        if noted[stretch] < MAX_REQUESTS and len(stretch) <= left:
            chosen.append(stretch)
            left -= len(stretch)
    return chosen


def month_of(day: date) -> str:
    """The month of the identifiers under a datestamp: that of the Eastern evening before."""
    return f"{day - timedelta(days=1):%y%m}"


def months_between(first: date, last: date) -> list[str]:
    """The months of identifiers from one day to another, since the present scheme began."""
    start = max(first, date(2007, 4, 1))
    count = (last.year - start.year) * 12 + last.month - start.month
    found = [divmod(start.year * 12 + start.month - 1 + n, 12) for n in range(count + 1)]
    return [f"{year % 100:02}{month + 1:02}" for year, month in found]


_PHYSICS = frozenset(
    "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics "
    "quant-ph".split()
)


def belongs(categories: Sequence[str], selection: str) -> bool:
    """Whether a paper with these categories is in a set; every paper is in ""."""
    return not selection or any(_in_set(category, selection) for category in categories)


def _in_set(category: str, selection: str) -> bool:
    archive, _, subject = category.partition(".")
    group = "physics" if archive in _PHYSICS else archive
    path = [group, archive, subject] if subject else [group, archive]
    wanted = selection.split(":")
    return path[: len(wanted)] == wanted
