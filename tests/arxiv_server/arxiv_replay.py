"""A server on loopback that answers /api/query as export.arxiv.org does, or misbehaves on demand.

It returns the recorded responses in tests/arxiv_server/wire/api: for `testing`, the requested part
of a hundred papers; for an invalid id, arXiv's error; for any other query, an empty feed.
"""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

RECORDED = Path(__file__).parent / "wire" / "api"
REFUSAL = (RECORDED / "id_abc_s0_m100_b79c8dcf6bc3.xml").read_bytes()
_HUNDRED = (RECORDED / "q_testing_s0_m100_cfe7536492ca.xml").read_text(encoding="utf-8")
_EMPTY = (RECORDED / "id_0000.0000_s0_m100_8b51d9633a68.xml").read_text(encoding="utf-8")
_ENTRIES = re.findall(r" *<entry>.*?</entry>\n", _HUNDRED, re.DOTALL)
RECORDED_IDS = [re.findall(r"<id>http://arxiv.org/abs/(.*?)v\d+</id>", e)[0] for e in _ENTRIES]

Behaviour = Literal[
    "well", "blank", "refuse", "refuse with 200", "429", "500", "hang", "cut", "html", "bad entries"
]


@dataclass
class Replay:
    """The server. `plan` is its behaviour for each request; the last one is repeated."""

    address: str = ""
    plan: list[Behaviour] = field(default_factory=lambda: ["well"])
    largest_page: int = 2_000
    received: list[dict[str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, query: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body for the next request."""
        behaviour = self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]
        well = self._recorded(query)
        if behaviour == "hang":
            self.closing.wait(60)
        return {
            "blank": (200, _EMPTY.encode()),
            "refuse": (400, REFUSAL),
            "refuse with 200": (200, REFUSAL),
            "429": (429, b"Rate exceeded."),
            "500": (500, b"Internal Server Error"),
            "cut": (200, well[1][: len(well[1]) // 2]),
            "bad entries": (200, _with_bad_entries(well[1])),
            "html": (200, b"<html><body>We are down for maintenance.</body></html>"),
        }.get(behaviour, well)

    def _recorded(self, query: dict[str, str]) -> tuple[int, bytes]:
        searched = query.get("search_query", "")
        if searched == "id:abc":
            return 400, REFUSAL
        if searched not in ("testing", "all:testing"):
            return 200, _EMPTY.encode()
        start, asked = int(query["start"]), int(query["max_results"])
        feed = _HUNDRED.partition("  <entry>")[0]
        for name, value in {
            "itemsPerPage": asked,
            "startIndex": start,
            "totalResults": len(_ENTRIES),
        }.items():
            feed = re.sub(rf"(<opensearch:{name}>)\d+", rf"\g<1>{value}", feed)
        page = _ENTRIES[start : start + min(asked, self.largest_page)]
        return 200, (feed + "".join(page) + "</feed>\n").encode()


def _with_bad_entries(feed: bytes) -> bytes:
    """Return a page whose first entry has no date, the second no title, the third no identifier."""
    for good, bad in (
        (rb"(<updated>)[^<]*(</updated>(?:(?!<published>).)*<published>)[^<]*", rb"\1soon\2"),
        (rb"(</entry>.*?<title>)[^<]*", rb"\1 "),
        (rb"((?:</entry>.*?){2}<id>)[^<]*", rb"\1http://arxiv.org/abs/nonsense"),
    ):
        head, entries = feed.split(b"<entry>", 1)
        feed = head + b"<entry>" + re.sub(good, bad, entries, count=1, flags=re.DOTALL)
    return feed


@contextmanager
def replayed_arxiv() -> Iterator[Replay]:
    """Run the server while the block runs."""
    replay = Replay()
    with serving(_handler(replay)) as replay.address:
        try:
            yield replay
        finally:
            replay.closing.set()


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port of loopback while the block runs; return the address."""
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # the client may disconnect early
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(replay: Replay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = dict(parse_qsl(address.query))
            replay.received.append(query)
            replay.agents.append(self.headers["User-Agent"])
            known = address.path == "/api/query"
            status, body = replay.answer(query) if known else (404, b"")
            self.send_response(status)
            self.send_header("Content-Type", "application/atom+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler
