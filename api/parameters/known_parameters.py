"""Unknown and repeated query parameters are refused instead of ignored."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from starlette.datastructures import QueryParams

from api.middleware.problems import REFUSED_METHOD
from api.parameters.list_options import same_value
from index.did_you_mean import did_you_mean
from index.errors import BadInput

# Names of parameters in other APIs, and what has the same purpose here.
_ELSEWHERE = {
    **dict.fromkeys(("offset", "page", "start", "skip", "after", "page_token", "token"), "cursor"),
    **dict.fromkeys(
        ("per_page", "page_size", "pagesize", "size", "rows", "count", "max_results"), "limit"
    ),
    **dict.fromkeys(("query", "search", "search_query"), "q"),
    **dict.fromkeys(("from", "from_date", "date_from"), "since"),
    **dict.fromkeys(("to", "to_date", "date_to"), "until"),
    **dict.fromkeys(("sort_by", "sortby", "order", "order_by"), "sort"),
    "select": "fields",
}

_KEPT_DEFAULTS = "seealso_query_parameters"


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query parameter that the operation does not take, or takes once; raises BadInput.

    If a misspelt filter were ignored, the list would look as if every paper in it matched; of two
    values of one parameter, one would be ignored.
    """
    if not request.query_params or request.scope["route"].name == REFUSED_METHOD:
        return
    known = _names(request)
    for name in request.query_params:
        if name not in known:
            listed = f"the parameters are {', '.join(known)}" if known else "the operation has none"
            hint = _instead_of(name, known) or did_you_mean(name, known) or listed
            raise BadInput(f"unknown query parameter {name[:80]!r}; {hint}")
    if len(request.query_params) < len(request.query_params.multi_items()):
        _refuse_repeated(request)


def _refuse_repeated(request: Request) -> None:
    for one in get_flat_params(request.scope["route"].dependant):
        given = len(request.query_params.getlist(one.alias))
        if given > 1 and not field_annotation_is_sequence(one.field_info.annotation):
            raise BadInput(f"{one.alias} is given {given} times: give it once")


def _instead_of(name: str, known: Sequence[str]) -> str | None:
    """Return what is used here instead of a parameter of other APIs, if the operation takes it."""
    ours = _ELSEWHERE.get(name.lower().replace("-", "_"))
    if ours not in known:
        return None
    how = ": `cursor=*` requests the first page, `meta.next_cursor` the next"
    return f"use {ours}{how if ours == 'cursor' else ''}"


def known_query(request: Request) -> QueryParams:
    """Return the query parameters that the operation takes, for links made from them.

    A form also sends its empty fields and defaults, which mean nothing and are left out; `weak` is
    kept, since feeds have another default. Other sites may add parameters to a page's URL; the
    operations linked to would refuse them.
    """
    defaults = _defaults(request)
    return QueryParams(
        [
            (name, value)
            for name, value in request.query_params.multi_items()
            if value
            and name in defaults
            and (name == "weak" or not same_value(value, defaults[name]))
        ]
    )


def _names(request: Request) -> list[str]:
    return list(_defaults(request))


def _defaults(request: Request) -> dict[str, Any]:
    """Return the default of each query parameter that the operation takes; kept with its route."""
    route = request.scope["route"]
    defaults: dict[str, Any] | None = vars(route).get(_KEPT_DEFAULTS)
    if defaults is None:
        parameters = get_flat_params(route.dependant)
        defaults = {
            one.alias: one.field_info.default
            for one in parameters
            if isinstance(one.field_info, Query)
        }
        setattr(route, _KEPT_DEFAULTS, defaults)
    return defaults
