"""Responses of arXiv's OAI-PMH server: verbs, resumption tokens, errors."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, quote, unquote, urlencode

from tests.arxiv_server import oai_pages as pages
from tests.arxiv_server.oai_pages import Announced

EARLIEST = date(2005, 9, 16)
Pairs = list[tuple[str, str]]
"""The arguments in their order; a repeated one occurs twice."""

_LIST_ARGUMENTS = {"metadataPrefix", "from", "until", "set", "resumptionToken"}
_ARGUMENTS = {
    "Identify": set[str](),
    "ListMetadataFormats": {"identifier"},
    "ListSets": {"resumptionToken"},
    "GetRecord": {"identifier", "metadataPrefix"},
    "ListRecords": _LIST_ARGUMENTS,
    "ListIdentifiers": _LIST_ARGUMENTS,
}


class _OaiError(Exception):
    def __init__(self, code: pages.ErrorCode, reason: str = "") -> None:
        self.code = code
        self.reason = reason


def _bad_token() -> _OaiError:
    return _OaiError("badResumptionToken", "Token decoding failed or format is invalid.")


@dataclass
class Repository:
    """The records of arXiv and the sizes of pages. It keeps no state between requests."""

    records: list[Announced]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    records_per_page: int = 2_500
    identifiers_per_page: int = 20_000

    def answer(self, pairs: Pairs) -> bytes:
        """Return the page for these arguments."""
        try:
            arguments = _checked(pairs)
            return pages.page(self.now, arguments, self._content(arguments))
        except _OaiError as error:
            return pages.error(self.now, error.code, error.reason)

    def expired(self) -> bytes:
        """Return the error for an invalid token."""
        return pages.error(self.now, "badResumptionToken", _bad_token().reason)

    def refusal(self) -> bytes:
        """Return the error for an invalid argument."""
        return pages.error(self.now, "badArgument", "Set does not exist")

    def empty_page(self, pairs: Pairs) -> bytes:
        """Return an empty list whose token repeats this request."""
        arguments = dict(pairs)
        first = arguments.get("from", EARLIEST.isoformat())
        token = arguments.get("resumptionToken") or _token(arguments, first, 0)
        content = pages.within(arguments["verb"], pages.resumption(token, self.now))
        return pages.page(self.now, arguments, content)

    def _content(self, arguments: dict[str, str]) -> bytes:
        verb = arguments["verb"]
        if verb == "Identify":
            return pages.identify()
        if verb == "ListSets":
            return pages.within(verb, self._sets())
        if verb == "ListMetadataFormats":
            if "identifier" in arguments:
                self._named(arguments["identifier"])
            return pages.within(verb, "".join(map(_format, pages.FORMATS)).encode())
        if verb == "GetRecord":
            record = self._named(_required(arguments, "identifier"))
            return pages.within(verb, pages.whole_record(record, _prefix(arguments)))
        return self._list(arguments)

    def _named(self, identifier: str) -> Announced:
        for record in self.records:
            if identifier == f"oai:arXiv.org:{record.id}":
                return record
        raise _OaiError("idDoesNotExist")

    def _sets(self) -> bytes:
        specs = {spec for record in self.records for spec in record.set_specs}
        specs |= {spec[:at] for spec in specs for at, sign in enumerate(spec) if sign == ":"}
        return "".join(
            f"        <set>\n            <setSpec>{spec}</setSpec>\n"
            f"            <setName>{spec.rpartition(':')[2]}</setName>\n        </set>\n"
            for spec in sorted(specs)
        ).encode()

    def _list(self, arguments: dict[str, str]) -> bytes:
        verb, token = arguments["verb"], arguments.get("resumptionToken")
        asked = arguments if token is None else _decoded(token, verb)
        prefix = _prefix(asked)
        if token is None:
            self._check_days(asked)
        skip = int(asked.get("skip", 0))
        end = skip + (self.records_per_page if verb == "ListRecords" else self.identifiers_per_page)
        found = self._selected(asked)
        shown = found[skip:end]
        if not shown:
            raise _OaiError("noRecordsMatch")
        if verb == "ListRecords":
            content = b"".join(pages.whole_record(record, prefix) for record in shown)
        else:
            content = "".join(pages.header(record) for record in shown).encode()
        following = ""
        if found[end:]:
            last_day = shown[-1].datestamp
            of_that_day = sum(record.datestamp == last_day for record in found[:end])
            following = _token(asked, last_day.isoformat(), of_that_day)
        if following or token is not None:
            content += pages.resumption(following, self.now)
        return pages.within(verb, content)

    def _check_days(self, asked: dict[str, str]) -> None:
        tomorrow = self.now.astimezone(UTC).date() + timedelta(days=1)
        first, last = _day(asked, "from", EARLIEST), _day(asked, "until", tomorrow)
        if first < EARLIEST:
            raise _OaiError("badArgument", "start date too early")
        if last > tomorrow:
            raise _OaiError("badArgument", "until date too late")
        if first > last:
            raise _OaiError("badArgument", "from date after until date")

    def _selected(self, asked: dict[str, str]) -> list[Announced]:
        first, last = _day(asked, "from", date.min), _day(asked, "until", date.max)
        wanted = asked.get("set")
        found = [
            record
            for record in self.records
            if first <= record.datestamp <= last and (wanted is None or _in_set(record, wanted))
        ]
        return sorted(found, key=lambda record: (record.datestamp, record.id))


def _checked(pairs: Pairs) -> dict[str, str]:
    arguments = dict(pairs)
    if len(arguments) < len(pairs):
        raise _OaiError("badArgument", "duplicate parameters")
    known = _ARGUMENTS.get(arguments.get("verb", ""))
    if known is None:
        raise _OaiError("badVerb", "Invalid verb provided")
    if unknown := arguments.keys() - known - {"verb"}:
        raise _OaiError("badArgument", f"unknown parameters {', '.join(sorted(unknown))}")
    if "resumptionToken" in arguments and len(arguments) > 2:
        raise _OaiError("badArgument", "no other parameters with a resumptionToken")
    return arguments


def _required(arguments: dict[str, str], name: str) -> str:
    if name not in arguments:
        raise _OaiError("badArgument", f"{name} is required")
    return arguments[name]


def _prefix(arguments: dict[str, str]) -> str:
    prefix = _required(arguments, "metadataPrefix")
    if prefix not in pages.FORMATS:
        raise _OaiError("cannotDisseminateFormat", "Did not recognize requested format")
    return prefix


def _day(arguments: dict[str, str], name: str, absent: date) -> date:
    text = arguments.get(name)
    if text is None:
        return absent
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise _OaiError("badArgument", f"{name} date format must be YYYY-MM-DD") from None


def _token(asked: dict[str, str], first: str, skip: int) -> str:
    names = ("verb", "metadataPrefix", "set", "until")
    kept = {name: asked[name] for name in names if name in asked}
    return quote(urlencode({**kept, "from": first, "skip": skip}))


def _decoded(token: str, verb: str) -> dict[str, str]:
    text = unquote(token)
    values = {name: given[0] for name, given in parse_qs(text).items()}
    # A token put into an address without being encoded again arrives decoded already.
    whole = quote(text) == token and values.get("verb") == verb
    if not (whole and values.keys() >= {"from", "skip"} and values["skip"].isdecimal()):
        raise _bad_token()
    try:
        date.fromisoformat(values["from"])
    except ValueError:
        raise _bad_token() from None
    return values


def _in_set(record: Announced, wanted: str) -> bool:
    return any(f"{spec}:".startswith(f"{wanted}:") for spec in record.set_specs)


def _format(prefix: str) -> str:
    return f"""        <metadataFormat>
            <metadataPrefix>{prefix}</metadataPrefix>
            <schema>https://oaipmh.arxiv.org/OAI/{prefix}.xsd</schema>
            <metadataNamespace>http://arxiv.org/OAI/{prefix}/</metadataNamespace>
        </metadataFormat>
"""
