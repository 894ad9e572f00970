"""Files to be damaged: releases, catalogues."""

import json
import os
import shutil
from collections.abc import Callable
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


def cut_the_vectors(release: Path) -> None:
    os.truncate(release / "vectors.npy", 1000)


def lose_the_weights(release: Path) -> None:
    (release / "words-idf.npy").unlink()


def have_another_format(release: Path) -> None:
    edit_manifest(release, format=99)


def have_another_count(release: Path) -> None:
    edit_manifest(release, papers=7)


def lose_the_manifest(release: Path) -> None:
    """As a build leaves it that was killed before the manifest, in a program without rename."""
    (release / "manifest.json").unlink()


def cut_the_manifest(release: Path) -> None:
    os.truncate(release / "manifest.json", 300)


def have_another_json(release: Path) -> None:
    (release / "manifest.json").write_text("[]")


def break_a_header(release: Path) -> None:
    flip(release / "numbers.npy", 12)  # numpy parses it as Python


def break_the_index(release: Path) -> None:
    flip(release / "vectors.faiss", 0)


def lose_everything(release: Path) -> None:
    shutil.rmtree(release)


RELEASE_DAMAGE: list[Callable[[Path], None]] = [
    cut_the_vectors,
    lose_the_weights,
    have_another_format,
    have_another_count,
    lose_the_manifest,
    cut_the_manifest,
    have_another_json,
    break_a_header,
    break_the_index,
    lose_everything,
]
