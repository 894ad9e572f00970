"""A server on loopback that answers as arXiv's OAI-PMH server does, or misbehaves on demand.

It speaks OAI-PMH at `/oai` and its old address `/oai2`, and returns the same records as Atom at
`/api/query`.
"""

import gzip
import json
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tests.arxiv_server import atom_pages
from tests.arxiv_server.arxiv_replay import serving
from tests.arxiv_server.oai_pages import Announced, RawVersion
from tests.arxiv_server.oai_verbs import Pairs, Repository

__all__ = [
    "Announced",
    "Behaviour",
    "OaiReplay",
    "RawVersion",
    "records_from_sample",
    "replayed_oai",
]

_SAMPLE = Path(__file__).parents[2] / "ingest" / "sample" / "arxiv-sample.jsonl.gz"
_BLANKS = b" " * 2**16
_HUGE = 300 * 2**20
Behaviour = Literal[
    "well",
    "403",
    "429",
    "429 retry",
    "503",
    "503 retry",
    "503 date",
    "503 tomorrow",
    "500",
    "cut",
    "endless",
    "hang",
    "truncated",
    "bomb",
    "latin1",
    "expired",
    "refused",
    "first page again",
    "first page, other token",
    "empty with token",
    "html",
    "huge",
]
_LATER: dict[Behaviour, str] = {"429 retry": "1", "503 retry": "1", "503 tomorrow": "86400"}
_BOMB = '<!DOCTYPE OAI-PMH [<!ENTITY b0 "ha">{}]>\n'.format(
    "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))
).encode()
_CLOSED = b"<html><body>We are down for maintenance.</body></html>"


def records_from_sample(
    count: int, first_day: date, per_day: int, skip: int = 0
) -> list[Announced]:
    """Return complete records of the bundled sample, `per_day` of them announced on each day."""
    records: list[Announced] = []
    with gzip.open(_SAMPLE, "rt", encoding="utf-8") as lines:
        for line in lines:
            paper = json.loads(line)
            if not all(paper[name] for name in ("authors", "abstract", "categories", "versions")):
                continue
            day = first_day + timedelta(days=(len(records) - skip) // per_day)
            records.append(_announced(paper, day))
            if len(records) == skip + count:
                return records[skip:]
    raise ValueError(f"the sample has {len(records)} whole papers")


def _announced(paper: dict[str, Any], day: date) -> Announced:
    return Announced(
        id=paper["id"],
        datestamp=day,
        title=paper["title"],
        abstract=paper["abstract"].rstrip("\n"),
        authors=[tuple(name) for name in paper["authors_parsed"]],
        categories=paper["categories"].split(),
        versions=[
            RawVersion(int(v["version"][1:]), parsedate_to_datetime(v["created"]))
            for v in paper["versions"]
        ],
        license=paper["license"],
        comments=paper["comments"],
        doi=paper["doi"],
        journal_ref=paper["journal-ref"],
        report_no=paper["report-no"],
    )


@dataclass
class OaiReplay(Repository):
    """The server. `plan` is its behaviour for each request, `always` the behaviour after that."""

    address: str = ""
    plan: list[Behaviour] = field(default_factory=list)
    always: Behaviour | None = None
    redirect_to: str | None = None
    """If set, /oai redirects to this address and does not use up the plan."""
    before: Callable[[int, dict[str, str]], None] | None = None
    """Called before each response with the number of the request, from 1, and its arguments."""

    received: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)
    """Start and end of each response; the end is infinite while it runs."""
    most_at_once: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    _running: dict[int, socket.socket] = field(default_factory=dict)
    _first_asked: Pairs = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, client: socket.socket, path: str, arguments: dict[str, str], agent: str) -> int:
        """Record a request and return its number."""
        with self._lock:
            self.received.append(arguments)
            self.paths.append(path)
            self.agents.append(agent)
            self.times.append((time.monotonic(), float("inf")))
            number = len(self.times)
            self._running[number] = client
            # A client that timed out may send the next request before the first one notices.
            waiting = sum(not _has_left(other) for other in self._running.values())
            self.most_at_once = max(self.most_at_once, waiting)
        return number

    def end(self, number: int) -> None:
        """Record that a request was answered."""
        with self._lock:
            if self._running.pop(number, None):
                self.times[number - 1] = (self.times[number - 1][0], time.monotonic())

    def behaviour(self) -> Behaviour:
        """Return the behaviour for the next request."""
        with self._lock:
            return self.plan.pop(0) if self.plan else self.always or "well"

    def oai_page(self, behaviour: Behaviour, pairs: Pairs) -> bytes:
        """Return the page for these arguments, or another one if the behaviour requires it."""
        verb, resumes = dict(pairs).get("verb"), "resumptionToken" in dict(pairs)
        if not resumes:
            self._first_asked = pairs
        if behaviour == "expired":
            return self.expired()
        if behaviour == "refused":
            return self.refusal()
        if behaviour == "empty with token" and verb in ("ListRecords", "ListIdentifiers"):
            return self.empty_page(pairs)
        if not resumes or not behaviour.startswith("first page"):
            return self.answer(pairs)
        page = self.answer(self._first_asked)
        if behaviour == "first page again":
            return page
        return re.sub(b"(?=</resumptionToken>)", b"%d" % len(self.received), page)


@contextmanager
def replayed_oai(records: list[Announced]) -> Iterator[OaiReplay]:
    """Run the server while the block runs."""
    replay = OaiReplay(records)
    with serving(partial(_Handler, replay)) as replay.address:
        try:
            yield replay
        finally:
            replay.closing.set()


def _has_left(client: socket.socket, wait: float = 0) -> bool:
    """Return whether a client closed its end of the connection, or does within `wait` seconds."""
    try:
        if not select.select([client], [], [], wait)[0]:
            return False
        return not client.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):  # reset, or closed by this side
        return True


def _corrupt(behaviour: Behaviour, page: bytes) -> bytes:
    if behaviour == "truncated":
        return page[: len(page) // 2]
    if behaviour == "latin1":
        return page.replace(b"</title>", b"\xe9</title>", 1)
    if behaviour == "bomb":
        declaration, _, rest = page.partition(b"\n")
        return declaration + b"\n" + _BOMB + rest.replace(b"</title>", b"&b9;</title>", 1)
    return page


def _retry_after(behaviour: Behaviour) -> dict[str, str]:
    later = _LATER.get(behaviour, "")
    if behaviour == "503 date":  # in whole seconds: one to two from now
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    return {"Retry-After": later} if later else {}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, replay: OaiReplay, *args: Any) -> None:
        self._replay = replay
        self._number = 0
        super().__init__(*args)

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, form: str) -> None:
        address = urlsplit(self.path)
        queries = (address.query, form)
        pairs = [p for query in queries for p in parse_qsl(query, keep_blank_values=True)]
        agent = self.headers["User-Agent"] or ""
        self._number = self._replay.begin(self.connection, address.path, dict(pairs), agent)
        try:
            if self._replay.before:
                self._replay.before(self._number, dict(pairs))
            self._route(address, pairs)
        finally:
            self._replay.end(self._number)

    def _route(self, address: SplitResult, pairs: Pairs) -> None:
        if address.path == "/oai2":
            query = f"?{address.query}" if address.query else ""
            self._send(301, b"", "text/html", {"Location": f"{self._replay.address}/oai{query}"})
        elif address.path == "/oai" and self._replay.redirect_to:
            self._send(302, b"", "text/html", {"Location": self._replay.redirect_to})
        elif address.path == "/oai":
            behaviour = self._replay.behaviour()
            self._behave(behaviour, 200, self._replay.oai_page(behaviour, pairs), "text/xml")
        elif address.path == "/api/query":
            status, feed = atom_pages.answer(self._replay.records, dict(pairs), self._replay.now)
            self._behave(self._replay.behaviour(), status, feed, "application/atom+xml")
        else:
            self._send(404, b"Not Found", "text/html")

    def _behave(self, behaviour: Behaviour, status: int, page: bytes, kind: str) -> None:
        if behaviour.startswith("429"):
            self._send(429, b"Rate exceeded.", "text/plain", _retry_after(behaviour))
        elif behaviour.startswith("503"):
            self._send(503, b"first byte timeout", "text/html", _retry_after(behaviour))
        elif behaviour == "403":
            self._send(403, b"Forbidden", "text/html")
        elif behaviour == "500":
            self._send(500, b"Internal Server Error", "text/html")
        elif behaviour == "html":
            self._send(200, _CLOSED, "text/html")
        elif behaviour == "cut":
            self._head(status, kind, {"Content-Length": str(len(page))})
            self.wfile.write(page[: len(page) // 2])
        elif behaviour in ("hang", "endless", "huge"):
            self._never_end(behaviour, kind)
        else:
            self._send(status, _corrupt(behaviour, page), kind)

    def _never_end(self, behaviour: Behaviour, kind: str) -> None:
        if behaviour != "hang":
            self._head(200, kind, {})
        if behaviour == "huge":
            for _ in range(_HUGE // len(_BLANKS)):
                self.wfile.write(_BLANKS)
            return
        while not self._replay.closing.is_set() and not _has_left(self.connection, wait=0.2):
            if behaviour == "endless":
                self.wfile.write(b" ")

    def _send(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self._head(status, kind, {**(headers or {}), "Content-Length": str(len(body))})
        self.wfile.write(body[:-1])
        self._replay.end(self._number)  # before the client can have the whole body
        self.wfile.write(body[-1:])

    def _head(self, status: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
