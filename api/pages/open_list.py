"""The reading list that is open while its user browses: every page shows it, and links keep it.

Without scripts, links and forms of a page carry the list in their addresses, so that the next page
has it too. With scripts, the browser keeps it instead (list.js).
"""

import re
from typing import Any

from fastapi import Request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from api.formats.representations import SUFFIXES
from api.parameters.known_parameters import known_query
from api.parameters.reading_list import MAX_CARRIED, PAGE, ReadingList, read_list
from api.rendering.templating import templates
from index.errors import BadInput

_PARAMETERS = ("list", "list_title")
_STATE = "reading_list"
_TAG = re.compile(r"<(?:a|form)\b[^>]*>")
_ADDRESS = re.compile(r'(?<=\s)(?:href|action)="([^"]*)"')
_PAGES = ("/search", "/tags", "/recommended", "/library", "/status", "/docs")
_EXPORTS = tuple(f".{suffix}" for suffix in SUFFIXES)


def show_as_open(request: Request, reading_list: ReadingList) -> None:
    """Make this list the open one of the answer, whatever the address has."""
    setattr(request.state, _STATE, reading_list)


def open_list(request: Request) -> ReadingList:
    """Return the list that the address of a page carries; one that cannot be read is a fault."""
    shown: ReadingList | None = getattr(request.state, _STATE, None)
    if shown is not None:
        return shown
    query = request.query_params
    names = ("papers", "title") if request.url.path == PAGE else _PARAMETERS
    if names[0] not in query:
        return ReadingList()
    try:
        found = read_list(query.get(names[0], ""), query.get(names[1], ""))
    except BadInput as error:
        return ReadingList(faults=(str(error),))
    if names == _PARAMETERS and not found.carried and found.ids:
        too_long = (
            f"links do not carry a list of more than {MAX_CARRIED} papers: add papers on the "
            "page of the list"
        )
        return ReadingList(found.ids, found.title, (*found.faults, too_long))
    return found


def address_without_list(request: Request) -> str:
    """Return the path and query of a page, to return to it; "" if it is not one to return to."""
    if request.method != "GET" or request.url.path == PAGE or "route" not in request.scope:
        return ""
    query = str(known_query(request))
    return request.url.path + (query and f"?{query}")


def _context(request: Request) -> dict[str, Any]:
    return {"open_list": open_list(request), "back": address_without_list(request)}


@pass_context
def _carrying(context: Context, html: str) -> str:
    """Return the HTML of a page whose links to other pages, and whose forms, carry the list."""
    mine: ReadingList = context["open_list"]
    request: Request = context["request"]
    if not (mine.carried and (request.url.path == PAGE or "list" in request.query_params)):
        return html
    hidden = Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in zip(_PARAMETERS, (mine.papers, mine.title), strict=True)
        if value
    )

    def carry(tag: re.Match[str]) -> str:
        found = _ADDRESS.search(tag[0])
        address = Markup(found[1]).unescape() if found else "?"  # noqa: S704  escaped in the page
        if tag[0].startswith("<form") and 'method="post"' not in tag[0]:
            is_page = address.startswith("#") or _is_page(address)
            return f"{tag[0]}{hidden}" if is_page else tag[0]
        if not found or not _is_page(address):
            return tag[0]
        path, hash_sign, fragment = address.partition("#")
        joined = f"{path}{'&' if '?' in path else '?'}{mine.carried}{hash_sign}{fragment}"
        return f"{tag[0][: found.start(1)]}{escape(joined)}{tag[0][found.end(1) :]}"

    return Markup(_TAG.sub(carry, html))  # noqa: S704  escaped already


def _is_page(address: str) -> bool:
    """Return whether a link leads to a page that shows papers, rather than to a file or a feed."""
    path = re.split("[?#]", address, maxsplit=1)[0]
    if path == "":
        return address.startswith("?")
    below = path.startswith(("/papers/", "/tags/")) and not path.endswith(_EXPORTS)
    return path == "/" or path in _PAGES or below


templates.context_processors.append(_context)
templates.env.filters["carrying_list"] = _carrying
