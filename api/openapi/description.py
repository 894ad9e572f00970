"""The OpenAPI description of the REST API: FastAPI's, completed with errors, pages and fields."""

from typing import Any

from fastapi import FastAPI

from api.middleware.problems import PROBLEM_SCHEMA
from api.openapi.problems import add_problems
from api.parameters.fields import field_names
from api.parameters.list_options import WEAK_MEANING
from api.parameters.paging import PageEnd
from api.records.paper import PaperRecord
from api.records.tagged_paper import TaggedPaper
from index.lists.entries import FoundPaper, RelatedPaper
from index.search.match_strength import PAPER_LINE, TEXT_LINE

_SELECTABLE = {one.__name__: one for one in (PaperRecord, RelatedPaper, FoundPaper, TaggedPaper)}
_PAGED = ("Listing", "SearchResults", "Recommendations", "TaggedPapers")
_PAGE_END = {
    "count": {"type": "integer", "description": "Number of papers in all pages together"},
    "next_cursor": {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "The `cursor` of the next page; null on the last page",
    },
}
_WEAK = (
    f"Whether the match is weak: {WEAK_MEANING}. About {PAPER_LINE.percent} % of the other entries "
    f"({TEXT_LINE.percent} % for a text or a query) share a public reading list with it"
)
_PAGED_ONLY = "`count` and `next_cursor` are present only if the request has a `cursor`."


def description_of(app: FastAPI) -> dict[str, Any]:
    """Return the description, built on first use."""
    if app.openapi_schema is None:
        described = FastAPI.openapi(app)
        schemas = described["components"]["schemas"]
        schemas["Problem"] = PROBLEM_SCHEMA
        _describe_pages(schemas)
        for name in ("RelatedPaper", "FoundPaper"):
            schemas[name]["properties"]["weak"]["description"] = _WEAK
        for name in _SELECTABLE:
            _make_fields_optional(schemas, name)
        for name, record in _SELECTABLE.items():
            schemas[f"{name}Field"] = _field_schema(name, record)
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                _describe_fields(operation, schemas)
                add_problems(path, method, operation)
        for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own problems
            schemas.pop(name, None)
    assert app.openapi_schema is not None
    return app.openapi_schema


def _field_schema(name: str, record: type) -> dict[str, Any]:
    return {
        "title": f"{name}Field",
        "type": "string",
        "enum": list(field_names(record)),
        "description": "A field to return; a dot selects a field of a nested object",
    }


def _describe_fields(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Describe the parameter `fields` of an operation as names of its records with commas."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] != "fields":
            continue
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        (name,) = _SELECTABLE.keys() & _all_references(answer, schemas)
        field = {"$ref": f"#/components/schemas/{name}Field"}
        # `fields=` is an empty list, which looks like a list of an empty name.
        parameter["schema"]["items"] = {"anyOf": [field, {"const": ""}]}
        parameter |= {"style": "form", "explode": False}


def _all_references(schema: object, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that a schema refers to, also through others."""
    found: set[str] = set()
    new = set(_references(schema))
    while new:
        found |= new
        new = {inner for name in new for inner in _references(schemas[name])} - found
    return found


def _describe_pages(schemas: dict[str, Any]) -> None:
    """Describe the meta of a page: it also has the length of the list and the next cursor."""
    assert set(_PAGE_END) == set(PageEnd.__dataclass_fields__)
    meta = schemas["Meta"]
    schemas["PagedMeta"] = {
        **meta,
        "title": "PagedMeta",
        "description": f"{meta['description']}\n\n{_PAGED_ONLY}",
        "properties": meta["properties"] | _PAGE_END,
    }
    for name in _PAGED:
        schemas[name]["properties"]["meta"] = {"$ref": "#/components/schemas/PagedMeta"}


def _make_fields_optional(schemas: dict[str, Any], name: str) -> None:
    """Require only the id of records that `fields` selects from; Meta is always complete."""
    schema = schemas[name]
    del schema["required"]
    if "id" in schema["properties"]:
        schema["required"] = ["id"]
    for inner in _references(schema["properties"]):
        if inner != "Meta" and schemas[inner].get("required"):
            _make_fields_optional(schemas, inner)


def _references(schema: object) -> list[str]:
    """Return the names of the schemas that a schema refers to."""
    if isinstance(schema, dict):
        own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
        return [*own, *(name for value in schema.values() for name in _references(value))]
    if isinstance(schema, list):
        return [name for value in schema for name in _references(value)]
    return []
