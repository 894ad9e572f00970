"""One record of arXiv's OAI-PMH server as a Paper, from either of its own formats.

`arXivRaw` has all versions and the licence, and authors in one line; `arXiv` has split names and
only the newest version's day. Neither says `acm-class` rightly (the server prints the msc-class
there), so it is not read. A withdrawal is said by the comment, or shown by a source without bytes.
"""

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from lxml import etree

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import Paper, Version, states_withdrawal, to_single_line
from index.arxiv.tex.text import decode_author_tex
from index.catalogue.rejections import RejectedRecord
from index.errors import BadIdentifier
from ingest.author_names import author_names
from ingest.dates import day

Format = Literal["arXivRaw", "arXiv"]

SOURCE = "oai"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
_SPLIT = "{http://arxiv.org/OAI/arXiv/}"
_NAME = ("forenames", "keyname", "suffix")
_AND = re.compile(r"^[aA]nd ")


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before every record: whose it is, and the day of its last change."""

    paper_id: str
    datestamp: date
    deleted: bool


@dataclass(frozen=True, slots=True)
class Harvested:
    """A record: its header where it can be read, and the paper; None for a deleted one."""

    header: Header | None
    paper: Paper | RejectedRecord | None


def read_record(record: etree._Element) -> Harvested:
    """Read a `record` element; what cannot be understood is kept whole in a RejectedRecord."""
    header: Header | None = None
    try:
        header = read_header(_child(record, f"{OAI}header"))
        return Harvested(header, None if header.deleted else read_paper(record))
    except (ValueError, BadIdentifier) as error:
        raw = etree.tostring(record, encoding="utf-8", with_tail=False)
        key = key_of(record.findtext(f"{OAI}header/{OAI}identifier") or "", raw)
        return Harvested(header, RejectedRecord(key, str(error), raw))


def key_of(identifier: str, raw: bytes) -> str:
    """What a record is kept under: its canonical id, or whatever stands in that place."""
    try:
        return canonical_id(identifier)
    except BadIdentifier:
        return to_single_line(identifier) or f"without identifier, {sha256(raw).hexdigest()[:12]}"


def read_header(header: etree._Element) -> Header:
    """Read a `header` element; raises ValueError or BadIdentifier for one without id or day."""
    return Header(
        paper_id=canonical_id(_text(header, f"{OAI}identifier")),
        datestamp=date.fromisoformat(_text(header, f"{OAI}datestamp")),
        deleted=header.get("status") == "deleted",
    )


def read_paper(record: etree._Element) -> Paper:
    """The paper of a `record` element; raises ValueError or BadIdentifier where there is none."""
    metadata = _child(record, f"{OAI}metadata")
    raw, split = metadata.find(f"{_RAW}arXivRaw"), metadata.find(f"{_SPLIT}arXiv")
    if raw is not None:
        return _from_raw(raw)
    if split is not None:
        return _from_split(split)
    raise ValueError("the metadata is neither arXivRaw nor arXiv")


def read_raw_record(raw: bytes) -> Paper:
    """The paper of a record that was kept as bytes; raises ValueError or BadIdentifier."""
    return read_paper(parse(raw))


def parse(document: bytes) -> etree._Element:
    """The root of an XML document; raises ValueError for one that is broken, or declares entities.

    Nothing is fetched or expanded, whatever the document says.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no well-formed XML: {error}") from error
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise ValueError("XML with a document type, which OAI-PMH never has")
    return root


def _from_raw(metadata: etree._Element) -> Paper:
    rows = sorted(metadata.findall(f"{_RAW}version"), key=_number)
    versions = tuple(Version(_number(row), day(_text(row, f"{_RAW}date"))) for row in rows)
    empty = bool(rows) and (
        rows[-1].findtext(f"{_RAW}size") == "0kb" or rows[-1].findtext(f"{_RAW}source_type") == "I"
    )
    return _paper(
        metadata,
        _RAW,
        authors=author_names(metadata.findtext(f"{_RAW}authors") or ""),
        versions=versions,
        submitted=versions[0].created if versions and versions[0].number == 1 else None,
        updated=versions[-1].created if versions else None,
        withdrawn=empty,
    )


def _number(version: etree._Element) -> int:
    return int((version.get("version") or "").lstrip("v"))


def _from_split(metadata: etree._Element) -> Paper:
    # Its `created` is the day of the newest version, its `updated` that of the announcement; the
    # day of the first version is not in it.
    created = metadata.findtext(f"{_SPLIT}created")
    # Where a line of names ends in ", and", the server takes the "and" for part of a name.
    names = (
        to_single_line(
            decode_author_tex(" ".join(author.findtext(_SPLIT + part) or "" for part in _NAME))
        )
        for author in metadata.iterfind(f"{_SPLIT}authors/{_SPLIT}author")
    )
    return _paper(
        metadata,
        _SPLIT,
        authors=tuple(_AND.sub("", name) for name in names if name),
        versions=(),
        submitted=None,
        updated=day(created) if created else None,
        withdrawn=False,
    )


def _paper(
    metadata: etree._Element,
    namespace: str,
    *,
    authors: tuple[str, ...],
    versions: tuple[Version, ...],
    submitted: date | None,
    updated: date | None,
    withdrawn: bool,
) -> Paper:
    def line(name: str) -> str | None:
        return to_single_line(metadata.findtext(namespace + name)) or None

    title, abstract, comment = line("title"), line("abstract") or "", line("comments")
    if title is None:
        raise ValueError("the title is empty")
    return Paper(
        id=canonical_id(_text(metadata, f"{namespace}id")),
        title=title,
        abstract=abstract,
        authors=authors,
        categories=tuple((line("categories") or "").split()),
        version=versions[-1].number if versions else None,
        versions=versions,
        submitted=submitted,
        updated=updated,
        license=line("license"),
        doi=line("doi"),
        journal_ref=line("journal-ref"),
        comment=comment,
        withdrawn=withdrawn or states_withdrawal(comment, abstract),
    )


def _child(element: etree._Element, name: str) -> etree._Element:
    found = element.find(name)
    if found is None:
        raise ValueError(f"no {etree.QName(name).localname} in it")
    return found


def _text(element: etree._Element, name: str) -> str:
    found = (element.findtext(name) or "").strip()
    if not found:
        raise ValueError(f"no {etree.QName(name).localname} in it")
    return found
