"""The night: harvest what arXiv changed, store, embed, tag, release, dump; and what happened."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from index.arxiv.calendar import Calendar
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import ALL_OF_ARXIV, Day, FollowedSelection
from index.errors import SeeAlsoError, Unavailable
from index.settings import Settings
from ingest.arxiv.gap_filling import fill_gaps, months_between
from ingest.arxiv.pacing import pause_for
from ingest.arxiv.query_api import look_up
from ingest.arxiv.session import ArxivSession, Moved
from ingest.intake import Intake, Progress, in_words
from ingest.oai.client import OaiClient
from ingest.oai.harvest import OVERLAP, Harvest, first_day_of, harvest, reconcile
from ingest.oai.paging import EARLIEST, RecordsQuery
from ingest.oai.records import SOURCE, Format
from ingest.rereading import reread
from ingest.update import UpdateReport, bring_up_to_date, dump_pending

_FORMAT: Format = "arXivRaw"  # versions and licence; the other has split names
_MAX_DAYS_AGAIN = 10
_LOOKED_BACK = timedelta(days=60)  # older days have lost most of what was once listed under them
_MIN_A_DAY = 7  # by chance alone, such a selection has no paper on one day of a thousand


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """What a night did: what came in, what was made of it, and in words what was announced.

    `dump` is the folder of the dump that was written, None where none was due; `failure` is what
    kept arXiv's answers from coming, None where nothing did.
    """

    changes: dict[str, int]
    announced: str
    update: UpdateReport | None
    dump: Path | None
    moved: list[Moved]
    failure: Unavailable | None

    def __str__(self) -> str:
        dumped = self.dump and f"dump {self.dump} written"
        lines = (self.announced, in_words(self.changes), self.update, dumped)
        return "\n".join(str(line) for line in lines if line)


def nightly(
    catalogue: Catalogue,
    settings: Settings,
    calendar: Calendar,
    progress: Progress,
    *,
    catch_up: bool = False,
) -> NightlyReport:
    """Everything of a night, safe to stop anywhere and to repeat.

    What was harvested is embedded, tagged and released even where arXiv fails. With `catch_up` a
    catalogue that followed nothing begins at its newest paper, and gaps are looked for in all
    months. Raises BadInput for a set that arXiv does not know, and as `bring_up_to_date`.
    """
    harvesting = Harvesting(catalogue, settings, calendar, progress)
    run = catalogue.runs.start("nightly")
    failure: Unavailable | None = None
    update: UpdateReport | None = None
    dump: Path | None = None
    counts: dict[str, int] = {}
    try:
        counts["understood"] = reread(catalogue)
        try:
            chosen = selections(catalogue, settings)
            harvested = [harvesting.follow(one, catch_up=catch_up) for one in chosen]
            for followed, months in harvested:
                fill_gaps(
                    catalogue, partial(look_up, settings), harvesting.intake, followed, months
                )
        except Unavailable as error:
            failure = error
        if catalogue.count():
            update = bring_up_to_date(catalogue, settings, progress)
            counts |= update.counts
            dump = dump_pending(catalogue, settings, progress)
    except SeeAlsoError as error:
        catalogue.runs.finish(run, str(error), harvesting.intake.counts | counts)
        raise
    counts = harvesting.intake.counts | counts
    catalogue.runs.finish(run, str(failure) if failure else "done", counts)
    return NightlyReport(
        counts, harvesting.announced, update, dump, harvesting.session.moved, failure
    )


def selections(catalogue: Catalogue, settings: Settings) -> list[str]:
    """What to follow: the settings' sets, else what was followed before, else all of arXiv."""
    followed = [one.selection for one in catalogue.harvests.followed()]
    return list(settings.sets) or followed or [ALL_OF_ARXIV]


class Harvesting:
    """One night's harvest of all that is followed; `announced` says in words what it met."""

    def __init__(
        self, catalogue: Catalogue, settings: Settings, calendar: Calendar, progress: Progress
    ) -> None:
        pause_for(settings.arxiv_api, settings.pause)  # before anything is asked
        self.session = ArxivSession(settings, settings.oai)
        self.intake = Intake(catalogue, SOURCE)
        self.announced = ""
        self._catalogue = catalogue
        self._settings = settings
        self._calendar = calendar
        self._progress = progress
        self._client = OaiClient(self.session, settings.oai)

    def follow(self, selection: str, *, catch_up: bool) -> tuple[FollowedSelection, list[str]]:
        """Harvest one selection; in which months to look for gaps of it. Raises as `harvest`."""
        log = self._catalogue.harvests
        today = datetime.now(UTC).date()
        start = beginning(self._catalogue, selection, today, catch_up=catch_up)
        query = RecordsQuery(selection, _FORMAT, start)
        done = harvest(
            self._catalogue, self._client, self.intake, query, self._calendar, self._progress
        )
        self.announced = announcement(self._calendar, log.newest_day(), done.began)
        followed = log.of(selection)
        assert followed is not None
        self._list_days_again(followed, done)
        from_day = followed.since if catch_up else max(followed.since, done.first_day)
        return followed, months_between(from_day - OVERLAP, done.began.date())

    def _list_days_again(self, followed: FollowedSelection, done: Harvest) -> None:
        """Note the days that should have had an announcement; list days with gaps again.

        A night that lists such days itself has just done so.
        """
        log, selection = self._catalogue.harvests, followed.selection
        since = max(followed.since, done.began.date() - _LOOKED_BACK)
        known = log.days(selection, since)
        log.save_silent_days(selection, silent_days(known, self._calendar, since, done.began))
        gaps = [gap.day for gap in log.days_with_gaps(selection) if gap.day < done.first_day]
        for day in gaps[-_MAX_DAYS_AGAIN:]:
            again = RecordsQuery(selection, _FORMAT, day, day)
            reconcile(self._catalogue, self._client, self.intake, again)


def beginning(catalogue: Catalogue, selection: str, today: date, *, catch_up: bool) -> date:
    """The first datestamp to list tonight.

    Where nothing was followed before: today, with the overlap; or, to catch up, the newest paper.
    """
    if catalogue.harvests.of(selection) is not None:
        return first_day_of(catalogue, selection, None)
    newest = catalogue.newest_day()
    if catch_up:
        return max(newest - OVERLAP, EARLIEST) if newest else EARLIEST
    return today - OVERLAP


def silent_days(known: list[Day], calendar: Calendar, since: date, at: datetime) -> list[date]:
    """The days on which an announcement was due, and nothing at all was listed.

    Only of a selection that is usually listed: one with few papers has days without any.
    """
    listed = {day.day: day.listed for day in known if day.listed}
    due = calendar.days(since, calendar.newest_due(at))
    usual = sum(listed.get(day, 0) for day in due) / (len(due) or 1)
    if usual < _MIN_A_DAY:
        return []
    return [day for day in due if day not in listed]


def announcement(calendar: Calendar, newest: date | None, at: datetime) -> str:
    """In words: what arXiv has announced by this moment, or why it has announced nothing.

    `newest` is the newest day of which anything was listed.
    """
    today = at.date()
    following = f"the next announcement is due {calendar.next_due(at):%A, %d %B, %H:%M} UTC"
    if not calendar.announced_on(today):
        evening = today - timedelta(days=1)
        reason = "weekend" if evening.weekday() in (4, 5) else "holiday"
        return f"nothing is announced on {today:%A, %d %B %Y}: {reason} at arXiv; {following}"
    if at < calendar.due(today):
        return f"nothing is announced yet today; {following}"
    if newest is None or newest < today:
        return f"arXiv lists nothing yet of the announcement of {today:%A, %d %B %Y}; {following}"
    return f"the announcement of {today:%A, %d %B %Y} is here; {following}"
