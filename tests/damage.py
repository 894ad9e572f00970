"""Files to be damaged: releases, catalogues."""

import json
from pathlib import Path


def flip(file: Path, place: int, length: int = 1) -> None:
    """Turn over every bit of some bytes of a file."""
    content = bytearray(file.read_bytes())
    for position in range(place, place + length):
        content[position] ^= 0xFF
    file.write_bytes(content)


def edit_manifest(release: Path, **changes: object) -> None:
    """Set what a release says of itself."""
    manifest = json.loads((release / "manifest.json").read_text())
    (release / "manifest.json").write_text(json.dumps(manifest | changes))
