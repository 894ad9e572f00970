"""What an address asks by a name that nothing answers to is refused, not passed over."""

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query

from index.errors import BadInput
from index.suggestion import did_you_mean


async def known_parameters(request: Request) -> None:
    """Refuse a query parameter that the operation does not take; raises BadInput.

    A condition that is misspelt would else pass for one that every paper of the list meets.
    """
    if not request.query_params:
        return
    parameters = get_flat_params(request.scope["route"].dependant)
    known = [one.alias for one in parameters if isinstance(one.field_info, Query)]
    for name in request.query_params:
        if name not in known:
            there_are = f"there are {', '.join(known)}" if known else "none is taken here"
            hint = did_you_mean(name, known) or there_are
            raise BadInput(f"unknown query parameter {name[:80]!r}; {hint}")
