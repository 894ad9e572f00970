"""Coherence: high for a term of one subject, near 0 for a generic or an ambiguous one."""

import numpy as np
import pytest

from index.arrays import Floats
from index.search import term_coherence as module
from index.search.faiss_index import FaissIndex
from index.search.term_coherence import is_telling, is_topical, term_coherence
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, words

SUBJECTS = ["galaxy telescope", "protein molecule", "theorem lemma", "pruning quantization"]
PER_SUBJECT = 50


@pytest.fixture(scope="module")
def coherence() -> dict[str, float]:
    """The terms of four subjects whose vectors are around four directions.

    "approach" is in all papers, "ring" in a tenth of three subjects, "theorem" in one subject only,
    "rare" in four papers.
    """
    texts, rows = [], []
    random = np.random.default_rng(0)
    for subject, direction in zip(SUBJECTS, np.eye(8), strict=False):
        for number in range(PER_SUBJECT):
            ring = " ring" if number % 10 == 0 and subject != SUBJECTS[3] else ""
            rare = " rare" if number < 4 and subject == SUBJECTS[0] else ""
            texts.append(f"{subject} approach{ring}{rare}")
            rows.append(direction + random.normal(scale=0.2, size=8))
    vectors: Floats = np.array(rows, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = TfidfIndex.build(TermCounts.from_texts(map(words, texts)))
    searchable = FaissIndex.build(vectors, exact_up_to=1_000)
    found = term_coherence(index, searchable)
    assert found.dtype == np.float32
    return dict(zip(index.vocabulary, found.tolist(), strict=True))


def test_a_term_of_one_subject_is_topical(coherence: dict[str, float]) -> None:
    for term in " ".join(SUBJECTS).split():
        assert 0.5 < coherence[term] <= 1
        assert is_topical(coherence[term])
        assert is_telling(coherence[term])


def test_a_term_of_all_or_of_several_subjects_is_not(coherence: dict[str, float]) -> None:
    assert abs(coherence["approach"]) < 0.02
    assert not is_topical(coherence["approach"])
    assert coherence["ring"] < coherence["theorem"] / 4


def test_a_term_of_few_papers_is_topical(coherence: dict[str, float]) -> None:
    assert coherence["rare"] == 1


def test_it_is_the_defined_mean_of_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare with a computation pair by pair; batches do not matter."""
    random = np.random.default_rng(1)
    vectors: Floats = random.normal(size=(30, 4)).astype(np.float32) + 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [" ".join(random.choice(["alpha", "beta", "gamma"], size=4)) for _ in range(30)]
    index = TfidfIndex.build(TermCounts.from_texts(map(words, texts)))
    searchable = FaissIndex.build(vectors, exact_up_to=100)
    stored = searchable.vectors(np.arange(30))
    monkeypatch.setattr(module, "_BATCH", 2)
    found = term_coherence(index, searchable)
    for term, value in zip(index.vocabulary, found.tolist(), strict=True):
        weight = np.array([1 + np.log(max(1, t.split().count(term))) for t in texts])
        weight *= [term in t.split() for t in texts]
        cosines = stored @ stored.T
        pairs = np.outer(weight, weight)
        np.fill_diagonal(pairs, 0)
        c = (pairs * cosines).sum() / pairs.sum()
        e = (weight * (stored @ stored.mean(axis=0))).sum() / weight.sum()
        assert value == pytest.approx((c - e) / (1 - e), abs=1e-4)


def test_frequent_terms_are_estimated_from_a_part_of_their_papers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(2)
    directions = np.eye(8)[random.integers(0, 2, 400)]
    vectors: Floats = (directions + random.normal(scale=0.2, size=(400, 8))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [
        f"approach {'newt' if direction[0] else 'galaxy'}{' rare' if row < 20 else ''}"
        for row, direction in enumerate(directions)
    ]
    words_index = TfidfIndex.build(TermCounts.from_texts(map(words, texts)))
    searchable = FaissIndex.build(vectors, exact_up_to=1_000)
    complete = term_coherence(words_index, searchable)
    monkeypatch.setattr(module, "_MAX_PAPERS_OF_TERM", 80)
    estimated = term_coherence(words_index, searchable)
    rare = words_index.vocabulary.index("rare")
    assert estimated[rare] == pytest.approx(complete[rare], abs=1e-6)
    assert (np.delete(estimated, rare) != np.delete(complete, rare)).all()
    np.testing.assert_allclose(estimated, complete, atol=0.05)


def test_a_tiny_corpus_has_topical_terms_only() -> None:
    index = TfidfIndex.build(TermCounts.from_texts([["alpha"], ["alpha"]]))
    searchable = FaissIndex.build(np.eye(2, dtype=np.float32), exact_up_to=100)
    assert term_coherence(index, searchable).tolist() == [1.0]
