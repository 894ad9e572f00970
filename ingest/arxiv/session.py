"""How arXiv is asked over HTTP: in turn, with patience, and not beyond its own hosts.

One session serves the OAI-PMH client and the `arxiv` package. It has what `requests` lacks here: a
limit on time and size of an answer, redirects to known hosts only, `Retry-After`, back-off.
"""

import logging
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3

from index.errors import BadInput, UpstreamError
from index.settings import Settings
from ingest.arxiv.pacing import pause_for, request_slot

_log = logging.getLogger(__name__)
_REFUSALS = (429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_FOR_GOOD = (301, 308)
_MAX_REDIRECTS = 5
_MAX_BYTES = 64 * 2**20  # an OAI page of 2,500 records has about 6 MB
_MAX_WAIT = 600.0
_FIRST_WAIT = 4.0
_PIECE = 2**16


@dataclass(frozen=True, slots=True)
class Moved:
    """A redirect that was followed."""

    status: int
    asked: str
    given: str


class _BrokenOff(Exception):
    """An answer that did not come, or not whole; asking again may help."""


class ArxivSession(requests.Session):
    """A session towards one base address and arXiv's own hosts.

    `moved` lists the redirects that were followed. Raises UpstreamError once arXiv has refused or
    failed more often than the settings allow, and at once for a 403, a redirect elsewhere, or an
    answer beyond all measure.
    """

    def __init__(self, settings: Settings, base: str) -> None:
        super().__init__()
        self._base = _address(base)
        self._pause = pause_for(base, settings.pause)
        self._timeout = settings.timeout
        self._refusals_left = settings.refusals
        self.moved: list[Moved] = []
        self._for_good: dict[str, str] = {}
        self._agent = user_agent(settings.contact)

    def request(
        self, method: str | bytes, url: str | bytes, *_: Any, **kwargs: Any
    ) -> requests.Response:
        """One answered question: the response with its whole body."""
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "user-agent": self._agent}
        address, attempt = str(url), 0
        asked = address.partition("?")[0]
        while True:
            waits: float | None = None
            try:
                response = self._follow(str(method), address, kwargs)
            except _BrokenOff as error:
                failure = str(error)
            else:
                if response.status_code == requests.codes.forbidden:
                    raise UpstreamError(f"{asked} answered 403: arXiv wants us to stop")
                if response.status_code not in _REFUSALS:
                    return response
                failure = f"HTTP {response.status_code}"
                waits = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            self._refusals_left -= 1
            attempt += 1
            if self._refusals_left < 0:
                raise UpstreamError(f"gave up asking {asked}, the last time for: {failure}")
            if waits is not None and waits > _MAX_WAIT:
                raise UpstreamError(
                    f"{asked} answered {failure} and asks to be left alone for {waits:.0f} s"
                )
            waits = back_off(attempt, self._pause) if waits is None else waits
            if waits:
                _log.warning("%s: %s; asking again in %.0f s", asked, failure, waits)
            time.sleep(waits)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: redirects are followed here; `requests` would read their bodies without limits."""

    def _follow(self, method: str, address: str, kwargs: dict[str, Any]) -> requests.Response:
        for _ in range(_MAX_REDIRECTS + 1):
            address = self._for_good.get(address, address)
            response = self._ask(method, address, kwargs)
            if response.status_code not in _REDIRECTS:
                return response
            given = self._given(address, response.headers.get("Location", ""))
            moved = Moved(response.status_code, address.partition("?")[0], given.partition("?")[0])
            self.moved.append(moved)
            if kwargs.get("params"):
                given = moved.given  # the parameters are sent again as they were meant
                if moved.status in _FOR_GOOD:
                    self._for_good[address] = given
            address = given
        raise UpstreamError(f"{address} redirects in circles")

    def _given(self, address: str, location: str) -> str:
        """Where a redirect leads; raises UpstreamError if that is not arXiv's, or less safe."""
        with suppress(ValueError):
            given = urljoin(address, location)
            parts = urlsplit(given)
            host = parts.hostname or ""
            arxivs = host == "arxiv.org" or host.endswith(".arxiv.org")
            same = host == self._base.hostname and parts.scheme == self._base.scheme
            if same or (parts.scheme == "https" and (arxivs or host == self._base.hostname)):
                pause_for(given, self._pause)
                return given
        raise UpstreamError(f"{address} redirects to {location}, which is not arXiv's")

    def _ask(self, method: str, address: str, kwargs: dict[str, Any]) -> requests.Response:
        kwargs = {**kwargs, "timeout": self._timeout, "allow_redirects": False, "stream": True}
        with request_slot(self._pause):
            deadline = time.monotonic() + self._timeout
            try:
                response = super().request(method, address, **kwargs)
                with response:
                    # Read here, with limits, where `requests` would read without.
                    response._content = _read_whole(response, deadline)
                    response._content_consumed = True  # type: ignore[attr-defined]
                    return response
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise _BrokenOff(f"{type(error).__name__}: {error}") from error


def _address(base: str) -> SplitResult:
    with suppress(ValueError):
        parts = urlsplit(base)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts
    raise BadInput(f"{base!r} is no address of a server; one is like https://oaipmh.arxiv.org/oai")


def _read_whole(response: requests.Response, deadline: float) -> bytes:
    pieces, size = [], 0
    while piece := response.raw.read1(_PIECE, decode_content=True):
        size += len(piece)
        if size > _MAX_BYTES:
            raise UpstreamError(f"{response.url} answers more than {_MAX_BYTES >> 20} MB")
        if time.monotonic() > deadline:
            raise _BrokenOff("the answer has no end")
        pieces.append(piece)
    return b"".join(pieces)


def user_agent(contact: str) -> str:
    """Name, version and contact, as arXiv asks of its harvesters."""
    return f"seealso/{version('seealso')}" + (f" (mailto:{contact})" if contact else "")


def retry_after(value: str | None, at: datetime) -> float | None:
    """Seconds that a `Retry-After` asks for (RFC 9110, 10.2.3: seconds, or a date).

    None where it says nothing that can be understood.
    """
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - at).total_seconds())


def back_off(attempt: int, pause: float) -> float:
    """Seconds to wait after the n-th refusal in a row: doubling, with jitter.

    Nothing where no pause is kept at all, towards a server on this machine.
    """
    if not pause:
        return 0.0
    longest = min(_MAX_WAIT, _FIRST_WAIT * 2**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311 - to spread requests, not a secret
