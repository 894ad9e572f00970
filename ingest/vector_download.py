"""Download a file of vectors and its checksum over HTTP; an interrupted download is resumed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests

from index.errors import BadInput, NoSpaceLeft, UpstreamError
from index.files import make_file, make_folder, to_write_error
from index.progress import Progress
from index.vector_files.checksum import MAX_CHECKSUM, parse_checksum
from ingest.arxiv.failures import describe_failure

_TIMEOUT = 60  # seconds without a byte
_CHUNK = 2**20
_SPARE = 2**26  # bytes of the disk that a download leaves free


def is_address(source: str) -> bool:
    """Return whether a source is an HTTP address rather than a file."""
    return source.lower().startswith(("http://", "https://"))


@contextmanager
def downloaded(address: str, folder: Path, progress: Progress) -> Iterator[tuple[Path, str]]:
    """Download a file into `folder`; yield its path and published SHA-256; then delete it.

    The checksum is at the address with `.sha256` after the path. A file that is incomplete when the
    block ends with an error of the server stays, and the next call requests the rest (HTTP Range).
    Raises BadInput for an invalid address or checksum, UpstreamError, NoSpaceLeft.
    """
    parts = urlsplit(address)
    published = urlunsplit(parts._replace(path=f"{parts.path}.sha256"))
    with _session() as session:
        with _response(session, published) as response:
            text = next(response.iter_content(MAX_CHECKSUM), b"").decode(errors="replace")
        sha256 = parse_checksum(text, published)
        make_folder(folder)
        file = folder / f"vectors-{sha256}.parquet"
        try:
            _download(session, address, file, progress)
        except OSError as error:
            raise to_write_error(error, file) from error
    try:
        yield file, sha256
    except BadInput:
        file.unlink()  # it is complete and refused, so it is not needed again
        raise
    file.unlink()


def _session() -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = f"seealso/{version('seealso')}"
    session.headers["Accept-Encoding"] = "identity"  # sizes and ranges are those of the file
    return session


def _download(session: requests.Session, address: str, file: Path, progress: Progress) -> None:
    """Write the file, or the rest of it if its beginning is there."""
    make_file(file)
    held = file.stat().st_size
    with _response(session, address, held) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # nothing is missing; the checksum says whether it is the same file
        if response.status_code != requests.codes.partial_content:
            held = 0
        length = response.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise UpstreamError(f"{address} does not say how long it is (Content-Length)")
        total = held + int(length)
        if int(length) + _SPARE > shutil.disk_usage(file.parent).free:
            raise NoSpaceLeft(
                f"{address} has {total / 1e6:,.1f} MB; {file.parent} has no space for "
                f"{int(length) / 1e6:,.1f} MB more: free some, nothing was stored"
            )
        with file.open("r+b") as out:
            out.truncate(held)
            out.seek(held)
            for chunk in response.iter_content(_CHUNK):
                out.write(chunk)
                held += len(chunk)
                progress("download", held, total)
            out.flush()
            os.fsync(out.fileno())
    if held != total:
        raise UpstreamError(f"{address} ended after {held} of {total} bytes: {_AGAIN}")


_AGAIN = "run the same command again, it requests the rest"


@contextmanager
def _response(
    session: requests.Session, address: str, start: int = 0
) -> Iterator[requests.Response]:
    """Request an address from byte `start` on; translate the errors of the block, too."""
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        with session.get(address, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            range_start = f"bytes {start}-"
            unsatisfiable = start and response.status_code == 416
            partial = response.status_code == requests.codes.partial_content
            if partial and not response.headers.get("Content-Range", "").startswith(range_start):
                raise UpstreamError(f"{address} returned another range than requested")
            if not (unsatisfiable or partial or response.status_code == requests.codes.ok):
                raise UpstreamError(
                    f"{address} returned status {response.status_code}: check the address"
                )
            yield response
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise BadInput(f"{address!r} is no valid address: {error}") from error
    except requests.RequestException as error:
        reason = describe_failure(error, address, _TIMEOUT)
        raise UpstreamError(f"{address} cannot be downloaded: {reason}; {_AGAIN}") from error
