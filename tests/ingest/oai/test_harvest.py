"""`seealso ingest oai` with every failure of arXiv's server: nothing is lost or stored twice."""

import json
from datetime import date
from pathlib import Path

import pytest

from index.catalogue.harvests import HarvestLog
from index.errors import NoSpaceLeft, UpstreamError
from tests.arxiv_server.harvesting import (
    FIRST_DAY,
    NOW,
    PAGE,
    PAGES,
    PER_DAY,
    WELL,
    expected_papers,
    followed_selection,
    last_run,
    nonzero_counts,
    papers_by_id,
    requests_with,
    revise,
    stored_papers,
)
from tests.arxiv_server.oai_replay import Behaviour, OaiReplay
from tests.conftest import Seealso
from tests.support.processes import run_main


def test_everything_is_harvested_once(arxiv: OaiReplay, tmp_path: Path, seealso: Seealso) -> None:
    result = seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert nonzero_counts(tmp_path) == {"new": 4 * PER_DAY}
    assert result.stdout == f"{4 * PER_DAY} new\n"
    assert requests_with(arxiv)[0] == {
        "verb": "ListRecords",
        "metadataPrefix": "arXivRaw",
        "from": "2005-09-16",
    }
    assert len(requests_with(arxiv)) == PAGES
    assert last_run(tmp_path).outcome == "done"
    assert followed_selection(tmp_path).complete == NOW


PASSING: list[Behaviour] = [
    "429",
    "429 retry",
    "503",
    "503 retry",
    "503 date",
    "500",
    "cut",
    "endless",
    "hang",
    "truncated",
    "bomb",
    "latin1",
    "html",
    "expired",
    "first page again",
    "empty with token",
]


@pytest.mark.parametrize("trouble", PASSING)
def test_a_temporary_failure_loses_and_doubles_nothing(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, trouble: Behaviour
) -> None:
    # At the first page, in the middle of the list, and during the comparison.
    arxiv.plan = [trouble, *WELL[:2], trouble, *WELL[:4], trouble]
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert nonzero_counts(tmp_path)["new"] == 4 * PER_DAY
    assert nonzero_counts(tmp_path).keys() <= {"new", "unchanged"}
    assert arxiv.plan == []
    assert followed_selection(tmp_path).complete == NOW


LASTING: dict[Behaviour, str] = {
    "429": "HTTP 429",
    "429 retry": "HTTP 429",
    "503": "HTTP 503",
    "503 tomorrow": "Retry-After of 86400 s",
    "500": "HTTP 500",
    "cut": "closed the connection",
    "endless": "not complete after 1 s",
    "hang": "did not answer within",
    "truncated": "not well-formed XML",
    "bomb": "amplification|DOCTYPE",
    "html": "expected an OAI-PMH document, got html",
    "expired": "does not know its own token",
    "first page again": "repeats its pages",
    "first page, other token": "repeats its pages",
    "empty with token": "tokens but no records",
}


@pytest.mark.parametrize(
    ("trouble", "before"),
    [(trouble, 0) for trouble in LASTING if not trouble.startswith("first page")]
    + [(trouble, 3) for trouble in LASTING],
)
def test_a_lasting_failure_ends_the_run_and_a_later_one_completes_it(
    arxiv: OaiReplay,
    tmp_path: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Behaviour,
    before: int,
) -> None:
    monkeypatch.setenv("SEEALSO_REFUSALS", "1")
    arxiv.plan, arxiv.always = WELL[:before], trouble
    with pytest.raises(UpstreamError, match=LASTING[trouble]) as failure:
        seealso(tmp_path, "ingest", "oai")
    assert failure.value.exit_code == 75
    everything = expected_papers(arxiv.records)
    first = dict(list(everything.items())[: before * PAGE])
    if trouble.startswith("first page"):
        assert (
            first.items() <= stored_papers(tmp_path).items()
        )  # the restarted list gives one more page
    else:
        assert stored_papers(tmp_path) == first
    assert last_run(tmp_path).outcome == str(failure.value)
    arxiv.always = None
    arxiv.received.clear()
    assert seealso(tmp_path, "ingest", "oai").exit_code == 0
    assert stored_papers(tmp_path) == everything
    assert ("resumptionToken" in arxiv.received[0]) == (trouble == "empty with token" or before > 0)
    assert followed_selection(tmp_path).complete == NOW


@pytest.mark.parametrize("trouble", ["500", "truncated", "expired"])
def test_a_failure_is_a_line_and_exit_code_75(
    arxiv: OaiReplay, tmp_path: Path, trouble: Behaviour
) -> None:
    arxiv.plan, arxiv.always = ["well"], trouble
    result = run_main(tmp_path, "ingest", "oai", environment={"SEEALSO_REFUSALS": "1"})
    assert result.returncode == 75
    assert result.stdout == ""
    assert result.stderr.startswith("seealso: ")
    assert result.stderr.count("\n") == 1
    assert len(stored_papers(tmp_path)) == PAGE


def test_a_record_that_is_not_xml_is_rejected_and_the_others_are_stored(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    broken = arxiv.records[9]
    whole = [record for record in arxiv.records if record is not broken]
    broken.title = "On a control character: \x01"
    result = seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(whole)
    assert f"{broken.id} rejected: not well-formed XML" in result.stderr
    assert f"1 of {4 * PER_DAY} listed records could not be fetched" in result.stderr
    kept = json.loads(seealso(tmp_path, "ingest", "rejected", "--json").stdout)["rejected"]
    assert [(one["key"], "\x01" in one["raw"]) for one in kept] == [(broken.id, True)]
    broken.title = "On nothing at all"
    seealso(tmp_path, "ingest", "oai")
    assert len(stored_papers(tmp_path)) == len(whole)  # its day is not among the last two
    seealso(tmp_path, "ingest", "oai", "--from", str(FIRST_DAY))
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert "0 rejected records" in seealso(tmp_path, "ingest", "rejected").stdout


def test_records_that_move_between_pages_are_all_found(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    """Each revision shifts the later pages, and hides the record at the boundary."""
    early = arxiv.records[:3]

    def move(number: int, arguments: dict[str, str]) -> None:
        if 2 <= number <= 4:
            revise(early[number - 2], NOW.date())

    arxiv.before = move
    result = seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert "could not be fetched" not in result.stderr
    assert all(
        stored_papers(tmp_path)[record.id].abstract.startswith("Version") for record in early
    )
    assert len(requests_with(arxiv)) > PAGES  # the hidden ones took a listing of their days


def test_a_record_that_cannot_be_fetched_is_reported(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    lost = arxiv.records[-1]

    def hide(number: int, arguments: dict[str, str]) -> None:
        arxiv.records = arxiv.records if lost in arxiv.records else [*arxiv.records, lost]
        if "ListRecords" in arguments["verb"]:
            arxiv.records = arxiv.records[:-1]

    arxiv.before = hide
    result = seealso(tmp_path, "ingest", "oai")
    assert f"1 of {4 * PER_DAY} listed records could not be fetched" in result.stderr
    assert lost.id not in stored_papers(tmp_path)
    arxiv.before = None
    arxiv.records = [record for record in arxiv.records if record is not lost] + [lost]
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


def test_a_response_that_is_too_large_is_refused_at_once(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_TIMEOUT", "60")
    arxiv.plan = ["well", "huge"]
    with pytest.raises(UpstreamError, match="larger than 64 MB"):
        seealso(tmp_path, "ingest", "oai")
    assert len(arxiv.received) == 2
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


def test_a_page_that_is_rolled_back_is_not_counted(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    seealso(tmp_path, "ingest", "oai")
    deleted = next(one for one in arxiv.records if one.datestamp == date(2026, 3, 4))
    deleted.deleted = True  # on the first page that is listed again

    def fail(*_: object) -> None:
        raise NoSpaceLeft("the disk is full")

    monkeypatch.setattr(HarvestLog, "save_checkpoint", fail)
    with pytest.raises(NoSpaceLeft):
        seealso(tmp_path, "ingest", "oai")
    assert last_run(tmp_path).outcome == "the disk is full"
    assert nonzero_counts(tmp_path) == {}
    assert not papers_by_id(tmp_path)[deleted.id].withdrawn
