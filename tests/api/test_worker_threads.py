"""Few threads compute, and those that only wait do not count."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from anyio.to_thread import current_default_thread_limiter, run_sync

from api.text_queue import TextQueue
from api.worker_threads import WorkerThreads


async def in_threads(works: list[Callable[[], None]]) -> None:
    await asyncio.gather(*(run_sync(work) for work in works))


@pytest.mark.parametrize(("with_vector_server", "expected"), [(False, 2), (True, 12)])
def test_only_so_many_compute_at_once(with_vector_server: bool, expected: int) -> None:
    running, most, lock = 0, 0, threading.Lock()
    pause = threading.Event()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        pause.wait(0.02)
        with lock:
            running -= 1

    async def serve() -> None:
        WorkerThreads().start(with_vector_server=with_vector_server)
        await in_threads([work] * 40)

    asyncio.run(serve())
    assert most == expected


def test_texts_that_wait_for_the_model_leave_the_threads_to_others() -> None:
    threads = WorkerThreads()
    queue = TextQueue(max_waiting=10, max_wait=60, threads=threads)
    answered = threading.Event()
    ended: list[str] = []

    def embed() -> None:
        with queue.slot():
            answered.wait(30)
            ended.append("text")

    def compute() -> None:
        ended.append("list")

    async def serve() -> None:
        threads.start(with_vector_server=False)
        texts = asyncio.create_task(in_threads([embed] * 7))
        await asyncio.sleep(0)  # the texts come first
        try:
            await in_threads([compute] * 2)
        finally:
            answered.set()
        await texts
        assert current_default_thread_limiter().total_tokens == 2

    asyncio.run(serve())
    assert ended == ["list"] * 2 + ["text"] * 7


def test_waiting_has_no_effect_before_the_start_or_after_the_end() -> None:
    threads = WorkerThreads()
    with threads.waiting():
        pass

    async def serve() -> None:
        threads.start(with_vector_server=False)

    asyncio.run(serve())
    with threads.waiting():
        pass
