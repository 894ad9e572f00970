"""Which formulas pass as harmless."""

import pytest

from index.arxiv.tex.formulas import brace_depth, is_harmless
from index.arxiv.tex.tables import FORMULA_COMMANDS, symbol_of


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
    def is_known(name: str) -> bool:
        return name in FORMULA_COMMANDS or bool(symbol_of(name))

    assert is_harmless(source, is_known) is harmless
