"""Jinja templates of the pages. Their output is escaped and has no control characters.

Titles and abstracts are untrusted: a control character for text direction would reverse the text
next to it.
"""

from functools import partial
from pathlib import Path

from fastapi.templating import Jinja2Templates

from api.rendering.prose import MAX_TITLE_LENGTH, to_html, to_plain_text

templates = Jinja2Templates(Path(__file__).parent / "templates")


def _printable(value: object) -> object:
    """Replace control characters of a text; values of other types, such as Markup, are kept."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(c if c.isprintable() else " " for c in value)


templates.env.finalize = _printable
templates.env.filters.update(
    prose=to_html,
    heading=partial(to_html, max_length=MAX_TITLE_LENGTH),
    plain=partial(to_plain_text, max_length=MAX_TITLE_LENGTH),
)
