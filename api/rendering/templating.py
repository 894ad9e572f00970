"""Jinja templates of the pages. Their output is escaped and has no control characters.

Titles and abstracts are untrusted: a control character for text direction would reverse the text
next to it.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fastapi.templating import Jinja2Templates

from api.rendering.prose import MAX_TITLE_LENGTH, to_html, to_plain_text
from index.lists.entries import RelatedPaper

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


def weak_line(entries: Sequence[RelatedPaper]) -> int | None:
    """Return the position in a list at which a line separates the weak matches at its end.

    It is 0 if all entries are weak, and the length of the list if none is. It is None if strong
    matches follow weak ones, as in a list by date: then each weak one must be marked.
    """
    strong = [not entry.weak for entry in entries]
    line = sum(strong)
    return line if all(strong[:line]) else None


templates.env.finalize = _printable
templates.env.filters.update(
    prose=to_html,
    heading=partial(to_html, max_length=MAX_TITLE_LENGTH),
    sentence=_sentence,
    weak_line=weak_line,
    plain=partial(to_plain_text, max_length=MAX_TITLE_LENGTH),
)
