"""Nightly run: harvest, fill gaps, embed, tag, build a release, write a dump, and report."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from index.arxiv.calendar import Calendar
from index.arxiv.oai_sets import parse_set, selection_name
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import ALL_OF_ARXIV, Day, FollowedSelection
from index.errors import BadInput, NotFound, SeeAlsoError, Unavailable
from index.progress import Progress
from index.settings import Settings
from ingest.arxiv.gap_filling import fill_gaps, months_between
from ingest.arxiv.query_api import QueryApi
from ingest.arxiv.session import ArxivSession, Redirect, RequestPolicy
from ingest.intake import Intake, format_counts
from ingest.oai.client import OaiClient
from ingest.oai.harvest import Harvest, first_day_of, harvest, reconcile
from ingest.oai.paging import RecordsQuery
from ingest.oai.records import SOURCE, Format
from ingest.rereading import reread
from ingest.scope import EARLIEST, OVERLAP, selection_for
from ingest.update import UpdateReport, bring_up_to_date, dump_pending

UNFOLLOW = "unfollow"
"""The kind of the recorded run that removed sets from the harvest scope."""

_FORMAT: Format = "arXivRaw"  # it has versions and licence; the other format has split names
_MAX_RELISTED_DAYS = 10
_RELISTING_WINDOW = timedelta(days=60)  # most records listed under an older day have moved on
_MIN_RECORDS_A_DAY = 7  # by chance such a set has no record on one day in a thousand


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """Result of a nightly run: counts of changes, state of the announcement, update.

    `unverified` names the sets whose first harvest was answered by an empty list, which may be an
    outage. `dump` is the folder of the dump that was written, None if none was due. `failure` is
    the error of the sets that could not be harvested completely, None if all could.
    """

    changes: dict[str, int]
    announced: str
    unverified: list[str]
    update: UpdateReport | None
    dump: Path | None
    redirects: list[Redirect]
    failure: SeeAlsoError | None

    def __str__(self) -> str:
        dumped = self.dump and f"dump {self.dump} written"
        unverified = self.unverified and (
            f"arXiv lists no record of {', '.join(self.unverified)}; this may be an outage, so the "
            "next run requests all again"
        )
        lines = (self.announced, unverified, format_counts(self.changes), self.update, dumped)
        return "\n".join(str(line) for line in lines if line)


def nightly(
    catalogue: Catalogue,
    settings: Settings,
    calendar: Calendar,
    progress: Progress,
    *,
    catch_up: bool = False,
    kind: str = "nightly",
    only: Sequence[str] | None = None,
) -> NightlyReport:
    """Run all steps; safe to interrupt at any point and to repeat.

    With `only`, these selections are harvested instead of the harvest scope, none of them if it is
    empty. `kind` is that of the recorded run.

    If a set cannot be harvested, the others are, and what was received is embedded, tagged and
    released; the report has the error. With `catch_up`, a catalogue without harvest scope starts
    at its newest paper, and gaps are looked for in all months. Raises BadInput for wrong settings,
    otherwise like `selections`, `bring_up_to_date` and `dump_pending`.
    """
    policy = RequestPolicy.from_settings(settings)
    session = ArxivSession(settings.oai, policy)
    client, api = OaiClient(session, settings.oai), QueryApi(settings.arxiv_api, policy)
    scope = ScopeHarvest(catalogue, client, api, calendar, progress)
    run = catalogue.runs.start(kind)
    update: UpdateReport | None = None
    dump: Path | None = None
    counts: dict[str, int] = {}
    try:
        counts["understood"] = reread(catalogue)
        wanted = selections(catalogue, settings.sets) if only is None else only
        scope.harvest(wanted, catch_up=catch_up)
        if catalogue.count():
            update = bring_up_to_date(catalogue, settings, progress)
            counts |= update.counts
            dump = dump_pending(catalogue, settings.data, settings.keep_dumps, progress)
    except SeeAlsoError as error:
        catalogue.runs.finish(run, str(error), scope.intake.counts | counts)
        raise
    counts = scope.intake.counts | counts
    failure = scope.failure
    catalogue.runs.finish(run, str(failure) if failure else "done", counts)
    return NightlyReport(
        counts, scope.announced, scope.unverified, update, dump, session.redirects, failure
    )


def selections(catalogue: Catalogue, sets: Iterable[str]) -> list[str]:
    """Return the sets to harvest: the given ones, else those followed so far, else all of arXiv.

    Sets that were followed with a day of submission are always among them. Raises NotFound if the
    user has stopped following the last set.
    """
    followed = catalogue.harvests.followed()
    recorded = [one.selection for one in followed if one.submitted_since is not None]
    if sets:
        return [*sets, *recorded]
    if not followed and catalogue.runs.last(UNFOLLOW):
        raise NotFound(
            "no set is followed since the last `seealso unfollow`: follow one, for example with "
            "`seealso follow cs.CL`, or disable the nightly job"
        )
    return [one.selection for one in followed] or [ALL_OF_ARXIV]


class ScopeHarvest:
    """Harvest of all sets in the harvest scope, each independent of the others.

    `intake` counts what was stored. `announced` describes the state of today's announcement.
    `unverified` names the sets of which arXiv has never listed a record.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        client: OaiClient,
        api: QueryApi,
        calendar: Calendar,
        progress: Progress,
    ) -> None:
        self.intake = Intake(catalogue, SOURCE)
        self.announced = ""
        self.unverified: list[str] = []
        self._catalogue = catalogue
        self._client = client
        self._api = api
        self._calendar = calendar
        self._progress = progress
        self._failures: dict[str, BadInput | Unavailable] = {}

    def harvest(self, selections: Iterable[str], *, catch_up: bool) -> None:
        """Harvest each set, then look for gaps in each set that was harvested.

        Gaps come last because a paper that is missing in one set may be listed in another. An
        error of arXiv ends only the set at hand; see `failure`.
        """
        harvested: list[tuple[FollowedSelection, list[str]]] = []
        sets: dict[str, None] = {}
        for written in selections:
            with self._recorded_failure(written):
                sets[parse_set(written)] = None
        for selection in sets:
            with self._recorded_failure(selection):
                harvested.append(self._harvest_set(selection, catch_up=catch_up))
        for followed, months in harvested:
            with self._recorded_failure(followed.selection):
                fill_gaps(self._catalogue, self._api.look_up, self.intake, followed, months)

    @property
    def failure(self) -> SeeAlsoError | None:
        """The errors of all sets as one, naming the sets; None if there was none.

        It is a BadInput if any of them is: trying again later does not help then.
        """
        if not self._failures:
            return None
        errors = sorted(self._failures.values(), key=lambda error: not isinstance(error, BadInput))
        sets: dict[str, list[str]] = {}
        for selection, error in self._failures.items():
            sets.setdefault(str(error), []).append(selection)
        return type(errors[0])(
            "; ".join(_name_sets(names) + message for message, names in sets.items())
        )

    @contextmanager
    def _recorded_failure(self, selection: str) -> Iterator[None]:
        try:
            yield
        except (BadInput, Unavailable) as error:
            self._failures[selection] = error

    def _harvest_set(
        self, selection: str, *, catch_up: bool
    ) -> tuple[FollowedSelection, list[str]]:
        """Harvest one set; return it and the months in which to look for gaps."""
        log = self._catalogue.harvests
        today = datetime.now(UTC).date()
        start = first_datestamp(self._catalogue, selection, today, catch_up=catch_up)
        query = RecordsQuery(selection, _FORMAT, start)
        done = harvest(
            self._catalogue,
            self._client,
            self.intake,
            query,
            self._calendar,
            self._progress,
            selection_for(self._catalogue, selection),
        )
        self.announced = announcement_status(self._calendar, log.newest_day(), done.began)
        if not done.verified:
            self.unverified.append(selection_name(selection))
        followed = log.of(selection)
        assert followed is not None
        self._relist_days(followed, done)
        from_day = followed.since if catch_up else max(followed.since, done.first_day)
        return followed, months_between(from_day - OVERLAP, done.began.date())

    def _relist_days(self, followed: FollowedSelection, done: Harvest) -> None:
        """Record days without the announcement that was due; list days with gaps again.

        Days that this harvest has listed anyway are not listed again.
        """
        log, selection = self._catalogue.harvests, followed.selection
        since = max(followed.since, done.began.date() - _RELISTING_WINDOW)
        known = log.days(selection, since)
        log.save_silent_days(selection, days_not_listed(known, self._calendar, since, done.began))
        gaps = [gap.day for gap in log.days_with_gaps(selection) if gap.day < done.first_day]
        for day in gaps[-_MAX_RELISTED_DAYS:]:
            query = RecordsQuery(selection, _FORMAT, day, day)
            select = selection_for(self._catalogue, selection)
            reconcile(self._catalogue, self._client, self.intake, query, select)


def _name_sets(selections: list[str]) -> str:
    if selections == [ALL_OF_ARXIV]:
        return ""
    return f"set{'s' if len(selections) > 1 else ''} {', '.join(selections)}: "


def first_datestamp(catalogue: Catalogue, selection: str, today: date, *, catch_up: bool) -> date:
    """Return the first datestamp to list in this run.

    For a set that was not followed before, it is today less the overlap, or with `catch_up` the
    day of the newest paper less the overlap.
    """
    if catalogue.harvests.of(selection) is not None:
        return first_day_of(catalogue, selection, None)
    newest = catalogue.newest_day()
    if catch_up:
        return max(newest - OVERLAP, EARLIEST) if newest else EARLIEST
    return today - OVERLAP


def days_not_listed(known: list[Day], calendar: Calendar, since: date, at: datetime) -> list[date]:
    """Return the days on which an announcement was due but arXiv listed nothing.

    Empty for a set with few papers, which has days without any.
    """
    listed = {day.day: day.listed for day in known if day.listed}
    due = calendar.days(since, calendar.newest_due(at))
    average = sum(listed.get(day, 0) for day in due) / (len(due) or 1)
    if average < _MIN_RECORDS_A_DAY:
        return []
    return [day for day in due if day not in listed]


def announcement_status(calendar: Calendar, newest: date | None, at: datetime) -> str:
    """Return a sentence on today's announcement: received, due later, or why there is none.

    `newest` is the newest day on which arXiv listed anything.
    """
    today = at.date()
    following = f"the next announcement is due {calendar.next_due(at):%A, %d %B, %H:%M} UTC"
    if not calendar.announced_on(today):
        evening = today - timedelta(days=1)
        reason = "weekend" if evening.weekday() in (4, 5) else "holiday"
        return f"arXiv announces nothing on {today:%A, %d %B %Y} ({reason}); {following}"
    if at < calendar.due(today):
        return f"arXiv has not announced anything today yet; {following}"
    if newest is None or newest < today:
        return f"arXiv does not list the announcement of {today:%A, %d %B %Y} yet; {following}"
    return f"the announcement of {today:%A, %d %B %Y} has been harvested; {following}"
