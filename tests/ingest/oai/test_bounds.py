"""Pages of any size and kind: a record that is too long is kept aside, and memory is bounded."""

import gzip
import tracemalloc
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from index.arxiv.paper import Paper
from index.catalogue.rejections import TOO_LONG, RejectedRecord
from index.errors import UpstreamError
from ingest.arxiv.query_api import QueryApi
from ingest.arxiv.session import ArxivSession, RequestPolicy
from ingest.bounds import MAX_RECORD
from ingest.oai.client import OaiClient, read_page
from tests.arxiv_server.arxiv_replay import serving
from tests.arxiv_server.oai_recorded import last_page

POLICY = RequestPolicy(pause=0, timeout=60, refusals=0, contact="")
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(12)
    )
    + b"]>"
)


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        (10_001, "the title has 10,"),
        (MAX_RECORD + 1, f"{TOO_LONG}: the record is too long"),
        (9 * 2**20, f"{TOO_LONG}: the record is too long"),
    ],
)
def test_a_record_that_is_too_long_is_kept_aside(length: int, reason: str) -> None:
    page = last_page("arXivRaw").replace("<title>", "<title>" + "x" * length, 1)
    first, *others = [record.paper for record in read_page(page.encode()).records]
    assert isinstance(first, RejectedRecord)
    assert first.reason.startswith(reason)
    assert len(first.raw) <= MAX_RECORD
    assert all(isinstance(paper, Paper) for paper in others)


class Sender(BaseHTTPRequestHandler):
    """Sends the body of its class to every request."""

    body = b""
    encoding = "identity"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", self.encoding)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Bomb(Sender):
    body = gzip.compress(bytes(300 * 2**20), 1)
    encoding = "gzip"


class Laughs(Sender):
    body = LAUGHS + b"<feed xmlns='http://www.w3.org/2005/Atom'>&m;</feed>"


def test_a_compressed_answer_is_read_up_to_the_limit() -> None:
    with serving(Bomb) as address:
        tracemalloc.start()
        with pytest.raises(UpstreamError, match="larger than 64 MB"):
            ArxivSession(address, POLICY).get(address)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 80 * 2**20


def test_entities_are_not_expanded() -> None:
    with serving(Laughs) as address:
        with pytest.raises(UpstreamError, match=r"DOCTYPE|amplification"):
            OaiClient(ArxivSession(address, POLICY), address).page("ListRecords", {})
        with pytest.raises(UpstreamError, match=r"DOCTYPE|amplification"):
            list(QueryApi(address, POLICY).search("cat:cs.CL", 1))
