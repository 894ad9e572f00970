"""TeX formulas as MathML, for browsers and screen readers, and as a line of text.

Formulas are untrusted. Only commands that set symbols are accepted, because latex2mathml also
knows commands that define macros, make links and set colours. Only known MathML elements are
written, with all text escaped. Anything else is not treated as a formula: its source is shown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import normalize

from api.rendering.formula_text import formula_text
from index.arxiv.tex.formulas import is_harmless
from index.arxiv.tex.tokens import COMMAND, MAX_FORMULA_LENGTH

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WIDE = 24  # characters; a longer formula may not fit into a line of a phone
_ENTITY = re.compile("&#x([0-9A-Fa-f]{1,6});")
_ELEMENTS = frozenset(
    "math mrow mspace msub msup msubsup mfrac msqrt mroot mover munder munderover mstyle "
    "mpadded".split()
)
_TOKENS = frozenset("mi mn mo mtext".split())
_PARTS = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "mover", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_ATTRIBUTES = frozenset(
    "stretchy fence form accent accentunder displaystyle scriptlevel linethickness movablelimits "
    "minsize maxsize width".split()
)
_VALUE = re.compile(r"true|false|prefix|postfix|[+-]?\d(?:\.\d{1,5})?(?:em|ex|px|pt)?")
_ALIASES = {
    "arg": r"\operatorname{arg}",
    "tbinom": r"\binom",
    "dbinom": r"\binom",
    "lVert": r"\Vert ",
    "rVert": r"\Vert ",
    "textless": "<",
    "textgreater": ">",
    "sp": "^",
    "sb": "_",
}
_DELIMITERS = {r"\{": "{", r"\}": "}", r"\|": "‖", r"\lVert": "‖", r"\rVert": "‖"}
_SLASH = "⧸"
_ESCAPED_SIGN = re.compile(r"\\([%&#_${} ])")
_STYLE_IN_TEXT = re.compile(r"\\(?:rm|it|bf|sf|tt|em|sc|sl)(?![A-Za-z])[ \u00a0]?|[{}]")
# Browsers support variants only as separate characters, except for upright letters.
_VARIANTS = {
    "bold": "mathbf",
    "double-struck": "mathbb",
    "script": "mathcal",
    "fraktur": "mathfrak",
    "sans-serif": "mathsf",
    "monospace": "mathtt",
}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as MathML that is safe in a page, and as a line of text, such as x², √(a+b)."""

    markup: str
    text: str


@lru_cache(maxsize=2048)
def parse_formula(source: str) -> Formula | None:
    """Parse TeX, given without dollars; returns None if it is unknown, unsafe or too long.

    It is also None if what latex2mathml makes of it is no MathML Core, or has a command as text.
    """
    if not source.strip() or len(source) > MAX_FORMULA_LENGTH:
        return None
    if not is_harmless(source):
        return None
    tree = _tree(COMMAND.sub(_supported, source))
    if tree is None or not _tidy(tree):
        return None
    text = formula_text(tree)
    markup = f"<math>{''.join(map(_markup, tree))}</math>"
    if len(text) > _WIDE:
        markup = f'<span class="wide">{markup}</span>'
    return Formula(markup, text)


def _supported(command: re.Match[str]) -> str:
    """Return a command in a form that latex2mathml knows."""
    return _ALIASES.get(command[1] or "", command[0])


def _tree(source: str) -> "Element | None":
    """Parse with latex2mathml; returns None if it fails, which it does with many exceptions."""
    from latex2mathml.converter import convert_to_element

    try:
        return convert_to_element(source)
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError, StopIteration):
        return None
    except _parse_errors():
        return None


@cache
def _parse_errors() -> tuple[type[Exception], ...]:
    from latex2mathml import exceptions

    return tuple(
        kind
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    )


@cache
def _symbols() -> Callable[[str], str | None]:
    from latex2mathml.symbols_parser import convert_symbol

    return convert_symbol


def _tidy(element: "Element") -> bool:
    """Make an element and its parts MathML Core, with the final characters in its tokens.

    Returns False if that is impossible: an unknown element, a wrong number of parts, or a token
    that has TeX as text, which is what latex2mathml writes for a command that it does not know.
    """
    _join_negations(element)
    if element.tag in _TOKENS:
        if len(element):  # \mathop{...} makes an operator that has parts
            element.tag = "mrow"
        else:
            element.text = _characters(element)
            return element.text == "\\" or "\\" not in element.text
    if element.tag not in _ELEMENTS or len(element) != _PARTS.get(element.tag, len(element)):
        return False
    element.text = None
    return all(_tidy(part) for part in element)


def _join_negations(element: "Element") -> None:
    r"""Join the slash of \not to the sign after it."""
    for slash, sign in pairwise(list(element)):
        if slash.tag == "mpadded" and "".join(map(_characters, slash)) == _SLASH:
            while len(sign):
                sign = sign[0]
            if sign.tag in _TOKENS and len(sign_text := _characters(sign)) == 1:
                sign.text = normalize("NFC", f"{sign_text}\u0338")
                element.remove(slash)


def _markup(element: "Element") -> str:
    """Write an element as MathML, with its known attributes and its text escaped."""
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(value)
    )
    if element.get("mathvariant") == "normal" and element.tag == "mi":
        attributes += ' mathvariant="normal"'
    inside = escape(element.text or "") + "".join(map(_markup, element))
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>"


def _characters(element: "Element") -> str:
    """Return the text of a token, with characters decoded and letters in its `mathvariant`.

    A backslash remains if the token has a command that is unknown.
    """
    text = _ENTITY.sub(lambda code: chr(int(code[1], 16)), element.text or "")
    if text.startswith("\\") and (code := _DELIMITERS.get(text) or _symbols()(text)):
        text = code if len(code) == 1 else chr(int(code, 16))
    if element.tag == "mi":
        text = text.replace("~", "∼")  # latex2mathml writes \sim as a tilde
        text = text.replace("\u22ff", "\U0001d5a4")  # and \mathsf{E} as a sign of the Z notation
    elif element.tag == "mtext":
        text = _STYLE_IN_TEXT.sub("", _ESCAPED_SIGN.sub(r"\1", text))
        text = text.replace("---", "—").replace("--", "–").replace("~", "\N{NO-BREAK SPACE}")
    command = _VARIANTS.get(element.get("mathvariant", ""))
    return "".join(_variant(command, letter) for letter in text) if command else text


def _variant(command: str, letter: str) -> str:
    r"""Return a letter in another style; as it is if Unicode lacks it.

    For \mathsf{E}, latex2mathml has a sign of the Z notation.
    """
    code = _symbols()(f"\\{command}{{{letter}}}")
    character = chr(int(code, 16)) if code else letter
    return character if normalize("NFKC", character) == letter else letter
