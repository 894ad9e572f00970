"""Parse the references of a user's library: BibTeX, RIS or CSL-JSON.

Zotero, Mendeley, JabRef and publishers' pages export these formats. Of each reference only the
fields that identify the paper are kept: arXiv id, DOI and title.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING

from index.arxiv.bibliographic_text import arxiv_id_in, dois_in, without_markup
from index.arxiv.paper import to_single_line
from index.errors import BadInput

if TYPE_CHECKING:
    from bibtexparser.model import Entry, ParsingFailedBlock


_MAX_BYTES = 5_000_000
_MAX_REFERENCES = 10_000
_TOO_MANY_REFERENCES = f"has more than {_MAX_REFERENCES:,} references: split it"
_MAX_KEY_LENGTH = 200
_BIBTEX_KEY = re.compile(r"@\w+\s*[{(]\s*([^\s,{}()=]+)")
_OTHER_BLOCK = re.compile(r"@(?:comment|preamble|string)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a library, reduced to the fields that identify its paper.

    `key` is its name in the library. `arxiv_id` is canonical; `doi` is in lower case and without
    an address prefix. `fault` describes where and why an entry could not be read.
    """

    key: str
    title: str
    arxiv_id: str | None = None
    doi: str | None = None
    fault: str | None = None


def parse_references(name: str, content: bytes) -> list[Reference]:
    """Parse a file of references in the format of its suffix, or else of its contents.

    A broken entry becomes a reference with a fault. Raises BadInput, with what would be right, if
    the file is larger than 5 MB, has more than 10,000 references or none, is not UTF-8, or is not
    valid BibTeX, RIS or CSL-JSON.
    """
    shown = to_single_line(PurePath(name).name[-80:]) or "the library"
    if len(content) > _MAX_BYTES:
        raise BadInput(f"{shown} is too large: the limit is {_MAX_BYTES // 10**6} MB")
    try:
        text = _decode(content)
        file_format = _format_of(PurePath(name).suffix.lower(), text)
        references = list(islice(file_format.read(text), _MAX_REFERENCES + 1))
    except ValueError as error:
        raise BadInput(f"{shown} {error}") from error
    if not references:
        raise BadInput(
            f"{shown} has no reference in {file_format.name}, such as {file_format.sample}"
        )
    if len(references) > _MAX_REFERENCES:
        raise BadInput(f"{shown} {_TOO_MANY_REFERENCES}")
    return references


def _decode(content: bytes) -> str:
    """Return the text with line feeds only; raises ValueError if it is not UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"is not UTF-8: line {line} has the byte 0x{error.object[error.start]:02X}. "
            "It may be Latin-1 (Windows-1252): save it as UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    suffix: str
    pattern: re.Pattern[str]
    sample: str
    read: Callable[[str], Iterator[Reference]]


def _format_of(suffix: str, text: str) -> _Format:
    """Return the format by file suffix, else by content; raises ValueError if neither matches."""
    by_suffix = (one for one in _FORMATS if one.suffix == suffix)
    by_content = (one for one in _FORMATS if one.pattern.search(text))
    if file_format := next(chain(by_suffix, by_content), None):
        return file_format
    raise ValueError("is not BibTeX (.bib), RIS (.ris) or CSL-JSON (.json)")


@dataclass(frozen=True, slots=True)
class _Fields:
    """The field names of a format, most reliable first, separated by blanks."""

    title: str
    doi: str
    arxiv: str


_BIBTEX_FIELDS = _Fields(
    title="title",
    doi="doi url",
    arxiv="eprint arxivid doi url journal journaltitle publisher volume number eid pages "
    "howpublished note",
)
_RIS_FIELDS = _Fields(title="TI T1", doi="DO UR", arxiv="DO UR AN JO JF JA J2 T2 PB VL M1 IS SP N1")
_CSL_FIELDS = _Fields(
    title="title",
    doi="DOI URL",
    arxiv="DOI URL archive archive_location publisher container-title volume number page note",
)


def _reference(key: str, fields: Mapping[str, str], names: _Fields) -> Reference:
    def values(field_names: str) -> list[str]:
        texts = (without_markup(fields.get(name, "")) for name in field_names.split())
        return list(filter(None, texts))

    return Reference(
        key=to_single_line(key)[:_MAX_KEY_LENGTH],
        title=next(iter(values(names.title)), ""),
        arxiv_id=arxiv_id_in(" ".join(values(names.arxiv))),
        doi=next(iter(dois_in(" ".join(values(names.doi)))), None),
    )


def _read_bibtex(text: str) -> Iterator[Reference]:
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import RemoveEnclosingMiddleware
    from bibtexparser.model import Entry, ParsingFailedBlock

    if len(re.findall(r"@\w*[ \t]*[{(]", text)) > _MAX_REFERENCES:  # before parsing takes memory
        raise ValueError(_TOO_MANY_REFERENCES)
    # Faults of the file are reported to its owner, not to the log.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(text)
    unenclosed = RemoveEnclosingMiddleware()
    for block in library.blocks:
        if isinstance(block, Entry):
            yield _reference_of_entry(block)
        elif isinstance(block, ParsingFailedBlock):
            # A duplicate key or field does not prevent reading the reference.
            if isinstance(block.ignore_error_block, Entry):
                yield _reference_of_entry(
                    unenclosed.transform_entry(block.ignore_error_block, library)
                )
            elif not _OTHER_BLOCK.match(block.raw or ""):
                yield _reference_of_failure(block)


def _reference_of_entry(entry: "Entry") -> Reference:
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    if "eprint" in fields:
        archive = fields.get("archiveprefix") or fields.get("eprinttype") or "arXiv"
        category = fields.get("primaryclass") or fields.get("eprintclass") or ""
        fields["eprint"] = f"{archive}:{category}/{fields['eprint']}"
    return _reference(entry.key, fields, _BIBTEX_FIELDS)


def _reference_of_failure(block: "ParsingFailedBlock") -> Reference:
    line = f"line {(block.start_line or 0) + 1}"
    key = _BIBTEX_KEY.match(block.raw or "")
    reason = to_single_line(getattr(block.error, "abort_reason", str(block.error))[:200])
    fault = f"the entry in {line} cannot be read: {reason}"
    return Reference(
        to_single_line(key[1])[:_MAX_KEY_LENGTH] if key else line, title="", fault=fault
    )


def _read_ris(text: str) -> Iterator[Reference]:
    from rispy import RisParser

    tags = f"TY ID {_RIS_FIELDS.title} {_RIS_FIELDS.arxiv}".split()
    parser = RisParser(
        mapping={tag: tag for tag in tags},
        list_tags=tags[1:],
        delimiter_tags_mapping={},
        skip_unknown_tags=True,
    )
    starts = [match.start() for match in re.finditer("^TY  -", text, re.MULTILINE)]
    for number, (start, end) in enumerate(pairwise([*starts, len(text)]), 1):
        # Each is parsed alone with its own end tag, because one without it would absorb the next.
        record = parser.parse(text[start:end] + "\nER  - ")[0]
        fields = {tag: " ".join(record[tag]) for tag in tags[1:] if tag in record}
        yield _reference(fields.get("ID") or f"reference {number}", fields, _RIS_FIELDS)


def _read_csl(text: str) -> Iterator[Reference]:
    for number, item in enumerate(_csl_items(text), 1):
        if isinstance(item, dict):
            fields = {name: _csl_text(value) for name, value in item.items()}
            yield _reference(fields.get("id") or f"reference {number}", fields, _CSL_FIELDS)
        else:
            yield Reference(f"reference {number}", "", fault="it is not an object of CSL-JSON")


def _csl_items(text: str) -> list[object]:
    """Return the items of a list, of an object with `items`, or of a single reference."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} in line {error.lineno}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(
            "is not CSL-JSON: it is nested too deeply or has a number with too many digits"
        ) from error
    if isinstance(content, dict):
        content = content.get("items", [content] if content else [])
    return content if isinstance(content, list) else []


def _csl_text(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return " ".join(str(v) for v in values if isinstance(v, str | int | float))


_FORMATS = (
    _Format("CSL-JSON", ".json", re.compile(r"\A\s*[\[{]"), '[{"title": "…"}]', _read_csl),
    _Format("RIS", ".ris", re.compile("^TY  -", re.MULTILINE), "TY  - JOUR … ER  -", _read_ris),
    _Format(
        "BibTeX",
        ".bib",
        re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE),
        "@article{key, title = {…}}",
        _read_bibtex,
    ),
)
