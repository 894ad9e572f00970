"""Release folders on disk: their names, the current one, file checksums."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from index.files import file_sha256


def releases_folder(data: Path) -> Path:
    """Return the folder with the releases of a data folder."""
    return data / "releases"


def list_releases(data: Path) -> list[str]:
    """Return the names of the releases on disk, newest first."""
    folder = releases_folder(data)
    found = [entry.name for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    return sorted((name for name in found if not name.startswith(".")), reverse=True)


def current_name(data: Path) -> str | None:
    """Return the name of the current release, or None if none was built yet."""
    pointer = releases_folder(data) / "CURRENT"
    return pointer.read_text().strip() if pointer.is_file() else None


def size_and_checksum(file: Path) -> tuple[int, str]:
    """Return the size of a file in bytes and its SHA-256."""
    return file.stat().st_size, file_sha256(file)


def sizes_and_checksums(folder: Path) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 of each file of a folder by name, computed by several threads."""
    files = sorted(folder.iterdir())
    with ThreadPoolExecutor(os.cpu_count(), "checksum") as pool:
        found = pool.map(size_and_checksum, files)
        return {file.name: one for file, one in zip(files, found, strict=True)}
