"""The server process: what it loads, that it writes nothing, how it switches releases."""

import hashlib
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest

from index.releases.folder import current_name
from tests.conftest import Seealso
from tests.support.client import ENDPOINTS, RELATED, assert_problem, open_client
from tests.support.processes import served
from tests.support.snapshots import record, snapshot_of

_WITHOUT_TORCH = """
import sys
from fastapi.testclient import TestClient
from api.app import create_app
from index.settings import load_settings

def imported():
    return sorted({"torch", "sentence_transformers", "sklearn", "openvino"} & set(sys.modules))

with TestClient(create_app(load_settings({}, data=sys.argv[1]))) as client:
    listing = client.get("/v1/papers/2401.08092/related").json()
    print(len(listing["related"]), imported())
    print(len(client.get("/v1/search?q=pruning of language models").json()["results"]), imported())
"""


@pytest.mark.process
def test_a_list_needs_no_model_and_free_text_no_torch(built_data: Path) -> None:
    command = [sys.executable, "-c", _WITHOUT_TORCH, str(built_data)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert result.stdout.splitlines() == ["10 []", "10 ['openvino']"], result.stderr


def test_reading_writes_nothing(built_data_copy: Path) -> None:
    def content() -> dict[str, str]:
        return {
            str(file): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in built_data_copy.rglob("*")
            if file.is_file() and file.stat().st_size and file.suffix != ".db-shm"
        }

    before = content()
    with open_client(built_data_copy) as client:
        for address in (
            *ENDPOINTS,
            "/v1/papers/2401.99999",
            "/v1/papers/nonsense",
            "/openapi.json",
        ):
            client.get(address)
        assert content() == before
    assert content() == before


class Reader(threading.Thread):
    """Requests a list repeatedly until stopped; records each status and release."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.seen: list[tuple[int, str]] = []
        self.stop = threading.Event()
        self._address = address

    def read_more(self, answers: int = 20) -> None:
        """Wait until this many more answers were read."""
        enough, deadline = len(self.seen) + answers, time.monotonic() + 30
        while len(self.seen) < enough:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def run(self) -> None:
        with httpx2.Client(base_url=self._address, timeout=30) as client:
            while not self.stop.is_set():
                for address in (RELATED, "/v1/search?q=pruning"):
                    response = client.get(address)
                    body = response.json()
                    self.seen.append((response.status_code, body.get("meta", body).get("release")))


@pytest.mark.process
def test_a_running_server_switches_to_a_new_release_without_an_error(
    built_data_copy: Path, tmp_path: Path, seealso: Seealso
) -> None:
    before = current_name(built_data_copy)
    new = record("2402.00001", title="Pruning of language models on a phone", abstract="We prune.")
    with served(built_data_copy) as server:
        reader = Reader(server.address)
        reader.start()
        try:
            seealso(built_data_copy, "ingest", "snapshot", str(snapshot_of(tmp_path, new)))
            waiting = server.client.get("/v1/papers/2402.00001/graph")
            assert_problem(waiting, 503, "is not in the release yet, which has 266 of 267 papers")
            seealso(built_data_copy, "update")
            after = current_name(built_data_copy)
            deadline = time.monotonic() + 20
            while (200, after) not in reader.seen and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            reader.stop.set()
            reader.join()
        assert server.client.get("/v1/papers/2402.00001/related").status_code == 200
        assert server.client.get("/v1/status").json()["release"] == after
    assert after != before
    statuses, releases = zip(*reader.seen, strict=True)
    assert set(statuses) == {200}
    assert set(releases) == {before, after}
    switched = releases.index(after)
    assert set(releases[:switched]) == {before}
    assert set(releases[switched:]) == {after}
