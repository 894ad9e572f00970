"""The application: which rooms answer which addresses."""

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

# Answers are made by processors: more at once would take turns, and wait for each other.
_AT_ONCE = 2 * (os.cpu_count() or 1)
_KNOWN = Depends(refuse_unknown_parameters)
_EXPOSED = ("ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID")


def create_app(settings: Settings) -> FastAPI:
    """The service over one data folder."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # A text that waits for the model has a thread and no processor.
        current_default_thread_limiter().total_tokens = _AT_ONCE + settings.text_queue
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
    for room in (graph, paper_tags, papers, recommend, search, tags, tag_papers):
        app.include_router(room.router, dependencies=described)
    for room in (paper_exports, list_exports, feeds):
        app.include_router(room.router, dependencies=[_KNOWN])
    add_semantic_scholar(app)
    # Other sites add names of their own to a page's address.
    for room in (health, metrics, tag_pages, status_page, my_references_page, pages):
        app.include_router(room.router)
    explain_errors(app)
    # From within outwards: the last one added is the first to see a request.
    app.add_middleware(ConditionalRequests, settings=settings)
    app.add_middleware(HeadRequests)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body)
    # Around what uses threads, for it is for them that requests wait.
    app.add_middleware(TimeLimit, seconds=settings.request_timeout)
    if settings.rate_limit:
        app.add_middleware(RateLimit, per_minute=settings.rate_limit)
    # Within those that mark every answer: a 500 and a 429 are answers too.
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
    """The service over the environment's settings, as each worker of `seealso serve` makes it."""
    return create_app(load_settings(os.environ))


def _operation_id(route: APIRoute) -> str:
    return route.name
