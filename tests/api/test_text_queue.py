"""Free texts beyond the queue limit are refused at once; known papers are still answered."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.support.client import RELATED, assert_problem
from tests.support.processes import Server, served

pytestmark = pytest.mark.process

WAITING = 2
LONG = "/v1/search?q=" + "+".join(["pruning"] * 240)  # more words than the model reads


@pytest.fixture(scope="module")
def server(built_data: Path) -> Iterator[Server]:
    with served(built_data, environment={"SEEALSO_TEXT_QUEUE": str(WAITING)}) as server:
        server.client.get("/v1/search?q=pruning")  # loads the model
        yield server


def ask(server: Server, address: str) -> httpx2.Response:
    return server.client.get(
        address
    )  # one client for all threads: creating a client takes longer than a request


def test_a_full_queue_refuses_texts_but_not_known_papers(server: Server) -> None:
    with ThreadPoolExecutor(24) as readers:
        answers: list[httpx2.Response] = []
        for _ in range(10):  # the number embedded before the next arrives depends on the machine
            texts = [readers.submit(ask, server, LONG) for _ in range(12)]
            listings = [readers.submit(ask, server, RELATED) for _ in range(12)]
            answers += [text.result() for text in texts]
            assert {listing.result().status_code for listing in listings} == {200}
            if any(response.status_code != 200 for response in answers):
                break
    refused = [response for response in answers if response.status_code != 200]
    assert 0 < len(refused) < len(answers)
    for response in refused:
        assert_problem(response, 503, "2 other texts are waiting for the model")
        assert response.headers["retry-after"] == "30"
    measured = server.client.get("/metrics").text
    assert f"seealso_text_queue_refusals_total {len(refused)}.0" in measured
    assert "seealso_text_queue_texts 0.0" in measured
    assert ask(server, "/v1/search?q=pruning").status_code == 200


def test_a_list_does_not_wait_for_a_text(server: Server) -> None:
    with ThreadPoolExecutor(1) as reader:
        slow = reader.submit(ask, server, f"{RELATED}?limit=40&reasons=full")
        time.sleep(0.3)
        assert ask(server, RELATED).status_code == 200
        assert not slow.done()
        assert slow.result().status_code == 200


def test_a_request_that_exceeds_the_timeout_gets_503(built_data: Path) -> None:
    environment = {"SEEALSO_REQUEST_TIMEOUT": "1", "SEEALSO_TEXT_QUEUE": "100"}
    with served(built_data, environment=environment) as server, ThreadPoolExecutor(80) as readers:
        server.client.get("/v1/search?q=pruning")
        texts = [readers.submit(ask, server, LONG) for _ in range(80)]
        time.sleep(0.5)
        assert server.client.get("/healthz").status_code == 200
        late = [one for one in map(Future.result, texts) if one.status_code != 200]
        assert late
        for response in late:
            assert_problem(response, 503, "within 1 seconds")
            assert response.headers["retry-after"] == "30"
        assert any("no answer" in one.json()["detail"] for one in late)
        # Requests that waited have left the queue, so a new one does not wait for them.
        deadline = time.monotonic() + 20
        while ask(server, "/v1/search?q=pruning").status_code != 200:
            assert time.monotonic() < deadline


def test_a_busy_server_still_shuts_down_in_time(built_data: Path) -> None:
    with served(built_data, environment={"SEEALSO_REQUEST_TIMEOUT": "1"}) as server:
        server.client.get("/v1/search?q=pruning")
        endless = f"{RELATED}?limit=500&reasons=full"  # a minute's work
        assert_problem(server.client.get(endless), 503, "more than 0.667 seconds of computing")
        server.process.terminate()
        assert server.process.wait(timeout=10) == 0
