"""Gaps are reported, requested again, and closed once the papers arrive."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from index.errors import UpstreamError
from tests.arxiv_server.harvesting import (
    expected_papers,
    last_run,
    requests_with,
    serve_arxiv,
    stored_papers,
)
from tests.arxiv_server.nightly_runs import (
    MONDAY,
    PAPERS_PER_DAY,
    UNLISTED_DAY,
    announce,
    announcement_day,
    gaps,
    looked_up_ids,
    run_days,
    set_day,
    status,
)
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso

CATEGORIES = ["cs.CL", "cs.LG"]
pytestmark = pytest.mark.usefixtures("without_taxonomies")


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    with serve_arxiv([], monkeypatch) as replay:
        replay.records_per_page = replay.identifiers_per_page = 1000
        yield replay


def test_a_missing_stretch_shows_and_comes_once_the_api_has_it(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_days(arxiv, empty_data, seealso, monkeypatch, 0, 1, hidden=(101, 140))
    assert gaps(seealso, empty_data) == [("2603.00101 to 2603.00140", 40, 1)]
    assert "gap: 2603.00101 to 2603.00140, 40 missing" in seealso(empty_data, "status").stdout
    ((certain, *wanted),) = looked_up_ids(arxiv)
    assert certain == "2603.00150"
    assert wanted == [f"2603.{number:05}" for number in range(101, 141)]
    announce(arxiv, UNLISTED_DAY, 101, 140)
    run_days(arxiv, empty_data, seealso, monkeypatch, 2)
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    assert last_run(empty_data).counts["new"] == PAPERS_PER_DAY + 40
    assert gaps(seealso, empty_data) == []
    assert status(seealso, empty_data)["released"] == 3 * PAPERS_PER_DAY
    run_days(arxiv, empty_data, seealso, monkeypatch, 3)
    assert looked_up_ids(arxiv) == []


def test_a_stretch_that_comes_by_halves_is_asked_for_by_halves(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_days(arxiv, empty_data, seealso, monkeypatch, 0, 1, hidden=(101, 140))
    announce(arxiv, UNLISTED_DAY, 101, 120)
    run_days(arxiv, empty_data, seealso, monkeypatch, 2)
    assert gaps(seealso, empty_data) == [("2603.00121 to 2603.00140", 20, 2)]


def test_arxiv_is_asked_on_three_nights_and_then_does_not_have_it(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the stretch takes several requests, none of which finds anything."""
    run_days(arxiv, empty_data, seealso, monkeypatch, 0, 1, 2, hidden=(80, 220))
    assert gaps(seealso, empty_data) == [("2603.00080 to 2603.00220", 141, 1)]
    requests = looked_up_ids(arxiv)
    assert [len(one) for one in requests] == [100, 43]
    assert {one[0] for one in requests} == {"2603.00225"}
    for night, left in ((3, 2), (4, None), (5, None)):
        run_days(arxiv, empty_data, seealso, monkeypatch, night)
        expected = [("2603.00080 to 2603.00220", 141, left)] if left else []
        assert gaps(seealso, empty_data) == expected
    assert looked_up_ids(arxiv) == []


def test_a_stretch_beyond_what_one_night_may_ask_for_takes_several(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(arxiv, MONDAY, 1, 300)
    announce(arxiv, MONDAY, 900, 990)
    announce(arxiv, UNLISTED_DAY, 301, 899)
    for _ in range(2):
        set_day(arxiv, monkeypatch, MONDAY)
        seealso(empty_data, "nightly")
        assert 0 < len(looked_up_ids(arxiv)) <= 6
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    assert gaps(seealso, empty_data) == []


@pytest.mark.parametrize("answer", ["nothing at all", "not the newest", "500"])
def test_an_api_out_of_order_has_not_been_asked(
    arxiv: OaiReplay,
    empty_data: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    run_days(arxiv, empty_data, seealso, monkeypatch, 0)
    set_day(arxiv, monkeypatch, announcement_day(1))
    announce(arxiv, announcement_day(1), 76, 100)
    announce(arxiv, announcement_day(1), 141, 150)
    announce(arxiv, UNLISTED_DAY, 101, 120)
    everything, newest = arxiv.records, "2603.00150"
    kept = {"nothing at all": [], "not the newest": everything[:-30] + everything[-20:]}

    def fail(number: int, arguments: dict[str, str]) -> None:
        asks_api = "id_list" in arguments
        arxiv.records = kept.get(answer, everything) if asks_api else everything
        arxiv.always = "500" if asks_api and answer == "500" else None

    arxiv.before = fail
    if answer == "not the newest":
        kept[answer] = [record for record in everything if record.id != newest]
        seealso(empty_data, "nightly")
    else:
        monkeypatch.setenv("SEEALSO_REFUSALS", "1")
        with pytest.raises(UpstreamError):
            seealso(empty_data, "nightly")
    assert gaps(seealso, empty_data) == [("2603.00101 to 2603.00140", 40, 0)]
    assert (
        len(stored_papers(empty_data))
        == status(seealso, empty_data)["released"]
        == PAPERS_PER_DAY + 35
    )
    arxiv.before, arxiv.records, arxiv.always = None, everything, None
    seealso(empty_data, "nightly")
    assert gaps(seealso, empty_data) == [("2603.00121 to 2603.00140", 20, 1)]
    assert stored_papers(empty_data) == expected_papers(everything)


def test_a_set_is_judged_among_its_own_categories(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_SETS", "cs:cs:CL, physics:hep-th")
    set_day(arxiv, monkeypatch, MONDAY)
    for number in range(1, 401):
        hidden = 101 <= number <= 180
        announce(
            arxiv,
            UNLISTED_DAY if hidden else MONDAY,
            number,
            number,
            categories=[CATEGORIES[number % 2], *["math.ST"][: number % 3]],
        )
    others = [f"2603.{number:05}" for number in range(101, 181, 2)]
    seealso(empty_data, "ingest", "ids", *others)
    arxiv.received.clear()
    seealso(empty_data, "nightly")
    assert [one["set"] for one in requests_with(arxiv)] == ["cs:cs:CL", "physics:hep-th"]
    ((_, *wanted),) = looked_up_ids(arxiv)
    assert wanted == [f"2603.{number:05}" for number in range(101, 182)]
    mine = [r for r in arxiv.records if "cs.CL" in r.categories or r.id in others]
    assert stored_papers(empty_data).keys() == expected_papers(mine).keys()
    assert gaps(seealso, empty_data) == []
    told = status(seealso, empty_data)["following"]
    assert [one["selection"] for one in told] == ["cs:cs:CL", "physics:hep-th"]
    seealso(empty_data, "nightly")
    assert len(looked_up_ids(arxiv)) == 1


def test_what_is_missing_of_one_set_does_not_keep_the_others_waiting(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_SETS", "cs:cs:LG,physics:hep-th")
    monkeypatch.setenv("SEEALSO_ARXIV_API", f"{arxiv.address}/out-of-order")
    set_day(arxiv, monkeypatch, MONDAY)
    announce(arxiv, MONDAY, 1, 100)
    announce(arxiv, MONDAY, 141, 150)
    announce(arxiv, MONDAY, 151, 160, categories=["hep-th"])
    with pytest.raises(UpstreamError, match="404"):
        seealso(empty_data, "nightly")
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    assert gaps(seealso, empty_data) == [
        ("2603.00101 to 2603.00140", 40, 0),
        ("2603.00001 to 2603.00150", 150, 0),  # no paper of the other set has these numbers
    ]


@pytest.mark.parametrize("day", [5, 6, 8])
def test_the_first_night_may_fall_in_the_middle_of_a_month(
    arxiv: OaiReplay,
    empty_data: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    day: int,
) -> None:
    """Numbers of before are not missing; a stretch of later is, also if followed since Sunday."""
    announce(arxiv, announcement_day(day), 3, 3)  # an old one, changed
    for before in (day - 2, day - 1):
        announce(
            arxiv,
            announcement_day(before),
            before * PAPERS_PER_DAY + 1,
            (before + 1) * PAPERS_PER_DAY,
        )
    run_days(arxiv, empty_data, seealso, monkeypatch, day, day + 1)
    assert gaps(seealso, empty_data) == []
    first = (day + 2) * PAPERS_PER_DAY + 11
    run_days(arxiv, empty_data, seealso, monkeypatch, day + 2, hidden=(first, first + 39))
    assert gaps(seealso, empty_data) == [(f"2603.{first:05} to 2603.{first + 39:05}", 40, 1)]


def test_older_gaps_are_looked_for_to_catch_up(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(arxiv, MONDAY, 1, 50)
    announce(arxiv, MONDAY, 91, 99)
    set_day(arxiv, monkeypatch, date(2026, 4, 14))
    seealso(empty_data, "ingest", "oai", "--from", "2026-02-27")
    seealso(empty_data, "nightly")
    assert [gap for gap in gaps(seealso, empty_data) if "2603" in gap[0]] == []
    announce(arxiv, UNLISTED_DAY, 51, 90)
    seealso(empty_data, "nightly", "--catch-up")
    assert stored_papers(empty_data) == expected_papers(arxiv.records)


def test_a_day_with_nothing_listed_is_a_gap_until_it_is_listed(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_days(arxiv, empty_data, seealso, monkeypatch, 0, 1)
    set_day(arxiv, monkeypatch, announcement_day(2))
    result = seealso(empty_data, "nightly")
    assert "arXiv does not list the announcement of Wednesday, 04 March 2026 yet" in result.stdout
    silent = [("2026-03-04", None, None)]
    assert gaps(seealso, empty_data) == silent
    assert "gap: 2026-03-04, no records listed" in seealso(empty_data, "status").stdout
    for day in (3, 4, 5, 6):
        set_day(arxiv, monkeypatch, announcement_day(day))
        announce(arxiv, announcement_day(day), (day - 1) * PAPERS_PER_DAY + 1, day * PAPERS_PER_DAY)
        seealso(empty_data, "nightly")
        assert gaps(seealso, empty_data) == silent
    assert requests_with(arxiv, "ListIdentifiers")[-1] == {
        "verb": "ListIdentifiers",
        "metadataPrefix": "arXivRaw",
        "from": "2026-03-04",
        "until": "2026-03-04",
    }
    announce(arxiv, announcement_day(2), 6 * PAPERS_PER_DAY + 1, 7 * PAPERS_PER_DAY)
    run_days(arxiv, empty_data, seealso, monkeypatch, 7)
    assert gaps(seealso, empty_data) == []
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    run_days(arxiv, empty_data, seealso, monkeypatch, 8)
    assert all("until" not in one for one in arxiv.received)


def test_a_holiday_that_was_not_known_is_no_gap_once_it_is(
    arxiv: OaiReplay,
    empty_data: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    run_days(arxiv, empty_data, seealso, monkeypatch, 0, 1)
    set_day(arxiv, monkeypatch, announcement_day(2))
    seealso(empty_data, "nightly")
    assert len(gaps(seealso, empty_data)) == 1
    holidays = tmp_path / "holidays.txt"
    holidays.write_text("2026-03-03  # the evening before\n")
    monkeypatch.setenv("SEEALSO_HOLIDAYS", str(holidays))
    assert "(holiday)" in seealso(empty_data, "nightly").stdout
    assert gaps(seealso, empty_data) == []


def test_a_record_that_could_not_be_had_is_a_gap_until_it_comes_or_moves_on(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_day(arxiv, monkeypatch, MONDAY)
    announce(arxiv, MONDAY, 1, 3)
    announce(arxiv, MONDAY - timedelta(days=1), 4, 4, raw=b"<record>\x01</record>")
    seealso(empty_data, "nightly")
    assert gaps(seealso, empty_data) == [("2026-03-01", 1, None)]
    arxiv.records[-1].raw = None
    arxiv.records[-1].datestamp = announcement_day(3)
    set_day(arxiv, monkeypatch, announcement_day(3))
    seealso(empty_data, "nightly")
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    assert gaps(seealso, empty_data) == []
