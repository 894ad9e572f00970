"""Blocks of papers get the lists that each paper gets alone."""

import numpy as np
import pytest

from index.arrays import Rows, unit
from index.search.block_ranking import BlockRanking
from index.search.faiss_index import FaissIndex
from index.search.nearness import Nearness, Neighbour

_PAPERS, _DIMENSION, _SUBJECTS = 1_500, 32, 12
_NOTHING = np.empty(0, np.int64)


def _nearness(exact_up_to: int, papers: int = _PAPERS) -> Nearness:
    """Return papers about twelve subjects: rows 40 to 49 are equal, 50 to 59 have no words."""
    random = np.random.default_rng(5)
    subjects = random.integers(0, _SUBJECTS, papers)
    centres = random.normal(size=(_SUBJECTS, _DIMENSION))
    vectors = centres[subjects] + random.normal(size=(papers, _DIMENSION))
    numbers = random.integers(0, 60, (papers, 30)) + 40 * subjects[:, None]
    texts = [
        (f"paper{row % 700}", " ".join(f"word{n}" for n in of)) for row, of in enumerate(numbers)
    ]
    days = random.integers(730_000, 740_000, papers)
    for row in range(40, min(50, papers)):
        vectors[row], texts[row], days[row] = vectors[40], texts[40], days[40]
    for row in range(50, min(60, papers)):
        texts[row] = ("", "")
    return Nearness.build(unit(vectors.astype(np.float32)), texts, days, exact_up_to)


def _rank(nearness: Nearness, seeds: Rows, limit: int, excluded: Rows) -> list[list[Neighbour]]:
    assert isinstance(nearness.vectors, FaissIndex)
    return BlockRanking(nearness, nearness.vectors).nearest(seeds, limit, excluded)


def _alone(nearness: Nearness, row: int, limit: int, excluded: Rows) -> list[Neighbour]:
    others = np.append(excluded, row)
    return nearness.nearest(nearness.seed(row), limit, others, with_ties=True)


@pytest.mark.parametrize("exact_up_to", [0, _PAPERS], ids=["partitioned", "exact"])
@pytest.mark.parametrize("limit", [1, 10, 32])
@pytest.mark.parametrize("excluded", [_NOTHING, np.arange(100, 400)], ids=["none", "excluded"])
def test_lists_are_those_of_each_paper_alone(exact_up_to: int, limit: int, excluded: Rows) -> None:
    nearness = _nearness(exact_up_to)
    seeds = np.concatenate([np.arange(30, 70), np.arange(450, 470)])
    for row, ranked in zip(seeds.tolist(), _rank(nearness, seeds, limit, excluded), strict=True):
        alone = _alone(nearness, row, limit, excluded)
        assert [one.row for one in ranked] == [one.row for one in alone]
        expected = [one.similarity for one in alone]
        assert [one.similarity for one in ranked] == pytest.approx(expected, abs=2e-6)


def test_equal_papers_have_exactly_equal_similarities() -> None:
    nearness = _nearness(0)
    [ranked] = _rank(nearness, np.array([40]), 3, _NOTHING)
    assert [one.row for one in ranked] == list(range(41, 50))
    assert len({one.similarity for one in ranked}) == 1


@pytest.mark.parametrize("papers", [1, 5, 131])
def test_a_small_corpus(papers: int) -> None:
    nearness = _nearness(_PAPERS, papers)
    seeds = np.arange(papers)
    for row, ranked in zip(seeds.tolist(), _rank(nearness, seeds, 10, _NOTHING), strict=True):
        alone = _alone(nearness, row, 10, _NOTHING)
        assert [one.row for one in ranked] == [one.row for one in alone]
    assert _rank(nearness, seeds, 10, seeds) == [[]] * papers


def test_more_equal_papers_than_candidates() -> None:
    vectors = np.ones((400, _DIMENSION), np.float32)
    texts = [("same", "words")] * 400
    nearness = Nearness.build(unit(vectors), texts, np.full(400, 735_000), 400)
    ranked = _rank(nearness, np.array([7]), 10, _NOTHING)
    assert ranked == [_alone(nearness, 7, 10, _NOTHING)]
    assert len(ranked[0]) == 399
