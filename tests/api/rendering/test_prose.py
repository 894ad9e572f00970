"""Conversion of TeX in titles and abstracts to HTML with MathML, and to plain text."""

import random
import time
from collections.abc import Callable
from xml.etree import ElementTree as ET

import html5lib
import pytest

from api.rendering import mathml
from api.rendering.mathml import parse_formula
from api.rendering.prose import MAX_TEXT_LENGTH, MAX_TITLE_LENGTH, to_html, to_plain_text
from index.arxiv.tex.tokens import MAX_FORMULA_LENGTH

MATHML = "{http://www.w3.org/1998/Math/MathML}"


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"$O(n \log n)$", "O(n log n)"),
        (r"\alpha-helix", "α-helix"),
        (r"$\mathcal{L}$", "ℒ"),
        (r"$x_{i}^2$", "xᵢ²"),
        (r"$\mathbb{R}^{d\times d}$", "ℝ^(d × d)"),
        (r"$\frac{a+b}{c}$ and $\sqrt{x}$", "(a+b)/c and √x"),
        (r"I$_{2}$ at $10^{-4}$", "I₂ at 10⁻⁴"),
        (r"$\tilde{O}(\sqrt{T})$", "Õ(√T)"),
        (r"\(a \leq b\) and $$E=mc^2$$", "a ≤ b and E = mc²"),
        (r"98$\times$ faster, $\sim$10 GB", "98× faster, ∼10 GB"),
        (r"$\mathsf{NP}$-hard", "NP-hard"),
        (r"\textit{in vitro}, \emph{a \textbf{b} c}, {\em d}", "in vitro, a b c, d"),
        (r"Erd\H{o}s, Painlev\'e, K{\"a}hler", "Erdős, Painlevé, Kähler"),
        (r"B{\"}ohm, Caf\'{}e, M{\^}eme", "Böhm, Café, Même"),
        (r"\O sten, \L{}ukasz, {\aa}s", "Østen, Łukasz, ås"),
        (r"Fig.~3, but ~100x and http://a.edu/~me", "Fig. 3, but ~100x and http://a.edu/~me"),
        (r"\url{https://a.b/c~d_e}.", "https://a.b/c~d_e."),
        (r"see \href{https://a.b}{our code}", "see our code (https://a.b)"),
        (r"5\% \& more\footnote{much more} \cite{me}", "5% & more (much more) [me]"),
        ("``so'' --- 2019--2023 --flag", "“so” — 2019–2023 --flag"),
        (r"L$^1$--potentials, $10^{3}$--$10^{4}$", "L¹–potentials, 10³–10⁴"),
        (r"0.5~dB, $0.5$~dB, 5\%~more", "0.5 dB, 0.5 dB, 5% more"),
        (r"for $\$187$ and more", "for $187 and more"),
        (r"(\textbf\{OmniQuant\}), \emph\{a \textit\{b\}\}\footnote\{c\}", "(OmniQuant), a b (c)"),
        (r"the \\(\textit\{incoherent\}\\) part (\\(\textit\{RR\}\\))", "the incoherent part (RR)"),
        (r"\mathcal{L}(x) over \bar{\mathbb{Q}}, \frac{1}{2}", "ℒ(x) over ℚ̄, 1/2"),
        ("1x10^{-16}, C_{2r+1} and Nd_2Fe_{14}B", "1x10⁻¹⁶, C₂ᵣ₊₁ and Nd_2Fe₁₄B"),
        ("{ETF}s of {Re-ID}, {B}ias, Mus{é}e", "ETFs of Re-ID, Bias, Musée"),
        ("eff{}icient, OURS{}, 6{,}000", "efficient, OURS, 6,000"),
        (r"$\href{https://a.b}{here}$, \href{https://c.d}", "here (https://a.b), https://c.d"),
        (r"$\textsc{Foo}$", "Foo"),
        (r"90\deg, $0 \textless{} x$, n \textgreater{} 1", "90°, 0 < x, n > 1"),
        (r"\[ a = b \]", "a = b"),
        (r"\begin{itemize}\item A\item B\end{itemize}", "A B"),
        (r"\LaTeX{} and \TeX, \copyright{} me", "LaTeX and TeX, © me"),
    ],
)  # fmt: skip
def test_tex_is_converted_to_text(tex: str, text: str) -> None:
    assert to_plain_text(tex) == text


@pytest.mark.parametrize(
    "text",
    [
        "from $5 to $10",
        "costs $5 and $10 more",
        r"\method beats \ours{} by much",
        "{{ 7*7 }} and {a, b}",
        r"$\R^n$ by a macro of their own",
        r"$\frac{a}{b",
        r"$x^{2}}{$",
        "C:\\foo and 100$ alone",
        "PUSA with $500 Training Cost by $n steps",
        "US$3 to US$4 (approx. $5), $1.50/hour, ~$2",
        "100$ and 200$, $5-$10, $name and $value",
        r"the \ECUAS{n} of $\Hilb_{6}(\p 4)$",
        r"$\frac{1}$ and $x^2^3$ and $\c$ and $\r{ho}$",
        "a photo of a {label}, V-{x}, {0,1}-matrices",
    ],
)
def test_unknown_tex_stays_as_written(text: str) -> None:
    assert to_plain_text(text) == text
    assert "".join(html5lib.parseFragment(to_html(text)).itertext()) == text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\binom{n}{k}", "(n choose k)"),
        (r"2{n+1 \choose k}", "2((n+1) choose k)"),
        (r"p\not=2", "p ≠ 2"),
        (r"a\not\in B, a\not{<}b, \not\to", "a ∉ B,a ≮ b, ↛"),
        (r"x''+y'", "x″+y′"),
        (r"\frac{1}{2}x", "(1/2)x"),
        (r"2\frac{a}{b}^2", "2(a/b)²"),
        (r"\sqrt{x}y, \sqrt{xy}, \sqrt[3]{x}", "(√x)y,√(xy),³√x"),
        (r"2^{2^n}, n^{kd}m, E_{\text{col}}x", "2^(2ⁿ),n^kd m,E_col x"),
        (r"\overline{AB} \underline{C} \widehat{de}", "A̅B̅C̲d̂ê"),
        (r"\ddot a\check b\dot{M}", "äb̌Ṁ"),
        (r"\big\|x\big\|, \bigl\{y\bigr\}, \Big\lceil z", "‖x‖,{y},⌈z"),
        (r"\text{\rm Out}(F), \textbf{7\%}, \text{1--2}", "Out(F),7%,1–2"),
        (r"\arg\min_x f, a\bmod b", "arg minₓ f,a mod b"),
        (r"\mathsf{MELL}, \mathscr{F}, \bm{x}", "MELL,ℱ,x"),
        (r"\lim_{n\to\infty}a_n, \log^2 n", "lim_(n → ∞) aₙ, log² n"),
        (r"\overbrace{a+b}^{n}, x\overset{d}{=}y", "a+b [n],x =^d y"),
        (r"\Gamma\backslash G, C\sp *", "Γ\\G,C*"),
    ],
)
def test_a_formula_as_text_says_the_same(tex: str, text: str) -> None:
    formula = parse_formula(tex)
    assert formula
    assert formula.text == text
    ET.fromstring(formula.markup)


@pytest.mark.parametrize(
    "source",
    [
        r"\frac{1}",
        r"\frac1",
        r"\mod 2^n",
        r"\rm^{40}Ca",
        r"\sqrt",
        r"x^2^3",
        r"\big\unknown x",
        r"\text{\unknown x}",
        r"\b{eta}",
        r"\H",
    ],
)
def test_a_formula_is_refused_if_its_mathml_has_missing_parts_or_commands(source: str) -> None:
    assert parse_formula(source) is None
    assert to_plain_text(f"${source}$") == f"${source}$"


def test_a_negated_sign_is_one_character_of_mathml() -> None:
    formula = parse_formula(r"a\not=b")
    assert formula
    assert formula.markup == "<math><mrow><mi>a</mi><mo>≠</mo><mi>b</mi></mrow></math>"


def test_html_has_formulas_as_mathml_and_emphasis_as_elements() -> None:
    shown = to_html(r"\textit{A} bound $x_{i}^2$ \textbf{now \emph{and}")
    fragment = html5lib.parseFragment(shown)
    assert "".join(fragment.itertext()) == "A bound xi2 now and"
    square = fragment.find(f".//{MATHML}math/{MATHML}mrow/{MATHML}msubsup")
    assert square is not None
    assert [part.tag for part in square] == [f"{MATHML}{tag}" for tag in ("mi", "mrow", "mn")]
    assert shown.startswith("<em>A</em> bound <math>")
    assert shown.endswith("<strong>now <em>and</em></strong>")


@pytest.mark.parametrize(
    "source",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{color:red}{x}",
        r"\class{a}{x}",
        r"\def\a{\a\a}\a",
        r"\newcommand{\a}{x}\a",
        r"\color{red} x",
        r"\unicode{x3c}script",
        r"\verb|<b>|",
        r"\begin{matrix} a \end{matrix}",
        r"\rule{99em}{99em}",
        "&#x3c;script&#x3e;",
        r"^^5cinput",
        "{" * 11 + "x" + "}" * 11,
        "x" * (MAX_FORMULA_LENGTH + 1),
        " ",
    ],
)
def test_a_source_that_does_more_than_set_symbols_is_not_a_formula(source: str) -> None:
    assert parse_formula(source) is None
    shown = html5lib.parseFragment(to_html(f"${source}$"))
    assert not list(shown.iter(f"{MATHML}math"))


def test_text_within_a_formula_is_escaped() -> None:
    formula = parse_formula(r"\text{<script>alert(1)</script>" + '"} < a')
    assert formula
    assert "&lt;script&gt;" in formula.markup
    (math,) = html5lib.parseFragment(formula.markup).iter(f"{MATHML}math")
    assert {element.tag for element in math.iter()} <= {
        f"{MATHML}{tag}" for tag in ("math", "mrow", "mtext", "mo", "mi")
    }


def _pieces() -> list[str]:
    sources = r"""
        \frac \sqrt \hat \text \left \right \mathbb \mathrm \binom \overset \operatorname \not
        \pmod \big \sum \lim \alpha \log \quad \bar \limits \underbrace \stackrel \\ \{ \} \| \& \%
        \$ \, \; { } [ ] ( ) _ ^ ' ~ & # % < > " = + a x 1 2.5 <b> <script> onload= --> ]]> &#x3c;
        &lt; $ \( \) \href \url \cite \footnote \textbf \em \begin{a} \end \verb \def \c \' \"{o}
        `` '' --- -- ~
    """.split()  # fmt: skip
    return [*sources, " ", "  ", "\u202e", "\x00", "\ud800", "𝔐"]


def test_random_text_makes_no_other_elements() -> None:
    chosen = random.Random(8)
    pieces = _pieces()
    known = {f"{MATHML}{name}" for name in mathml._ELEMENTS | mathml._TOKENS}
    html = {
        f"{{http://www.w3.org/1999/xhtml}}{name}"
        for name in ("em", "strong", "code", "sup", "sub", "span")
    }
    converted = 0
    for _ in range(4_000):
        text = "".join(chosen.choices(pieces, k=chosen.randrange(1, 14)))
        for source in (text, f"${text.replace('$', '')}$"):
            shown = to_html(source)
            read = html5lib.HTMLParser(strict=True).parseFragment(shown)
            for element in list(read.iter())[1:]:
                assert element.tag in known | html, source
                names = set(element.attrib)
                assert names <= mathml._ATTRIBUTES | {"mathvariant", "class"}, source
            # It must be balanced as XML too, for the SVG picture of a neighbourhood.
            ET.fromstring(f"<p>{shown}</p>")
            converted += "<math>" in shown
            assert to_plain_text(source).isprintable()
    assert converted > 300


def _distinct(part: str) -> Callable[[], str]:
    return lambda: " ".join(f"${part}{i}$" for i in range(100_000 // (len(part) + 4)))


@pytest.mark.parametrize(
    "made",
    [
        lambda: "$" * 100_000,
        _distinct("a_"),
        _distinct(r"\frac{a}{b}" * 20),
        _distinct(r"\hat" * 50),
        _distinct("x_a+" * 50),
        lambda: r"\(" * 50_000,
        lambda: "\\" * 100_000,
        lambda: r"{\bf " * 20_000,
        lambda: r"\href{aaa" * 11_000,
        lambda: r"\begin{" * 14_000,
        lambda: "\\'" * 50_000,
        lambda: "{" * 99_999 + "\\",
        lambda: "long " * 20_000,
    ],
)
def test_converting_a_hundred_thousand_characters_is_fast(made: Callable[[], str]) -> None:
    text = made()
    assert len(text) > 90_000
    parse_formula("a_0")  # loads modules
    spent = []
    for _ in range(3):
        parse_formula.cache_clear()
        start = time.process_time()
        shown = to_html(text)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05
    assert len("".join(html5lib.parseFragment(shown).itertext())) <= 2 * MAX_TEXT_LENGTH


def test_a_long_text_is_cut() -> None:
    assert to_plain_text("long " * 20_000, MAX_TITLE_LENGTH) == ("long " * 100).strip() + "…"
    assert to_plain_text(" " * 20_000 + "word", MAX_TITLE_LENGTH) == "…"
    assert to_plain_text("word", 4) == "word"
