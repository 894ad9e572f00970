"""Which form of an answer a client would have: by its Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping

from fastapi import Request

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
