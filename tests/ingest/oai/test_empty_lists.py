"""`noRecordsMatch` may be the answer of a server that fails: what an empty list proves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from index.arxiv.oai_sets import set_of
from index.errors import UpstreamError
from tests.arxiv_server.harvesting import (
    NOW,
    PER_DAY,
    expected_papers,
    followed_selection,
    requests_with,
    stored_papers,
)
from tests.arxiv_server.nightly_runs import status
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso

UNSURE = "this may be an outage"


@contextmanager
def listing_nothing(arxiv: OaiReplay, verb: str = "") -> Iterator[None]:
    """Answer `noRecordsMatch` to every list, or to the lists of one verb."""
    records = arxiv.records

    def hide(number: int, arguments: dict[str, str]) -> None:
        arxiv.records = [] if verb in ("", arguments.get("verb")) else records

    arxiv.before = hide
    yield
    arxiv.before = None
    arxiv.records = records


def test_an_empty_first_harvest_is_unverified_and_repeated_from_the_beginning(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    category = arxiv.records[0].categories[0]
    selection = set_of(category)
    with listing_nothing(arxiv):
        result = seealso(empty_data, "ingest", "oai", "--set", selection)
    assert UNSURE in result.stderr
    assert "does not count as complete" in result.stderr
    followed = followed_selection(empty_data, selection)
    assert (followed.complete, followed.is_unverified) == (None, True)
    assert (
        "unverified, the next nightly run requests all again"
        in seealso(empty_data, "status").stdout
    )
    [following] = status(seealso, empty_data)["following"]
    assert following["unverified"]
    report = seealso(empty_data, "doctor").stdout
    assert f"arXiv has listed no record so far, which may be an outage: {selection}" in report
    assert "every announcement that was due has been harvested" not in report
    arxiv.received.clear()
    assert UNSURE not in seealso(empty_data, "nightly").stdout
    assert requests_with(arxiv)[0]["from"] == "2005-09-16"
    assert stored_papers(empty_data) == expected_papers(
        [record for record in arxiv.records if category in record.categories]
    )
    followed = followed_selection(empty_data, selection)
    assert (followed.complete, followed.is_unverified) == (NOW, False)


def test_a_nightly_run_says_that_it_received_nothing(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso
) -> None:
    selection = set_of(arxiv.records[0].categories[0])
    with listing_nothing(arxiv):
        seealso(empty_data, "ingest", "oai", "--set", selection)
        for _ in range(2):  # it stays unverified until a record is listed
            result = seealso(empty_data, "nightly")
            assert f"arXiv lists no record of {selection}; {UNSURE}" in result.stdout
            assert followed_selection(empty_data, selection).is_unverified


def test_an_empty_list_of_records_is_found_out_by_the_list_of_identifiers(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    hidden: list[str] = []

    def hide_once(number: int, arguments: dict[str, str]) -> None:
        if number == 1:
            hidden.append(arguments["verb"])
            arxiv.records = []
        else:
            arxiv.records = records

    records = arxiv.records
    arxiv.before = hide_once
    seealso(tmp_path, "ingest", "oai")
    assert hidden == ["ListRecords"]
    assert stored_papers(tmp_path) == expected_papers(records)
    assert followed_selection(tmp_path).complete == NOW


def test_an_empty_list_of_identifiers_contradicts_the_records(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    with (
        listing_nothing(arxiv, "ListIdentifiers"),
        pytest.raises(UpstreamError, match=rf"although it has listed {4 * PER_DAY} records before"),
    ):
        seealso(tmp_path, "ingest", "oai")
    assert followed_selection(tmp_path).complete is None
    arxiv.received.clear()
    seealso(tmp_path, "ingest", "oai")
    assert not requests_with(arxiv)  # only the comparison is repeated
    assert followed_selection(tmp_path).complete == NOW
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


def test_an_empty_list_of_known_days_does_not_move_the_harvest_on(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    seealso(tmp_path, "ingest", "oai")
    arxiv.now = NOW + timedelta(days=1)
    with (
        listing_nothing(arxiv),
        pytest.raises(UpstreamError, match=r"lists nothing since .* try again later"),
    ):
        seealso(tmp_path, "ingest", "oai")
    assert followed_selection(tmp_path).complete == NOW
    seealso(tmp_path, "ingest", "oai")
    assert followed_selection(tmp_path).complete == NOW + timedelta(days=1)
