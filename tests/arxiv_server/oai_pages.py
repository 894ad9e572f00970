"""Pages of arXiv's OAI-PMH server, with the format and whitespace of its templates."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal, NamedTuple

from markupsafe import escape

RECORDED = Path(__file__).parent / "wire" / "oai"
BASE_URL = "https://oaipmh.arxiv.org/oai"
FORMATS = ("arXiv", "arXivRaw")
_IDENTIFY = (RECORDED / "Identify.xml").read_text().partition("    <Identify>")[2]
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_PHYSICS = frozenset(
    "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics "
    "quant-ph".split()
)
_NAMED_ARGUMENTS = ("verb", "identifier", "metadataPrefix", "from", "until", "set")
ErrorCode = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noRecordsMatch",
]
_ERRORS: dict[ErrorCode, str] = {
    "badArgument": "The request includes illegal arguments, is missing required arguments, "
    "includes a repeated argument, or values for arguments have an illegal syntax.",
    "badResumptionToken": "The value of the resumptionToken argument is invalid or expired.",
    "badVerb": "Value of the verb argument is not a legal OAI-PMH verb, the verb argument is "
    "missing, or the verb argument is repeated.",
    "cannotDisseminateFormat": "The metadata format identified by the value given for the "
    "metadataPrefix argument is not supported by the item or by the repository.",
    "idDoesNotExist": "The value of the identifier argument is unknown or illegal in this "
    "repository.",
    "noRecordsMatch": "The combination of the values of the from, until, set and "
    "metadataPrefix arguments results in an empty list.",
}


class RawVersion(NamedTuple):
    """A version in arXivRaw; the source type `I` marks a withdrawal."""

    number: int
    created: datetime
    size: str = "16kb"
    source_type: str | None = None


@dataclass
class Announced:
    """A record of arXiv. An author is (keyname, forenames) or (keyname, forenames, suffix)."""

    id: str
    datestamp: date
    title: str = "On testing"
    abstract: str = "We test."
    authors: list[tuple[str, ...]] = field(default_factory=lambda: [("Author", "Ann")])
    categories: list[str] = field(default_factory=lambda: ["cs.LG"])
    versions: list[RawVersion] = field(
        default_factory=lambda: [RawVersion(1, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))]
    )
    license: str | None = None
    comments: str | None = None
    doi: str | None = None
    journal_ref: str | None = None
    msc_class: str | None = None
    acm_class: str | None = None
    report_no: str | None = None
    proxy: str | None = None
    submitter: str = "Ann Author"
    raw_authors: str | None = None
    """The authors in arXivRaw, if the submitter's text is not the joined names."""
    deleted: bool = False
    shown_datestamp: date | None = None
    """The datestamp in the header, if it is not the day under which the record is listed."""
    raw: bytes | None = None
    """Sent instead of the whole record element."""

    @property
    def set_specs(self) -> list[str]:
        return [_set_spec(category) for category in self.categories]

    @property
    def names(self) -> list[str]:
        return [" ".join(filter(None, (*name[1:2], name[0], *name[2:]))) for name in self.authors]


def _set_spec(category: str) -> str:
    archive, _, subject = category.partition(".")
    group = "physics" if archive in _PHYSICS else archive
    return ":".join(filter(None, (group, archive, subject)))


def page(now: datetime, arguments: dict[str, str], content: bytes) -> bytes:
    """Return a whole page; pages of errors do not repeat the arguments."""
    if token := arguments.get("resumptionToken"):
        echo = f" verb='{escape(arguments['verb'])}' resumptionToken='{escape(token)}'"
    else:
        named = [(name, arguments[name]) for name in _NAMED_ARGUMENTS if name in arguments]
        echo = "".join(f' {name}="{escape(value)}"' for name, value in named)
    head = f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"\x20
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
    <responseDate>{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</responseDate>
                <request{echo}>{BASE_URL}</request>


"""
    return head.encode() + content + b"</OAI-PMH>"


def error(now: datetime, code: ErrorCode, reason: str = "") -> bytes:
    """Return the page of an error."""
    text = _ERRORS[code] + (f" Reason: {escape(reason)}" if reason else "")
    return page(now, {}, f"    <error code='{code}'>{text}</error>\n".encode())


def identify() -> bytes:
    """Return the element Identify of arXiv."""
    return b"    <Identify>" + _IDENTIFY.removesuffix("</OAI-PMH>").encode()


def within(verb: str, content: bytes) -> bytes:
    """Return the element of a verb with its content."""
    return f"    <{verb}>\n".encode() + content + f"    </{verb}>\n".encode()


def resumption(token: str, now: datetime) -> bytes:
    """Return the element of a token; without a token it is empty, which ends a list."""
    midnight = now.astimezone(UTC).date() + timedelta(days=1)
    expires = f" expirationDate='{midnight}T00:00:00Z'"
    element = f"<resumptionToken{expires}>{token}</resumptionToken>"
    return f"                    {element if token else '<resumptionToken/>'}\n\n".encode()


def header(record: Announced) -> str:
    """Return the header of a record; a deleted record has nothing else."""
    status = ' status="deleted"' if record.deleted else ""
    specs = "".join(f"            <setSpec>{spec}</setSpec>\n" for spec in record.set_specs)
    return f"""                <header{status}>
        <identifier>oai:arXiv.org:{record.id}</identifier>
        <datestamp>{record.shown_datestamp or record.datestamp}</datestamp>
{specs}    </header>

"""


def whole_record(record: Announced, prefix: str) -> bytes:
    """Return the element of a record in one of the two formats."""
    if record.raw is not None:
        return b"                    " + record.raw + b"\n\n"
    metadata = ""
    if not record.deleted:
        form = _arxiv(record) if prefix == "arXiv" else _arxiv_raw(record)
        namespace = f"http://arxiv.org/OAI/{prefix}/"
        schema = f"{namespace} https://oaipmh.arxiv.org/OAI/{prefix}.xsd"
        metadata = f"""            <metadata>
                        <{prefix} xmlns="{namespace}" {_XSI} xsi:schemaLocation="{schema}">
        <id>{record.id}</id>
{form}    </{prefix}>

            </metadata>
"""
    return f"""                    <record>
{header(record)}{metadata}        </record>

""".encode()


def _arxiv(record: Announced) -> str:
    # As in arXiv's own pages, `created` is the day of the newest version, not of the first.
    created = record.versions[-1].created.date() if record.versions else record.datestamp
    authors = "".join(_author(name) for name in record.authors)
    return (
        f"        <created>{created}</created>\n"
        f"            <updated>{record.datestamp}</updated>\n"
        f"        <authors>\n{authors}        </authors>\n"
        f"        <title>{escape(record.title)}</title>\n"
        f"    {_categories(record)}{_rest(record)}"
    )


def _author(name: tuple[str, ...]) -> str:
    keyname, forenames, suffix = (*name, "", "")[:3]
    parts = f"                    <keyname>{escape(keyname)}</keyname>\n"
    if forenames:
        parts += f"                        <forenames>{escape(forenames)}</forenames>\n"
    if suffix:
        parts += f"                        <suffix>{escape(suffix)}</suffix>\n"
    return f"                <author>\n{parts}                </author>\n"


def _arxiv_raw(record: Announced) -> str:
    names = record.names
    joined = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    versions = "".join(_version(version) for version in record.versions)
    return (
        f"        <submitter>{escape(record.submitter)}</submitter>\n"
        f"{versions}"
        f"        <title>{escape(record.title)}</title>\n"
        f"        <authors>{escape(record.raw_authors or joined)}</authors>\n"
        f"{_categories(record)}{_rest(record)}"
    )


def _version(version: RawVersion) -> str:
    source_type = f"                    <source_type>{version.source_type}</source_type>\n"
    return (
        f'            <version version="v{version.number}">\n'
        f"                <date>{format_datetime(version.created, usegmt=True)}</date>\n"
        f"                <size>{version.size}</size>\n"
        f"{source_type if version.source_type else ''}"
        "            </version>\n"
    )


def _categories(record: Announced) -> str:
    return f"        <categories>{' '.join(record.categories)}</categories>\n"


def _rest(record: Announced) -> str:
    # A bug of arXiv: if there is an acm-class, the msc-class is printed in its place.
    rest = {
        "comments": record.comments,
        "proxy": record.proxy,
        "report-no": record.report_no,
        "msc-class": record.msc_class,
        "acm-class": str(record.msc_class) if record.acm_class else None,
        "journal-ref": record.journal_ref,
        "doi": record.doi,
        "license": record.license,
        "abstract": record.abstract,
    }
    return "".join(
        f"            <{name}>{escape(text)}</{name}>\n" for name, text in rest.items() if text
    )
