"""The application: which rooms answer which addresses."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import (
    exports,
    feeds,
    graph,
    health,
    library_page,
    pages,
    paper_tags,
    papers,
    recommend,
    search,
    semantic_scholar,
    status_page,
    tag_pages,
    tags,
)
from api.conditional import ConditionalAnswers
from api.problems import explain_errors
from api.security_headers import SecurityHeaders
from api.service import Service
from index.settings import Settings

# Answers are made by processors: more at once would take turns, and wait for each other.
_AT_ONCE = 2 * (os.cpu_count() or 1)


def create_app(settings: Settings) -> FastAPI:
    """The service over one data folder."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = _AT_ONCE
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
    app.state.service = Service(settings)
    for_programs = (graph, paper_tags, papers, recommend, search, tags, semantic_scholar, health)
    for_people = (exports, feeds, tag_pages, status_page, library_page, pages)
    for room in (*for_programs, *for_people):
        app.include_router(room.router)
    explain_errors(app)
    app.add_middleware(ConditionalAnswers, data=settings.data)
    app.add_middleware(SecurityHeaders)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
