"""Lines of a file of any form, with a bound on the memory that a line takes."""

import re
from collections.abc import Iterator
from typing import Protocol

_BLOCK = 2**20
_BLANK_LINES = re.compile(rb"[ \t\r\f\v\n]*\n")


class ByteSource(Protocol):
    """A file, or a file in an archive, opened for reading bytes."""

    def read1(self, size: int, /) -> bytes:
        """Return at most `size` bytes, those that one read gives; b"" at the end."""
        ...


def bounded_lines(file: ByteSource, longest: int) -> Iterator[tuple[int, bytes]]:
    """Yield number, from 1, and bytes of each line that is not blank, without its line feed.

    Of a line with more than `longest` bytes only the first `longest` + 1 are kept. Blank lines are
    skipped together, because a file may consist of millions of them.
    """
    number, begun, more = 0, b"", True
    while more:
        block = file.read1(_BLOCK)
        more = bool(block)
        block, place = begun + block, 0
        while True:
            if blank := _BLANK_LINES.match(block, place):
                number += block.count(b"\n", place, blank.end())
                place = blank.end()
            end = block.find(b"\n", place)
            if end < 0:
                break
            number += 1
            yield number, block[place : min(end, place + longest + 1)]
            place = end + 1
        begun = block[place:]
        if len(begun) > longest:
            number += 1
            yield number, begun[: longest + 1]
            begun = _after_line(file)
    if begun.strip():
        yield number + 1, begun


def _after_line(file: ByteSource) -> bytes:
    """Read to the end of the line; return what was read after it, beginning at the next line."""
    while block := file.read1(_BLOCK):
        _, line_feed, rest = block.partition(b"\n")
        if line_feed:
            return rest
    return b""
