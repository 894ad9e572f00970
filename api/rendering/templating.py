"""Jinja templates of the pages. Their output is escaped and has no control characters.

Titles and abstracts are untrusted: a control character for text direction would reverse the text
next to it.
"""

from functools import partial
from pathlib import Path

from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape

from api.rendering.prose import MAX_TITLE_LENGTH, to_html, to_plain_text
from api.rendering.search_links import author_search, category_search
from api.rendering.static_files import GRAPH_STYLE, static_address
from index.lists.options import MAX_LIMIT

templates = Jinja2Templates(Path(__file__).parent / "templates")


def _printable(value: object) -> object:
    """Replace control characters of a text; values of other types, such as Markup, are kept."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(c if c.isprintable() else " " for c in value)


def _sentence(message: str) -> str:
    """Write an error message as a sentence, with a capital letter and a full stop."""
    first = message.partition(" ")[0]
    is_word = first.isalpha() and first.islower()
    capitalised = message[:1].upper() + message[1:] if is_word else message
    return capitalised + "." * (message[-1:] not in ".?!")


def _code_spans(message: str) -> Markup:
    """Return a message as HTML, with its parts between backticks as code."""
    parts = str(_printable(message)).split("`")
    last = len(parts) - 1
    html = [
        Markup("<code>{}</code>").format(part)
        if place % 2 and place < last
        else escape(f"`{part}" if place % 2 else part)
        for place, part in enumerate(parts)
    ]
    return Markup("").join(html)


templates.env.finalize = _printable
templates.env.globals.update(
    static=static_address,
    graph_style=Markup(GRAPH_STYLE),  # noqa: S704  our own file
    max_limit=MAX_LIMIT,
)
templates.env.filters.update(
    prose=to_html,
    heading=partial(to_html, max_length=MAX_TITLE_LENGTH),
    sentence=_sentence,
    code_spans=_code_spans,
    author_search=author_search,
    category_search=category_search,
    plain=partial(to_plain_text, max_length=MAX_TITLE_LENGTH),
)
