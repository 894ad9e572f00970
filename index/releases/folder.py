"""Release folders on disk: names, which one is current, checksums."""

import hashlib
from pathlib import Path


def list_releases(data: Path) -> list[str]:
    """The names of the releases on disk, the newest first."""
    folder = _releases(data)
    found = [entry.name for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    return sorted((name for name in found if not name.startswith(".")), reverse=True)


def current_name(data: Path) -> str | None:
    """The name of the release in use."""
    pointer = _releases(data) / "CURRENT"
    return pointer.read_text().strip() if pointer.is_file() else None


def _releases(data: Path) -> Path:
    return data / "releases"


def _size_and_checksum(file: Path) -> tuple[int, str]:
    with file.open("rb") as content:
        return file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest()
