"""Parse the references of a user's library: BibTeX, RIS, CSL-JSON or Better BibTeX JSON.

Zotero, Mendeley, JabRef and publishers' pages export these formats. Of each reference only the
fields that identify the paper are kept: arXiv id, DOI and title.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath

from index.arxiv.bibliographic_text import without_markup
from index.arxiv.paper import to_single_line
from index.bibliography.better_bibtex import collection_name
from index.bibliography.decoding import decode_library, escaped_byte, unescape_bytes
from index.bibliography.identification import arxiv_id_of, doi_of
from index.bibliography.records import Record, bibtex_records, csl_records, ris_records
from index.errors import BadInput, Contradiction

_MAX_BYTES = 5_000_000
_MAX_REFERENCES = 10_000
_TOO_MANY_REFERENCES = f"has more than {_MAX_REFERENCES:,} references: split it"
_MAX_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a library, reduced to the fields that identify its paper.

    `key` is its name in the library. `arxiv_id` is canonical; `doi` is in lower case and without
    an address prefix. `fault` describes where and why the entry, or a part of it, could not be
    read. `remark` says what was guessed in reading it.
    """

    key: str
    title: str
    arxiv_id: str | None = None
    doi: str | None = None
    fault: str | None = None
    remark: str | None = None


def parse_references(name: str, content: bytes) -> list[Reference]:
    """Parse a file of references in the format of its contents, or else of its suffix.

    A broken entry becomes a reference with a fault, and one with bytes that are not UTF-8 gets a
    remark. Raises BadInput, with what would be right, if the file is larger than 5 MB, has more
    than 10,000 references or none, or is in none of the formats.
    """
    shown = to_single_line(PurePath(name).name[-80:]) or "the library"
    if len(content) > _MAX_BYTES:
        raise BadInput(f"{shown} is too large: the limit is {_MAX_BYTES // 10**6} MB")
    try:
        text = decode_library(content)
        file_format = _format_of(PurePath(name).suffix.lower(), text)
        records = file_format.read(text, _MAX_REFERENCES + 1)
        references = [_reference(record) for record in records]
    except ValueError as error:
        raise Contradiction(f"{shown} {error}") from error
    if not references:
        raise Contradiction(
            f"{shown} has no reference in {file_format.name}, such as {file_format.sample}"
        )
    if len(references) > _MAX_REFERENCES:
        raise BadInput(f"{shown} {_TOO_MANY_REFERENCES}")
    return references


def library_title(content: bytes) -> str:
    """Return the name of the collection that a file in Better BibTeX JSON is of; "" for others.

    The file has been read by `parse_references`.
    """
    return unescape_bytes(collection_name(decode_library(content)))


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    suffix: str
    pattern: re.Pattern[str]
    sample: str
    read: Callable[[str, int], Iterator[Record]]


def _format_of(suffix: str, text: str) -> _Format:
    """Return the format of the content, else of the suffix; raises ValueError if there is none."""
    by_suffix = [one for one in _FORMATS if one.suffix == suffix]
    by_content = (one for one in (*by_suffix, *_FORMATS) if one.pattern.search(text))
    if file_format := next(chain(by_content, by_suffix), None):
        return file_format
    raise ValueError(
        "is not BibTeX (.bib), RIS (.ris), CSL-JSON or Better BibTeX JSON (both .json)"
    )


def _reference(record: Record) -> Reference:
    """Return what identifies the paper of a record, and what is said about its reading."""
    where = "" if record.line is None else f" in line {record.line}"
    texts = [record.key, *(value for _, value in record.fields)]
    byte = next((byte for text in texts if (byte := escaped_byte(text)) is not None), None)
    fields = [(name, unescape_bytes(value)) for name, value in record.fields]
    titles = (without_markup(value) for name, value in fields if name == "title")
    return Reference(
        key=to_single_line(unescape_bytes(record.key))[:_MAX_KEY_LENGTH] or where.strip()[3:],
        title=next(filter(None, titles), ""),
        arxiv_id=arxiv_id_of(record.key, fields),
        doi=doi_of(fields),
        fault=f"the entry{where} cannot be read: {record.fault}"
        if where and record.fault
        else record.fault,
        remark=None
        if byte is None
        else f"the entry{where} has the byte 0x{byte:02X}, which is not UTF-8: "
        "such bytes were read as Windows-1252",
    )


_FORMATS = (
    _Format(
        "CSL-JSON or Better BibTeX JSON",
        ".json",
        re.compile(r"\A\s*[\[{]"),
        '[{"title": "…"}]',
        csl_records,
    ),
    _Format(
        "RIS",
        ".ris",
        re.compile(r"^[ \t]*TY[ \t]{1,2}-", re.MULTILINE),
        "TY  - JOUR … ER  -",
        ris_records,
    ),
    _Format(
        "BibTeX",
        ".bib",
        re.compile(r"^[ \t]*@[ \t]*\w+\s*[{(]", re.MULTILINE),
        "@article{key, title = {…}}",
        bibtex_records,
    ),
)
