"""Neighbour averaging equals the formula computed over all papers."""

from pathlib import Path

import numpy as np
import pytest

import index.search.neighbour_averaging
from index.arrays import Floats, unit
from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder, embed_text
from index.releases.release import Release
from index.search.faiss_index import FaissIndex, PreviousIndex
from index.search.neighbour_averaging import average_text_with_neighbours, average_with_neighbours
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, words
from tests.support.catalogue_files import all_entries


@pytest.fixture
def lexical(catalogue: Catalogue) -> TfidfIndex:
    texts = (entry.paper.text for entry in all_entries(catalogue))
    return TfidfIndex.build(TermCounts.from_texts(words(text) for text in texts))


@pytest.fixture
def vectors(catalogue: Catalogue, release: Release) -> Floats:
    _, matrix = catalogue.vectors.of(release.manifest.identity).matrix()
    return matrix


def _averaged(
    vectors: Floats, lexical: TfidfIndex, exact_up_to: int, previous: PreviousIndex | None = None
) -> np.ndarray:
    """Average all vectors, or those that are not in the previous index."""
    index, new = FaissIndex.build(vectors, exact_up_to, previous)
    average_with_neighbours(index, lexical, new)
    return index.all_vectors


def _expected(vectors: Floats, lexical: TfidfIndex) -> Floats:
    """Average each vector with its ten nearest of all others, by vector and words."""
    rows = np.arange(len(vectors))
    word_cosines = np.stack([lexical.cosines(lexical.row(int(row)), rows) for row in rows])
    similarities = vectors @ vectors.T + 0.5 * word_cosines
    np.fill_diagonal(similarities, -np.inf)
    nearest = np.argsort(-similarities, axis=1)[:, :10]
    return unit(vectors + np.float32(0.5) * unit(vectors[nearest].sum(axis=1)))


def test_each_vector_is_averaged_with_its_ten_nearest(
    vectors: Floats, lexical: TfidfIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.neighbour_averaging, "_CANDIDATES", len(vectors) - 1)
    averages = _averaged(vectors, lexical, 50_000)
    np.testing.assert_allclose(averages, _expected(vectors, lexical), atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(averages.astype(np.float32), axis=1), 1, atol=1e-3)


def test_candidates_by_vector_are_sufficient(vectors: Floats, lexical: TfidfIndex) -> None:
    averages = _averaged(vectors, lexical, 50_000)
    cosines = (averages * _expected(vectors, lexical)).sum(axis=1)
    assert cosines.mean() > 0.995


def test_a_release_contains_averaged_and_embedded_vectors(
    built_data: Path, release: Release, vectors: Floats, lexical: TfidfIndex
) -> None:
    averages = release.nearness.vectors.vectors(np.arange(len(vectors)))
    np.testing.assert_allclose(averages, _averaged(vectors, lexical, 50_000), atol=1e-3)
    folder = built_data / "releases" / release.manifest.name
    np.testing.assert_array_equal(np.load(folder / "embedded.npy"), vectors.astype(np.float16))


@pytest.mark.parametrize("papers", [1, 2, 5])
def test_a_small_corpus_averages_with_all_other_papers(papers: int) -> None:
    vectors = unit(np.random.default_rng(papers).normal(size=(papers, 8)).astype(np.float32))
    lexical = TfidfIndex.build(TermCounts.from_texts([["word"]] * papers))
    averages = _averaged(vectors, lexical, 100)
    others = vectors.sum(axis=0) - vectors
    np.testing.assert_allclose(averages, unit(vectors + np.float32(0.5) * unit(others)), atol=2e-3)


def test_with_a_previous_index_only_new_papers_are_averaged(
    vectors: Floats, lexical: TfidfIndex, tmp_path: Path
) -> None:
    before = _averaged(vectors[:200], _first(lexical, 200), 100)
    FaissIndex.build(before, 100)[0].save(tmp_path)
    rows = np.where(np.arange(len(vectors)) < 200, np.arange(len(vectors)), -1)
    averages = _averaged(vectors, lexical, 100, PreviousIndex(tmp_path, rows))
    np.testing.assert_array_equal(averages[:200], before)
    cosines = (averages[200:] * _expected(vectors, lexical)[200:]).sum(axis=1)
    assert cosines.mean() > 0.98
    assert (averages[200:] != vectors[200:].astype(np.float16)).any(axis=1).all()


def _first(lexical: TfidfIndex, papers: int) -> TfidfIndex:
    return TfidfIndex.build(lexical.counts.select(np.arange(papers)))


def test_the_text_of_a_paper_is_nearest_to_the_paper(
    catalogue: Catalogue, release: Release, embedder: Embedder
) -> None:
    nearness = release.nearness
    for entry in list(all_entries(catalogue))[::40]:
        text = f"{entry.paper.title}. {entry.paper.abstract}"
        seed = nearness.text_seed(embed_text(embedder, text), text)
        row = release.row(entry.number)
        assert nearness.nearest(seed, 1, np.array([], np.int64))[0].row == row
        assert seed.vector @ nearness.seed(row or 0).vector > 0.95


def test_a_text_is_averaged_by_the_same_formula(release: Release, embedder: Embedder) -> None:
    nearness = release.nearness
    text = "Newts, and the pruning of networks"
    vector, terms = embed_text(embedder, text), nearness.words.weight_terms(text)
    vectors = nearness.vectors.vectors(np.arange(len(nearness)))
    candidates = np.argsort(-(vectors @ vector))[:32]
    word_cosines = nearness.words.cosines(terms, candidates)
    similarities = vectors[candidates] @ vector + 0.5 * word_cosines
    nearest = candidates[np.argsort(-similarities)[:10]]
    expected = unit(vector + np.float32(0.5) * unit(vectors[nearest].sum(axis=0)))
    average = average_text_with_neighbours(nearness.vectors, nearness.words, vector, terms)
    np.testing.assert_allclose(average, expected, atol=1e-4)
