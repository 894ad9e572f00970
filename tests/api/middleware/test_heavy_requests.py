"""Heavy requests are computed in a process of their own, and stopped at their limit."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message

from api.answering import answering_app
from api.middleware.heavy_requests import HeavyRequests
from api.middleware.own_process import Compute, ComputedResponse, ForwardedRequest, OwnProcess
from api.monitoring.request_log import RequestLog
from index.settings import load_settings
from tests.conftest import SURVEY
from tests.support.client import RELATED, assert_problem, open_client
from tests.support.processes import is_running, served

pytestmark = pytest.mark.process

HEAVY = "/anything?limit=500"


def open_echo() -> Compute:
    """Answer with the process id and the body; a path with "forever" has no answer."""

    def compute(request: ForwardedRequest) -> ComputedResponse:
        if "forever" in request.scope["path"]:
            threading.Event().wait()
        if "die" in request.scope["path"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return ComputedResponse(200, [(b"x", b"y")], b"%d" % os.getpid() + request.body, "/echo")

    return compute


def limited_app(process: OwnProcess, request_timeout: float = 3_600) -> FastAPI:
    app = FastAPI()
    app.add_middleware(HeavyRequests, process=process, request_timeout=request_timeout)
    app.add_middleware(RequestLog)
    return app


@pytest.fixture
def process() -> Iterator[OwnProcess]:
    process = OwnProcess(open_echo)
    yield process
    process.stop()


def wait_for_end(pid: int) -> None:
    while is_running(pid):
        time.sleep(0.01)


def test_one_process_answers_all_heavy_requests(process: OwnProcess) -> None:
    with TestClient(limited_app(process)) as client:
        first = client.get(HEAVY)
        assert (first.status_code, first.headers["x"]) == (200, "y")
        assert int(first.text) != os.getpid()
        assert client.get(HEAVY).text == first.text
        posted = client.post("/library", content=b"x" * 2_000)
        assert posted.text == first.text + "x" * 2_000
        assert client.get("/anything").status_code == 404  # light: the application answers


def test_an_idle_process_ends_and_starts_again() -> None:
    process = OwnProcess(open_echo, idle_seconds=0.01)
    with TestClient(limited_app(process)) as client:
        first = int(client.get(HEAVY).text)
        wait_for_end(first)
        assert int(client.get(HEAVY).text) != first
    process.stop()


def test_a_computation_is_killed_at_its_limit(process: OwnProcess) -> None:
    with TestClient(limited_app(process)) as client:
        pid = int(client.get(HEAVY).text)
    with TestClient(limited_app(process, request_timeout=0.3)) as client:
        refused = client.get("/forever?limit=500")
        assert_problem(refused, 503, "needs more than 0.2 seconds of computing: send fewer")
        assert refused.json()["title"] == "Too much work"
        assert refused.headers["Retry-After"] == "30"
    wait_for_end(pid)


def test_a_process_that_ends_is_an_error_and_is_replaced(process: OwnProcess) -> None:
    with TestClient(limited_app(process)) as client:
        assert_problem(client.get("/die?limit=500"), 503, "the process for heavy requests ended")
        assert client.get(HEAVY).status_code == 200


def test_a_full_queue_refuses_at_once(process: OwnProcess) -> None:
    app = limited_app(process)

    async def statuses() -> list[int]:
        async with anyio.create_task_group() as group:
            for _ in range(17):
                group.start_soon(request, app, "/forever")
            await anyio.wait_all_tasks_blocked()
            refused = await request(app, "/anything")
            group.cancel_scope.cancel()
        return [refused, await request(app, "/anything")]

    assert anyio.run(statuses) == [503, 200]


def test_a_client_that_disconnects_stops_its_computation(process: OwnProcess) -> None:
    app = limited_app(process)

    async def outcome() -> tuple[int, int]:
        await request(app, "/anything")
        assert process._idle is not None
        pid = process._idle.process.pid
        assert pid is not None
        status = await request(app, "/forever", disconnects=lambda: process._idle is None)
        return status, pid

    status, pid = anyio.run(outcome)
    assert status == 0  # no answer
    wait_for_end(pid)


async def request(app: FastAPI, path: str, disconnects: Callable[[], bool] = lambda: False) -> int:
    """Send a heavy request; return the status of the answer, 0 if there is none.

    The client disconnects as soon as `disconnects` returns true.
    """
    status = 0
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        while not disconnects():
            await anyio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"limit=500",
        "headers": [],
        "client": None,
    }
    await app(scope, receive, send)
    return status


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        f"{RELATED}?limit=101",
        f"{RELATED}?limit=21&diversity=0.3",
        f"/papers/{SURVEY}?limit=101",
        f"{RELATED}.bib?limit=101",
        f"{RELATED}?limit=101&sort=wrong",
        "/feeds/search.atom?limit=101&q=pruning&sort=date",
        f"/recommendations/v1/papers/forpaper/{SURVEY}?limit=101",
        "/recommendations/v1/papers/forpaper/2401.99999?limit=101",
    ],
)
def test_a_heavy_answer_is_that_of_the_application(
    client: TestClient, built_data: Path, path: str
) -> None:
    headers = {"X-Request-ID": "same", "Accept": "*/*"}
    heavy = client.get(path, headers=headers)
    app = answering_app(load_settings({}, data=str(built_data)))
    app.add_middleware(RequestLog)
    light = TestClient(app).get(path, headers=headers)
    assert (heavy.status_code, heavy.content) == (light.status_code, light.content)
    kept = {name: value for name, value in heavy.headers.items() if name in light.headers}
    assert kept == dict(light.headers)


def test_a_heavy_request_is_counted_by_its_route_and_has_an_etag(client: TestClient) -> None:
    first = client.get(f"{RELATED}?limit=102")
    held = {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"{RELATED}?limit=102", headers=held).status_code == 304
    counted = re.compile(r'_count{method="GET",route="/v1/papers/{paper_id:path}/related"')
    assert counted.search(client.get("/metrics").text)


def test_many_papers_and_a_library_are_answered_together(client: TestClient) -> None:
    related = client.get(f"{RELATED}?limit=10").json()["related"]
    liked = [paper["id"] for paper in related]
    response = client.post("/v1/recommend", json={"liked": liked, "disliked": [SURVEY]})
    assert response.json()["liked"] == liked
    entries = "".join(
        f"@misc{{k{i}, title={{A b c {i}}}, eprint={{{one}}}}}\n" for i, one in enumerate(liked)
    )
    page = client.post("/library", files={"file": ("my.bib", entries * 3)})
    assert page.status_code == 200
    assert client.post("/v1/recommend", json={"liked": ["x"] * 9}).status_code == 404


def test_the_process_ends_with_its_server(built_data: Path) -> None:
    with served(built_data) as server:
        server.client.get(f"{RELATED}?limit=500").raise_for_status()
        children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
        pids = [int(pid) for file in children for pid in file.read_text().split()]
        assert pids
        server.process.kill()
        server.process.wait()
        for pid in pids:
            wait_for_end(pid)
