"""Client of arXiv's OAI-PMH server (the one of 2025, github.com/arXiv/oaipmh): lists, page by page.

It replaces a library, since oaipmh-scythe 0.16 does not solve what is difficult here. It sends
arXiv's tokens correctly, but it raises an error if `Retry-After` is a date, ignores that header on
a 429, and opens its own connections, which bypasses the rate limit, the size limits and the allowed
hosts of `ArxivSession`.
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
from ingest.oai.records import OAI, Header, OaiRecord, parse, read_header, read_record, record_key

_RECORD = re.compile(rb"<record>.*?</record>", re.DOTALL)
_IDENTIFIER = re.compile(rb"<identifier>([^<]*)<")
_STANDALONE = b'<record xmlns="http://www.openarchives.org/OAI/2.0/">'
_MAX_TRIES = 3


class ExpiredToken(UpstreamError):
    """The server no longer knows a resumption token; tokens expire at midnight UTC."""


@dataclass(frozen=True, slots=True)
class Page:
    """One response to ListRecords or ListIdentifiers. `token` is None on the last page."""

    response_date: datetime
    records: list[OaiRecord]
    headers: list[Header]
    token: str | None


class OaiClient:
    """Client of one OAI-PMH server.

        client = OaiClient(session, "https://oaipmh.arxiv.org/oai")
        page = client.page("ListRecords", {"metadataPrefix": "arXivRaw", "from": "2026-03-02"})
        while page.token:
            page = client.page("ListRecords", {"resumptionToken": page.token})

    `list_pages` of ingest/oai/paging.py also handles expired tokens and repeated pages.
    """

    def __init__(self, session: ArxivSession, address: str) -> None:
        self._session = session
        self._address = address

    def page(self, verb: str, arguments: Mapping[str, str]) -> Page:
        """Return one page of a list; `arguments` are those of the query, or a `resumptionToken`.

        An empty list is a page without records. Raises ExpiredToken, BadInput if arXiv refuses the
        arguments, UpstreamError if the response cannot be parsed in three attempts.
        """
        body = b""
        for _ in range(_MAX_TRIES):
            # The token is percent-encoded already; as the value of a parameter, it must be encoded
            # once more.
            response = self._session.get(self._address, params={"verb": verb, **arguments})
            if response.status_code != 200:
                raise UpstreamError(f"{response.url} answered HTTP {response.status_code}")
            body = response.content
            try:
                return read_page(body)
            except ValueError as error:
                reason = str(error)
        try:
            return _salvage(body)
        except ValueError:
            raise UpstreamError(
                f"{self._address} sent an invalid response {_MAX_TRIES} times: {reason}"
            ) from None


def read_page(body: bytes) -> Page:
    """Parse a response; raises ValueError if it is not OAI-PMH, else like `OaiClient.page`."""
    root = parse(body)
    if root.tag != f"{OAI}OAI-PMH":
        raise ValueError(f"expected an OAI-PMH document, got {etree.QName(root).localname}")
    error = root.find(f"{OAI}error")
    if error is not None and error.get("code") != "noRecordsMatch":
        _raise_error(error.get("code") or "", (error.text or "").strip())
    records = [read_record(one) for one in root.iterfind(f"{OAI}ListRecords/{OAI}record")]
    token = root.findtext(f"*/{OAI}resumptionToken")
    response_date = root.findtext(f"{OAI}responseDate") or ""
    return Page(
        response_date=datetime.fromisoformat(response_date).astimezone(UTC),
        records=records,
        headers=list(_headers(root)),
        token=(token or "").strip() or None,
    )


def _headers(root: etree._Element) -> Iterator[Header]:
    for one in root.iterfind(f"{OAI}ListIdentifiers/{OAI}header"):
        # A header that cannot be parsed is rejected with its record.
        with suppress(ValueError, BadIdentifier):
            yield read_header(one)


def _raise_error(code: str, text: str) -> None:
    if code == "badResumptionToken":
        raise ExpiredToken(text)
    if code in ("badArgument", "cannotDisseminateFormat", "noSetHierarchy"):
        raise BadInput(f"arXiv's OAI-PMH server refuses the request: {text}")
    raise UpstreamError(f"arXiv's OAI-PMH server answered {code}: {text}")


def _salvage(body: bytes) -> Page:
    """Return the page of a complete response in which some records are not well-formed XML.

    Raises ValueError if the rest of the response is invalid too.
    """
    page = read_page(_RECORD.sub(b"", body))
    records = []
    for match in _RECORD.findall(body):
        raw = match.replace(b"<record>", _STANDALONE, 1)  # so that it can be parsed on its own
        try:
            records.append(read_record(parse(raw)))
        except ValueError as error:
            identifier = _IDENTIFIER.search(raw)
            text = identifier[1].decode("ascii", "replace") if identifier else ""
            rejected = RejectedRecord(record_key(text, raw), str(error), raw)
            records.append(OaiRecord(None, rejected))
    return Page(page.response_date, records, [], page.token)
