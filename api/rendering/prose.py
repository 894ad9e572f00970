"""Titles and abstracts with TeX, converted to HTML or plain text.

Accents, symbols, emphasis and formulas are converted; unknown TeX stays as written. The texts are
untrusted: HTML is escaped, and no command, link or control character takes effect.
"""

from collections.abc import Iterable, Iterator
from html import escape

from markupsafe import Markup

from api.rendering.mathml import Formula, parse_formula
from api.rendering.running_text import HtmlTag, Maths, Part, read_parts
from index.arxiv.paper import to_single_line

MAX_TITLE_LENGTH = 500  # characters; the longest of 142,605 titles has 272
MAX_TEXT_LENGTH = 6_000  # the longest of their abstracts has 4,482
_FORMULA_BUDGET = 1_500  # characters of formulas converted per text; others stay as source
_COST_PER_FORMULA = 20  # characters added to the length of each formula


def to_plain_text(text: str, max_length: int = MAX_TEXT_LENGTH) -> str:
    r"""Convert a text with TeX to one line of plain text, cut after `max_length` characters.

    >>> to_plain_text(r"\emph{Sparse} attention in $O(n \log n)$")
    'Sparse attention in O(n log n)'
    """
    return to_single_line("".join(map(_part_text, _parts(text, max_length))))


def to_html(text: str, max_length: int = MAX_TEXT_LENGTH) -> Markup:
    r"""Convert a text with TeX to HTML with MathML, cut after `max_length` characters.

    >>> to_html(r"\emph{Sparse} attention <b>")
    Markup('<em>Sparse</em> attention &lt;b&gt;')
    """
    html = "".join(map(_part_html, _parts(text, max_length)))
    return Markup(html)  # noqa: S704  our own tags and formulas; the rest is escaped


def _part_text(part: str | Formula | HtmlTag) -> str:
    match part:
        case Formula():
            return part.text
        case HtmlTag():
            return ""
    return part


def _part_html(part: str | Formula | HtmlTag) -> str:
    match part:
        case Formula():
            return part.markup
        case HtmlTag(name, ends):
            return f"</{name}>" if ends else f"<{name}>"
    return escape(part)


def _parts(text: str, max_length: int) -> Iterator[str | Formula | HtmlTag]:
    """Yield the parts of a text with formulas parsed, as far as the budget allows."""
    return _with_formulas(read_parts(text, max_length))


def _with_formulas(parts: Iterable[Part]) -> Iterator[str | Formula | HtmlTag]:
    budget = _FORMULA_BUDGET
    for part in parts:
        if isinstance(part, Maths):
            budget -= len(part.written) + _COST_PER_FORMULA
            yield (budget >= 0 and parse_formula(part.source)) or part.written
        else:
            yield part
