"""Damage to files of releases and catalogues."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from index.releases.manifest import manifest_checksum


def flip_bytes(file: Path, place: int, length: int = 1) -> None:
    """Invert every bit of `length` bytes of a file from `place` on."""
    content = bytearray(file.read_bytes())
    for position in range(place, place + length):
        content[position] ^= 0xFF
    file.write_bytes(content)


def edit_manifest(release: Path, **changes: object) -> None:
    """Change fields in the manifest of a release, and its checksum with them."""
    manifest = json.loads((release / "manifest.json").read_text()) | changes
    manifest["checksum"] = manifest_checksum(manifest)
    (release / "manifest.json").write_text(json.dumps(manifest))


def truncate_vectors(release: Path) -> None:
    os.truncate(release / "vectors.npy", 1000)


def delete_weights(release: Path) -> None:
    (release / "words-idf.npy").unlink()


def change_format(release: Path) -> None:
    edit_manifest(release, format=99)


def change_paper_count(release: Path) -> None:
    edit_manifest(release, papers=7)


def delete_manifest(release: Path) -> None:
    """Delete the manifest, as if a build without atomic rename had been killed."""
    (release / "manifest.json").unlink()


def truncate_manifest(release: Path) -> None:
    os.truncate(release / "manifest.json", 300)


def replace_manifest(release: Path) -> None:
    (release / "manifest.json").write_text("[]")


def corrupt_header(release: Path) -> None:
    flip_bytes(release / "numbers.npy", 12)  # numpy parses it as Python


def corrupt_index(release: Path) -> None:
    flip_bytes(release / "vectors.faiss", 0)


def delete_release(release: Path) -> None:
    shutil.rmtree(release)


RELEASE_DAMAGE: list[Callable[[Path], None]] = [
    truncate_vectors,
    delete_weights,
    change_format,
    change_paper_count,
    delete_manifest,
    truncate_manifest,
    replace_manifest,
    corrupt_header,
    corrupt_index,
    delete_release,
]
