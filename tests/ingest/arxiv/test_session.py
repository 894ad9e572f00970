"""Requests to arXiv over HTTP: redirects, refusals, User-Agent."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from index.errors import BadInput, UpstreamError
from ingest.arxiv.retries import back_off, retry_after
from tests.arxiv_server.arxiv_replay import serving
from tests.arxiv_server.harvesting import PAGES, expected_papers, requests_with, stored_papers
from tests.arxiv_server.oai_replay import Behaviour, OaiReplay
from tests.conftest import Seealso

AT = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)


def test_a_permanent_redirect_is_followed_reported_and_requested_once(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    old = f"{arxiv.address}/oai2"
    result = seealso(tmp_path, "ingest", "oai", "--base-url", old)
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert arxiv.paths.count("/oai2") == 1
    assert result.stderr.count(f"{old} returned status 301: it moved to {arxiv.address}/oai\n") == 1
    assert len(requests_with(arxiv)) == PAGES + 1


def test_a_temporary_redirect_is_requested_again(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    def once(number: int, arguments: dict[str, str]) -> None:
        arxiv.redirect_to = f"{arxiv.address}/oai2" if number == 1 else None

    arxiv.before = once
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert arxiv.paths[:4] == ["/oai", "/oai2", "/oai", "/oai"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://example.org/oai",
        "https://example.org/oai",
        "https://arxiv.org.example.org/oai",
        "https://notarxiv.org/oai",
        "http://127.0.0.1@example.org/oai",
        "//example.org/oai",
        "http://oaipmh.arxiv.org/oai",
        "file:///etc/passwd",
        "ftp://127.0.0.1/oai",
        "http://[127.0.0.1/oai",
    ],
)
def test_a_redirect_away_from_arxiv_is_refused(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, elsewhere: str
) -> None:
    arxiv.redirect_to = elsewhere
    with pytest.raises(UpstreamError) as failure:
        seealso(tmp_path, "ingest", "oai")
    assert f"redirects to {elsewhere}, which is not a host of arXiv" in str(failure.value)
    assert failure.value.exit_code == 75
    assert len(arxiv.received) == 1


def test_a_redirect_to_arxiv_itself_keeps_arxivs_pause(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.redirect_to = "https://nobody.arxiv.org/oai"
    with pytest.raises(BadInput, match="arXiv requires at least 3 seconds"):
        seealso(tmp_path, "ingest", "oai")


@pytest.mark.parametrize("circle", ["/oai", ""])
def test_a_redirect_loop_is_left(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, circle: str
) -> None:
    arxiv.redirect_to = arxiv.address + circle if circle else "?"
    with pytest.raises(UpstreamError, match="redirects more than 5 times"):
        seealso(tmp_path, "ingest", "oai")
    assert len(arxiv.received) < 10


@pytest.mark.parametrize(
    "address",
    ["oaipmh.arxiv.org/oai", "gopher://localhost/", "file:///etc/passwd", "http://", "http://[::1"],
)
def test_an_invalid_address_is_bad_input(tmp_path: Path, seealso: Seealso, address: str) -> None:
    with pytest.raises(BadInput, match="is not a server address"):
        seealso(tmp_path, "ingest", "oai", "--base-url", address)


@pytest.mark.parametrize("refusals", [0, 3])
def test_a_run_gives_up_after_its_number_of_refusals(
    arxiv: OaiReplay,
    tmp_path: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    refusals: int,
) -> None:
    monkeypatch.setenv("SEEALSO_REFUSALS", str(refusals))
    arxiv.plan = (["500", "well"] * (refusals + 1))[:-1]  # type: ignore[assignment]
    with pytest.raises(UpstreamError, match=r"gave up on .* the last error: HTTP 500"):
        seealso(tmp_path, "ingest", "oai")
    assert len(arxiv.received) == 2 * refusals + 1


@pytest.mark.parametrize(
    ("trouble", "seconds"), [("429 retry", 1), ("503 retry", 1), ("503 date", 1)]
)
def test_retry_after_is_waited_for(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, trouble: Behaviour, seconds: float
) -> None:
    arxiv.plan = [trouble]
    seealso(tmp_path, "ingest", "oai")
    (_, refused), (asked_again, _), *_ = arxiv.times
    assert asked_again - refused >= seconds - 0.1  # a date names whole seconds


def test_a_retry_after_of_a_day_ends_the_run(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.plan = ["503 tomorrow"]
    with pytest.raises(UpstreamError, match="HTTP 503 with a Retry-After of 86400 s"):
        seealso(tmp_path, "ingest", "oai")
    assert len(arxiv.received) == 1


class Answer(BaseHTTPRequestHandler):
    """Answers every request according to its path: /STATUS/whole or /STATUS/endless."""

    count = 0

    def do_GET(self) -> None:
        Answer.count += 1
        _, status, body, *_ = self.path.replace("?", "/").split("/")
        self.send_response(int(status))
        self.send_header("Location", self.path)
        self.end_headers()
        with suppress(ConnectionError):
            while body == "endless":
                self.wfile.write(b" " * 1000)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.mark.parametrize(
    ("path", "reason", "most"),
    [
        ("/403/whole", "answered HTTP 403: arXiv refuses these requests", 1),
        ("/404/whole", "answered HTTP 404", 1),
        ("/200/endless", "not complete after 1 s|larger than 64 MB", 2),
        ("/301/endless", "not complete after 1 s|larger than 64 MB", 2),
        ("/403/endless", "not complete after 1 s|larger than 64 MB", 2),
    ],
)
def test_other_responses_are_reported_and_hardly_retried(
    arxiv: OaiReplay,
    tmp_path: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    reason: str,
    most: int,
) -> None:
    monkeypatch.setenv("SEEALSO_REFUSALS", "1")
    monkeypatch.setattr(Answer, "count", 0)
    with serving(Answer) as address, pytest.raises(UpstreamError, match=reason):
        seealso(tmp_path, "ingest", "oai", "--base-url", address + path)
    assert 1 <= Answer.count <= most


def test_the_user_agent_has_version_and_contact(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    seealso(tmp_path, "ingest", "oai")
    assert set(arxiv.agents) == {"seealso/0.1.0"}
    arxiv.agents.clear()
    monkeypatch.setenv("SEEALSO_CONTACT", "someone@example.org")
    seealso(tmp_path, "ingest", "oai")
    seealso(tmp_path, "ingest", "ids", arxiv.records[0].id)
    assert set(arxiv.agents) == {"seealso/0.1.0 (mailto:someone@example.org)"}
    assert arxiv.paths[-1] == "/api/query"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("0", 0),
        (" 120 ", 120),
        ("Fri, 06 Mar 2026 04:02:00 GMT", 120),
        ("Fri, 06 Mar 2026 05:02:00 +0100", 120),
        ("Fri, 06 Mar 2026 04:02:00 -0000", 120),
        ("Friday, 06-Mar-26 04:02:00 GMT", 120),
        ("Fri, 06 Mar 2026 03:00:00 GMT", 0),
        ("Fri, 99 Mar 2026 03:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, AT) == seconds


def test_retry_after_accepts_a_date_that_python_formats() -> None:
    assert retry_after(format_datetime(AT + timedelta(seconds=7), usegmt=True), AT) == 7


def test_back_off_is_exponential_with_jitter_and_a_limit() -> None:
    for attempt, longest in [(1, 8), (2, 16), (5, 128), (7, 512), (8, 600), (60, 600)]:
        waits = {back_off(attempt, 3) for _ in range(50)}
        assert longest / 2 <= min(waits) < max(waits) <= longest
        assert len(waits) > 10


def test_a_local_server_without_a_pause_is_retried_at_once(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    assert back_off(3, 0) == 0
    arxiv.plan = ["500"] * 5
    began = time.monotonic()
    seealso(tmp_path, "ingest", "oai")
    assert time.monotonic() - began < 30  # five waits are a minute or two
