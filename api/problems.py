"""Every error as a problem document (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.semantic_scholar_form import ADDRESSES, refusal
from api.templating import templates
from index.errors import SeeAlsoError, Unavailable

MEDIA_TYPE = "application/problem+json"
_HEADERS: dict[int, dict[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "30"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
}
_log = logging.getLogger("seealso.api")


def problem(
    request: Request,
    status: int,
    detail: str,
    title: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> Response:
    """A problem document; one of seealso's own kinds of error has a type of its own.

    A browser on a page gets the same as a page, and a client of Semantic Scholar what it knows.
    """
    if request.url.path.startswith(ADDRESSES):
        return refusal(status, detail)
    headers = _HEADERS.get(status, {})
    title_shown = title or HTTPStatus(status).phrase
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/"):
        context = {"title": title_shown, "detail": detail}
        return templates.TemplateResponse(request, "problem.html", context, status, headers)
    kind = "urn:seealso:problem:" + title.lower().replace(" ", "-") if title else "about:blank"
    content: dict[str, Any] = {
        "type": kind,
        "title": title_shown,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    if errors:
        content["errors"] = errors
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def explain_errors(app: FastAPI) -> None:
    """Answer every error of this app with a problem document."""

    @app.exception_handler(SeeAlsoError)
    def ours(request: Request, error: SeeAlsoError) -> Response:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
            _log.error("%s: %s", request.url.path, error)
        return problem(request, error.status, str(error), error.title)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        found = problem(request, error.status_code, str(error.detail))
        found.headers.update(error.headers or {})
        return found

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {"field": ".".join(str(part) for part in found["loc"]), "detail": found["msg"]}
            for found in error.errors()
        ]
        detail = "; ".join(f"{found['field']}: {found['detail']}" for found in errors)
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        _log.error("%s", request.url.path, exc_info=error)
        return problem(
            request, HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed; its log says where"
        )
