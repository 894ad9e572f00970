"""Prometheus metrics of the server at /metrics; docs/metrics.md lists them.

Each worker counts its own requests. Several workers share the folder PROMETHEUS_MULTIPROC_DIR,
which `seealso serve` creates, and /metrics returns the sums over all of them.
"""

import os
import time
from pathlib import Path
from typing import cast

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.monitoring.holdings_metrics import Holdings
from api.service import Service

router = APIRouter(include_in_schema=False)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
disable_created_metrics()  # type: ignore[no-untyped-call]  # not supported for several workers
# A thread outside the pool of requests, so that /metrics works under load too.
_SCRAPES = anyio.CapacityLimiter(1)


class Metrics:
    """All metrics of one application."""

    def __init__(self, service: Service) -> None:
        self._holdings = Holdings(service)
        self._counted = CollectorRegistry()
        self.durations = Histogram(
            "seealso_http_request_duration_seconds",
            "Time from the head of a request to the end of its response",
            ("route", "method", "status"),
            buckets=_BUCKETS,
            registry=self._counted,
        )
        queue = service.text_embedder.queue
        for counted in (queue.texts, queue.refusals):
            self._counted.register(counted)

    def text(self) -> bytes:
        """Return the current value of each metric in the Prometheus text format."""
        registry = self._counted
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(self._holdings)


class RequestDurations:
    """Middleware that measures each request by route, method and class of status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._durations = metrics.durations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request and observe its duration."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = "none"  # if the client disconnects before the response

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            # Clients choose paths and methods, and each label value costs memory.
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            histogram = self._durations.labels(route, method, status)
            histogram.observe(time.perf_counter() - began)


def forget_dead_workers() -> None:
    """Delete the gauges of workers that were killed; their counters stay in the sums."""
    for file in Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", "/nowhere")).glob("gauge_live*.db"):
        if not Path("/proc", file.stem.rpartition("_")[2]).exists():
            file.unlink(missing_ok=True)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return all metrics in the Prometheus text format."""
    collected = cast(Metrics, request.app.state.metrics)
    text = await anyio.to_thread.run_sync(collected.text, limiter=_SCRAPES)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
