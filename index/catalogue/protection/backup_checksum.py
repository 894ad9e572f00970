"""A checksum of a whole database file, stored in its own header.

SQLite checks the structure of pages, not their contents, so a flipped bit inside a vector or a
date would go unnoticed. SQLite leaves the header field `user_version` to the application. A
finished backup stores there the CRC-32 of all its other bytes.
"""

import os
import struct
import zlib
from pathlib import Path

from index.errors import Damaged

# SQLite's file format, section 1.3: the header has 100 bytes; file format versions, 2 for WAL.
_HEADER = 100
_VERSIONS = slice(18, 20)
_WAL = b"\x02\x02"
_FIELD = slice(60, 64)
_CHUNK = 2**20


def write_checksum(path: Path) -> None:
    """Write the checksum into a finished file and sync it to disk."""
    checksum = _checksum(path)
    with path.open("r+b") as file:
        file.seek(_FIELD.start)
        file.write(checksum)
        file.flush()
        os.fsync(file.fileno())


def verify_checksum(path: Path) -> bool:
    """Return True if the checksum of a file matches, False if the file has no checksum.

    Raises Damaged if the checksum does not match. A file in WAL mode has been opened and possibly
    changed since the backup, so the checksum in its header is ignored.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER)
    stored = header[_FIELD]
    if len(header) < _HEADER or header[_VERSIONS] == _WAL or not any(stored):
        return False
    if stored != _checksum(path):
        raise Damaged(
            f"{path} has changed since it was written: its checksum does not match; "
            "use another backup"
        )
    return True


def _checksum(path: Path) -> bytes:
    """Return the big-endian CRC-32 of a file, with zeros in place of the checksum itself."""
    with path.open("rb") as file:
        header = bytearray(file.read(_HEADER))
        header[_FIELD] = bytes(4)
        checksum = zlib.crc32(header)
        while chunk := file.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return struct.pack(">I", checksum)
