"""The strongest pair of sentences equals the one that is found term by term."""

from math import sqrt

import numpy as np
import pytest

import index.lists.outlines.pairing
from index.lists.outlines.pairing import ComparedSentences, strongest_pairs


def term_by_term(one: ComparedSentences) -> tuple[int, int] | None:
    best, most = None, 0.0
    for ours in range(one.ours.shape[1]):
        for theirs in range(one.theirs.shape[1]):
            both = [t for t in range(len(one.ours)) if one.ours[t, ours] and one.theirs[t, theirs]]
            if len(both) < 2 and not any(one.telling[term] for term in both):
                continue
            lengths = one.our_lengths[ours] * one.their_lengths[theirs]
            strength = sum(one.contributions[term] for term in both) / sqrt(lengths)
            if strength > most:
                best, most = (ours, theirs), strength
    return best


def drawn(random: np.random.Generator) -> ComparedSentences:
    terms, ours, theirs = (int(random.integers(0, limit)) for limit in (12, 5, 9))
    contributions = random.random(terms, np.float32).round(1)  # with ties
    return ComparedSentences(
        (random.random((terms, ours)) < 0.3).astype(np.uint8),
        (random.random((terms, theirs)) < 0.3).astype(np.uint8),
        contributions.tolist(),
        (random.random(terms) < 0.1).tolist(),
        random.integers(1, 9, ours).tolist(),
        random.integers(1, 9, theirs).tolist(),
    )


@pytest.mark.parametrize("cells", [1, 1 << 18])
def test_pairs_equal_those_found_term_by_term(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(index.lists.outlines.pairing, "_MAX_CELLS", cells)
    random = np.random.default_rng(0)
    compared = [drawn(random) for _ in range(300)]
    expected = list(map(term_by_term, compared))
    assert strongest_pairs(compared) == expected
    assert {pair is None for pair in expected} == {True, False}


def test_a_sentence_without_words_is_in_no_pair() -> None:
    one = ComparedSentences(np.ones((1, 2)), np.array([[0, 1]]), [0.5], [True], [0, 3], [0, 2])
    assert strongest_pairs([one._replace(ours=np.array([[0, 1]]))]) == [(1, 1)]


def test_nothing_is_compared_without_texts_terms_or_sentences() -> None:
    nothing = ComparedSentences(np.ones((0, 2)), np.ones((0, 3)), [], [], [1, 1], [1, 1, 1])
    assert strongest_pairs([]) == []
    assert strongest_pairs([nothing, nothing]) == [None, None]
