"""`seealso ingest api` with recorded responses of arXiv, and with every kind of failure."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.arxiv.paper import Version
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.errors import BadInput, NotReady, SeeAlsoError, UpstreamError
from ingest import rereading
from ingest.arxiv.query_api import read_entry
from ingest.rereading import reread
from tests.arxiv_server.arxiv_replay import RECORDED_IDS, Behaviour, Replay, replayed_arxiv
from tests.conftest import Seealso
from tests.support.processes import run_main


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replayed_arxiv() as replay:
        monkeypatch.setenv("SEEALSO_ARXIV_API", replay.address)
        monkeypatch.setenv("SEEALSO_TIMEOUT", "1")
        monkeypatch.setenv("SEEALSO_PAUSE", "0")
        yield replay


def count(data: Path) -> int:
    try:
        with read_catalogue(data) as catalogue:
            return catalogue.count()
    except NotReady:
        return 0


def test_papers_are_stored_with_versions_categories_and_dates(
    arxiv: Replay, tmp_path: Path, seealso: Seealso
) -> None:
    result = seealso(tmp_path, "ingest", "api", "all:testing", "--limit", "20")
    assert result.stdout == "20 new\n"
    with read_catalogue(tmp_path) as catalogue:
        assert set(catalogue.numbers_of(RECORDED_IDS)) == set(RECORDED_IDS[:20])
        paper = catalogue.entry("2403.16981").paper
        assert catalogue.runs.scope() == [("api", "all:testing")]
    assert paper.title == "The Sample Complexity of Simple Binary Hypothesis Testing"
    assert paper.abstract.startswith("The sample complexity of simple binary hypothesis testing")
    assert paper.authors[:2] == ("Ankit Pensia", "Varun Jog")
    assert paper.categories == ("math.ST", "cs.IT", "stat.ML")
    assert paper.versions == (Version(1, date(2024, 3, 25)), Version(2, date(2025, 5, 24)))
    assert (paper.submitted, paper.updated) == (date(2024, 3, 25), date(2025, 5, 24))
    assert paper.license is None


def test_a_query_sorts_by_newest_and_has_a_user_agent(
    arxiv: Replay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    seealso(tmp_path, "ingest", "api", "all:testing", "--limit", "1")
    monkeypatch.setenv("SEEALSO_CONTACT", "someone@example.org")
    seealso(tmp_path, "ingest", "api", "all:testing", "--limit", "1")
    assert arxiv.received[0]["search_query"] == "all:testing"
    assert arxiv.received[0]["sortBy"] == "submittedDate"
    assert arxiv.received[0]["sortOrder"] == "descending"
    assert arxiv.agents == ["seealso/0.1.0", "seealso/0.1.0 (mailto:someone@example.org)"]


def test_several_pages_become_one_run(arxiv: Replay, tmp_path: Path, seealso: Seealso) -> None:
    arxiv.largest_page = 10
    seealso(tmp_path, "ingest", "api", "testing", "--limit", "25")
    assert [page["start"] for page in arxiv.received] == ["0", "10", "20"]
    with read_catalogue(tmp_path) as catalogue:
        assert set(catalogue.numbers_of(RECORDED_IDS)) == set(RECORDED_IDS[:25])


def test_fewer_papers_than_the_limit_are_no_failure(
    arxiv: Replay, tmp_path: Path, seealso: Seealso
) -> None:
    assert "100 new" in seealso(tmp_path, "ingest", "api", "testing", "--limit", "150").stdout


FAILURES: dict[Behaviour, tuple[type[SeeAlsoError], str]] = {
    "blank": (UpstreamError, "returned nothing"),
    "refuse": (BadInput, "incorrect id format for abc"),
    "refuse with 200": (BadInput, "incorrect id format for abc"),
    "429": (UpstreamError, "HTTP 429"),
    "500": (UpstreamError, "HTTP 500"),
    "hang": (UpstreamError, "did not answer within"),
    "cut": (UpstreamError, "incomplete Atom feed"),
    "html": (UpstreamError, "incomplete Atom feed"),
}


@pytest.mark.parametrize("behaviour", FAILURES)
def test_a_failure_at_the_first_page_is_reported_and_loses_nothing(
    arxiv: Replay, tmp_path: Path, seealso: Seealso, behaviour: Behaviour
) -> None:
    seealso(tmp_path, "ingest", "api", "testing", "--limit", "5")
    arxiv.plan = [behaviour]
    kind, message = FAILURES[behaviour]
    with pytest.raises(kind, match=message):
        seealso(tmp_path, "ingest", "api", "testing", "--limit", "20")
    assert count(tmp_path) == 5
    with read_catalogue(tmp_path) as catalogue:
        last = catalogue.runs.last()
    assert last is not None
    assert message in last.outcome


@pytest.mark.parametrize("behaviour", ["blank", "429", "500", "hang", "cut"])
def test_a_failure_at_a_later_page_keeps_the_pages_before(
    arxiv: Replay, tmp_path: Path, seealso: Seealso, behaviour: Behaviour
) -> None:
    arxiv.largest_page = 10
    arxiv.plan = ["well", behaviour]
    with pytest.raises(UpstreamError):
        seealso(tmp_path, "ingest", "api", "testing", "--limit", "30")
    with read_catalogue(tmp_path) as catalogue:
        assert set(catalogue.numbers_of(RECORDED_IDS)) == set(RECORDED_IDS[:10])


def test_entries_that_cannot_be_read_are_kept_aside_and_the_rest_stored(
    arxiv: Replay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    arxiv.plan = ["bad entries"]
    result = seealso(tmp_path, "ingest", "api", "testing", "--limit", "20")
    assert result.stdout == "17 new, 3 rejected\n"
    with open_catalogue(tmp_path) as catalogue:
        assert set(catalogue.numbers_of(RECORDED_IDS)) == set(RECORDED_IDS[3:20])
        kept = {one.key: one for one in catalogue.rejections.all()}
        assert kept.keys() == {*RECORDED_IDS[:2], "http://arxiv.org/abs/nonsense"}
        assert "published is no date" in kept[RECORDED_IDS[0]].reason
        assert kept[RECORDED_IDS[1]].reason == "the title is empty"
        assert "nonsense" in kept["http://arxiv.org/abs/nonsense"].reason
        assert all(one.raw.startswith(b"<entry") for one in kept.values())
        # A later version may read what is kept.
        monkeypatch.setattr(rereading, "READER", "another")
        assert reread(catalogue) == 0
        repaired = kept[RECORDED_IDS[0]].raw.replace(b"soon", b"2026-01-01T00:00:00Z")
        repaired = repaired.replace(b"<published/>", b"<published>2026-01-01T00:00:00Z</published>")
        assert read_entry(repaired).id == RECORDED_IDS[0]


@pytest.mark.parametrize("behaviour", ["429", "500", "cut"])
def test_a_temporary_failure_is_retried(
    arxiv: Replay, tmp_path: Path, seealso: Seealso, behaviour: Behaviour
) -> None:
    arxiv.plan = [behaviour, behaviour, "well"]
    seealso(tmp_path, "ingest", "api", "testing", "--limit", "20")
    assert len(arxiv.received) == 3
    assert count(tmp_path) == 20


def test_a_refused_query_is_not_retried(arxiv: Replay, tmp_path: Path, seealso: Seealso) -> None:
    with pytest.raises(BadInput):
        seealso(tmp_path, "ingest", "api", "id:abc")
    assert len(arxiv.received) == 1


def test_a_hanging_server_is_given_up_in_time(
    arxiv: Replay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    arxiv.plan = ["hang"]
    started = time.monotonic()
    monkeypatch.setenv("SEEALSO_REFUSALS", "1")
    with pytest.raises(UpstreamError, match=r"gave up on .* did not answer within"):
        seealso(tmp_path, "ingest", "api", "testing")
    assert 1.9 < time.monotonic() - started < 5


def test_a_missing_server_is_an_upstream_error(
    tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replayed_arxiv() as gone:
        monkeypatch.setenv("SEEALSO_ARXIV_API", gone.address)
        monkeypatch.setenv("SEEALSO_PAUSE", "0")
    with pytest.raises(UpstreamError, match=r"gave up on .* refuses connections"):
        seealso(tmp_path, "ingest", "api", "testing")


@pytest.mark.parametrize(("behaviour", "code"), [("500", 75), ("refuse", 2)])
def test_a_failure_is_a_line_and_an_exit_code(
    arxiv: Replay, tmp_path: Path, behaviour: Behaviour, code: int
) -> None:
    arxiv.plan = [behaviour]
    result = run_main(tmp_path, "ingest", "api", "testing")
    assert result.returncode == code
    assert result.stdout == ""
    assert result.stderr.startswith("seealso: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("limit", ["0", "30001"])
def test_a_limit_that_arxiv_does_not_allow_is_refused_without_a_request(
    arxiv: Replay, tmp_path: Path, seealso: Seealso, limit: str
) -> None:
    with pytest.raises(BadInput, match="returns 1 to 30000"):
        seealso(tmp_path, "ingest", "api", "testing", "--limit", limit)
    assert arxiv.received == []
