"""A server offers a file of vectors: ranges, conditions, errors, and an import from it."""

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from index.catalogue.catalogue import read_catalogue
from index.errors import UpstreamError
from index.files import file_sha256
from index.vector_files.checksum import checksum_path
from ingest.vector_download import downloaded
from tests.conftest import Seealso
from tests.support.client import assert_problem, open_client
from tests.support.processes import served
from tests.support.vector_files import sign, without_vectors

ADDRESS = "/v1/vectors"
CHECKSUM = "/v1/vectors.sha256"
CONTENT = b"PAR1" + bytes(range(256)) * 4_000 + b"PAR1"  # 1 MB, several blocks
SIZE = len(CONTENT)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "offered.parquet"
    file.write_bytes(CONTENT)
    sign(file)
    return file


@pytest.fixture
def client(tmp_path: Path, file: Path) -> Iterator[TestClient]:
    with open_client(tmp_path / "empty", vectors=str(file)) as client:
        yield client


def test_the_file_and_its_checksum_are_served(client: TestClient, file: Path) -> None:
    whole = client.get(ADDRESS)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert whole.headers["content-type"] == "application/vnd.apache.parquet"
    assert whole.headers["content-length"] == str(SIZE)
    assert whole.headers["accept-ranges"] == "bytes"
    assert client.get(CHECKSUM).text == f"{file_sha256(file)}  vectors\n"


def test_head_has_the_headers_and_reads_nothing(client: TestClient) -> None:
    whole, head = client.get(ADDRESS), client.head(ADDRESS, headers={"Range": "bytes=5-"})
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("BYTES=400000-", 400_000, SIZE),
        ("bytes=0-", 0, SIZE),
        ("bytes=-4", SIZE - 4, SIZE),
        (f"bytes=-{SIZE + 5}", 0, SIZE),
        (f"bytes={SIZE - 1}-{SIZE + 99}", SIZE - 1, SIZE),
    ],
)
def test_a_range_is_a_part(client: TestClient, wanted: str, start: int, stop: int) -> None:
    part = client.get(ADDRESS, headers={"Range": wanted})
    assert (part.status_code, part.content) == (206, CONTENT[start:stop])
    assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert part.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize(
    "wanted",
    ["bytes=9-3", "bytes=-", "bytes=a-b", "lines=0-5", "bytes=0-1,5-6", f"bytes={'9' * 5000}-"],
)
def test_an_invalid_range_or_several_give_the_whole(client: TestClient, wanted: str) -> None:
    whole = client.get(ADDRESS, headers={"Range": wanted})
    assert (whole.status_code, whole.content) == (200, CONTENT)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE + 7}-{SIZE + 9}", "bytes=-0"])
def test_a_range_after_the_end_is_refused(client: TestClient, wanted: str) -> None:
    refused = client.get(ADDRESS, headers={"Range": wanted})
    assert_problem(refused, 416, f"the file has {SIZE} bytes")
    assert refused.headers["content-range"] == f"bytes */{SIZE}"


def test_conditions_use_the_etag_of_the_file(client: TestClient, file: Path) -> None:
    etag = client.get(ADDRESS).headers["etag"]
    unchanged = client.get(ADDRESS, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == etag
    range_if = {"Range": "bytes=4-9", "If-Range": etag}
    assert client.get(ADDRESS, headers=range_if).status_code == 206
    newer = file.with_name("newer")
    newer.write_bytes(CONTENT[::-1].replace(b"1RAP", b"PAR1"))
    newer.rename(file)
    assert client.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 200
    assert_problem(client.get(ADDRESS, headers={"If-Match": etag}), 412, "If-Match")
    changed = client.get(ADDRESS, headers=range_if)
    assert (changed.status_code, changed.content) == (200, file.read_bytes())


def test_without_the_setting_nothing_is_offered(tmp_path: Path) -> None:
    with open_client(tmp_path / "empty") as client:
        for address in (ADDRESS, CHECKSUM):
            assert_problem(client.get(address), 404, "not offered here")
            assert client.head(address).status_code == 404


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "text", "cut off", "empty"])
def test_a_file_that_cannot_be_offered_is_a_problem(
    client: TestClient, file: Path, kind: str
) -> None:
    file.unlink()
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind != "missing":
        file.write_bytes({"text": b"not for others", "cut off": CONTENT[:-1], "empty": b""}[kind])
    assert_problem(client.get(ADDRESS), 503, "offered.parquet that SEEALSO_VECTORS offers")


def test_a_missing_or_wrong_checksum_is_a_problem(client: TestClient, file: Path) -> None:
    checksum_path(file).write_text("no digest\n")
    assert_problem(client.get(CHECKSUM), 503, "contains no SHA-256")
    checksum_path(file).unlink()
    assert_problem(client.get(CHECKSUM), 503, "offered.parquet.sha256")


def _read_headers(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1000)
    return received.split(b"\r\n\r\n", 1)[1]


def _request(port: int) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    connection.sendall(b"GET /v1/vectors HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return connection


def _rest(connection: socket.socket, received: bytes = b"", pause: float = 0) -> bytes:
    while block := connection.recv(2**21):
        received += block
        time.sleep(pause)
    return received


@pytest.mark.process
def test_a_slow_reader_gets_all_of_a_file_and_a_stopped_one_is_cut_off(
    built_data: Path, file: Path
) -> None:
    large = b"PAR1" + os.urandom(40_000_000) + b"PAR1"
    file.write_bytes(large)
    settings = {"SEEALSO_VECTORS": str(file), "SEEALSO_REQUEST_TIMEOUT": "3"}
    with served(built_data, environment=settings) as server:
        with _request(server.port) as slow:
            begun = time.monotonic()
            received = _read_headers(slow)
            while len(received) < len(large):
                block = slow.recv(2**20)
                if not block:
                    break
                received += block
                time.sleep(len(block) / 6e6)
            assert received == large
            assert time.monotonic() - begun > 6  # twice the time limit
        with _request(server.port) as stopped:
            received = _read_headers(stopped)
            time.sleep(9)
            assert len(_rest(stopped, received)) < len(large)


@pytest.mark.process
def test_a_file_replaced_or_shortened_while_it_is_served(built_data: Path, file: Path) -> None:
    large = b"PAR1" + os.urandom(40_000_000) + b"PAR1"
    file.write_bytes(large)
    with served(built_data, environment={"SEEALSO_VECTORS": str(file)}) as server:
        with _request(server.port) as download:
            received = _read_headers(download)
            newer = file.with_name("newer")
            newer.write_bytes(CONTENT)
            newer.rename(file)
            assert _rest(download, received) == large
        file.write_bytes(large)
        with _request(server.port) as download:
            received = _read_headers(download)
            os.truncate(file, 20_000_000)
            assert len(_rest(download, received)) < len(large)
        assert "became shorter" in server.log.read_text()


@pytest.mark.process
def test_a_download_ends_when_its_client_leaves(built_data: Path, file: Path) -> None:
    large = b"PAR1" + os.urandom(40_000_000) + b"PAR1"
    file.write_bytes(large)
    with served(built_data, environment={"SEEALSO_VECTORS": str(file)}) as server:
        with _request(server.port) as left:
            _read_headers(left)
        deadline = time.monotonic() + 10  # less than the time limit
        while not (found := [one for one in server.lines() if one.get("path") == ADDRESS]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert found[0]["bytes"] < len(large)


@pytest.mark.process
def test_a_download_continues_after_its_server_was_killed(
    built_data: Path, file: Path, tmp_path: Path
) -> None:
    large = b"PAR1" + os.urandom(40_000_000) + b"PAR1"
    file.write_bytes(large)
    sha256 = sign(file)
    offered, folder = {"SEEALSO_VECTORS": str(file)}, tmp_path / "downloads"
    with served(built_data, environment=offered) as server:

        def kill(step: str, done: int, total: int) -> None:
            server.process.kill()

        address = f"{server.address}{ADDRESS}"
        with (
            pytest.raises(UpstreamError, match="requests the rest"),
            downloaded(address, folder, kill),
        ):
            pass
    [part] = folder.iterdir()
    held = part.stat().st_size
    assert 0 < held < len(large)
    with served(built_data, environment=offered) as server:
        address = f"{server.address}{ADDRESS}"
        with downloaded(address, folder, lambda *_: None) as (found, published):
            assert (found.read_bytes(), published) == (large, sha256)
        [line] = [one for one in server.lines() if one.get("path") == ADDRESS]
    assert (line["status"], line["bytes"]) == (206, len(large) - held)


@pytest.mark.process
def test_another_catalogue_imports_and_resumes(
    built_data: Path, built_data_copy: Path, seealso: Seealso, tmp_path: Path
) -> None:
    file = tmp_path / "vectors.parquet"
    seealso(built_data, "vectors", "export", str(file))
    data = without_vectors(built_data_copy)
    half = file.stat().st_size // 2
    with served(built_data, environment={"SEEALSO_VECTORS": str(file)}) as server:
        # As an interrupted download leaves it.
        part = data / "downloads" / f"vectors-{file_sha256(file)}.parquet"
        part.parent.mkdir()
        part.write_bytes(file.read_bytes()[:half])
        address = f"{server.address}{ADDRESS}"
        result = seealso(data, "vectors", "import", address, "--json")
        [download] = [one for one in server.lines() if one.get("path") == ADDRESS]
    assert download["status"] == 206
    assert download["bytes"] == file.stat().st_size - half
    with read_catalogue(data) as catalogue:
        assert json.loads(result.stdout)["taken"] == catalogue.count() > 0
    assert list((data / "downloads").iterdir()) == []
