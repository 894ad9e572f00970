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
from typing import TYPE_CHECKING
from unicodedata import normalize

from index.arxiv.tex.formulas import is_harmless
from index.arxiv.tex.tables import FORMULA_COMMANDS, PACKAGE_FORMULA_COMMANDS
from index.arxiv.tex.tokens import MAX_FORMULA_LENGTH

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WIDE = 24  # characters; a longer formula may not fit into a line of a phone
_ENTITY = re.compile("&#x([0-9A-Fa-f]{1,6});")
_ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mspace msub msup msubsup mfrac msqrt mroot mover munder munderover "
    "mstyle mpadded".split()
)
_ATTRIBUTES = frozenset(
    "stretchy fence form accent accentunder displaystyle scriptlevel linethickness movablelimits "
    "minsize maxsize width".split()
)
_VALUE = re.compile(r"[\w.%+-]{1,12}")
# Browsers support variants only as separate characters, except for upright letters.
_VARIANTS = {
    "bold": "mathbf",
    "double-struck": "mathbb",
    "script": "mathcal",
    "fraktur": "mathfrak",
    "sans-serif": "mathsf",
    "monospace": "mathtt",
}
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()ni*′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ*′")
_SUBSCRIPTS = str.maketrans(
    "0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
)
_ACCENTS = dict(
    zip(
        "^¯~˜→⃗˙¨ˇ‾―",
        "\u0302\u0304\u0303\u0303\u20d7\u20d7\u0307\u0308\u030c\u0304\u0304",
        strict=True,
    )
)
_SPACED = frozenset("=<>≤≥≠≈∼≃≅≡∈∉⊂⊆⊃→←↦⇒⇔↔≪≫∝×∘∩∪∧∨∖")
_BLANKS_WITHIN = re.compile(r"(?<=[(\[{]) | (?=[)\]},.])| (?= )")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as MathML that is safe in a page, and as a line of text, such as x², √(a+b)."""

    markup: str
    text: str


@lru_cache(maxsize=2048)
def parse_formula(source: str) -> Formula | None:
    """Parse TeX, given without dollars; returns None if it is unknown, unsafe or too long."""
    if not source.strip() or len(source) > MAX_FORMULA_LENGTH:
        return None
    if not is_harmless(source, _is_known):
        return None
    tree = _tree(source)
    if tree is None or any(element.tag not in _ELEMENTS for element in tree.iter()):
        return None
    text = normalize("NFC", _BLANKS_WITHIN.sub("", _text(tree)).strip())
    markup = f"<math>{''.join(map(_markup, tree))}</math>"
    if len(text) > _WIDE:
        markup = f'<span class="wide">{markup}</span>'
    return Formula(markup, text)


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


@cache
def _functions() -> frozenset[str]:
    from latex2mathml.commands import FUNCTIONS, LIMIT
    from latex2mathml.converter import MOVABLE_LIMIT_TEXTS

    return frozenset(name[1:] for name in (*FUNCTIONS, *LIMIT, *MOVABLE_LIMIT_TEXTS))


def _is_known(command: str) -> bool:
    return (
        command in FORMULA_COMMANDS
        or command in PACKAGE_FORMULA_COMMANDS
        or command in _functions()
        or _symbols()(f"\\{command}") is not None
    )


def _markup(element: "Element") -> str:
    """Write an element as MathML, with its known attributes and its text escaped."""
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(value)
    )
    if element.get("mathvariant") == "normal" and element.tag == "mi":
        attributes += ' mathvariant="normal"'
    inside = escape(_characters(element)) + "".join(map(_markup, element))
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>"


def _characters(element: "Element") -> str:
    """Return the text of an element, with characters decoded and letters in its `mathvariant`."""
    text = _ENTITY.sub(lambda code: chr(int(code[1], 16)), element.text or "")
    if element.tag == "mi":
        text = text.replace("~", "∼")  # latex2mathml writes \sim as a tilde
    command = _VARIANTS.get(element.get("mathvariant", ""))
    return "".join(_variant(command, letter) for letter in text) if command else text


def _variant(command: str, letter: str) -> str:
    code = _symbols()(f"\\{command}{{{letter}}}")
    return chr(int(code, 16)) if code else letter


def _text(element: "Element") -> str:
    """Return an element as a line of text."""
    parts = [_text(child) for child in element]
    match element.tag, parts:
        case (("msub" | "munder"), [base, under]):
            return base + _script("_", under, _SUBSCRIPTS)
        case (("msup" | "mover"), [base, over]):
            return base + (_ACCENTS.get(over) or _script("^", over, _SUPERSCRIPTS))
        case (("msubsup" | "munderover"), [base, under, over]):
            return base + _script("_", under, _SUBSCRIPTS) + _script("^", over, _SUPERSCRIPTS)
        case "mfrac", [above, below]:
            return f"{_grouped(above)}/{_grouped(below)}"
        case "msqrt", _:
            return f"√{_grouped(''.join(parts))}"
        case "mroot", [base, degree]:
            return f"{degree.translate(_SUPERSCRIPTS)}√{_grouped(base)}"
        case "mspace", _:
            return " "
    # Few fonts have mathematical letters, and a search does not find them.
    text = "".join(c if c <= "\uffff" else normalize("NFKC", c) for c in _characters(element))
    is_word = element.tag in ("mi", "mo") and len(text) > 1
    return f" {text} " if is_word or text in _SPACED else text + "".join(parts)


def _script(sign: str, text: str, small: dict[int, int]) -> str:
    """Write a superscript or subscript in small characters, or after the sign ^ or _."""
    text = text.strip()
    return text.translate(small) if all(ord(c) in small for c in text) else sign + _grouped(text)


def _grouped(text: str) -> str:
    text = text.strip()
    return text if len(text) == 1 or text.isalnum() else f"({text})"
