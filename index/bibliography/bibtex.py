r"""Read BibTeX in linear time, entry by entry.

Braces count as in BibTeX itself: a backslash does not hide one, so `file = {C:\papers\}` ends.
Unlike BibTeX, a mistake spoils no more than the field that it is in. An entry that lacks its end is
ended by the next line that begins an entry.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from index.bibliography.bibtex_fields import EntryFields, Strings, matching_braces

_MAX_INHERITED = 100  # fields
_START = re.compile(
    r"(?<![\w.+-])@\s*(?P<kind>[^\W\d_][\w-]*)\s*(?:\{|\((?=\s*[^\s,()={}@]+\s*[,=]))"
)
_START_OF_LINE = re.compile(
    r"^[ \t%]*@[ \t]*(?:(?:string|comment|preamble)\b|[^\W\d_][\w-]*\s*[{(]\s*[^\s,()={}\"@]*\s*,)",
    re.MULTILINE | re.IGNORECASE,
)
_KEY = re.compile(r"\s*+(?P<key>[^,={}()\"@\n]*+)(?:\s*+,|(?=[})]))")
_KEY_WITHOUT_COMMA = re.compile(r"\s*+(?P<key>[^\s,={}()\"@]++)\s++(?=[A-Za-z][\w.:+-]*\s*=)")
_LOST_FIELD = re.compile(
    r"^[ \t,]*[A-Za-z][\w-]*[ \t]*=[ \t]*[{\"][^\n]*,[ \t]*$"
    r"|(?:^|[\s}@])[A-Za-z]+\s*[{(]\s*[^\s{}(),]+\s*,\s*[A-Za-z][\w-]*\s*=\s*[{\"]",
    re.MULTILINE,
)
# Fields that a book or proceedings gives to its parts are those that describe, not those that
# identify: a part has another DOI and another address than the whole.
_INHERITED = frozenset(
    "archive archiveprefix booktitle eprintclass eprinttype institution journal journaltitle "
    "number organization primaryclass publisher school series type volume".split()
)


@dataclass(slots=True)
class BibtexEntry:
    """An entry: lower-case kind, key, and its fields in their order, with names in lower case.

    `line` is its first one, from 1 upwards. `fault` describes what could not be read; what could
    is in the fields.
    """

    kind: str
    key: str
    line: int
    fields: list[tuple[str, str]] = field(default_factory=list)
    fault: str | None = None

    def value(self, name: str) -> str:
        """Return the first value of a field; "" if the entry has none."""
        return next((value for other, value in self.fields if other == name), "")


def read_bibtex(text: str, most: int) -> list[BibtexEntry]:
    """Return the first entries of a file, without @string, @comment, @preamble and @xdata.

    @string is resolved, and the fields of crossref and xdata are inherited. Fields outside of any
    entry are returned as an entry without a kind, with the fault.
    """
    entries = list(islice(_Reader(text).entries(), most))
    by_key = {entry.key.lower(): entry for entry in reversed(entries) if entry.key}
    fields = {key: list(entry.fields) for key, entry in by_key.items()}
    for entry in entries:
        _inherit(entry, fields)
    return [entry for entry in entries if entry.kind != "xdata"]


def _inherit(entry: BibtexEntry, fields: Mapping[str, list[tuple[str, str]]]) -> None:
    """Append the fields that an entry takes over from those that it refers to, by their keys."""
    for reference in ("xdata", "crossref"):
        parent = fields.get(entry.value(reference).strip().lower(), [])
        own = {name for name, _ in entry.fields}
        # Without a title of its own, an entry is another form of the one that it refers to.
        everything = reference == "xdata" or "title" not in own
        entry.fields += [
            one
            for one in parent[:_MAX_INHERITED]
            if one[0] not in own and (everything or one[0] in _INHERITED)
        ]


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._strings = Strings()
        self._limit = -1
        self._ends: dict[int, int] = {}
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self._starts = [match.start() for match in _START_OF_LINE.finditer(text)]

    def entries(self) -> Iterator[BibtexEntry]:
        position = 0
        comments = self._ends_of_comments()
        while match := _START.search(self._text, position):
            yield from self._lost(position, match.start())
            kind = match["kind"].lower()
            if kind == "comment":
                position = comments.get(match.end() - 1, match.end())
            else:
                entry, position = self._entry(match, kind)
                if kind not in ("string", "preamble"):
                    yield entry
        yield from self._lost(position, len(self._text))

    def _lost(self, start: int, end: int) -> Iterator[BibtexEntry]:
        """Yield a fault if there are fields between entries."""
        if lost := _LOST_FIELD.search(self._text, start, end):
            line = self._line(lost.end() - 1)
            yield BibtexEntry("", "", line, fault="it has a field outside of any entry")

    def _line(self, position: int) -> int:
        return bisect_right(self._line_ends, position - 1) + 1

    def _ends_of_comments(self) -> dict[int, int]:
        """Return where the braces of comments end, by where they begin."""
        begins = [
            match.end() - 1
            for match in _START.finditer(self._text)
            if match["kind"].lower() == "comment"
        ]
        if not begins:
            return {}
        ends = matching_braces(self._text, begins[0], len(self._text))
        return {begin: ends[begin] + 1 for begin in begins if begin in ends}

    def _entry(self, match: re.Match[str], kind: str) -> tuple[BibtexEntry, int]:
        """Read the entry that begins at a match; return it and the position after it."""
        text, begin = self._text, match.end()
        following = bisect_right(self._starts, match.start())
        limit = self._starts[following] if following < len(self._starts) else len(text)
        if limit != self._limit:  # entries in one line have the same, and braces are matched once
            self._limit, self._ends = limit, matching_braces(text, begin - 1, limit)
        commented = self._is_commented(match)
        fields = EntryFields(text, begin, limit, self._ends, self._strings, commented=commented)
        entry = BibtexEntry(kind, "", self._line(match.start()))
        if kind not in ("string", "preamble"):
            key = _KEY.match(text, begin, limit) or _KEY_WITHOUT_COMMA.match(text, begin, limit)
            entry.key = " ".join(key["key"].split()) if key else ""
            fields.position = key.end() if key else begin
        closing = "}" if text[begin - 1] == "{" else ")"
        end = fields.read(closing)
        if kind == "string":
            self._strings.add(fields.found)
        entry.fields = fields.found
        entry.fault = fields.fault
        return entry, end

    def _is_commented(self, match: re.Match[str]) -> bool:
        """Return whether the line of an entry begins with %, which BibTeX does not regard."""
        line = bisect_right(self._line_ends, match.start() - 1)
        first = self._line_ends[line - 1] + 1 if line else 0
        return self._text[first : min(first + 20, match.start())].lstrip().startswith("%")
