"""The description of the REST operations (OpenAPI 3.1), as FastAPI makes it and we complete it."""

from typing import Any

from fastapi import FastAPI

from api.middleware.problems import PROBLEM_SCHEMA
from api.parameters.paging import PageEnd

_CHOSEN_FROM = ("PaperRecord", "RelatedPaper", "TaggedPaper")
_PAGED = ("Listing", "SearchResults", "Recommendations", "TaggedPapers")
_PAGE_END = {
    "count": {"type": "integer", "description": "How many papers the pages hold in all"},
    "next_cursor": {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "What to give as `cursor` for the next page; null on the last",
    },
}


def description_of(app: FastAPI) -> dict[str, Any]:
    """The description; made once."""
    if app.openapi_schema is None:
        made = FastAPI.openapi(app)
        schemas = made["components"]["schemas"]
        schemas["Problem"] = PROBLEM_SCHEMA
        _tell_of_pages(schemas)
        for name in _CHOSEN_FROM:
            _tell_of_fields(schemas, name)
    assert app.openapi_schema is not None
    return app.openapi_schema


def _tell_of_pages(schemas: dict[str, Any]) -> None:
    """A list's meta says besides where the page ends, if one was asked for."""
    assert set(_PAGE_END) == set(PageEnd.__dataclass_fields__)
    meta = schemas["Meta"]
    schemas["PagedMeta"] = {
        **meta,
        "title": "PagedMeta",
        "description": f"{meta['description']}\n\nThe last two are there where `cursor` is given.",
        "properties": meta["properties"] | _PAGE_END,
    }
    for name in _PAGED:
        schemas[name]["properties"]["meta"] = {"$ref": "#/components/schemas/PagedMeta"}


def _tell_of_fields(schemas: dict[str, Any], name: str) -> None:
    """Of what `fields` chooses from only the id is always there; Meta is whole wherever it is."""
    schema = schemas[name]
    del schema["required"]
    if "id" in schema["properties"]:
        schema["required"] = ["id"]
    for inner in _referred(schema["properties"]):
        if inner != "Meta" and schemas[inner].get("required"):
            _tell_of_fields(schemas, inner)


def _referred(schema: object) -> list[str]:
    """The names of the schemas that one refers to."""
    if isinstance(schema, dict):
        own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
        return [*own, *(name for value in schema.values() for name in _referred(value))]
    if isinstance(schema, list):
        return [name for value in schema for name in _referred(value)]
    return []
