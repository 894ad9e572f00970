"""A checksum of a whole database file, carried in its own header.

SQLite checks how a file's pages hang together, not what is written on them: a flipped bit inside
a vector or a date would go unnoticed. The header has a field that SQLite leaves to the application,
`user_version`; there a finished backup carries the CRC-32 of all its other bytes.
"""

import os
import struct
import zlib
from pathlib import Path

from index.errors import Damaged

# SQLite's file format, 1.3: the first 100 bytes; the versions of writing and reading, 2 for WAL.
_HEADER = 100
_VERSIONS = slice(18, 20)
_WAL = b"\x02\x02"
_FIELD = slice(60, 64)
_PIECE = 2**20


def write_checksum(path: Path) -> None:
    """Write the checksum into a file that nobody writes to any more, and bring it to the disk."""
    checksum = _checksum(path)
    with path.open("r+b") as file:
        file.seek(_FIELD.start)
        file.write(checksum)
        file.flush()
        os.fsync(file.fileno())


def verify_checksum(path: Path) -> bool:
    """Whether a file carries a checksum; raises Damaged where it does not hold.

    A file in WAL mode has been in use: what its header may say of a backup is old.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER)
    held = header[_FIELD]
    if len(header) < _HEADER or header[_VERSIONS] == _WAL or not any(held):
        return False
    if held != _checksum(path):
        raise Damaged(f"{path} is not as it was written: its checksum does not hold")
    return True


def _checksum(path: Path) -> bytes:
    """CRC-32, big-endian, of a file with zeros where the checksum itself stands."""
    with path.open("rb") as file:
        header = bytearray(file.read(_HEADER))
        header[_FIELD] = bytes(4)
        found = zlib.crc32(header)
        while piece := file.read(_PIECE):
            found = zlib.crc32(piece, found)
    return struct.pack(">I", found)
