"""The application without limits: the routes, and errors as problem documents."""

import asyncio
import logging.config
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from api.formats.link_headers import add_openapi_link
from api.formats.negotiation import require_acceptable, require_html, require_json_body
from api.middleware.own_process import Compute, ComputedResponse, ForwardedRequest
from api.middleware.problems import UnhandledErrors, explain_errors
from api.monitoring import health, metrics
from api.monitoring.metrics import Metrics
from api.monitoring.request_log import LOGGING
from api.openapi.description import description_of
from api.pages import (
    api_page,
    discovery,
    home_page,
    my_references_page,
    pages,
    reading_list_page,
    recommended_page,
    search_page,
    static_files,
    status_page,
    tag_pages,
)
from api.parameters.known_parameters import refuse_unknown_parameters
from api.routes import (
    complete,
    feeds,
    graph,
    list_exports,
    paper_exports,
    paper_tags,
    papers,
    reading_lists,
    recommend,
    search,
    tag_papers,
    tags,
    vectors,
)
from api.semantic_scholar.routes import add_semantic_scholar
from api.service import Service
from index.settings import Settings

_KNOWN = Depends(refuse_unknown_parameters)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def answering_app(settings: Settings, lifespan: Lifespan | None = None) -> FastAPI:
    """Create an application for one data folder that answers every request, whatever it costs."""
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
    described = [Depends(_check_described)]
    app.include_router(papers.related_router, dependencies=described)
    for module in (
        complete,
        graph,
        paper_tags,
        papers,
        reading_lists,
        recommend,
        search,
        tags,
        tag_papers,
        vectors,
    ):
        app.include_router(module.router, dependencies=described)
    for module in (paper_exports, list_exports, feeds):
        app.include_router(module.router, dependencies=[_KNOWN])
    add_semantic_scholar(app)
    # Unknown query parameters are allowed here: other sites add their own to links to pages.
    for module in (home_page, tag_pages, status_page, my_references_page, api_page):
        app.include_router(module.router, dependencies=[Depends(require_html)])
    for module in (health, metrics, static_files, discovery):
        app.include_router(module.router)
    for module in (reading_list_page, recommended_page, search_page, pages):
        app.include_router(module.router)
    explain_errors(app)
    return app


async def _check_described(request: Request, response: Response) -> None:
    """Check a request of an operation under /v1, and link its answer to the description.

    One dependency instead of four: FastAPI solves each of them for every request.
    """
    await refuse_unknown_parameters(request)
    await require_acceptable(request)
    await require_json_body(request)
    await add_openapi_link(request, response)


def open_answers(settings: Settings) -> Compute:
    """Return the function that answers requests in a process of its own."""
    logging.config.dictConfig(LOGGING)
    app = answering_app(settings)
    app.add_middleware(UnhandledErrors)
    runner = asyncio.Runner()

    def compute(request: ForwardedRequest) -> ComputedResponse:
        return runner.run(_answer(app, request))

    return compute


async def _answer(app: FastAPI, request: ForwardedRequest) -> ComputedResponse:
    scope = dict(request.scope)
    start: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    route = getattr(scope.get("route"), "path", None)
    return ComputedResponse(start["status"], list(start["headers"]), b"".join(parts), route)


def _operation_id(route: APIRoute) -> str:
    return route.name
