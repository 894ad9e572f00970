"""Nightly run over several sets: one that fails does not stop the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import BadInput, SeeAlsoError, UpstreamError
from tests.arxiv_server.harvesting import expected_papers, last_run, serve_arxiv, stored_papers
from tests.arxiv_server.nightly_runs import MONDAY, announce, gaps, looked_up_ids, set_day, status
from tests.arxiv_server.oai_pages import Announced
from tests.arxiv_server.oai_replay import Behaviour, OaiReplay
from tests.conftest import Seealso

SETS = {"cs:cs:LG": "cs.LG", "physics:hep-th": "hep-th", "math:math:ST": "math.ST"}
FAILING = "physics:hep-th"
MISSING = ("2603.00101 to 2603.00140", 40)


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    """Three followed sets, mixed in number; the first has a gap of forty papers."""
    with serve_arxiv([], monkeypatch) as replay:
        monkeypatch.setenv("SEEALSO_SETS", ",".join(SETS))
        monkeypatch.setenv("SEEALSO_REFUSALS", "2")
        replay.records_per_page = replay.identifiers_per_page = 1000
        set_day(replay, monkeypatch, MONDAY)
        for number in (*range(1, 101), *range(141, 151)):
            category = {8: "hep-th", 5: "math.ST"}.get(number % 10, "cs.LG")
            announce(replay, MONDAY, number, number, categories=[category])
        yield replay


def of_sets(replay: OaiReplay, *sets: str) -> list[Announced]:
    """The records of these sets."""
    wanted = {SETS[one] for one in sets}
    return [record for record in replay.records if wanted & set(record.categories)]


def failed_run(seealso: Seealso, data: Path) -> SeeAlsoError:
    """The error of a nightly run, which is also the outcome in its record."""
    with pytest.raises(SeeAlsoError) as failure:
        seealso(data, "nightly")
    run = last_run(data)
    assert (run.kind, run.outcome) == ("nightly", str(failure.value))
    return failure.value


def spoil_set(arxiv: OaiReplay, behaviour: Behaviour, selection: str = FAILING) -> None:
    """Answer every request for this set badly."""

    def spoil(number: int, arguments: dict[str, str]) -> None:
        arxiv.always = behaviour if arguments.get("set") == selection else None

    arxiv.before = spoil


@pytest.mark.parametrize("behaviour", ["500", "truncated", "html"])
def test_the_other_sets_and_their_gaps_are_complete(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, behaviour: Behaviour
) -> None:
    spoil_set(arxiv, behaviour)
    error = failed_run(seealso, empty_data)
    assert isinstance(error, UpstreamError)
    assert str(error).startswith(f"set {FAILING}: ")
    others = [one for one in SETS if one != FAILING]
    assert stored_papers(empty_data) == expected_papers(of_sets(arxiv, *others))
    assert status(seealso, empty_data)["released"] == 99
    assert gaps(seealso, empty_data) == [(*MISSING, 1)]
    assert len(looked_up_ids(arxiv)) == 1
    arxiv.before = arxiv.always = None
    assert seealso(empty_data, "nightly").exit_code == 0
    assert stored_papers(empty_data) == expected_papers(arxiv.records)


def test_a_set_that_arxiv_refuses_is_bad_input_after_the_others(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_SETS", f"stat:stat:ML,{','.join(SETS)}")
    spoil_set(arxiv, "refused", "stat:stat:ML")
    error = failed_run(seealso, empty_data)
    assert isinstance(error, BadInput)
    assert error.exit_code == 2
    assert str(error).startswith("set stat:stat:ML: arXiv's OAI-PMH server refuses the request")
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    assert gaps(seealso, empty_data) == [(*MISSING, 1)]


def test_a_set_that_does_not_exist_is_refused_without_a_request(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_SETS", "cs.XL, cs.LG, cs:cs:LG")
    error = failed_run(seealso, empty_data)
    assert isinstance(error, BadInput)
    assert str(error).startswith("set cs.XL: arXiv has no OAI set 'cs.XL': did you mean")
    # Two forms of one set are harvested once, under arXiv's own name.
    listed = [arguments for arguments in arxiv.received if arguments.get("verb") == "ListRecords"]
    assert [arguments.get("set") for arguments in listed] == ["cs:cs:LG"]
    with pytest.raises(BadInput, match="arXiv has no OAI set 'cs:XL'"):
        seealso(empty_data, "ingest", "oai", "--set", "cs:XL")


def test_a_category_is_accepted_as_a_set(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    result = seealso(empty_data, "ingest", "oai", "--set", "cs.CL")
    assert "cs.CL is arXiv's set cs:cs:CL" in result.stderr
    assert {arguments["set"] for arguments in arxiv.received if "set" in arguments} == {"cs:cs:CL"}


def test_an_outage_costs_the_refusals_of_one_run_and_a_request_for_each_other_set(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    arxiv.always = "500"
    error = failed_run(seealso, empty_data)
    assert str(error).startswith(f"sets {', '.join(SETS)}: gave up on")
    assert len(arxiv.received) == (2 + 1) + (len(SETS) - 1)


@pytest.mark.parametrize("behaviour", ["503 tomorrow", "403"])
def test_no_request_follows_a_403_or_a_long_retry_after(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, behaviour: Behaviour
) -> None:
    arxiv.always = behaviour
    error = failed_run(seealso, empty_data)
    assert str(error).startswith(f"sets {', '.join(SETS)}: ")
    assert len(arxiv.received) == 1


def test_a_failing_api_uses_the_refusals_of_one_run(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    announce(arxiv, MONDAY, 400, 410, categories=["math.ST"])

    def fail(number: int, arguments: dict[str, str]) -> None:
        arxiv.always = "500" if "id_list" in arguments else None

    arxiv.before = fail
    error = failed_run(seealso, empty_data)
    assert str(error).startswith("sets cs:cs:LG, math:math:ST: gave up on")
    assert stored_papers(empty_data) == expected_papers(arxiv.records)
    assert {what for what, *_ in gaps(seealso, empty_data)} == {
        MISSING[0],
        "2603.00146 to 2603.00399",
    }
    assert len(looked_up_ids(arxiv)) == (2 + 1) + 1
