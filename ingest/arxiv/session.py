"""HTTP session for all requests to arXiv: rate limit, retries, size limits, known hosts only.

The OAI-PMH client and the `arxiv` package share this session class. It adds what `requests` lacks:
a limit on the time and size of a response, redirects to known hosts only, `Retry-After`, back-off.
"""

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Self
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3

from index.errors import BadInput, Busy, Unavailable, UpstreamError
from index.settings import Settings
from ingest.arxiv.failures import describe_failure
from ingest.arxiv.pacing import lock_path, pause_for, request_slot
from ingest.arxiv.retries import MAX_WAIT, back_off, retry_after

_log = logging.getLogger(__name__)
_RETRIED = (429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT_REDIRECTS = (301, 308)
_MAX_REDIRECTS = 5
_MAX_BYTES = 64 * 2**20  # an OAI page of 2,500 records has about 6 MB
_CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Limits on the requests to arXiv.

    `pause`: seconds between the starts of two requests. `timeout`: seconds for one response.
    `refusals`: failed requests after which a session gives up. `contact`: e-mail address for the
    User-Agent, "" for none.
    """

    pause: int
    timeout: int
    refusals: int
    contact: str

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return the policy that the settings define."""
        return cls(settings.pause, settings.timeout, settings.refusals, settings.contact)


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect that was followed: status code, requested address, target address."""

    status: int
    source: str
    target: str


class _TransientError(Exception):
    """A response that did not arrive, or not completely; a retry may help."""


class ArxivSession(requests.Session):
    """Session for one base address and arXiv's own hosts.

    `redirects` lists the redirects that were followed.

        policy = RequestPolicy(pause=3, timeout=120, refusals=6, contact="you@example.org")
        session = ArxivSession("https://oaipmh.arxiv.org/oai", policy)
        response = session.get("https://oaipmh.arxiv.org/oai", params={"verb": "Identify"})

    Raises BadInput for an invalid address or a pause that is too short.
    """

    def __init__(self, base: str, policy: RequestPolicy) -> None:
        super().__init__()
        self._base = _parse_address(base)
        self._pause = pause_for(base, policy.pause)
        self._timeout = policy.timeout
        self._refusals_left = policy.refusals
        self._stopped: Unavailable | None = None
        self._lock_path = lock_path()
        self.redirects: list[Redirect] = []
        self._moved_to: dict[str, str] = {}
        self._agent = user_agent(policy.contact)

    def request(
        self, method: str | bytes, url: str | bytes, *_: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request, retry temporary errors, and return the response with its whole body.

        Raises UpstreamError if the session has used up its refusals, and at once for a 403, a
        `Retry-After` of more than ten minutes, a redirect to another host or a body that is too
        large. Raises Busy if another process does not release the lock on requests. After a 403,
        such a `Retry-After` or Busy, each later call raises the same error and sends nothing.
        """
        if self._stopped is not None:
            raise self._stopped
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "user-agent": self._agent}
        try:
            return self._request_with_retries(str(method), str(url), kwargs)
        except (_StopRequests, Busy) as error:
            self._stopped = error
            raise

    def _request_with_retries(
        self, method: str, address: str, kwargs: dict[str, Any]
    ) -> requests.Response:
        requested, attempt = address.partition("?")[0], 0
        while True:
            wait: float | None = None
            try:
                response = self._follow_redirects(method, address, kwargs)
            except _TransientError as error:
                failure = str(error)
            else:
                if response.status_code == requests.codes.forbidden:
                    raise _StopRequests(
                        f"{requested} answered HTTP 403: arXiv refuses these requests"
                    )
                if response.status_code not in _RETRIED:
                    return response
                failure = f"HTTP {response.status_code}"
                wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            self._refusals_left -= 1
            attempt += 1
            if self._refusals_left < 0:
                raise UpstreamError(
                    f"gave up on {requested} after too many failed requests; the last error: "
                    f"{failure}"
                )
            if wait is not None and wait > MAX_WAIT:
                raise _StopRequests(
                    f"{requested} answered {failure} with a Retry-After of {wait:.0f} s; a run "
                    f"waits at most {MAX_WAIT:.0f} s: try again later"
                )
            wait = back_off(attempt, self._pause) if wait is None else wait
            if wait:
                _log.warning("%s: %s; retrying in %.0f s", requested, failure, wait)
            time.sleep(wait)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: this class follows redirects; `requests` would read bodies without limit."""

    def _follow_redirects(
        self, method: str, address: str, kwargs: dict[str, Any]
    ) -> requests.Response:
        for _ in range(_MAX_REDIRECTS + 1):
            address = self._moved_to.get(address, address)
            response = self._send_once(method, address, kwargs)
            if response.status_code not in _REDIRECTS:
                return response
            target = self._redirect_target(address, response.headers.get("Location", ""))
            redirect = Redirect(
                response.status_code, address.partition("?")[0], target.partition("?")[0]
            )
            self.redirects.append(redirect)
            if kwargs.get("params"):
                target = redirect.target  # the parameters are sent again, encoded only once
                if redirect.status in _PERMANENT_REDIRECTS:
                    self._moved_to[address] = target
            address = target
        raise UpstreamError(f"{address} redirects more than {_MAX_REDIRECTS} times")

    def _redirect_target(self, address: str, location: str) -> str:
        """Return the target; raises UpstreamError for another host or a less secure scheme."""
        with suppress(ValueError):
            target = urljoin(address, location)
            parts = urlsplit(target)
            host = parts.hostname or ""
            is_arxiv = host == "arxiv.org" or host.endswith(".arxiv.org")
            is_base = host == self._base.hostname
            same_scheme = is_base and parts.scheme == self._base.scheme
            if same_scheme or (parts.scheme == "https" and (is_arxiv or is_base)):
                pause_for(target, self._pause)
                return target
        raise UpstreamError(f"{address} redirects to {location}, which is not a host of arXiv")

    def _send_once(self, method: str, address: str, kwargs: dict[str, Any]) -> requests.Response:
        kwargs = {**kwargs, "timeout": self._timeout, "allow_redirects": False, "stream": True}
        with request_slot(self._pause, self._lock_path):
            deadline = time.monotonic() + self._timeout
            try:
                response = super().request(method, address, **kwargs)
                with response:
                    # Read the body here with limits; `requests` would read it without any.
                    response._content = self._read_body(response, deadline)
                    response._content_consumed = True  # type: ignore[attr-defined]
                    return response
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise _TransientError(describe_failure(error, address, self._timeout)) from error

    def _read_body(self, response: requests.Response, deadline: float) -> bytes:
        chunks, size = [], 0
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > _MAX_BYTES:
                raise UpstreamError(
                    f"the response of {response.url} is larger than {_MAX_BYTES >> 20} MB"
                )
            if time.monotonic() > deadline:
                raise _TransientError(f"the response is not complete after {self._timeout} s")
            chunks.append(chunk)
        return b"".join(chunks)


class _StopRequests(UpstreamError):
    """arXiv wants no more requests from this client for now."""


def _parse_address(base: str) -> SplitResult:
    with suppress(ValueError):
        parts = urlsplit(base)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts
    raise BadInput(f"{base!r} is not a server address like https://oaipmh.arxiv.org/oai")


def user_agent(contact: str) -> str:
    """Return the User-Agent: name, version and contact, as arXiv requests of harvesters."""
    return f"seealso/{version('seealso')}" + (f" (mailto:{contact})" if contact else "")
