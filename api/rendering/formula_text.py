"""A formula as a line of text, from its MathML: x², √(a+b), (n choose k).

The line has every letter and sign of the formula. Parentheses are added if the line would say
something else without them: ½ times x is (1/2)x.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SUPERSCRIPTS = str.maketrans("0123456789+-−=()ni*′″‴", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ*′″‴")
_SUBSCRIPTS = str.maketrans(
    "0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
)
_ACCENTS_ABOVE = dict(
    zip(
        "^¯~˜∼→⃗˙¨⃛ˇ˘´`˚‾―",
        "\u0302\u0304\u0303\u0303\u0303\u20d7\u20d7\u0307\u0308\u20db\u030c\u0306\u0301\u0300\u030a"
        "\u0304\u0304",
        strict=True,
    )
)
_ACCENTS_BELOW = {"―": "\u0332", "_": "\u0332", "¯": "\u0331"}
_OVERLINE = "\u0305"
_BRACES = frozenset("⏞⏟")
_SPACED = frozenset("=<>≤≥≠≈∼≃≅≡∈∉⊂⊆⊃⊄⊊→←↦⇒⇔↔⟶⟹≪≫∝×∘∩∪∧∨∖⧵≢⩽⩾≲≳≺≻≮≯↛⊈⊉")
_BLANKS_WITHIN = re.compile(r"(?<=[(\[{]) | (?=[)\]},.])| (?= )")
_ENDS_OPERAND = re.compile(r"[\w)\]}⟩⌉⌋!′″⁰¹²³⁴-⁹ⁿⁱ₀-₉]\Z")
_BEGINS_OPERAND = re.compile(r"[\w(\[{⟨⌈⌊√]")
_LARGE_SCRIPT = re.compile(r"[_^]\w+\Z")
_WORD_CHARACTER = re.compile(r"\w")
_WORD = re.compile(r"(?:(?![⁰¹²³⁴-⁹ⁿⁱₐ-ₜ₀-₉ᵢ-ᵥⱼ])\w)+")


def formula_text(tree: "Element") -> str:
    """Return a formula, whose tokens have their final characters, as a line of text."""
    return normalize("NFC", _BLANKS_WITHIN.sub("", _text(tree)).strip())


def _text(element: "Element") -> str:
    parts = [_text(part) for part in element]
    if write := _WRITERS.get(element.tag):
        return write(element, parts)
    if parts:
        return _joined(element, parts)
    # Few fonts have mathematical letters, and a search does not find them.
    text = "".join(c if c <= "\uffff" else normalize("NFKC", c) for c in element.text or "")
    is_word = element.tag in ("mi", "mo") and len(text) > 1 and text[0].isalpha()
    return f" {text} " if is_word or text in _SPACED else text


def _with_mark(element: "Element", parts: list[str]) -> str:
    """Return a base with what is above or below it: an accent, a brace, its note, a script."""
    base, mark = parts[0], parts[1].strip()
    above = element.tag == "mover"
    if accent := (_ACCENTS_ABOVE if above else _ACCENTS_BELOW).get(mark):
        return _accented(base, accent)
    if mark in _BRACES:
        return base
    if element[0].tag in ("mover", "munder") and element[0][1].text in _BRACES:
        return f"{base} [{mark}]"
    return _with_scripts(element, base, *(("", mark) if above else (mark, "")))


def _fraction(element: "Element", parts: list[str]) -> str:
    sign = " choose " if element.get("linethickness") == "0" else "/"
    return sign.join(map(_grouped, parts))


def _square_root(element: "Element", parts: list[str]) -> str:
    return f"√{_grouped(_joined(element, parts), is_word_whole=False)}"


def _root(_: "Element", parts: list[str]) -> str:
    degree = parts[1].strip()
    small = _is_small(degree, _SUPERSCRIPTS)
    sign = degree.translate(_SUPERSCRIPTS) if small else f"({degree})"
    return f"{sign}√{_grouped(parts[0], is_word_whole=False)}"


def _space(element: "Element", _: list[str]) -> str:
    return "" if element.get("width", "").startswith(("-", "negative")) else " "


def _joined(element: "Element", parts: list[str]) -> str:
    """Join the texts of an element's parts, with parentheses around fractions and roots in terms.

    A blank ends an exponent or an index in full size, which would swallow what follows it.
    """
    line = ""
    for i, (part, text) in enumerate(zip(element, parts, strict=True)):
        following = next((one for one in parts[i + 1 :] if one), "")
        kind = _kind(part)
        if (kind in ("mfrac", "binomial") and _ENDS_OPERAND.search(line)) or (
            kind in ("mfrac", "msqrt", "mroot", "binomial") and _BEGINS_OPERAND.match(following)
        ):
            text = f"({text})"
        elif _LARGE_SCRIPT.search(text) and _WORD_CHARACTER.match(following):
            text += " "
        line += text
    return line


def _kind(element: "Element") -> str:
    """Return the tag of an element, or of the only part of a group; fractions may be binomial."""
    while element.tag in ("mrow", "mstyle", "mpadded") and len(element) == 1:
        element = element[0]
    if element.tag == "mfrac" and element.get("linethickness") == "0":
        return "binomial"
    return element.tag


def _with_scripts(element: "Element", base: str, under: str, over: str) -> str:
    """Return a base with its scripts; it has parentheses if they would belong to a part of it."""
    if base.isspace():
        return f" {_with_scripts(element, '', under, over)}"
    blank = " " if base != base.strip() else ""
    if _kind(element[0]) in ("mfrac", "msqrt", "mroot"):
        base = f"({base})"
    below = _script("_", under, _SUBSCRIPTS) if under.strip() else ""
    above = _script("^", over, _SUPERSCRIPTS) if over.strip() else ""
    return f"{blank}{base.strip()}{below}{above}{blank}"


def _accented(base: str, accent: str) -> str:
    """Return a text with an accent over each letter; a line over several letters is joined."""
    letters = re.findall(r"\S[\u0300-\u036f\u20d0-\u20ff]*|\s", base.strip())
    if len(letters) > 1 and accent == "\u0304":
        accent = _OVERLINE
    return "".join(letter if letter.isspace() else letter + accent for letter in letters)


def _is_small(text: str, small: dict[int, int]) -> bool:
    return all(ord(c) in small for c in text)


def _script(sign: str, text: str, small: dict[int, int]) -> str:
    """Write a superscript or subscript in small characters, or after the sign ^ or _."""
    text = text.strip()
    return text.translate(small) if _is_small(text, small) else sign + _grouped(text)


def _grouped(text: str, is_word_whole: bool = True) -> str:
    """Return a text, in parentheses unless it is one character, a number or a whole word."""
    text = text.strip()
    whole = len(text) == 1 or text.isdecimal() or (is_word_whole and bool(_WORD.fullmatch(text)))
    return text if whole else f"({text})"


_Writer = Callable[["Element", list[str]], str]
_WRITERS: dict[str, _Writer] = {
    "mover": _with_mark,
    "munder": _with_mark,
    "msub": lambda element, parts: _with_scripts(element, parts[0], parts[1], ""),
    "msup": lambda element, parts: _with_scripts(element, parts[0], "", parts[1]),
    "msubsup": lambda element, parts: _with_scripts(element, *parts),
    "munderover": lambda element, parts: _with_scripts(element, *parts),
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "mspace": _space,
}
