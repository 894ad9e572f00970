"""A paper's vector with a part of its neighbours': against the formula, worked out in full."""

from pathlib import Path

import numpy as np
import pytest

import index.search.neighbour_averaging
from index.arrays import Floats, unit
from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder, embed_text
from index.releases.release import Release
from index.search.faiss_index import FaissIndex, PreviousIndex
from index.search.neighbour_averaging import augment, augmented_text
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, words
from tests.support.catalogue_files import all_entries


@pytest.fixture
def lexical(catalogue: Catalogue) -> TfidfIndex:
    texts = (entry.paper.text for entry in all_entries(catalogue))
    return TfidfIndex.build(TermCounts.of(words(text) for text in texts))


@pytest.fixture
def vectors(catalogue: Catalogue, release: Release) -> Floats:
    _, held = catalogue.vectors.of(release.manifest.identity).matrix()
    return held


def augmented(
    vectors: Floats, lexical: TfidfIndex, exact_up_to: int, earlier: PreviousIndex | None = None
) -> np.ndarray:
    """What augmentation makes of these vectors, all of them or those that are new."""
    index, new = FaissIndex.build(vectors, exact_up_to, earlier)
    augment(index, lexical, new)
    return index.exact


def _by_hand(vectors: Floats, lexical: TfidfIndex) -> Floats:
    """With the ten nearest of all others, by vector and words."""
    rows = np.arange(len(vectors))
    in_words = np.stack([lexical.cosines(lexical.row(int(row)), rows) for row in rows])
    nearness = vectors @ vectors.T + 0.5 * in_words
    np.fill_diagonal(nearness, -np.inf)
    nearest = np.argsort(-nearness, axis=1)[:, :10]
    return unit(vectors + np.float32(0.5) * unit(vectors[nearest].sum(axis=1)))


def test_each_paper_has_a_part_of_its_ten_nearest(
    vectors: Floats, lexical: TfidfIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.neighbour_averaging, "_CANDIDATES", len(vectors) - 1)
    found = augmented(vectors, lexical, 50_000)
    np.testing.assert_allclose(found, _by_hand(vectors, lexical), atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(found.astype(np.float32), axis=1), 1, atol=1e-3)


def test_candidates_by_vector_are_enough(vectors: Floats, lexical: TfidfIndex) -> None:
    found = augmented(vectors, lexical, 50_000)
    cosines = (found * _by_hand(vectors, lexical)).sum(axis=1)
    assert cosines.mean() > 0.995


def test_the_release_holds_augmented_vectors_and_the_embedded_ones(
    built_data: Path, release: Release, vectors: Floats, lexical: TfidfIndex
) -> None:
    held = release.nearness.vectors.vectors(np.arange(len(vectors)))
    np.testing.assert_allclose(held, augmented(vectors, lexical, 50_000), atol=1e-3)
    folder = built_data / "releases" / release.manifest.name
    np.testing.assert_array_equal(np.load(folder / "embedded.npy"), vectors.astype(np.float16))


@pytest.mark.parametrize("papers", [1, 2, 5])
def test_a_few_papers_have_what_neighbours_there_are(papers: int) -> None:
    vectors = unit(np.random.default_rng(papers).normal(size=(papers, 8)).astype(np.float32))
    lexical = TfidfIndex.build(TermCounts.of([["word"]] * papers))
    found = augmented(vectors, lexical, 100)
    others = vectors.sum(axis=0) - vectors
    np.testing.assert_allclose(found, unit(vectors + np.float32(0.5) * unit(others)), atol=2e-3)


def test_with_an_earlier_index_only_new_papers_look_for_neighbours(
    vectors: Floats, lexical: TfidfIndex, tmp_path: Path
) -> None:
    before = augmented(vectors[:200], _first(lexical, 200), 100)
    FaissIndex.build(before, 100)[0].save(tmp_path)
    rows = np.where(np.arange(len(vectors)) < 200, np.arange(len(vectors)), -1)
    found = augmented(vectors, lexical, 100, PreviousIndex(tmp_path, rows))
    np.testing.assert_array_equal(found[:200], before)
    cosines = (found[200:] * _by_hand(vectors, lexical)[200:]).sum(axis=1)
    assert cosines.mean() > 0.98
    assert (found[200:] != vectors[200:].astype(np.float16)).any(axis=1).all()


def _first(lexical: TfidfIndex, papers: int) -> TfidfIndex:
    return TfidfIndex.build(lexical.counts.rows(np.arange(papers)))


def test_a_papers_own_text_is_nearest_to_it(
    catalogue: Catalogue, release: Release, embedder: Embedder
) -> None:
    nearness = release.nearness
    for entry in list(all_entries(catalogue))[::40]:
        text = f"{entry.paper.title}. {entry.paper.abstract}"
        seed = nearness.text_seed(embed_text(embedder, text), text)
        row = release.row(entry.number)
        assert nearness.nearest(seed, 1, np.array([], np.int64))[0].row == row
        assert seed.vector @ nearness.seed(row or 0).vector > 0.95


def test_a_text_has_the_formula_too(release: Release, embedder: Embedder) -> None:
    nearness = release.nearness
    text = "Newts, and the pruning of networks"
    vector, terms = embed_text(embedder, text), nearness.words.weight_terms(text)
    every = np.arange(len(nearness))
    held = nearness.vectors.vectors(every)
    candidates = np.argsort(-(held @ vector))[:32]
    both = held[candidates] @ vector + 0.5 * nearness.words.cosines(terms, candidates)
    nearest = candidates[np.argsort(-both)[:10]]
    expected = unit(vector + np.float32(0.5) * unit(held[nearest].sum(axis=0)))
    found = augmented_text(nearness.vectors, nearness.words, vector, terms)
    np.testing.assert_allclose(found, expected, atol=1e-4)
