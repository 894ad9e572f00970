r"""One form of text for indexes and queries: TeX decoded, accents removed, lower case.

    >>> searchable_text(r"Schr\"odinger bridges of MoS$_2$")
    'schrodinger bridges of mos2'

The full text, the vocabulary of a release and author names are compared in this form. If a change
alters what these functions return, increase `_FORM` and the format of releases, so that both are
built again; `tests/index/arxiv/tex/test_folding.py` has a checksum that then differs.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from index.arxiv.tex.tables import LOGOS, symbol_of
from index.arxiv.tex.text import tex_to_text

_FORM = 2
_MARKUP = "\\$_^{}"
# Each alternative begins with a literal character: then the search for a match skips all other
# characters at once, which makes it ten times as fast as with a look-behind in front.
_TEX = re.compile(
    r"""\\(?P<command>[A-Za-z]+)
      | \\[][()]                                            # the beginning or end of a formula
      | \\(?P<sign>.)
      | \^(?P<power>(?<=\d\^))
      | \$\^(?P<dollar_power>(?<=\d\$\^))
      | \}\^(?P<brace_power>(?<=\d\}\^))
      | _(?=\{?\s*(?:[\\\d*+'-]|(?<=\{)[A-Za-z]{2}))      # a script, but not a single letter
      | \^(?=\{?\s*(?:[\\\d*+'-]|(?<=\{)[A-Za-z]{2}))
      | \}(?P<between>\s*\{)""",
    re.VERBOSE | re.DOTALL,
)

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Apostrophes become one sign, and characters that only control the layout disappear.
_SIGNS = dict.fromkeys("’‘ʼʻʹ′´＇‛", "'") | dict.fromkeys(
    "\u00ad\u200b\u200c\u200d\u2060\ufeff", ""
)
# Latin letters that Unicode does not decompose, with the letters that are typed instead.
_LETTERS = {
    **dict(
        zip(
            "ıȷłøđðħŧŋƀɓƈɖɗəɛǝƒɠɨƙƚɫɲɔɵƥʉʋƴƶʒɑɡĸ",
            "ijloddhtnbbcddeeefgikllnoopuvyzzagk",
            strict=True,
        )
    ),
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}
_BEFORE = str.maketrans(_SIGNS)  # decomposition would make an acute accent alone a blank
_AFTER = str.maketrans(_SIGNS | _LETTERS)
# A second plain spelling, usual in German, Scandinavian and South Slavic names.
_TRANSLITERATIONS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "đ": "dj", "ə": "a", "ŋ": "ng"}
)
_GREEK = re.compile("(?<![α-ω])[α-ω](?![α-ω])")
_GREEK_NAMES = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "sigma sigma tau upsilon phi chi psi omega".split(),
        strict=True,
    )
)
_WORD = re.compile(r"[^\W_]+")


def folding_form() -> str:
    """Return what the results of this module depend on: its own form, and tables of others."""
    from pylatexenc import __version__

    return f"{_FORM}, pylatexenc {__version__}, Unicode {unicodedata.unidata_version}"


def fold(text: str) -> str:
    """Return a text in lower case, without accents and with plain Latin letters.

    Greek, Cyrillic and other alphabets remain. Compatibility forms, such as ligatures and
    mathematical letters, become ordinary letters, and typographic apostrophes plain ones.
    """
    text = text.lower()
    return text if text.isascii() else _NOT_ASCII.sub(lambda run: _fold_run(run[0]), text)


@lru_cache(maxsize=4096)
def _fold_run(run: str) -> str:
    plain = unicodedata.normalize("NFKD", run.translate(_BEFORE)).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_AFTER)


def spellings(text: str) -> list[str]:
    """Return the folded text, and its transliteration if that differs ("muller", "mueller")."""
    folded = fold(text)
    if text.isascii():
        return [folded]
    composed = unicodedata.normalize("NFC", text).lower()
    return list(dict.fromkeys((folded, fold(composed.translate(_TRANSLITERATIONS)))))


def searchable_text(text: str) -> str:
    r"""Return a text as the full text has it: TeX decoded, folded.

    The index of a symbol joins it, so that "H$_2$O" is found by "H2O". A Greek letter becomes its
    name, as "$\gamma$-ray" and "γ-ray" are often written "gamma-ray".
    """
    folded = fold(decode_tex(text))
    return folded if folded.isascii() else _GREEK.sub(_greek_name, folded)


def searchable_spellings(phrase: str) -> list[str]:
    """Return the forms that a text with this phrase may have in the full text."""
    return [_GREEK.sub(_greek_name, one) for one in spellings(decode_tex(phrase))]


def text_words(text: str) -> list[str]:
    """Return the words of a text, folded; Greek letters and names of functions are not words.

    TeX commands are not words either.
    """
    return _WORD.findall(_without_names(text))


def blank_separated_words(text: str) -> str:
    """Return a text whose longest runs of ASCII letters, digits and other characters are words.

    They are those of `text_words`. In a text that is not plain ASCII, blanks separate them.
    """
    folded = _without_names(text)
    return folded if folded.isascii() else " ".join(_WORD.findall(folded))


def _without_names(text: str) -> str:
    folded = fold(decode_tex(text, names=False))
    return folded if folded.isascii() else _GREEK.sub(" ", folded)


def as_written(words: Sequence[str], text: str) -> list[str]:
    """Return folded words as a text most often writes them, in lower case ("schrödinger").

    Words that the text does not have are returned as they are.
    """
    decoded = unicodedata.normalize("NFC", decode_tex(text, names=False)).lower()
    if decoded.isascii():
        return list(words)
    written = Counter(_WORD.findall(decoded))
    forms: dict[str, str] = {}
    for form, _ in reversed(written.most_common()):
        forms[fold(form)] = form
    return [forms.get(word, word) for word in words]


def decode_tex(text: str, *, names: bool = True) -> str:
    r"""Return the text that TeX prints, without formatting, in linear time.

    Greek letters and names of functions, such as \log, are left out unless `names`. Subscripts and
    superscripts join the symbol before them, except single letters, because $a_i$ is not "ai". A
    power does not join its number.
    """
    if not any(sign in text for sign in _MARKUP):  # a seventh of the time of a regular expression
        return text
    return tex_to_text(_TEX.sub(_simpler if names else _simpler_without_names, text))


def _simpler(tex: re.Match[str]) -> str:
    """Return what `tex_to_text` decodes to the text that is wanted here."""
    match tex.lastgroup:
        case "command":
            return _simpler_command(tex["command"])
        case "sign":
            return tex[0]
        case "power" | "dollar_power" | "brace_power":
            return " "
        case "between":
            return "} {"
    return ""


def _simpler_without_names(tex: re.Match[str]) -> str:
    if tex.lastgroup == "command" and _is_name(tex["command"]):
        return " "
    return _simpler(tex)


@lru_cache(maxsize=1024)
def _simpler_command(name: str) -> str:
    if name in LOGOS:
        return LOGOS[name]
    if name == "footnote" or _is_name(name):
        return f" {symbol_of(name)} "
    return f"\\{name}"


@lru_cache(maxsize=1024)
def _is_name(command: str) -> bool:
    """Return whether a command prints a Greek letter or the name of a function."""
    symbol = symbol_of(command)
    name = symbol.strip()
    return (len(name) > 1 and name.isalpha()) or bool(_GREEK.fullmatch(fold(name)))


def _greek_name(letter: re.Match[str]) -> str:
    return f" {_GREEK_NAMES[letter[0]]} "
