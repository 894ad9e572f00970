"""Parse records of arXiv's OAI-PMH server, in either of its own formats, into papers.

`arXivRaw` has all versions with size and flags, the licence, and the authors in one line. `arXiv`
has split names and the day of the newest version only: it cannot mark a withdrawal, which is then
known only if the texts announce it. `acm-class` is ignored because the server prints the msc-class
there in both formats.
"""

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from lxml import etree

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import Paper, Version, to_single_line, with_withdrawal
from index.catalogue.rejections import RejectedRecord
from index.errors import BadIdentifier
from ingest.author_names import SplitAuthors, author_names, split_authors
from ingest.bounds import MAX_RECORD, within_bounds
from ingest.dates import day
from ingest.reading import reading_one_record

Format = Literal["arXivRaw", "arXiv"]

SOURCE = "oai"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
_SPLIT = "{http://arxiv.org/OAI/arXiv/}"
_NAME = ("keyname", "forenames", "suffix")
_SIZE = re.compile(r"(\d{1,9}) ?kb", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """Header of a record: canonical id, day of the last change, and whether arXiv deleted it."""

    paper_id: str
    datestamp: date
    deleted: bool


@dataclass(frozen=True, slots=True)
class OaiRecord:
    """A record: its header, None if it cannot be parsed, and the paper, None if it was deleted."""

    header: Header | None
    paper: Paper | RejectedRecord | None


def read_record(record: etree._Element) -> OaiRecord:
    """Parse a `record` element; if that fails, the paper is a RejectedRecord with the raw bytes."""
    header: Header | None = None
    try:
        with reading_one_record():
            header = read_header(_child(record, f"{OAI}header"))
            if sum(map(len, record.itertext())) > MAX_RECORD:
                raise ValueError("the record is too long")
            return OaiRecord(header, None if header.deleted else read_paper(record))
    except ValueError as error:
        raw = etree.tostring(record, encoding="utf-8", with_tail=False)
        key = record_key(record.findtext(f"{OAI}header/{OAI}identifier") or "", raw)
        return OaiRecord(header, RejectedRecord(key, str(error), raw))


def record_key(identifier: str, raw: bytes) -> str:
    """Return the key of a rejected record: canonical id, else its text, else a hash of it."""
    try:
        return canonical_id(identifier)
    except BadIdentifier:
        return to_single_line(identifier) or f"without identifier, {sha256(raw).hexdigest()[:12]}"


def read_header(header: etree._Element) -> Header:
    """Parse a `header` element; raises ValueError or BadIdentifier if that fails."""
    return Header(
        paper_id=canonical_id(_text(header, f"{OAI}identifier")),
        datestamp=date.fromisoformat(_text(header, f"{OAI}datestamp")),
        deleted=header.get("status") == "deleted",
    )


def read_paper(record: etree._Element) -> Paper:
    """Parse the paper in a `record` element; raises ValueError or BadIdentifier if that fails."""
    metadata = _child(record, f"{OAI}metadata")
    raw, split = metadata.find(f"{_RAW}arXivRaw"), metadata.find(f"{_SPLIT}arXiv")
    if raw is not None:
        return within_bounds(_from_raw(raw))
    if split is not None:
        return within_bounds(_from_split(split))
    raise ValueError("the metadata format is neither arXivRaw nor arXiv")


def read_raw_record(raw: bytes) -> Paper:
    """Parse the paper of a record stored as bytes; raises ValueError with the reason."""
    with reading_one_record():
        return read_paper(parse(raw))


def parse(document: bytes) -> etree._Element:
    """Parse XML and return its root; raises ValueError if it is not well-formed or has a DTD.

    The parser resolves no entities and fetches nothing.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not well-formed XML: {error}") from error
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise ValueError("the XML has a DOCTYPE, which OAI-PMH never uses")
    return root


def _from_raw(metadata: etree._Element) -> Paper:
    rows = sorted(metadata.findall(f"{_RAW}version"), key=_number)
    versions = tuple(_version(row) for row in rows)
    return _paper(
        metadata,
        _RAW,
        authors=(author_names(metadata.findtext(f"{_RAW}authors") or ""), ()),
        versions=versions,
        submitted=versions[0].created if versions and versions[0].number == 1 else None,
        updated=versions[-1].created if versions else None,
    )


def _version(row: etree._Element) -> Version:
    size = _SIZE.fullmatch((row.findtext(f"{_RAW}size") or "").strip())
    return Version(
        _number(row),
        day(_text(row, f"{_RAW}date")),
        size=int(size[1]) if size else None,
        flags=(row.findtext(f"{_RAW}source_type") or "").strip(),
    )


def _number(version: etree._Element) -> int:
    return int((version.get("version") or "").lstrip("v"))


def _from_split(metadata: etree._Element) -> Paper:
    # In this format, `created` is the day of the newest version and `updated` the day of the
    # announcement. The day of the first version is not included.
    created = metadata.findtext(f"{_SPLIT}created")
    rows = (
        [author.findtext(_SPLIT + part) or "" for part in _NAME]
        for author in metadata.iterfind(f"{_SPLIT}authors/{_SPLIT}author")
    )
    return _paper(
        metadata,
        _SPLIT,
        authors=split_authors(rows),
        versions=(),
        submitted=None,
        updated=day(created) if created else None,
    )


def _paper(
    metadata: etree._Element,
    namespace: str,
    *,
    authors: SplitAuthors,
    versions: tuple[Version, ...],
    submitted: date | None,
    updated: date | None,
) -> Paper:
    def line(name: str) -> str | None:
        return to_single_line(metadata.findtext(namespace + name)) or None

    title, abstract, comment = line("title"), line("abstract") or "", line("comments")
    if title is None:
        raise ValueError("the title is empty")
    paper = Paper(
        id=canonical_id(_text(metadata, f"{namespace}id")),
        title=title,
        abstract=abstract,
        authors=authors[0],
        categories=tuple((line("categories") or "").split()),
        version=versions[-1].number if versions else None,
        versions=versions,
        submitted=submitted,
        updated=updated,
        license=line("license"),
        doi=line("doi"),
        journal_ref=line("journal-ref"),
        comment=comment,
        name_parts=authors[1],
    )
    return with_withdrawal(paper)


def _child(element: etree._Element, name: str) -> etree._Element:
    child = element.find(name)
    if child is None:
        raise ValueError(f"the element {etree.QName(name).localname} is missing")
    return child


def _text(element: etree._Element, name: str) -> str:
    text = (element.findtext(name) or "").strip()
    if not text:
        raise ValueError(f"the element {etree.QName(name).localname} is missing or empty")
    return text
