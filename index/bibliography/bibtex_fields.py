"""Read the fields of one BibTeX entry, and resolve @string."""

import re
from collections.abc import Mapping, Sequence

_MAX_VALUE = 20_000  # characters
_MAX_EXPANSION = 20_000_000  # characters; each @string can double the one before
_SKIPPED = re.compile(r"(?:[\s,]|%[^\n]*(?:\n|\Z))*")
_SKIPPED_IN_COMMENT = re.compile(r"[\s,%]*")
_NAME = re.compile(r"([^\s,=#%{}()\"'\\@]+)\s*=\s*")
_NEXT_FIELD = re.compile(r"[,;\n}\"][ \t]*+(?=[A-Za-z][\w.:+-]*\s*=\s*[{\"\w])")
_BARE = re.compile(r"[^\s,#{}()\"=]+")
_JOIN = re.compile(r"\s*#\s*")
_AFTER_END = re.compile(r"\s*+,?\s*+(?=[A-Za-z][\w.:+-]*\s*=\s*[{\"])")
_SWALLOWED = re.compile(
    r"^[ \t]*+([A-Za-z][\w.:+-]*+)[ \t]*+=[ \t]*+[{\"]([^{}\"\n]*+)[}\"]", re.MULTILINE
)
_BRACE = re.compile(r"[{}]")
_BRACE_OR_QUOTE = re.compile(r'[{}"]')


class Strings:
    """The values of @string, by their names in any case."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._left = _MAX_EXPANSION

    def add(self, values: Sequence[tuple[str, str]]) -> None:
        """Define strings; a later value of a name replaces an earlier one."""
        self._values |= dict(values)

    def value(self, name: str) -> str:
        """Return the value; the name itself if it is not known or all would become too long."""
        value = self._values.get(name.lower(), name)
        self._left -= len(value)
        return value if self._left > 0 else name


class EntryFields:
    """Reads the fields of one entry, which ends before `limit`."""

    def __init__(
        self,
        text: str,
        begin: int,
        limit: int,
        ends: Mapping[int, int],
        strings: Strings,
        *,
        commented: bool,
    ) -> None:
        self.found: list[tuple[str, str]] = []
        self.fault: str | None = None
        self.position = begin
        self._text, self._limit, self._strings = text, limit, strings
        self._skipped = _SKIPPED_IN_COMMENT if commented else _SKIPPED
        self._begin = begin
        self._ends = ends

    def read(self, closing: str) -> int:
        """Read all fields up to the closing brace; return the position after it."""
        text = self._text
        continued = False
        while True:
            skipped = self._skipped.match(text, self.position, self._limit)
            self.position = skipped.end() if skipped else self.position
            if self.position >= self._limit:
                self._report("it does not end")
                self._recover_swallowed()
                return self._limit
            if text[self.position] in (closing, "}"):
                after = _AFTER_END.match(text, self.position + 1, self._limit)
                if after is None:
                    return self.position + 1
                self._report("it has a closing brace too many")
                continued = True
                self.position = after.end()
            name = _NAME.match(text, self.position, self._limit)
            if name is None:
                self._report(f"{text[self.position : self.position + 20]!r} is not a field")
                if continued:  # what follows belongs to no entry
                    return self.position
                self._to_next_field()
                continue
            self.position = name.end()
            self._read_value(name[1].lower())

    def _recover_swallowed(self) -> None:
        """Divide the last value, if it took the brace of the entry for its own end."""
        if not self.found:
            return
        name, value = self.found[-1]
        if swallowed := list(_SWALLOWED.finditer(value)):
            self.found[-1] = name, value[: swallowed[0].start()]
            self.found += [(match[1].lower(), match[2]) for match in swallowed]

    def _read_value(self, name: str) -> None:
        begin = self.position
        parts: list[str] = []
        length = 0
        while (part := self._part()) is not None:
            if length < _MAX_VALUE:
                parts.append(part)
                length += len(part)
            joined = _JOIN.match(self._text, self.position, self._limit)
            if joined is None:
                self.found.append((name, "".join(parts)[:_MAX_VALUE]))
                return
            self.position = joined.end()
        self._report(f"the value of {name!r} does not end")
        self.position = begin
        self._to_next_field()
        value = self._text[begin : self.position].strip(' \t\n,{}"')
        self.found.append((name, value[:_MAX_VALUE]))

    def _part(self) -> str | None:
        """Read a value in braces or quotes, a number or a name; None if it has no end."""
        text, begin = self._text, self.position
        opening = text[begin : begin + 1] if begin < self._limit else ""
        if opening == "{":
            end = self._ends.get(begin)
        elif opening == '"':
            end = self._end_of_quotes(begin)
        else:
            bare = _BARE.match(text, begin, self._limit)
            self.position = bare.end() if bare else begin
            # No value at all is an empty one.
            return self._strings.value(bare[0]) if bare else ""
        if end is None:
            return None
        self.position = end + 1
        return text[begin + 1 : end]

    def _end_of_quotes(self, begin: int) -> int | None:
        position = begin + 1
        while match := _BRACE_OR_QUOTE.search(self._text, position, self._limit):
            if match[0] == '"':
                return match.start()
            if match[0] == "}" or match.start() not in self._ends:
                return None
            position = self._ends[match.start()] + 1
        return None

    def _to_next_field(self) -> None:
        """Move to the next field, or else to the brace that ends the entry."""
        end = self._ends.get(self._begin - 1, self._limit)
        found = _NEXT_FIELD.search(self._text, self.position, end)
        if found:
            self.position = found.end()
        else:
            self.position = end if end >= self.position else self._limit

    def _report(self, fault: str) -> None:
        self.fault = self.fault or fault


def matching_braces(text: str, begin: int, limit: int) -> dict[int, int]:
    """Return the position of the closing brace for that of each opening one that has one."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACE.finditer(text, begin, limit):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            ends[opened.pop()] = match.start()
    return ends
