"""The pages' templates. All that they print is escaped, and holds no control characters.

Abstracts are strangers' text: a control of a text's direction would turn round what stands
beside it.
"""

from functools import partial
from pathlib import Path

from fastapi.templating import Jinja2Templates

from api.rendering.prose import MAX_TITLE_LENGTH, prose, prose_html

templates = Jinja2Templates(Path(__file__).parent / "templates")


def _printable(value: object) -> object:
    """A value as a page prints it; what is HTML already is made by the page itself."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(c if c.isprintable() else " " for c in value)


templates.env.finalize = _printable
templates.env.filters.update(
    prose=prose_html,
    heading=partial(prose_html, longest=MAX_TITLE_LENGTH),
    plain=partial(prose, longest=MAX_TITLE_LENGTH),
)
