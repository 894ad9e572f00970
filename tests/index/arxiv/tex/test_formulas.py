"""Which formulas pass as harmless."""

import pytest

from index.arxiv.tex.formulas import (
    brace_depth,
    formula_source,
    formulas,
    is_harmless,
)


@pytest.mark.parametrize(
    ("text", "depth"),
    [("", 0), ("{a}{{b}}", 2), ("{", None), ("}{", None), ("{}}", None)],
)
def test_brace_depth(text: str, depth: int | None) -> None:
    assert brace_depth(text) == depth


@pytest.mark.parametrize(
    ("source", "harmless"),
    [
        (r"\frac{a}{b} \leq \alpha", True),
        (r"\mathbb{R}^{d \times d}", True),
        (r"\{a\}", True),
        (r"\def\a{b}", False),
        (r"\input{x}", False),
        ("a^^5cinput", False),
        ("a % b", False),
        ("{" * 11 + "}" * 11, False),
        (r"\{a", True),
        ("{a", False),
        ("a\\", False),
        (r"\\", True),
    ],
)
def test_only_known_commands_and_balanced_braces_are_harmless(source: str, harmless: bool) -> None:
    assert is_harmless(source) is harmless


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$x$ and $$y$$, \(z\), \\(v\\) and \[w\]", "x y z v w"),
        (r"98$\times$4, $\sim$10 GB, $+$5, $10^{-4}$2", r"\times \sim + 10^{-4}"),
        ("$k$NN, $3$D, $2$-SAT, $5 GeV$", "k 3 2 5 GeV"),
        ("$ x $, $ TMF $ and $ 0 $", "x TMF 0"),
        (r"$\$187$", r"\$187"),
        ("from $5 to $10", ""),
        ("10$/h vs 20$/h", ""),
        ("$5 and $10 bills", ""),
        ("US$3 or US$4, R$ 50 e R$ 60", ""),
        (r"\$5 and \$6 for $x$", "x"),
        ("100$ and 200$", ""),
        ("with $500 budget and $n$ items", "n"),
        ("costs $5 while $y$ costs $6", "y"),
        ("$5/$10 per $x_1$ token", "x_1"),
        ("saves $5 on x_1 and $10", ""),
        ("($5, or $10), $5-$10, <$1, >$2, $1.7 trillion in US$", ""),
        ("$name and $value", ""),
        ("a $ alone", ""),
    ],
)
def test_formulas_are_told_from_prices(text: str, found: str) -> None:
    assert " ".join(map(formula_source, formulas(text))) == found
