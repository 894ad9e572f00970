"""The FastAPI application: routes with limits and other middleware."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from api.answering import answering_app, open_answers
from api.middleware.body_limit import BodyLimit
from api.middleware.etags import ConditionalRequests
from api.middleware.head_requests import HeadRequests
from api.middleware.heavy_requests import HeavyRequests
from api.middleware.own_process import OwnProcess
from api.middleware.problems import UnhandledErrors
from api.middleware.rate_limit import RateLimit
from api.middleware.security_headers import SecurityHeaders
from api.middleware.time_limit import TimeLimit
from api.monitoring import metrics
from api.monitoring.metrics import RequestDurations
from api.monitoring.request_log import RequestLog
from index.settings import Settings, load_settings

_EXPOSED = ("ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID")


def create_app(settings: Settings) -> FastAPI:
    """Create the application for one data folder.

    app = create_app(load_settings({}, data="my-data"))
    client = TestClient(app)
    client.get("/v1/papers/2401.08092/related")
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service.threads.start(with_vector_server=settings.index is not None)
        metrics.forget_dead_workers()
        yield
        heavy.stop()
        app.state.service.text_embedder.close()
        app.state.service.catalogues.close()

    heavy = OwnProcess(open_answers, settings)
    app = answering_app(settings, lifespan)
    # The middleware added last is the outermost: it sees a request first.
    app.add_middleware(HeavyRequests, process=heavy, request_timeout=settings.request_timeout)
    app.add_middleware(ConditionalRequests, settings=settings)
    app.add_middleware(HeadRequests)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body)
    # Outside everything that uses threads, because requests wait for a free thread.
    app.add_middleware(TimeLimit, seconds=settings.request_timeout)
    if settings.rate_limit:
        app.add_middleware(RateLimit, per_minute=settings.rate_limit)
    # Inside the middleware that adds headers to each response, including 500 and 429.
    app.add_middleware(UnhandledErrors)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "If-None-Match", "X-Request-ID"),
            expose_headers=_EXPOSED,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestDurations, metrics=app.state.metrics)
    app.add_middleware(RequestLog)
    return app


def serving_app() -> FastAPI:
    """Create the application from environment variables, in each worker of `seealso serve`."""
    return create_app(load_settings(os.environ))
