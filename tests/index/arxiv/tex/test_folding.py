"""Texts are compared with TeX decoded, without accents and in lower case."""

import gzip
import hashlib
import json
import re
import time

import pytest

from index.arxiv.authors import searchable_names
from index.arxiv.tex.folding import (
    as_written,
    fold,
    folding_form,
    searchable_spellings,
    searchable_text,
    spellings,
    text_words,
)
from ingest.snapshot.records import SAMPLE

FORM, CHECKSUM = "2", "290cdfa05227b47d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"Schr\"odinger", "schrodinger"),
        (r"Schr{\"o}dinger Schr\"{o}dinger Schr{\"{o}}dinger", "schrodinger " * 3),
        (r"Poincar\'e, Poincar\'{e}, Poincar{\'e}", "poincare, poincare, poincare"),
        (r"Erd\H{o}s, Erd\H os, Erd{\H o}s", "erdos, erdos, erdos"),
        (r"na\"ive na\"{\i}ve na{\"\i}ve na\"\i ve", "naive " * 4),
        (r"Nguy\~{\^e}n, Ph\d{\^o}", "nguyen, pho"),
        (r"\v{C}ech, \v Cech, \c{S}ahin, \k{a}, \u{g}, \.I, \=a", "cech, cech, sahin, a, g, i, a"),
        (r"Stra{\ss}e, Stra\ss{}e, Straße", "strasse, strasse, strasse"),
        (r"\O ystein \L{}ukasz \AA ngstr\"om {\ae}on", "oystein lukasz angstrom aeon"),
        ("Schro\u0308dinger, SCHRÖDINGER", "schrodinger, schrodinger"),
        ("İstanbul ılgaz Þórr ðað Łódź", "istanbul ilgaz thorr dad lodz"),
        ("Ελληνικά и кириллица: ёж", "ελληνικα и кириллица: еж"),
        ("ﬁnite 𝒜𝔅 ＡＢ", "finite ab ab"),
        ("O’Connor Oʼconnor O´Connor", "o'connor " * 3),
        ("co\u00adoperate zero\u200bwidth", "cooperate zerowidth"),
        (r"H$_2$O MoS$_{2}$ CO₂ H\(_2\)O", "h2o mos2 co2 h2o"),
        (r"$a_i$, $T_{\rm eff}$, $T_\mathrm{eff}$, $T_{eff}$", "a_i, teff, teff, teff"),
        (r"$\ell_1$-norm in $L^2(\mathbb{R}^n)$", "l1-norm in l2(r^n)"),
        (r"10^{-3} 10$^{5}$", "10 -3 10 5"),
        (r"$\gamma$-ray, γ-ray, ΛCDM, $\Lambda$CDM", "gamma -ray gamma -ray lambda cdm lambda cdm"),
        (r"{\it in vitro}, \emph{in vivo}, \textbf{x}y", "in vitro, in vivo, xy"),
        (r"$O(n\log n)$ and $\frac{1}{2}$", "o(n log n) and 1 2"),
        (r"a hyphen\-ation of {\LaTeX}, R\&D, 5\%", "a hyphenation of latex, r&d, 5%"),
        (r"\textcolor{red}{new} \begin{eq}x\end{eq} text\footnote{note}", "new x text note"),
        ("snake_case and x^{y} stay apart", "snake_case and x^y stay apart"),
        (r"broken \ \" \'{} { $ \H{ \\", "broken"),
    ],
)
def test_a_text_is_folded(text: str, expected: str) -> None:
    words = re.findall(r"[^\s,]+", searchable_text(text))
    assert words == re.findall(r"[^\s,]+", expected)


def test_folding_again_changes_nothing() -> None:
    every = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    assert fold(fold(every)) == fold(every)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Muller", ["muller"]),
        ("Müller", ["muller", "mueller"]),
        ("Mu\u0308ller", ["muller", "mueller"]),
        ("Søren Ångström", ["soren angstrom", "soeren aangstroem"]),
        ("Đoković", ["dokovic", "djokovic"]),
        ("Poincaré", ["poincare"]),
    ],
)
def test_umlauts_have_a_second_plain_spelling(text: str, expected: list[str]) -> None:
    assert spellings(text) == expected


def test_the_spellings_of_a_phrase_are_those_of_its_text() -> None:
    assert searchable_spellings(r"Schr\"odinger and γ") == [
        "schrodinger and  gamma ",
        "schroedinger and  gamma ",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"The $\alpha$-stable $O(n \log n)$ M\"obius", "the stable o n n mobius"),
        (r"$\mathcal{N}=4$, $x_{ij}$ and $\sqrt{s} \leq 5$ TeV", "n 4 xij and s 5 tev"),
        (r"$\left( \frac{\partial}{\partial t} \right)$", "t"),
        (r"ΛCDM and $\Lambda$CDM", "cdm and cdm"),
        (r"\begin{itemize} \item one \end{itemize} \cite{key2024}", "one"),
        ("snake_case", "snake case"),
    ],
)
def test_markup_is_no_word(text: str, expected: str) -> None:
    assert text_words(text) == expected.split()


def test_words_are_shown_as_a_text_writes_them() -> None:
    text = r"Schr\"odinger bridges: the Schrödinger and the Schrodinger problem in Straßburg"
    assert as_written(["schrodinger", "strassburg", "bridges", "absent"], text) == [
        "schrödinger",
        "straßburg",
        "bridges",
        "absent",
    ]


@pytest.mark.parametrize(
    "piece", ["{", "\\'", "$", "\\", "^", "_", "\\begin{", "}{", "\\'{", "}  ", "0$^"]
)
def test_any_text_is_folded_in_linear_time(piece: str) -> None:
    started = time.process_time()
    text = piece * (200_000 // len(piece))
    searchable_text(text)
    text_words(text)
    assert time.process_time() - started < 5


def test_another_folding_has_another_form() -> None:
    """If this fails, increase `_FORM` and the format of releases; then set both constants."""
    digest = hashlib.sha256()
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            for text in (record["title"], record["abstract"]):
                digest.update(searchable_text(text).encode() + b"\n")
                digest.update(" ".join(text_words(text)).encode() + b"\n")
            names = re.split(r", | and ", record["authors"])
            digest.update(searchable_names(names).encode() + b"\n")
    assert (folding_form().split(",")[0], digest.hexdigest()[:16]) == (FORM, CHECKSUM)
