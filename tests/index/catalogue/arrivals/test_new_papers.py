"""Which papers are new: those stored in a period that arXiv did not announce long before."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

import index.catalogue.runs
from index.arxiv.paper import Paper
from index.catalogue.arrivals.new_papers import (
    PaperDates,
    Period,
    arrivals,
    earliest_announcement,
)
from index.catalogue.catalogue import Catalogue
from index.catalogue.runs import StoringRun

TUESDAY = datetime(2026, 3, 3, 5, tzinfo=UTC)
THAT_DAY, DAY = TUESDAY.date(), timedelta(days=1)
Store = Callable[..., None]


def paper(number: int, submitted: date | None = THAT_DAY, month: str = "2603") -> Paper:
    return Paper(
        id=f"{month}.{number:05}",
        title=f"Title {number}",
        abstract=f"Abstract {number}",
        submitted=submitted,
        updated=submitted,
    )


@pytest.fixture
def store(empty_catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Store papers by a run of a kind, which begins at a time and takes a while."""

    def run(
        kind: str,
        at: datetime,
        papers: Sequence[Paper],
        datestamp: date | None = None,
        takes: timedelta = timedelta(minutes=5),
    ) -> None:
        def clock(moment: datetime) -> None:
            now = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            monkeypatch.setattr(index.catalogue.runs, "utc_now", lambda: now)

        clock(at)
        number = empty_catalogue.runs.start(kind)
        empty_catalogue.store(papers)
        if datestamp:
            stamps = {one.id: datestamp for one in papers}
            empty_catalogue.harvests.save_datestamps(stamps)
        clock(at + takes)
        empty_catalogue.runs.finish(number, "done", {"new": len(papers)})

    return run


def new(catalogue: Catalogue, since: datetime) -> list[str]:
    numbers = [n for one in arrivals(catalogue, Period(since)) for n in one.numbers]
    return sorted(entry.paper.id for entry in catalogue.entries(numbers).values())


def others(catalogue: Catalogue, since: datetime) -> int:
    return sum(one.others for one in arrivals(catalogue, Period(since)))


def test_a_paper_is_new_on_the_day_of_its_harvest_and_not_of_its_submission(
    empty_catalogue: Catalogue, store: Store
) -> None:
    store("nightly", TUESDAY - DAY, [paper(1)], THAT_DAY - DAY)
    # Submitted on Friday, announced on Monday evening; and one that a moderator held for weeks.
    friday, january = THAT_DAY - 4 * DAY, date(2026, 1, 20)
    store("nightly", TUESDAY, [paper(2, friday), paper(3, january)], THAT_DAY)
    assert new(empty_catalogue, TUESDAY) == ["2603.00002", "2603.00003"]
    assert new(empty_catalogue, TUESDAY - DAY) == ["2603.00001", "2603.00002", "2603.00003"]
    assert new(empty_catalogue, TUESDAY + DAY) == []


def test_a_later_version_is_not_new(empty_catalogue: Catalogue, store: Store) -> None:
    store("nightly", TUESDAY - DAY, [paper(1)])
    revised = replace(paper(1), title="Another title", updated=THAT_DAY)
    store("nightly", TUESDAY, [revised], THAT_DAY)
    assert new(empty_catalogue, TUESDAY) == []
    assert new(empty_catalogue, TUESDAY - DAY) == ["2603.00001"]


def test_a_run_over_midnight_belongs_to_both_days(empty_catalogue: Catalogue, store: Store) -> None:
    midnight = datetime(2026, 3, 4, tzinfo=UTC)
    store("nightly", midnight - timedelta(minutes=10), [paper(1)], takes=timedelta(minutes=20))
    assert new(empty_catalogue, midnight) == ["2603.00001"]
    assert new(empty_catalogue, midnight + timedelta(minutes=11)) == []


def test_the_papers_of_a_running_run_are_new(empty_catalogue: Catalogue, store: Store) -> None:
    store("nightly", TUESDAY - DAY, [paper(1)])
    empty_catalogue.runs.start("nightly")
    empty_catalogue.store([paper(2)])
    assert new(empty_catalogue, TUESDAY) == ["2603.00002"]


def test_after_a_long_outage_all_that_was_missed_is_new(
    empty_catalogue: Catalogue, store: Store
) -> None:
    store("nightly", TUESDAY - DAY, [paper(1)], THAT_DAY - DAY)
    late = TUESDAY + timedelta(weeks=7)
    store("nightly", late, [paper(2), paper(3, date(2026, 4, 20), "2604")])
    assert new(empty_catalogue, late) == ["2603.00002", "2604.00003"]


def test_an_old_paper_that_was_revised_is_not_new(empty_catalogue: Catalogue, store: Store) -> None:
    """A nightly run stores it first then, if it was outside the scope before."""
    store("nightly", TUESDAY - DAY, [paper(1)], THAT_DAY - DAY)
    store("nightly", TUESDAY, [paper(2, date(2023, 5, 2), "2305")], THAT_DAY)
    assert new(empty_catalogue, TUESDAY) == []
    assert others(empty_catalogue, TUESDAY) == 1


@pytest.mark.parametrize("kind", ["follow", "ingest snapshot"])
def test_of_a_later_load_only_the_last_weeks_are_new(
    empty_catalogue: Catalogue, store: Store, kind: str
) -> None:
    sample = [paper(1, date(2024, 6, 3), "2406")]
    store("ingest snapshot", TUESDAY - 3 * DAY, sample)
    past = [paper(n, date(2025, n, 5), f"25{n:02}") for n in range(1, 12)]
    recent = [paper(21, THAT_DAY - DAY), paper(22, date(2026, 2, 20), "2602")]
    store(kind, TUESDAY, [*past, *recent])
    assert new(empty_catalogue, TUESDAY) == ["2602.00022", "2603.00021"]
    assert others(empty_catalogue, TUESDAY) == 11


def test_of_a_first_load_what_was_submitted_since_then_is_new(
    empty_catalogue: Catalogue, store: Store
) -> None:
    loaded = [
        paper(1, date(2024, 5, 16), "2405"),
        paper(2, date(2024, 5, 17), "2405"),
        paper(3, None, "2405"),  # perhaps: its month is known
        paper(4, None, "2404"),
    ]
    store("ingest snapshot", TUESDAY, loaded)
    assert new(empty_catalogue, datetime(2024, 5, 17, tzinfo=UTC)) == ["2405.00002", "2405.00003"]
    assert new(empty_catalogue, TUESDAY - DAY) == []
    assert others(empty_catalogue, TUESDAY - DAY) == 4


def test_a_month_of_submission_counts_to_its_last_day(
    empty_catalogue: Catalogue, store: Store
) -> None:
    month = paper(1, None, "2405")
    store("ingest snapshot", TUESDAY, [month])
    empty_catalogue._db.execute("UPDATE papers SET submitted = '2024-05'")
    assert new(empty_catalogue, datetime(2024, 5, 31, tzinfo=UTC)) == ["2405.00001"]
    assert new(empty_catalogue, datetime(2024, 6, 1, tzinfo=UTC)) == []


def test_papers_of_earlier_versions_runs_are_new_by_their_submission(
    empty_catalogue: Catalogue, store: Store
) -> None:
    store("nightly", TUESDAY - DAY, [paper(1, THAT_DAY - 3 * DAY), paper(2)])
    empty_catalogue._db.execute("UPDATE runs SET papers_before = NULL, newest_before = NULL")
    assert new(empty_catalogue, TUESDAY - DAY) == ["2603.00002"]
    [found] = arrivals(empty_catalogue, Period(TUESDAY - DAY))
    assert found.run is not None
    covered = Period(found.run.started, (found.run.started, found.run.number))
    assert arrivals(empty_catalogue, covered) == []
    store("nightly", TUESDAY, [paper(3, THAT_DAY - 3 * DAY)])
    assert new(empty_catalogue, TUESDAY - DAY) == ["2603.00002", "2603.00003"]
    assert [one.run and one.run.number for one in arrivals(empty_catalogue, covered)] == [2]


def test_only_runs_after_the_one_that_was_covered_count(
    empty_catalogue: Catalogue, store: Store
) -> None:
    for number in range(3):
        store("nightly", TUESDAY, [paper(number + 1)])  # in the same second
    run = empty_catalogue.runs.storing()[1]
    after = Period(run.started, (run.started, run.number))
    [last] = arrivals(empty_catalogue, after)
    assert [e.paper.id for e in empty_catalogue.entries(last.numbers).values()] == ["2603.00003"]


@pytest.mark.parametrize(
    ("kind", "before", "newest", "latest", "expected"),
    [
        ("nightly", 10, date(2026, 3, 2), date(2026, 3, 3), date(2026, 2, 23)),
        ("nightly", 10, date(2026, 8, 1), date(2026, 3, 3), date(2026, 2, 24)),
        ("nightly", 0, None, date(2026, 3, 3), date(2026, 2, 24)),
        ("ingest api", 10, date(2026, 1, 2), None, date(2025, 12, 26)),
        ("follow", 10, date(2026, 3, 2), date(2026, 3, 3), date(2026, 2, 23)),
        ("follow", 10, date(2024, 3, 2), date(2026, 3, 3), date(2026, 1, 24)),
        ("follow", 0, None, date(2026, 3, 3), None),
        ("ingest snapshot", 0, None, None, None),
    ],
)
def test_the_day_from_which_on_papers_of_a_run_are_new(
    kind: str, before: int, newest: date | None, latest: date | None, expected: date | None
) -> None:
    run = StoringRun(1, kind, TUESDAY, TUESDAY, before, newest)
    assert earliest_announcement(run, THAT_DAY, latest) == expected


@pytest.mark.parametrize(
    ("paper_id", "submitted", "datestamp", "expected"),
    [
        ("2602.00001", date(2026, 2, 27), None, date(2026, 3, 1)),  # 28 February, US Eastern
        ("2603.00001", date(2026, 2, 27), date(2026, 3, 3), date(2026, 3, 3)),
        ("2603.00001", date(2026, 2, 27), None, date(2026, 3, 29)),
        ("2603.00001", None, None, date(2026, 4, 1)),
        ("hep-th/9901001", None, date(2026, 3, 3), date(1999, 2, 1)),
    ],
)
def test_the_latest_day_on_which_a_paper_was_announced(
    paper_id: str, submitted: date | None, datestamp: date | None, expected: date
) -> None:
    assert PaperDates(paper_id, submitted, None, datestamp).announced_by == expected
