"""The page of the REST API: each operation with parameters, examples and problems."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.openapi.reference import operations_of
from api.rendering.templating import templates

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def api_page(request: Request) -> Response:
    """Describe the REST operations, without scripts from other hosts; needs no data."""
    operations = operations_of(request.app.openapi(), str(request.base_url))
    return templates.TemplateResponse(request, "api.html", {"operations": operations})
