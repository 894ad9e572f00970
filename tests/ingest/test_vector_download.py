"""Download of a file of vectors from a server on loopback that also misbehaves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from index.errors import BadInput, NoSpaceLeft, UpstreamError
from ingest.vector_download import downloaded, is_address

CONTENT = bytes(range(256)) * 20_000  # 5 MB
DIGEST = sha256(CONTENT).hexdigest()


@dataclass
class FileServer:
    """Serves /v.parquet and its checksum. `cut_at` ends each response after so many bytes."""

    address: str = ""
    checksum: bytes = f"{DIGEST}  v.parquet\n".encode()
    cut_at: int | None = None
    ranges: bool = True
    length: str | None = None
    status: int = 200
    wrong_range: bool = False
    requested: list[str | None] = field(default_factory=list)


@contextmanager
def _serve(server: FileServer) -> Iterator[FileServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.split("?")[0].endswith(".sha256"):
                self._send(200, server.checksum, str(len(server.checksum)))
                return
            wanted = self.headers.get("Range")
            server.requested.append(wanted)
            start = int(wanted[6:-1]) if wanted and server.ranges else 0
            if server.status != 200:
                self._send(server.status, b"", "0")
            elif start >= len(CONTENT):
                self._send(416, b"", "0")
            else:
                rest = CONTENT[start:]
                length = str(len(rest)) if server.length is None else server.length
                self._send(206 if start else 200, rest[: server.cut_at], length, start)

        def _send(self, status: int, body: bytes, length: str, start: int = 0) -> None:
            self.send_response(status)
            if length:
                self.send_header("Content-Length", length)
            if status == 206:
                shown = start + server.wrong_range
                self.send_header("Content-Range", f"bytes {shown}-{len(CONTENT) - 1}/*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        server.address = f"http://127.0.0.1:{http.server_port}/v.parquet"
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[FileServer]:
    with _serve(FileServer()) as serving:
        yield serving


def _silent(step: str, done: int, total: int) -> None:
    pass


def _get(server: FileServer, folder: Path, query: str = "") -> None:
    with downloaded(f"{server.address}{query}", folder, _silent) as (file, digest):
        assert file.read_bytes() == CONTENT
        assert digest == DIGEST


@pytest.mark.parametrize("query", ["", "?download=1"])
def test_a_file_is_there_in_the_block_and_deleted_afterwards(
    server: FileServer, tmp_path: Path, query: str
) -> None:
    _get(server, tmp_path / "downloads", query)
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_requests_the_rest(
    server: FileServer, tmp_path: Path, ranges: bool
) -> None:
    server.cut_at, server.ranges = 3_000_000, ranges
    with pytest.raises(UpstreamError, match="run the same command again"):
        _get(server, tmp_path)
    [part] = tmp_path.iterdir()
    assert part.read_bytes() == CONTENT[: part.stat().st_size]
    held = part.stat().st_size
    assert held
    server.cut_at = None
    _get(server, tmp_path)
    assert server.requested == [None, f"bytes={held}-"]


def test_a_complete_file_whose_import_was_interrupted_is_not_sent_again(
    server: FileServer, tmp_path: Path
) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        downloaded(server.address, tmp_path, _silent),
    ):
        raise KeyboardInterrupt
    _get(server, tmp_path)
    assert server.requested == [None, f"bytes={len(CONTENT)}-"]


def test_a_refused_file_is_deleted(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(BadInput), downloaded(server.address, tmp_path, _silent):
        raise BadInput("refused")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_error_status_is_reported(server: FileServer, tmp_path: Path, status: int) -> None:
    server.status = status
    with pytest.raises(UpstreamError, match=f"returned status {status}"):
        _get(server, tmp_path)


@pytest.mark.parametrize("checksum", [b"", b"<html>not here", DIGEST[:-1].encode(), b"z" * 64])
def test_a_checksum_that_is_none_is_refused(
    server: FileServer, tmp_path: Path, checksum: bytes
) -> None:
    server.checksum = checksum
    with pytest.raises(BadInput, match="contains no SHA-256"):
        _get(server, tmp_path)
    assert server.requested == []


def test_another_range_than_requested_is_refused(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / f"vectors-{DIGEST}.parquet").write_bytes(CONTENT[:1000])
    server.wrong_range = True
    with pytest.raises(UpstreamError, match="another range"):
        _get(server, tmp_path)


def test_a_file_larger_than_the_disk_is_refused_before_it_is_written(
    server: FileServer, tmp_path: Path
) -> None:
    server.length = str(10**18)
    with pytest.raises(NoSpaceLeft, match=r"no space for 1,000,000,000,000\.0 MB more"):
        _get(server, tmp_path)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]


def test_a_file_of_unknown_length_is_refused(server: FileServer, tmp_path: Path) -> None:
    server.length = ""
    with pytest.raises(UpstreamError, match="Content-Length"):
        _get(server, tmp_path)


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(UpstreamError, match=r"127\.0\.0\.1 refuses connections"),
        downloaded("http://127.0.0.1:9/v.parquet", tmp_path, _silent),
    ):
        pass


@pytest.mark.parametrize("address", ["http://", "http:///v", "https://:80/v"])
def test_an_invalid_address_is_refused(tmp_path: Path, address: str) -> None:
    with (
        pytest.raises(BadInput, match="no valid address"),
        downloaded(address, tmp_path, _silent),
    ):
        pass


@pytest.mark.parametrize(
    ("source", "expected"),
    [("https://a/b", True), ("HTTP://a/b", True), ("vectors.parquet", False), ("ftp://a", False)],
)
def test_addresses_are_distinguished_from_files(source: str, expected: bool) -> None:
    assert is_address(source) is expected
