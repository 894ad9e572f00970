"""A reader's reference library: read from a file, and matched to the papers of the catalogue.

BibTeX, RIS and CSL-JSON are what Zotero, Mendeley, JabRef and publishers' pages write. Which paper
a reference is, its arXiv id says surest, then its DOI, then its title.
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
_TOO_MANY_REFERENCES = f"holds more than {_MAX_REFERENCES:,} references: split it"
_MAX_KEY_LENGTH = 200
_BIBTEX_KEY = re.compile(r"@\w+\s*[{(]\s*([^\s,{}()=]+)")
_OTHER_BLOCK = re.compile(r"@(?:comment|preamble|string)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a library, as far as it says which paper it is.

    `key` is what the library calls it. `arxiv_id` is canonical, `doi` in lower case without an
    address before it. `fault` says where and why an entry could not be read.
    """

    key: str
    title: str
    arxiv_id: str | None = None
    doi: str | None = None
    fault: str | None = None


def parse_references(name: str, content: bytes) -> list[Reference]:
    """The references of a file, by the name's suffix as BibTeX, RIS or CSL-JSON, else by its looks.

    An entry that is broken is a reference with a fault. Raises BadInput, with what would be right,
    for a file over 5 MB or of more than 10,000 references, that is not UTF-8, is none of the
    formats, is broken as a whole, or holds no reference.
    """
    shown = to_single_line(PurePath(name).name[-80:]) or "the library"
    if len(content) > _MAX_BYTES:
        raise BadInput(f"{shown} is too large: at most {_MAX_BYTES // 10**6} MB are read")
    try:
        text = _decode(content)
        form = _format_of(PurePath(name).suffix.lower(), text)
        references = list(islice(form.read(text), _MAX_REFERENCES + 1))
    except ValueError as error:
        raise BadInput(f"{shown} {error}") from error
    if not references:
        raise BadInput(f"{shown} holds no reference in {form.name}, such as {form.sample}")
    if len(references) > _MAX_REFERENCES:
        raise BadInput(f"{shown} {_TOO_MANY_REFERENCES}")
    return references


def _decode(content: bytes) -> str:
    """The text with plain line ends; raises ValueError where it is not UTF-8."""
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
    sign: re.Pattern[str]
    sample: str
    read: Callable[[str], Iterator[Reference]]


def _format_of(suffix: str, text: str) -> _Format:
    """The format that the suffix names, or else that the text looks like; raises ValueError."""
    named = (form for form in _FORMATS if form.suffix == suffix)
    alike = (form for form in _FORMATS if form.sign.search(text))
    if form := next(chain(named, alike), None):
        return form
    raise ValueError("is neither BibTeX (.bib), RIS (.ris) nor CSL-JSON (.json)")


@dataclass(frozen=True, slots=True)
class _Fields:
    """Where a format keeps what is wanted, surest first."""

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


def _reference(key: str, fields: Mapping[str, str], where: _Fields) -> Reference:
    def told(names: str) -> list[str]:
        found = (without_markup(fields.get(name, "")) for name in names.split())
        return list(filter(None, found))

    return Reference(
        key=to_single_line(key)[:_MAX_KEY_LENGTH],
        title=next(iter(told(where.title)), ""),
        arxiv_id=arxiv_id_in(" ".join(told(where.arxiv))),
        doi=next(iter(dois_in(" ".join(told(where.doi)))), None),
    )


def _read_bibtex(text: str) -> Iterator[Reference]:
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import RemoveEnclosingMiddleware
    from bibtexparser.model import Entry, ParsingFailedBlock

    if len(re.findall(r"@\w*[ \t]*[{(]", text)) > _MAX_REFERENCES:  # before they fill the memory
        raise ValueError(_TOO_MANY_REFERENCES)
    # What is wrong with a file is said to whom it belongs, not to the log.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(text)
    unenclosed = RemoveEnclosingMiddleware()
    for block in library.blocks:
        if isinstance(block, Entry):
            yield _reference_of_entry(block)
        elif isinstance(block, ParsingFailedBlock):
            # A key or a field that stands twice is a fault of the library, not of the reference.
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
        within = fields.get("primaryclass") or fields.get("eprintclass") or ""
        fields["eprint"] = f"{archive}:{within}/{fields['eprint']}"
    return _reference(entry.key, fields, _BIBTEX_FIELDS)


def _reference_of_failure(block: "ParsingFailedBlock") -> Reference:
    line = f"line {(block.start_line or 0) + 1}"
    key = _BIBTEX_KEY.match(block.raw or "")
    why = to_single_line(getattr(block.error, "abort_reason", str(block.error))[:200])
    fault = f"the entry in {line} cannot be read: {why}"
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
        # One by one, each with an end of its own: one that lacks it would swallow the next.
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
    """A list, the list within an object, or an object that is itself one reference."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} in line {error.lineno}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError("is not CSL-JSON: it nests too deep or has too long a number") from error
    if isinstance(found, dict):
        found = found.get("items", [found] if found else [])
    return found if isinstance(found, list) else []


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
