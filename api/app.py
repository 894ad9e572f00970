"""The FastAPI application: routers and middleware."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute

from api.formats.link_headers import add_openapi_link
from api.formats.negotiation import require_acceptable
from api.middleware.body_limit import BodyLimit
from api.middleware.etags import ConditionalRequests
from api.middleware.head_requests import HeadRequests
from api.middleware.problems import UnhandledErrors, explain_errors
from api.middleware.rate_limit import RateLimit
from api.middleware.security_headers import SecurityHeaders
from api.middleware.time_limit import TimeLimit
from api.monitoring import health, metrics
from api.monitoring.metrics import Metrics, RequestDurations
from api.monitoring.request_log import RequestLog
from api.openapi.description import description_of
from api.pages import my_references_page, pages, status_page, tag_pages
from api.parameters.known_parameters import refuse_unknown_parameters
from api.routes import (
    feeds,
    graph,
    list_exports,
    paper_exports,
    paper_tags,
    papers,
    recommend,
    search,
    tag_papers,
    tags,
)
from api.semantic_scholar.routes import add_semantic_scholar
from api.service import Service
from index.settings import Settings, load_settings

# Building a response is CPU work, so more threads than this would only compete.
_THREADS = 2 * (os.cpu_count() or 1)
_KNOWN = Depends(refuse_unknown_parameters)
_EXPOSED = ("ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID")


def create_app(settings: Settings) -> FastAPI:
    """Create the application for one data folder.

    app = create_app(load_settings({}, data="my-data"))
    client = TestClient(app)
    client.get("/v1/papers/2401.08092/related")
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Each text in the queue occupies a thread, but uses no CPU while it waits.
        current_default_thread_limiter().total_tokens = _THREADS + settings.text_queue
        metrics.forget_dead_workers()
        yield
        app.state.service.text_embedder.close()

    app = FastAPI(
        title="seealso",
        summary="Related papers for arXiv: what to read next, and why.",
        version="1",
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        docs_url=None,  # FastAPI's own page loads scripts from another host
        redoc_url=None,
    )
    app.openapi = partial(description_of, app)  # type: ignore[method-assign]
    app.state.service = Service(settings)
    app.state.metrics = Metrics(app.state.service)
    described = [_KNOWN, Depends(require_acceptable), Depends(add_openapi_link)]
    for module in (graph, paper_tags, papers, recommend, search, tags, tag_papers):
        app.include_router(module.router, dependencies=described)
    for module in (paper_exports, list_exports, feeds):
        app.include_router(module.router, dependencies=[_KNOWN])
    add_semantic_scholar(app)
    # Unknown query parameters are allowed here: other sites add their own to links to pages.
    for module in (health, metrics, tag_pages, status_page, my_references_page, pages):
        app.include_router(module.router)
    explain_errors(app)
    # The middleware added last is the outermost: it sees a request first.
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


def _operation_id(route: APIRoute) -> str:
    return route.name
