"""Successive harvests: where they resume, what they list, how far they are complete."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from index.errors import BadInput, UpstreamError
from tests.arxiv_server.harvesting import (
    FIRST_DAY,
    NOW,
    PAGE,
    PAGES,
    PER_DAY,
    WELL,
    expected_papers,
    followed_selection,
    kill_at_request,
    nonzero_counts,
    papers_by_id,
    requests_with,
    revise,
    stored_papers,
)
from tests.arxiv_server.oai_replay import Behaviour, OaiReplay
from tests.conftest import Seealso


@pytest.mark.parametrize("trouble", ["500", "expired", "cut"])
def test_a_failed_comparison_is_repeated_by_the_next_harvest(
    arxiv: OaiReplay,
    tmp_path: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Behaviour,
) -> None:
    monkeypatch.setenv("SEEALSO_REFUSALS", "0")
    arxiv.plan, arxiv.always = WELL[:], trouble
    with pytest.raises(UpstreamError):
        seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert followed_selection(tmp_path).complete is None
    arxiv.always = None
    arxiv.received.clear()
    revise(arxiv.records[0], NOW.date())
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert requests_with(arxiv, "ListIdentifiers")[0] == arxiv.received[0]
    assert followed_selection(tmp_path).complete == NOW


def test_tokens_that_never_work_are_not_needed_if_a_page_has_a_whole_day(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.records_per_page = PER_DAY + 2

    def forget(number: int, arguments: dict[str, str]) -> None:
        arxiv.always = "expired" if "resumptionToken" in arguments else None

    arxiv.before = forget
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert followed_selection(tmp_path).complete == NOW


def test_a_token_is_sent_unchanged_and_alone(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    seealso(tmp_path, "ingest", "oai", "--from", "2026-03-02")
    first, second, *_ = requests_with(arxiv)
    assert first["from"] == "2026-03-02"
    assert second == {
        "verb": "ListRecords",
        "resumptionToken": "verb%3DListRecords%26metadataPrefix%3DarXivRaw%26"
        f"from%3D2026-03-02%26skip%3D{PAGE}",
    }


@pytest.mark.process
@pytest.mark.parametrize("killed_at", [1, 4, PAGES, PAGES + 2])
def test_a_killed_harvest_resumes_after_its_last_page(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, killed_at: int
) -> None:
    kill_at_request(arxiv, killed_at, tmp_path, "ingest", "oai")
    pages = min(killed_at - 1, PAGES)
    everything = expected_papers(arxiv.records)
    assert stored_papers(tmp_path) == dict(list(everything.items())[: pages * PAGE])
    arxiv.received.clear()
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == everything
    assert len(requests_with(arxiv)) == PAGES - pages
    assert len(requests_with(arxiv, "ListIdentifiers")) == 3


def test_an_expired_token_is_replaced_by_the_latest_datestamp(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_REFUSALS", "0")
    arxiv.plan, arxiv.always = ["well", "well"], "500"
    with pytest.raises(UpstreamError):
        seealso(tmp_path, "ingest", "oai")
    arxiv.plan, arxiv.always = ["expired"], None
    arxiv.received.clear()
    seealso(tmp_path, "ingest", "oai")
    assert "resumptionToken" in arxiv.received[0]
    assert arxiv.received[1]["from"] == "2026-03-03"  # fourteen records reached the second day
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


@pytest.mark.parametrize(
    "options",
    [["--from", "2026-03-02"], ["--format", "arXiv"], ["--set", "cs"], ["--from", "2026-03-01"]],
)
def test_another_query_does_not_resume_there(
    arxiv: OaiReplay,
    tmp_path: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
) -> None:
    monkeypatch.setenv("SEEALSO_REFUSALS", "0")
    arxiv.plan, arxiv.always = ["well", "well"], "500"
    with pytest.raises(UpstreamError):
        seealso(tmp_path, "ingest", "oai", "--from", "2026-03-03")
    arxiv.always = None
    arxiv.received.clear()
    seealso(tmp_path, "ingest", "oai", *options)
    assert "from" in requests_with(arxiv)[0]
    seealso(tmp_path, "ingest", "oai", "--from", str(FIRST_DAY))
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


def test_the_next_harvest_lists_changes_and_two_more_days(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    seealso(tmp_path, "ingest", "oai")
    arxiv.received.clear()
    arxiv.now = NOW + timedelta(days=3)
    revise(arxiv.records[5], arxiv.now.date())
    seealso(tmp_path, "ingest", "oai")
    assert requests_with(arxiv)[0]["from"] == "2026-03-04"
    assert "until" not in requests_with(arxiv)[0]
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert nonzero_counts(tmp_path) == {"replaced": 1, "unchanged": 2 * PER_DAY}


def test_no_change_is_a_success_and_is_reported(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    seealso(tmp_path, "ingest", "oai")
    arxiv.now = NOW + timedelta(days=9)
    seealso(tmp_path, "ingest", "oai")
    arxiv.now = NOW + timedelta(days=10)
    result = seealso(tmp_path, "ingest", "oai")
    assert result.exit_code == 0
    assert "no record has changed since 2026-03-13" in result.stdout
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert followed_selection(tmp_path).complete == arxiv.now


def test_omitted_days_are_not_complete(arxiv: OaiReplay, tmp_path: Path, seealso: Seealso) -> None:
    arxiv.records, later = arxiv.records[:20], arxiv.records[20:]
    arxiv.now = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    seealso(tmp_path, "ingest", "oai", "--from", str(FIRST_DAY))
    stood = followed_selection(tmp_path)
    arxiv.now, arxiv.records = NOW, arxiv.records + later
    seealso(tmp_path, "ingest", "oai", "--from", "2026-03-05")
    assert followed_selection(tmp_path) == stood
    assert set(papers_by_id(tmp_path)) == {r.id for r in arxiv.records if r.datestamp.day != 4}
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert followed_selection(tmp_path).complete == NOW


def test_a_refused_date_is_bad_input_with_arxivs_reason(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    with pytest.raises(BadInput, match="Reason: from date after until date") as refusal:
        seealso(tmp_path, "ingest", "oai", "--from", "2027-01-01")
    assert refusal.value.exit_code == 2
    assert len(arxiv.received) == 1


@pytest.mark.parametrize("years", [-2, 1])
def test_a_clock_that_jumps_at_arxiv_loses_nothing(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, years: int
) -> None:
    true = arxiv.now = datetime.now(UTC).replace(microsecond=0)
    today = true.date()
    for place, record in enumerate(arxiv.records):
        record.datestamp = today - timedelta(days=place // PER_DAY)
    seealso(tmp_path, "ingest", "oai")
    arxiv.now = true + timedelta(days=365 * years)
    with suppress(BadInput):  # its tomorrow is before the last harvest
        seealso(tmp_path, "ingest", "oai")
    arxiv.now = true + timedelta(days=1)
    revise(arxiv.records[3], arxiv.now.date())
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


def test_the_years_are_those_of_the_earliest_datestamp(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    """arXiv refuses days before its first one."""
    seealso(tmp_path, "ingest", "oai", "--from", str(date(1991, 8, 14)))
    assert requests_with(arxiv)[0]["from"] == "2005-09-16"
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
