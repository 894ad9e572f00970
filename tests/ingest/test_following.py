"""`seealso follow` against the replayed arXiv: scope, first load, what nightly runs do then."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pytest

from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.errors import BadInput, Busy, ModelUnavailable, NotFound, UpstreamError
from index.health.run_state import is_run_active
from ingest import rereading
from ingest.oai import records as oai_records
from ingest.run_lock import run_lock
from tests.arxiv_server.harvesting import (
    environment,
    followed_selection,
    kill_at_request,
    last_run,
    nonzero_counts,
    papers_by_id,
    requests_with,
    serve_arxiv,
)
from tests.arxiv_server.nightly_runs import set_day, status
from tests.arxiv_server.oai_pages import Announced, RawVersion
from tests.arxiv_server.oai_replay import Behaviour, OaiReplay
from tests.conftest import Seealso
from tests.support.processes import run_program

pytestmark = pytest.mark.usefixtures("without_taxonomies")

TODAY = date(2026, 3, 6)
NOW = datetime(2026, 3, 6, 4, tzinfo=UTC)
FOLLOW_CL = ("follow", "cs.CL", "--since", "2024-01-01")


@pytest.fixture
def without_taxonomies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tag no papers: each run would train a tagger of its own, for seconds."""
    monkeypatch.setattr("ingest.update.followed_taxonomies", lambda _: [])


def record(paper_id: str, submitted: date, changed: date, *categories: str) -> Announced:
    """Return a record of a paper; all have the same text, which is embedded only once."""
    created = datetime(submitted.year, submitted.month, submitted.day, 9, tzinfo=UTC)
    return Announced(
        paper_id, changed, versions=[RawVersion(1, created)], categories=list(categories)
    )


def month_of_papers(
    year: int, month: int, *categories: str, changed: date | None
) -> list[Announced]:
    """Return four papers submitted in a month, listed under the day after or the day given."""
    papers = []
    for week in range(4):
        day = date(year, month, 2 + 7 * week)
        number = f"{year % 100:02}{month:02}.{10 * week + len(categories[0]):05}"
        papers.append(record(number, day, changed or day + timedelta(days=1), *categories))
    return papers


OLD_CL = month_of_papers(2023, 6, "cs.CL", changed=None)
CHANGED_CL = month_of_papers(2023, 9, "cs.CL", "cs.AI", changed=date(2025, 5, 5))
NEW_CL = month_of_papers(2024, 2, "cs.CL", changed=None)
NEWEST_CL = month_of_papers(2026, 1, "cs.CL", "cs.AI", changed=None)
NEW_PHYSICS = month_of_papers(2024, 3, "hep-th", changed=None)
EVERYTHING = sorted(
    [*OLD_CL, *CHANGED_CL, *NEW_CL, *NEWEST_CL, *NEW_PHYSICS], key=lambda one: one.datestamp
)


def ids(*records: list[Announced]) -> set[str]:
    return {one.id for group in records for one in group}


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    with serve_arxiv(list(EVERYTHING), monkeypatch) as replay:
        replay.records_per_page = 3
        set_day(replay, monkeypatch, TODAY)
        yield replay


def test_one_command_records_the_scope_and_loads_its_past(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    result = seealso(empty_data, *FOLLOW_CL)
    assert "cs:cs:CL, papers submitted since 2024-01-01: its past is loaded" in result.stderr
    # older papers that changed since are listed too, but are outside the scope
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL)
    counts = nonzero_counts(empty_data)
    assert (counts["new"], counts["skipped"]) == (8, 4)
    found = status(seealso, empty_data)
    assert (found["released"], found["last_run"]["kind"]) == (8, "follow")
    assert found["last_run"]["outcome"] == "done"
    [following] = found["following"]
    assert (following["selection"], following["since"]) == ("cs:cs:CL", "2024-01-01")
    assert following["gaps"] == []
    assert requests_with(arxiv)[0]["from"] == "2023-12-30"
    assert found["stale"] is False


def test_repeating_it_sends_no_request_and_says_so(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    seealso(empty_data, *FOLLOW_CL)
    arxiv.received.clear()
    for arguments in (FOLLOW_CL, ("follow", "cs:CL"), ("follow", "cs.CL", "--since", "2025-01-01")):
        result = seealso(empty_data, *arguments)
        assert "followed already, complete up to 2026-03-06 04:00 UTC: nothing to fetch" in (
            result.stderr
        )
    assert arxiv.received == []
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL)


@pytest.mark.parametrize("sets", ["", "cs:cs:AI"])
def test_nightly_runs_continue_with_the_recorded_scope(
    arxiv: OaiReplay,
    empty_data: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    sets: str,
) -> None:
    seealso(empty_data, *FOLLOW_CL)
    monkeypatch.setenv("SEEALSO_SETS", sets)
    tomorrow = TODAY + timedelta(days=3)
    set_day(arxiv, monkeypatch, tomorrow)
    fresh = record("2603.00001", TODAY, tomorrow, "cs.CL")
    late = record("2401.00009", date(2024, 1, 5), tomorrow, "cs.LG", "cs.CL")  # a new cross-list
    old = record("2306.00099", date(2023, 6, 6), tomorrow, "cs.CL")
    other = record("2603.00002", TODAY, tomorrow, "hep-th")
    revised = NEW_CL[0]
    again = record(revised.id, date(2024, 2, 2), tomorrow, "cs.CL")
    again.comments = "Accepted"
    arxiv.records = [one for one in arxiv.records if one.id != revised.id]
    arxiv.records += [fresh, late, old, other, again]
    assert seealso(empty_data, "nightly").exit_code == 0
    papers = papers_by_id(empty_data)
    assert set(papers) == ids(NEW_CL, NEWEST_CL, [fresh, late])
    assert papers[revised.id].comment == "Accepted"
    listed = [one.get("set") for one in requests_with(arxiv) if "from" in one]
    assert listed == [*([sets] if sets else []), "cs:cs:CL"]
    first = next(one for one in requests_with(arxiv) if one.get("set") == "cs:cs:CL")
    assert first["from"] == "2026-03-04"


def test_an_earlier_day_adds_what_was_skipped(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    seealso(empty_data, *FOLLOW_CL)
    result = seealso(empty_data, "follow", "cs.CL", "--since", "2023-08-01")
    assert "papers submitted since 2023-08-01: its past is loaded" in result.stderr
    assert set(papers_by_id(empty_data)) == ids(CHANGED_CL, NEW_CL, NEWEST_CL)
    assert nonzero_counts(empty_data)["new"] == 4
    seealso(empty_data, "follow", "cs.CL", "--since", "2023-01-01")
    assert set(papers_by_id(empty_data)) == ids(OLD_CL, CHANGED_CL, NEW_CL, NEWEST_CL)


def test_all_of_arxiv_can_be_loaded_newest_first(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    seealso(empty_data, "follow", "all", "--since", "2026-01-01")
    assert set(papers_by_id(empty_data)) == ids(NEWEST_CL)
    seealso(empty_data, "follow", "all", "--since", "1991-01-01")
    assert set(papers_by_id(empty_data)) == {one.id for one in EVERYTHING}
    assert nonzero_counts(empty_data).get("embedded", 0) == 0  # their text has its vector
    assert status(seealso, empty_data)["released"] == len(EVERYTHING)


def test_a_record_skipped_between_pages_and_by_an_earlier_scope_is_not_lost(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    seealso(empty_data, *FOLLOW_CL)
    lost = CHANGED_CL[0]  # skipped by the first scope, and left out by the second list
    complete = list(arxiv.records)

    def hide(number: int, arguments: dict[str, str]) -> None:
        is_listing = arguments.get("verb") == "ListRecords" and "until" not in arguments
        arxiv.records = [one for one in complete if one is not lost] if is_listing else complete

    arxiv.before = hide
    seealso(empty_data, "follow", "cs.CL", "--since", "2023-08-01")
    assert lost.id in papers_by_id(empty_data)


def test_a_second_set_is_loaded_alone(arxiv: OaiReplay, empty_data: Path, seealso: Seealso) -> None:
    seealso(empty_data, *FOLLOW_CL)
    arxiv.received.clear()
    seealso(empty_data, "follow", "hep-th")
    assert {one["set"] for one in arxiv.received if "set" in one} == {"physics:hep-th"}
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL, NEW_PHYSICS)
    listed = seealso(empty_data, "follow")
    assert listed.stdout.splitlines() == [
        "cs:cs:CL, papers submitted since 2024-01-01: complete up to 2026-03-06 04:00 UTC",
        "physics:hep-th, all papers: complete up to 2026-03-06 04:00 UTC",
    ]
    scope = json.loads(seealso(empty_data, "follow", "--json").stdout)["following"]
    assert [(one["set"], one["submitted_since"], one["past_is_complete"]) for one in scope] == [
        ("cs:cs:CL", "2024-01-01", True),
        ("physics:hep-th", None, True),
    ]


def test_an_archive_replaces_its_category_and_contains_it_then(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    seealso(empty_data, *FOLLOW_CL)
    result = seealso(empty_data, "follow", "cs", "--since", "2024-01-01")
    assert "cs:cs:CL is not followed on its own any more: cs contains it" in result.stderr
    arxiv.received.clear()
    result = seealso(empty_data, *FOLLOW_CL)
    assert "cs:cs:CL is contained in cs, papers submitted since 2024-01-01" in result.stderr
    assert arxiv.received == []
    assert [one["selection"] for one in status(seealso, empty_data)["following"]] == ["cs"]


def test_unfollow_keeps_the_papers_and_nightly_runs_leave_the_set_out(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    seealso(empty_data, "follow", "cs.CL", "hep-th", "--since", "2024-01-01")
    result = seealso(empty_data, "unfollow", "cs.CL")
    assert result.stdout == "cs:cs:CL: not followed any more; the papers stay\n"
    assert ids(NEW_CL, NEWEST_CL, NEW_PHYSICS) == set(papers_by_id(empty_data))
    arxiv.received.clear()
    seealso(empty_data, "nightly")
    assert {one["set"] for one in arxiv.received if "set" in one} == {"physics:hep-th"}
    with pytest.raises(NotFound, match=r"cs:cs:CL is not followed\. Followed: physics:hep-th"):
        seealso(empty_data, "unfollow", "cs.CL")
    last = seealso(empty_data, "unfollow", "hep-th")
    assert "no set is followed now, so nightly runs have nothing to fetch" in last.stderr
    arxiv.received.clear()
    with pytest.raises(NotFound, match=r"no set is followed since .* `seealso follow cs\.CL`"):
        seealso(empty_data, "nightly")
    assert arxiv.received == []
    assert last_run(empty_data).outcome.startswith("no set is followed")
    # followed again, all of the past is listed again
    assert "its past is loaded" in seealso(empty_data, *FOLLOW_CL).stderr
    assert followed_selection(empty_data, "cs:cs:CL").complete == NOW


def test_unfollowing_a_set_of_the_settings_says_that_it_comes_back(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    seealso(empty_data, *FOLLOW_CL)
    monkeypatch.setenv("SEEALSO_SETS", "cs.CL,hep-th")
    result = seealso(empty_data, "unfollow", "cs.CL")
    assert result.stderr.startswith("SEEALSO_SETS names cs:cs:CL: remove it there too")


def test_rejected_records_that_are_parsed_later_are_stored_only_within_the_scope(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(line: str) -> tuple[str, ...]:
        raise ValueError("no names that anybody could read")

    with monkeypatch.context() as patch:
        patch.setattr(oai_records, "author_names", fail)
        seealso(empty_data, *FOLLOW_CL)
    assert nonzero_counts(empty_data)["rejected"] == 12  # of 4, the day of submission is earlier
    monkeypatch.setattr(rereading, "READER", "another")
    seealso(empty_data, "nightly")
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL)
    assert nonzero_counts(empty_data)["understood"] == 8
    with read_catalogue(empty_data) as catalogue:
        assert catalogue.rejections.all() == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("cs.XL",), r"arXiv has no OAI set 'cs.XL': did you mean"),
        (("cs.CL", "nonsense"), r"arXiv has no OAI set 'nonsense'"),
        (("",), r"a set is empty: name a set such as cs.CL"),
        (("cs.CL", "--since", "2026-03-07"), r"2026-03-07 is in the future: give a day up to"),
    ],
)
def test_wrong_values_are_refused_and_record_nothing(
    arxiv: OaiReplay,
    empty_data: Path,
    seealso: Seealso,
    arguments: tuple[str, ...],
    error: str,
) -> None:
    with pytest.raises(BadInput, match=error):
        seealso(empty_data, "follow", *arguments)
    with read_catalogue(empty_data) as catalogue:
        assert catalogue.harvests.followed() == []
    assert arxiv.received == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("cs.CL", "--since", "2023-13-01"), "'2023-13-01': write an existing day"),
        (("cs.CL", "--since", "yesterday"), "'yesterday': write an existing day"),
        (("--since", "2023-01-01"), "name the sets to follow, such as cs.CL, or `all`"),
        (("--background",), "name the sets to follow"),
    ],
)
def test_a_malformed_command_is_a_usage_error(
    empty_data: Path, seealso: Seealso, arguments: tuple[str, ...], error: str
) -> None:
    result = seealso(empty_data, "follow", *arguments)
    assert result.exit_code == click.UsageError.exit_code
    assert error in result.stderr


def test_a_set_without_a_record_is_an_error_and_stays_recorded(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    with pytest.raises(UpstreamError, match="arXiv lists no record of math:math:AG that changed"):
        seealso(empty_data, "follow", "math.AG", "--since", "2024-01-01")
    assert followed_selection(empty_data, "math:math:AG").is_unverified
    arxiv.records.append(record("2603.00005", TODAY, TODAY, "math.AG"))
    seealso(empty_data, "nightly")
    assert set(papers_by_id(empty_data)) == {"2603.00005"}


def test_a_set_in_which_no_paper_is_new_enough_says_so(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    arxiv.records = list(CHANGED_CL)
    result = seealso(empty_data, *FOLLOW_CL)
    assert "no paper has been submitted since then" in result.stderr
    assert "4 skipped" in result.stdout
    assert followed_selection(empty_data, "cs:cs:CL").complete == NOW


@pytest.mark.parametrize(
    "trouble", ["503 retry", "503 date", "429 retry", "expired", "cut", "truncated"]
)
def test_a_first_load_survives_temporary_errors(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, trouble: Behaviour
) -> None:
    arxiv.plan = ["well", trouble, "well", "well"]
    assert seealso(empty_data, *FOLLOW_CL).exit_code == 0
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL)


@pytest.mark.parametrize("resumed_by", [FOLLOW_CL, ("nightly",)])
def test_a_first_load_that_arxiv_interrupts_is_resumed(
    arxiv: OaiReplay,
    empty_data: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    resumed_by: tuple[str, ...],
) -> None:
    monkeypatch.setenv("SEEALSO_REFUSALS", "0")
    arxiv.plan, arxiv.always = ["well", "well"], "500"
    with pytest.raises(UpstreamError):
        seealso(empty_data, *FOLLOW_CL)
    # what arrived is released already
    first = status(seealso, empty_data)
    assert first["released"] == len(papers_by_id(empty_data)) > 0
    assert last_run(empty_data).outcome.startswith("set cs:cs:CL: ")
    assert "its past is not complete yet" in seealso(empty_data, "follow").stdout
    arxiv.plan, arxiv.always = [], None
    arxiv.received.clear()
    seealso(empty_data, *resumed_by)
    assert "resumptionToken" in requests_with(arxiv)[0]
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL)


@pytest.mark.process
@pytest.mark.parametrize("killed_at", [1, 2, 4, 5])
def test_a_killed_first_load_resumes_where_it_was(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, killed_at: int
) -> None:
    kill_at_request(arxiv, killed_at, empty_data, *FOLLOW_CL)
    arxiv.received.clear()
    result = seealso(empty_data, *FOLLOW_CL)
    assert "its past is not complete yet: loading it continues" in result.stderr
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL)
    pages = 4  # twelve records are listed, three a page
    assert len(requests_with(arxiv)) == max(pages - (killed_at - 1), 0)
    assert status(seealso, empty_data)["released"] == 8


def test_after_a_failure_behind_the_harvest_the_rest_is_done_without_a_request(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setenv("SEEALSO_MODEL", str(empty_data / "no-model"))
        with pytest.raises(ModelUnavailable):
            seealso(empty_data, *FOLLOW_CL)
    assert status(seealso, empty_data)["released"] == 0
    arxiv.received.clear()
    assert "nothing to fetch" in seealso(empty_data, *FOLLOW_CL).stderr
    assert arxiv.received == []
    assert status(seealso, empty_data)["released"] == 8


@pytest.mark.process
def test_in_the_background_the_load_continues_after_the_command(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    may_answer = threading.Event()

    def hold(number: int, arguments: dict[str, str]) -> None:
        may_answer.wait(60)

    arxiv.before = hold
    patient = environment(arxiv) | {"SEEALSO_TIMEOUT": "60"}
    command = run_program(empty_data, *FOLLOW_CL, "--background", "--json", environment=patient)
    log = Path(json.loads(command.stdout)["log"])
    assert command.returncode == 0
    assert is_run_active(empty_data)
    assert papers_by_id(empty_data) == {}
    may_answer.set()
    deadline = time.monotonic() + 60
    while is_run_active(empty_data) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(papers_by_id(empty_data)) == ids(NEW_CL, NEWEST_CL), log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert "its past is not complete yet: loading it continues" in log.read_text()
    assert last_run(empty_data).kind == "follow"


@pytest.mark.parametrize("options", [(), ("--background",)])
def test_a_run_that_holds_the_lock_is_said(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, options: tuple[str, ...]
) -> None:
    with run_lock(empty_data), pytest.raises(Busy, match="another seealso run is writing"):
        seealso(empty_data, *FOLLOW_CL, *options)
    assert arxiv.received == []


def test_a_harvest_from_a_day_stores_everything_also_of_a_followed_set(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    seealso(empty_data, *FOLLOW_CL)
    seealso(empty_data, "ingest", "oai", "--set", "cs.CL", "--from", "2023-01-01")
    assert set(papers_by_id(empty_data)) == ids(OLD_CL, CHANGED_CL, NEW_CL, NEWEST_CL)
    one = followed_selection(empty_data, "cs:cs:CL")
    assert (one.submitted_since, one.complete) == (date(2024, 1, 1), NOW)


def test_a_harvest_of_the_latest_days_does_not_make_a_recorded_past_complete(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    with open_catalogue(empty_data) as catalogue:
        catalogue.scope.follow("cs:cs:CL", date(2024, 1, 1), date(2023, 12, 30))
    seealso(empty_data, "ingest", "oai", "--set", "cs.CL", "--from", "2026-01-01")
    assert followed_selection(empty_data, "cs:cs:CL").complete is None
    seealso(empty_data, "nightly")
    assert followed_selection(empty_data, "cs:cs:CL").complete == NOW
    assert ids(NEW_CL, NEWEST_CL) <= set(papers_by_id(empty_data))
    assert not followed_selection(empty_data, "cs:cs:CL").is_pending
