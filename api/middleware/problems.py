"""Errors as problem documents (RFC 9457)."""

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

from api.middleware.invalid_values import fault_in_request
from api.rendering.templating import templates
from index.errors import SeeAlsoError, Unavailable, UnknownPaper

MEDIA_TYPE = "application/problem+json"
PROBLEM_REFERENCE = {"$ref": "#/components/schemas/Problem"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "An error: what is wrong and how to correct it (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "A URN of seealso's errors, or about:blank"},
        "title": {"type": "string", "description": "The kind of error, in a few words"},
        "status": {"type": "integer", "description": "The HTTP status"},
        "detail": {"type": "string", "description": "What is wrong with this request"},
        "instance": {"type": "string", "description": "The path of the request"},
        "request_id": {
            "type": "string",
            "description": "The header X-Request-ID of the answer, also in the server's log",
        },
        "errors": {
            "type": "array",
            "description": "The errors of parameters and body members, one by one",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "type": "urn:seealso:problem:bad-input",
            "title": "Bad input",
            "status": 400,
            "detail": "fields: unknown field 'titel'; did you mean title?",
            "instance": "/v1/papers/2401.08092",
            "request_id": "3f2b9c4d5e6f7a81",
        }
    ],
}
_HEADERS: dict[int, dict[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "30"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
}
_PAGE_TITLES: dict[int, str] = {HTTPStatus.UNPROCESSABLE_ENTITY: "A value is wrong"}
_NO_TYPE = "about:blank"  # the status says it all (RFC 9457, section 4.2.1)
REFUSED_METHOD = "refused_method"
"""The name of a route for a method that its path does not allow."""
_MAX_ERRORS = 20
_MAX_PATH = 200
_log = logging.getLogger("seealso.api")

ErrorWriter = Callable[[int, str], Response]
"""Writes an error of an HTTP status with a detail."""


def gets_pages(request: Request) -> bool:
    """Whether errors of a request are shown as a page: its Accept names HTML."""
    accepts_html = "text/html" in request.headers.get("accept", "")
    return accepts_html and not request.url.path.startswith("/v1/")


def problem(
    request: Request,
    status: int,
    detail: str,
    title: str | None = None,
    errors: list[dict[str, str]] | None = None,
    missing: UnknownPaper | None = None,
) -> Response:
    """Return an error as a problem document; a `title` gives it a type of seealso's own.

    A browser gets a page instead, unless the path starts with /v1/; it links to the page of a
    `missing` paper at arXiv. A path with an error writer of its own gets what that writes.
    """
    writer = _error_writer(request)
    if writer is not None:
        return writer(status, detail)
    # The same error is a page for one Accept and a document for another.
    headers = {"Vary": "Accept", **_HEADERS.get(status, {})}
    if gets_pages(request):
        context = {
            "title": title or _PAGE_TITLES.get(status) or HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "missing": missing,
            "query": request.query_params.get("q", ""),
            "request_id": _request_id(request),
        }
        return templates.TemplateResponse(request, "problem.html", context, status, headers)
    content = problem_document(status, detail, title, request.url.path, _request_id(request))
    if errors:
        content["errors"] = errors
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def problem_document(
    status: int, detail: str, title: str | None, path: str, request_id: str
) -> dict[str, Any]:
    """Return the members of a problem document; without a `title` it has that of the status."""
    return {
        "type": "urn:seealso:problem:" + title.lower().replace(" ", "-") if title else _NO_TYPE,
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": path,
        "request_id": request_id,
    }


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


def allowed_methods(request: Request) -> list[str]:
    """Return the methods that a request's path allows (RFC 9110, section 15.5.6).

    Each method is a route of its own. The routes of a path have the same pattern; if several
    patterns match, the first one answers.
    """
    methods: dict[str, set[str]] = {}
    for route in iter_route_contexts(request.app.routes):
        pattern = getattr(route, "path_regex", None)
        if pattern and pattern.match(request.url.path):
            allowed = () if route.name == REFUSED_METHOD else route.methods or ()
            methods.setdefault(pattern.pattern, set()).update(allowed)
    first = next(iter(methods.values()), set[str]())
    return sorted(first | {"HEAD"} if "GET" in first else first)


def explain_errors(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""

    @app.exception_handler(SeeAlsoError)
    def seealso_error(request: Request, error: SeeAlsoError) -> Response:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
            _log.error("%s", error, extra={"fields": {"id": _request_id(request)}})
        missing = error if isinstance(error, UnknownPaper) else None
        return problem(request, error.status, str(error), error.title, missing=missing)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        detail = str(error.detail)
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = f"there is nothing at {request.url.path[:_MAX_PATH]}"
        response = problem(request, error.status_code, detail)
        response.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(allowed_methods(request))
        return response

    @app.exception_handler(RequestValidationError)
    def invalid_request(request: Request, error: RequestValidationError) -> Response:
        known = _members_of_body(request)
        errors = [
            {
                "field": ".".join(str(part) for part in one["loc"]),
                "detail": fault_in_request(one, known),
            }
            for one in error.errors()[:_MAX_ERRORS]
        ]
        # A parameter that two dependencies read is refused by both.
        errors = [one for place, one in enumerate(errors) if one not in errors[:place]]
        detail = "; ".join(one["detail"] for one in errors)
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def _members_of_body(request: Request) -> list[str]:
    """Return the names of the members that the body of an operation may have."""
    body = getattr(request.scope["route"], "body_field", None)
    model = body.field_info.annotation if body else None
    return list(getattr(model, "model_fields", {}))


class UnhandledErrors:
    """Logs an unexpected exception, and answers 500 unless an answer has been started."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting_start)
        except Exception as error:  # noqa: BLE001 - logged and answered, whatever it is
            request = Request(scope)
            fields = {"id": _request_id(request)}
            _log.error("unexpected error", exc_info=error, extra={"fields": fields})
            if started:
                return
            detail = "the server failed; its log has the details"
            response = problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)
            await response(scope, receive, send)


def _request_id(request: Request) -> str:
    request_id: str = request.state.request_id
    return request_id
