"""Unknown query parameters are refused instead of ignored."""

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from starlette.datastructures import QueryParams

from index.did_you_mean import did_you_mean
from index.errors import BadInput


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query parameter that the operation does not take; raises BadInput.

    If a misspelt filter were ignored, the list would look as if every paper in it matched.
    """
    if not request.query_params:
        return
    known = _names(request)
    for name in request.query_params:
        if name not in known:
            listed = f"the parameters are {', '.join(known)}" if known else "the operation has none"
            hint = did_you_mean(name, known) or listed
            raise BadInput(f"unknown query parameter {name[:80]!r}; {hint}")


def known_query(request: Request) -> QueryParams:
    """Return the query parameters that the operation takes, for links made from them.

    Other sites may add parameters to a page's URL; the operations linked to would refuse them.
    """
    known = _names(request)
    return QueryParams([one for one in request.query_params.multi_items() if one[0] in known])


def _names(request: Request) -> list[str]:
    parameters = get_flat_params(request.scope["route"].dependant)
    return [one.alias for one in parameters if isinstance(one.field_info, Query)]
