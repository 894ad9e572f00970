"""Every error as a problem document (RFC 9457)."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.rendering.templating import templates
from index.errors import SeeAlsoError, Unavailable

MEDIA_TYPE = "application/problem+json"
PROBLEM_REFERENCE = {"$ref": "#/components/schemas/Problem"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What is wrong, and what would be right (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "A kind of error of seealso, or about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was asked for"},
        "request_id": {"type": "string", "description": "X-Request-ID; the server's log has it"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "urn:seealso:problem:bad-input",
        "title": "Bad input",
        "status": 400,
        "detail": "fields: unknown field 'titel'; did you mean title?",
        "instance": "/v1/papers/2401.08092",
        "request_id": "3f2b9c4d5e6f7a81",
    },
}
_HEADERS: dict[int, dict[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "30"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
}
_MAX_ERRORS = 20
_log = logging.getLogger("seealso.api")

ErrorWriter = Callable[[int, str], Response]
"""Writes an error of an HTTP status with a detail."""


def problem(
    request: Request,
    status: int,
    detail: str,
    title: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> Response:
    """Return an error as a problem document; a `title` gives it a type of seealso's own.

    A browser gets a page instead, unless the path starts with /v1/. A path with an error writer
    of its own gets what that writes.
    """
    writer = _error_writer(request)
    if writer is not None:
        return writer(status, detail)
    # A page for one Accept is a document for another.
    headers = {"Vary": "Accept", **_HEADERS.get(status, {})}
    title_shown = title or HTTPStatus(status).phrase
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/"):
        context = {"title": title_shown, "detail": detail, "request_id": _request_id(request)}
        return templates.TemplateResponse(request, "problem.html", context, status, headers)
    kind = "urn:seealso:problem:" + title.lower().replace(" ", "-") if title else "about:blank"
    content: dict[str, Any] = {
        "type": kind,
        "title": title_shown,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": _request_id(request),
    }
    if errors:
        content["errors"] = errors
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def use_error_writer(app: FastAPI, prefix: str, writer: ErrorWriter) -> None:
    """Answer errors under a path prefix with `writer` instead of a problem document.

    Example::

        def plain(status: int, detail: str) -> Response:
            return PlainTextResponse(detail, status)

        use_error_writer(app, "/graph/v1/", plain)
    """
    app.state.error_writers = {**_error_writers(app), prefix: writer}


def _error_writers(app: FastAPI) -> dict[str, ErrorWriter]:
    writers: dict[str, ErrorWriter] = getattr(app.state, "error_writers", {})
    return writers


def _error_writer(request: Request) -> ErrorWriter | None:
    writers = _error_writers(request.app).items()
    return next((one for prefix, one in writers if request.url.path.startswith(prefix)), None)


def methods_of(request: Request) -> list[str]:
    """The methods that an address takes (RFC 9110, section 15.5.6).

    A method is an operation of its own; those of one address are alike in their path, and of
    several paths that match, the first answers.
    """
    methods: dict[str, set[str]] = {}
    for route in iter_route_contexts(request.app.routes):
        pattern = getattr(route, "path_regex", None)
        if pattern and pattern.match(request.url.path):
            methods.setdefault(pattern.pattern, set()).update(route.methods or ())
    first = next(iter(methods.values()), set[str]())
    return sorted(first | {"HEAD"} if "GET" in first else first)


def explain_errors(app: FastAPI) -> None:
    """Answer every error of this app with a problem document."""

    @app.exception_handler(SeeAlsoError)
    def ours(request: Request, error: SeeAlsoError) -> Response:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
            _log.error("%s", error, extra={"fields": {"id": _request_id(request)}})
        return problem(request, error.status, str(error), error.title)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        found = problem(request, error.status_code, str(error.detail))
        found.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            found.headers["Allow"] = ", ".join(methods_of(request))
        return found

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {"field": ".".join(str(part) for part in found["loc"]), "detail": found["msg"]}
            for found in error.errors()[:_MAX_ERRORS]
        ]
        detail = "; ".join(f"{found['field']}: {found['detail']}" for found in errors)
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


class UnhandledErrors:
    """Logs an error that nobody foresaw, and answers 500 where no answer has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged and told
            request = Request(scope)
            fields = {"id": _request_id(request)}
            _log.error("unforeseen error", exc_info=error, extra={"fields": fields})
            if started:
                return
            payload = problem(
                request, HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed; its log says where"
            )
            await payload(scope, receive, send)


def _request_id(request: Request) -> str:
    found: str = request.state.request_id
    return found
