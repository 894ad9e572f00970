"""Decode the bytes of a library of references."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")


def decode_library(content: bytes) -> str:
    """Return the text with line feeds only: UTF-8, or UTF-16 or UTF-32 with a byte order mark.

    Bytes that are not UTF-8 are escaped, for `unescape_bytes`. Raises ValueError if the file is
    not what its byte order mark says.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    try:
        text = content.decode(encoding or "utf-8-sig", "strict" if encoding else "surrogateescape")
    except UnicodeDecodeError as error:
        said = str(encoding).upper()
        raise ValueError(f"is not {said}, as its first bytes say: save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unescape_bytes(text: str) -> str:
    """Read the escaped bytes of a text as Windows-1252.

    Each byte is read alone, because a library joins entries from many sources.
    """
    return _ESCAPED.sub(_as_windows_1252, text)


def escaped_byte(text: str) -> int | None:
    """Return the first escaped byte of a text; None if it was UTF-8."""
    match = _ESCAPED.search(text)
    return ord(match[0]) - 0xDC00 if match else None


def _as_windows_1252(escaped: re.Match[str]) -> str:
    byte = bytes([ord(escaped[0]) - 0xDC00])
    # Five bytes have no meaning in Windows-1252; in Latin-1 they are control characters.
    return byte.decode("cp1252", "ignore") or byte.decode("latin-1")
