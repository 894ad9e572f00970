"""Which form of an answer a client would have: by its Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException

VARY_BY_ACCEPT = {"Vary": "Accept"}
VARY = {"Vary": "Accept, User-Agent"}
_TERMINALS = ("curl/", "wget/", "httpie/")
_HTML = "text/html"
_TEXT = "text/plain"


def media_type_wanted(request: Request, offered: Mapping[str, object]) -> str | None:
    """The media type wanted most of those offered, None for a page, which is always to be had.

    A terminal that accepts anything is given plain text.
    """
    for accepted in _by_preference(request.headers.get("accept", "*/*")):
        if accepted == _HTML:
            return None
        if accepted in offered:
            return accepted
        if accepted == "*/*":
            break
    agent = request.headers.get("user-agent", "").lower()
    return _TEXT if agent.startswith(_TERMINALS) and _TEXT in offered else None


def _by_preference(accept: str) -> list[str]:
    """The media types accepted, the best first; of those liked equally, a page."""
    weighed = []
    for part in accept.lower().split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = _quality(parameters)
        if quality > 0:
            weighed.append((-quality, media_type == "*/*", media_type != _HTML, media_type))
    # Sorting is stable only without the name itself in the key.
    return [one[-1] for one in sorted(weighed, key=lambda one: one[:3])]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1


def acceptable(request: Request, offered: Sequence[str]) -> str:
    """The one of these media types that Accept likes most; of those liked equally, the first.

    Raises HTTPException, 406, that names them where none of them will do.
    """
    accepted = [part.partition(";") for part in request.headers.get("accept", "").split(",")]
    ranges = {
        name.strip().lower(): _quality([one.strip() for one in parameters.split(";")])
        for name, _, parameters in accepted
        if name.strip()
    }

    def liked(media_type: str) -> float:
        # The narrowest range that holds a media type speaks for it (RFC 9110, section 12.5.1).
        of_its_kind = f"{media_type.partition('/')[0]}/*"
        said = (ranges.get(one) for one in (media_type, of_its_kind, "*/*"))
        return next((quality for quality in said if quality is not None), 0.0)

    best = max(offered, key=liked) if ranges else offered[0]
    if ranges and not liked(best) > 0:
        raise HTTPException(
            HTTPStatus.NOT_ACCEPTABLE, f"this is to be had as {', '.join(offered)}", VARY_BY_ACCEPT
        )
    return best


async def accepted(request: Request) -> None:
    """Refuse an Accept that nothing meets which the operation offers by its own description."""
    answer = request.scope["route"].responses.get(200)
    if answer:
        acceptable(request, list(answer["content"]))
