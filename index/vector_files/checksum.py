"""The checksum of a file of vectors, in FILE.sha256; apart from the format, which loads Arrow."""

from pathlib import Path

from index.errors import BadInput

_SHA256_HEX = 64
MAX_CHECKSUM = 1024
"""Bytes that are read of a checksum file."""


def checksum_path(file: Path) -> Path:
    """Return the path of the checksum of a file."""
    return file.with_name(f"{file.name}.sha256")


def parse_checksum(text: str, source: str) -> str:
    """Return the SHA-256 in the first line of a checksum file; raises BadInput if there is none."""
    digest = (text.split() or [""])[0].lower()
    if len(digest) != _SHA256_HEX or set(digest) - set("0123456789abcdef"):
        raise BadInput(
            f"{source} contains no SHA-256: its first word must be 64 hexadecimal digits, as "
            "`sha256sum` writes it"
        )
    return digest
