"""arXiv's OAI-PMH server (the one of 2025, github.com/arXiv/oaipmh): its lists, page by page.

A small client of our own, because what a library would bring is not what is hard here:
oaipmh-scythe 0.16 sends arXiv's tokens rightly, but it raises for a `Retry-After` that is a date,
knows none on a 429, and takes its own connections, past our turns, limits and hosts.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from index.catalogue.rejections import RejectedRecord
from index.errors import BadIdentifier, BadInput, UpstreamError
from ingest.arxiv.session import ArxivSession
from ingest.oai.records import OAI, Harvested, Header, key_of, parse, read_header, read_record

_RECORD = re.compile(rb"<record>.*?</record>", re.DOTALL)
_IDENTIFIER = re.compile(rb"<identifier>([^<]*)<")
_ALONE = b'<record xmlns="http://www.openarchives.org/OAI/2.0/">'
_MAX_TRIES = 3


class ExpiredToken(UpstreamError):
    """The server no longer knows how to go on from here: tokens end at midnight UTC."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to ListRecords or ListIdentifiers. `token` is None on the last page."""

    response_date: datetime
    records: list[Harvested]
    headers: list[Header]
    token: str | None


class OaiClient:
    """Asks one OAI-PMH server."""

    def __init__(self, session: ArxivSession, address: str) -> None:
        self._session = session
        self._address = address

    def page(self, verb: str, arguments: Mapping[str, str]) -> Page:
        """One page of a list; `arguments` are the query's own, or a `resumptionToken` alone.

        An empty list is a page without records. Raises ExpiredToken, BadInput for arguments that
        arXiv refuses, UpstreamError for answers that stay unreadable.
        """
        body = b""
        for _ in range(_MAX_TRIES):
            # The token goes in as a parameter's value: it is percent-encoded already, and has to
            # be encoded once more.
            response = self._session.get(self._address, params={"verb": verb, **arguments})
            if response.status_code != 200:
                raise UpstreamError(f"{response.url} answered HTTP {response.status_code}")
            body = response.content
            try:
                return read_page(body)
            except ValueError as error:
                reason = str(error)
        try:
            return _salvaged(body)
        except ValueError:
            raise UpstreamError(f"{self._address} answered {_MAX_TRIES} times: {reason}") from None


def read_page(body: bytes) -> Page:
    """Read one answer; raises ValueError for what is no OAI-PMH answer, and as `OaiClient.page`."""
    root = parse(body)
    if root.tag != f"{OAI}OAI-PMH":
        raise ValueError(f"no OAI-PMH answer, but {etree.QName(root).localname}")
    error = root.find(f"{OAI}error")
    if error is not None and error.get("code") != "noRecordsMatch":
        _refuse(error.get("code") or "", (error.text or "").strip())
    records = [read_record(one) for one in root.iterfind(f"{OAI}ListRecords/{OAI}record")]
    token = root.findtext(f"*/{OAI}resumptionToken")
    said = root.findtext(f"{OAI}responseDate")
    return Page(
        response_date=datetime.fromisoformat(said or "").astimezone(UTC),
        records=records,
        headers=list(_headers(root)),
        token=(token or "").strip() or None,
    )


def _headers(root: etree._Element) -> Iterator[Header]:
    for one in root.iterfind(f"{OAI}ListIdentifiers/{OAI}header"):
        # One of no known form is kept aside where its record is read.
        with suppress(ValueError, BadIdentifier):
            yield read_header(one)


def _refuse(code: str, text: str) -> None:
    if code == "badResumptionToken":
        raise ExpiredToken(text)
    if code in ("badArgument", "cannotDisseminateFormat", "noSetHierarchy"):
        raise BadInput(f"arXiv's OAI-PMH server refuses the request: {text}")
    raise UpstreamError(f"arXiv's OAI-PMH server answered {code}: {text}")


def _salvaged(body: bytes) -> Page:
    """The page of an answer that is whole, but in which single records are no XML.

    Raises ValueError where the rest of it is none either.
    """
    page = read_page(_RECORD.sub(b"", body))
    records = []
    for found in _RECORD.findall(body):
        raw = found.replace(b"<record>", _ALONE, 1)  # so that it can be read without its page
        try:
            records.append(read_record(parse(raw)))
        except ValueError as error:
            named = _IDENTIFIER.search(raw)
            key = key_of(named[1].decode("ascii", "replace") if named else "", raw)
            records.append(Harvested(None, RejectedRecord(key, str(error), raw)))
    return Page(page.response_date, records, [], page.token)
