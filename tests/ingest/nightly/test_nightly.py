"""Nightly runs from end to end: harvest, store, embed, tag, build a release."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.arxiv.date_precision import DatePrecision
from index.catalogue.catalogue import read_catalogue
from index.errors import BadInput, UpstreamError
from tests.arxiv_server.harvesting import (
    environment,
    expected_papers,
    last_run,
    requests_with,
    revise,
    serve_arxiv,
    stored_papers,
)
from tests.arxiv_server.nightly_runs import MONDAY, announce, march_paper, set_day, status
from tests.arxiv_server.oai_pages import Announced
from tests.arxiv_server.oai_replay import OaiReplay, records_from_sample
from tests.conftest import SURVEY, Seealso
from tests.support.clock import set_clock
from tests.support.processes import run_main, start_program

THURSDAY = date(2026, 3, 5)
NEW = "2603.00007"


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    with serve_arxiv([], monkeypatch) as replay:
        set_day(replay, monkeypatch, THURSDAY)
        yield replay


def related(seealso: Seealso, data: Path, paper_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(seealso(data, "related", paper_id, "--json").stdout)
    return found


def ids_related(seealso: Seealso, data: Path, paper_id: str) -> list[str]:
    return [entry["id"] for entry in related(seealso, data, paper_id)["related"]]


def known_records(data: Path) -> list[Announced]:
    """Records of papers in a catalogue, unchanged, announced again; they have the day."""
    everything = records_from_sample(4000, THURSDAY, 4000)
    with read_catalogue(data) as catalogue:
        known = catalogue.numbers_of(record.id for record in everything)
        return [
            record
            for record in everything
            if record.id in known
            and catalogue.entry(record.id).paper.authors == tuple(record.names)
            and catalogue.entry(record.id).paper.submitted_precision is not DatePrecision.MONTH
        ]


def test_a_nightly_run_from_end_to_end(
    arxiv: OaiReplay, built_data_copy: Path, seealso: Seealso
) -> None:
    near = ids_related(seealso, built_data_copy, SURVEY)
    by_id = {record.id: record for record in known_records(built_data_copy)}
    survey = by_id.pop(SURVEY)
    withdrawn, deleted = [by_id.pop(one) for one in near if one in by_id][:2]
    replaced, retitled, crossed, changed, *unchanged = list(by_id.values())[:8]
    revise(withdrawn, THURSDAY)
    withdrawn.comments = "This paper has been withdrawn by the authors"
    deleted.deleted = True
    revise(replaced, THURSDAY)
    retitled.title = f"{retitled.title}, again"
    crossed.categories = [*crossed.categories, "econ.TH"]
    changed.doi = "10.1000/182"
    new = replace(survey, id=NEW, title="Another survey of efficient foundation models")
    arxiv.records = [
        *(withdrawn, deleted, replaced, retitled, crossed, changed, new, *unchanged),
        march_paper(9, THURSDAY, title=""),
    ]
    before = status(seealso, built_data_copy)

    result = seealso(built_data_copy, "nightly")

    run = last_run(built_data_copy)
    assert (run.kind, run.outcome) == ("nightly", "done")
    assert run.counts == {
        "new": 1,
        "replaced": 2,
        "cross_listed": 1,
        "withdrawn": 2,
        "changed": 1,
        "unchanged": 4,
        "rejected": 1,
        "understood": 0,
        "embedded": 4,
        "tagged": 4,
        "released": 1,
    }
    assert "1 new, 2 replaced, 1 cross-listed, 2 withdrawn, 1 changed" in result.stdout
    assert "the announcement of Thursday, 05 March 2026 has been harvested" in result.stdout
    after = status(seealso, built_data_copy)
    assert after["papers"] == before["papers"] + 1
    assert after["release"] != before["release"]
    assert after["rejected"] == {"the title is empty": 1}
    lists = ids_related(seealso, built_data_copy, SURVEY)
    assert NEW in lists
    assert not {withdrawn.id, deleted.id} & set(lists)
    assert len(ids_related(seealso, built_data_copy, NEW)) == 10
    with read_catalogue(built_data_copy) as catalogue:
        for one in (withdrawn, deleted):
            assert catalogue.entry(one.id).paper.withdrawn
            assert catalogue.entry(one.id).paper.title
        assert catalogue.tags.of([catalogue.entry(NEW).number])


def test_a_second_run_changes_nothing(
    arxiv: OaiReplay, built_data_copy: Path, seealso: Seealso
) -> None:
    announce(arxiv, THURSDAY, 1, 3)
    seealso(built_data_copy, "nightly")
    before, contents = status(seealso, built_data_copy), stored_papers(built_data_copy)
    result = seealso(built_data_copy, "nightly", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {name: n for name, n in told["counts"].items() if n} == {"unchanged": 3}
    assert (told["update"]["built"], told["update"]["release"]) == (False, before["release"])
    assert stored_papers(built_data_copy) == contents
    after = status(seealso, built_data_copy)
    for name in ("papers", "vectors", "release", "releases", "following", "stale"):
        assert after[name] == before[name], name


def test_the_first_run_of_an_empty_catalogue_lists_the_last_days(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    announce(arxiv, THURSDAY, 1, 5)
    announce(arxiv, THURSDAY - timedelta(days=3), 6, 8)
    seealso(empty_data, "nightly")
    assert {one["from"] for one in arxiv.received if "from" in one} == {"2026-03-03"}
    assert stored_papers(empty_data) == expected_papers(arxiv.records[:5])
    assert status(seealso, empty_data)["released"] == 5


def test_months_away_are_caught_up_from_the_newest_paper(
    arxiv: OaiReplay, built_data_copy: Path, seealso: Seealso
) -> None:
    with read_catalogue(built_data_copy) as catalogue:
        newest = catalogue.newest_day()
    assert newest is not None
    arxiv.now = datetime.combine(newest, arxiv.now.time(), UTC) + timedelta(days=90)
    later = newest + timedelta(days=30)
    arxiv.records = [replace(march_paper(1, later), id=f"{later:%y%m}.00001")]
    seealso(built_data_copy, "nightly", "--catch-up")
    assert requests_with(arxiv)[0]["from"] == str(newest - timedelta(days=2))
    assert arxiv.records[0].id in stored_papers(built_data_copy)


@pytest.mark.process
def test_the_second_of_two_simultaneous_runs_ends(
    arxiv: OaiReplay, built_data_copy: Path, seealso: Seealso
) -> None:
    arxiv.now = datetime.now(UTC)
    announce(arxiv, arxiv.now.date(), 1, 2)
    at_work, resume = threading.Event(), threading.Event()

    def wait(number: int, arguments: dict[str, str]) -> None:
        at_work.set()
        resume.wait(30)

    arxiv.before = wait
    patient = {**environment(arxiv), "SEEALSO_TIMEOUT": "60"}
    first = start_program(built_data_copy, "nightly", environment=patient)
    try:
        assert at_work.wait(30)
        second = run_main(built_data_copy, "nightly", environment=patient)
    finally:
        resume.set()
        _, stderr = first.communicate(timeout=60)
    assert second.returncode == 75
    assert second.stderr == (
        f"seealso: another seealso run is writing to {built_data_copy}: "
        "wait until it has finished, then try again\n"
    )
    assert first.returncode == 0, stderr
    assert {record.id for record in arxiv.records} <= set(stored_papers(built_data_copy))


def test_papers_received_before_a_failure_are_released(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(arxiv, THURSDAY, 1, 20)
    arxiv.plan, arxiv.always = ["well", "well"], "500"
    monkeypatch.setenv("SEEALSO_REFUSALS", "2")
    with pytest.raises(UpstreamError, match="HTTP 500") as failure:
        seealso(empty_data, "nightly")
    assert failure.value.exit_code == 75
    run = last_run(empty_data)
    assert run.outcome == str(failure.value)
    assert (run.counts["new"], run.counts["released"]) == (14, 1)
    now = status(seealso, empty_data)
    assert (now["released"], now["stale"]) == (14, True)
    assert len(ids_related(seealso, empty_data, "2603.00001")) == 10
    arxiv.always = None
    seealso(empty_data, "nightly")
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    now = status(seealso, empty_data)
    assert (now["released"], now["stale"]) == (20, False)


def test_a_failed_run_reports_its_results_and_exits_75(
    arxiv: OaiReplay, built_data_copy: Path
) -> None:
    arxiv.always = "503 tomorrow"
    result = run_main(built_data_copy, "nightly")
    assert result.returncode == 75
    assert "0 embedded" in result.stdout
    assert result.stderr.splitlines()[-1].endswith("waits at most 600 s: try again later")


def test_a_run_with_a_wrong_setting_sends_no_request(
    arxiv: OaiReplay, built_data_copy: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_ARXIV_API", "https://export.arxiv.org")
    with pytest.raises(BadInput, match="SEEALSO_PAUSE=0"):
        seealso(built_data_copy, "nightly")
    assert arxiv.received == []
    assert last_run(built_data_copy).kind == "update"


MESSAGES = {
    "2026-03-06 12:00": "arXiv does not list the announcement of Friday, 06 March 2026 yet",
    "2026-03-07 12:00": "arXiv announces nothing on Saturday, 07 March 2026 (weekend)",
    "2026-03-08 23:59": "arXiv announces nothing on Sunday, 08 March 2026 (weekend)",
    "2026-03-09 02:29": "arXiv has not announced anything today yet; the next announcement is due "
    "Monday",
    "2026-03-09 02:31": "arXiv does not list the announcement of Monday, 09 March 2026 yet",
    "2026-06-20 12:00": "arXiv announces nothing on Saturday, 20 June 2026 (weekend)",
    "2026-06-22 12:00": "arXiv announces nothing on Monday, 22 June 2026 (holiday); "
    "the next announcement is due Tuesday, 23 June, 02:30 UTC",
}


@pytest.mark.parametrize("moment", MESSAGES)
def test_a_run_without_an_announcement_succeeds_with_a_reason(
    arxiv: OaiReplay,
    empty_data: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    arxiv.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    set_clock(monkeypatch, arxiv.now)
    result = seealso(empty_data, "nightly")
    assert result.stdout.startswith(MESSAGES[moment])
    assert last_run(empty_data).outcome == "done"


def test_the_clock_of_this_machine_may_jump(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = [MONDAY + timedelta(days=n) for n in range(4)]
    for place, (day, years) in enumerate(zip(nights, (0, -30, 1, 0), strict=True)):
        set_day(arxiv, monkeypatch, day)
        set_clock(monkeypatch, arxiv.now.replace(year=day.year + years))
        announce(arxiv, day, 10 * place + 1, 10 * place + 10)
        seealso(empty_data, "nightly")
        assert stored_papers(empty_data) == expected_papers(arxiv.records)
    assert status(seealso, empty_data)["following"][0]["complete"].startswith("2026-03-05T04:00")
