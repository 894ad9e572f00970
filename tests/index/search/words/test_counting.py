"""Counting in bulk gives what counting text by text gives."""

import random

import numpy as np
import pytest

import index.search.words.counting
from index.search.term_counts import TermCounts
from index.search.tfidf import STOP_WORDS, words
from index.search.words.counting import count_words
from tests.support.term_counts import assert_same_counts

TEXTS = [
    "",
    "   ",
    "of the",  # stop words only
    "a b c 7",  # single characters only
    "Newts, newts and NEWTS: a survey of GPT-4",
    r"Schr\"odinger bridges of MoS$_2$ in $\mathcal{O}(n \log n)$, α-stable",
    "Ünïcode ﬁne straße Пример 数学 naïve_snake — “quotes” x²",
    "\N{NO-BREAK SPACE}newt\N{EM SPACE}pond\N{IDEOGRAPHIC SPACE}eft\x1cfrog\x00toad\n\ttadpole",
    "newt " * 300,
    "é",
    "word" * 5000,
]


@pytest.mark.parametrize("batch", [1, 3, 10_000])
def test_counts_equal_those_of_single_texts(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(index.search.words.counting, "_BATCH", batch)
    assert_same_counts(
        count_words(TEXTS, STOP_WORDS), TermCounts.from_texts(words(text) for text in TEXTS)
    )


def test_random_texts_of_tex_and_other_alphabets() -> None:
    draw = random.Random(3)
    pieces = [
        *r"\${}_^ ab1 αé’'-",
        "gamma",
        r"\alpha",
        r"\'e",
        "newt",
        " the ",
        "数",
        "\u00a0",
        "~",
    ]
    texts = ["".join(draw.choices(pieces, k=draw.randint(0, 20))) for _ in range(3_000)]
    assert_same_counts(
        count_words(texts, STOP_WORDS), TermCounts.from_texts(words(text) for text in texts)
    )


def test_no_texts_have_no_words() -> None:
    nothing = count_words([], STOP_WORDS)
    assert len(nothing) == 0
    np.testing.assert_array_equal(nothing.starts, [0])
