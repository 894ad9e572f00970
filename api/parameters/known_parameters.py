"""What an address asks by a name that nothing answers to is refused, not passed over."""

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from starlette.datastructures import QueryParams

from index.did_you_mean import did_you_mean
from index.errors import BadInput


async def known_parameters(request: Request) -> None:
    """Refuse a query parameter that the operation does not take; raises BadInput.

    A condition that is misspelt would else pass for one that every paper of the list meets.
    """
    if not request.query_params:
        return
    known = _names(request)
    for name in request.query_params:
        if name not in known:
            there_are = f"there are {', '.join(known)}" if known else "none is taken here"
            hint = did_you_mean(name, known) or there_are
            raise BadInput(f"unknown query parameter {name[:80]!r}; {hint}")


def known_query(request: Request) -> QueryParams:
    """What an address asks by names that the operation takes, for other addresses made of it.

    Those would refuse what other sites have added to a page's.
    """
    known = _names(request)
    return QueryParams([one for one in request.query_params.multi_items() if one[0] in known])


def _names(request: Request) -> list[str]:
    parameters = get_flat_params(request.scope["route"].dependant)
    return [one.alias for one in parameters if isinstance(one.field_info, Query)]
