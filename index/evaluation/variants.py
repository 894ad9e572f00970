"""Compare rankings on judged papers, with their cost: TF-IDF, plain model, blend, full."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from index.arrays import Floats, Rows, unit
from index.embedding.embedder import TITLE_WEIGHT, Embedder
from index.evaluation.rankings import JudgedPapers, RowFigures, measure_rankings
from index.search.nearness import Nearness
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, words

_WORDS_WEIGHT = np.float32(0.5)
_RESAMPLES = 10_000
_POSTING_BYTES, _COUNT_BYTES, _VECTOR_BYTES = 8, 3, 2  # for each term, and each dimension


@dataclass(frozen=True, slots=True)
class RankingFigures:
    """The means of a ranking over the judged rows, in percent, and its cost.

    `ndcg_gain` and `map_gain` are the gain of the full ranking over this one: mean, lower and
    upper limit of the 95 % interval (paired bootstrap over the rows). `ms_a_paper` is the time to
    index one paper, `ms_a_list` the time to rank the candidates of one row, and `bytes_a_paper`
    the size of the index per paper.
    """

    name: str
    ndcg_at_20_percent: float
    map: float
    ndcg_gain: tuple[float, float, float]
    map_gain: tuple[float, float, float]
    ms_a_paper: float
    ms_a_list: float
    bytes_a_paper: int


@dataclass(frozen=True, slots=True)
class RankingComparison:
    """The figures of the ranking in production use, and of all rankings, simplest first."""

    queries: int
    ndcg_at_20_percent: float
    map: float
    rankings: list[RankingFigures]


@dataclass(frozen=True, slots=True)
class _Ranking:
    name: str
    rank: Callable[[int, Rows], Floats]
    seconds: float
    bytes_a_paper: int


def compare_rankings(embedder: Embedder, judged: JudgedPapers) -> RankingComparison:
    """Measure every ranking on the judged rows; the last one is the ranking in production use."""
    measured: list[tuple[_Ranking, RowFigures, float]] = []
    for ranking in _rankings(embedder, judged):
        started = perf_counter()
        figures = measure_rankings(judged.rows, ranking.rank)
        measured.append((ranking, figures, perf_counter() - started))
    full = measured[-1][1]
    rankings = [
        RankingFigures(
            name=ranking.name,
            ndcg_at_20_percent=_percent(figures.ndcg),
            map=_percent(figures.precision),
            ndcg_gain=_interval(full.ndcg - figures.ndcg),
            map_gain=_interval(full.precision - figures.precision),
            ms_a_paper=round(1000 * ranking.seconds / len(judged.texts), 2),
            ms_a_list=round(1000 * seconds / len(judged.rows), 2),
            bytes_a_paper=ranking.bytes_a_paper,
        )
        for ranking, figures, seconds in measured
    ]
    return RankingComparison(
        queries=len(judged.rows),
        ndcg_at_20_percent=rankings[-1].ndcg_at_20_percent,
        map=rankings[-1].map,
        rankings=rankings,
    )


def _rankings(embedder: Embedder, judged: JudgedPapers) -> Iterator[_Ranking]:
    papers = len(judged.texts)
    with _timed() as counting:
        counts = TermCounts.from_texts(
            words(f"{title} {abstract}") for title, abstract in judged.texts
        )
        lexical = TfidfIndex.build(counts)
    in_words = len(counts.terms) * (_POSTING_BYTES + _COUNT_BYTES) // papers

    def by_words(query: int, rows: Rows) -> Floats:
        return lexical.cosines(lexical.row(query), rows)

    yield _Ranking("TF-IDF", by_words, counting(), in_words)

    with _timed() as embedding:
        plain = embedder.encode([f"{title}. {abstract}" for title, abstract in judged.texts])
    in_vector = plain.shape[1] * _VECTOR_BYTES
    yield _Ranking(
        "plain model", lambda query, rows: plain[rows] @ plain[query], embedding(), in_vector
    )

    with _timed() as titling:
        titles = embedder.encode([title for title, _ in judged.texts])
        blended = unit(plain + TITLE_WEIGHT * titles)
    yield _Ranking(
        "blend",
        lambda query, rows: blended[rows] @ blended[query] + _WORDS_WEIGHT * by_words(query, rows),
        counting() + embedding() + titling(),
        in_vector + in_words,
    )

    with _timed() as building:
        no_days = np.zeros(papers, np.int32)
        nearness = Nearness.build(blended, judged.texts, no_days, exact_up_to=papers)
    yield _Ranking(
        "full",
        lambda query, rows: nearness.similarities(nearness.seed(query), rows),
        embedding() + titling() + building(),
        in_vector + in_words + no_days.itemsize + np.dtype(np.float16).itemsize,
    )


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    """Measure the block; the returned function gives its seconds."""
    started, took = perf_counter(), [0.0]
    yield lambda: took[0]
    took[0] = perf_counter() - started


def _percent(shares: Floats) -> float:
    return round(100 * float(shares.mean()), 2)


def _interval(gains: Floats) -> tuple[float, float, float]:
    """Return the mean gain and the limits of its 95 % interval, in percentage points."""
    samples = np.random.default_rng(0).integers(0, len(gains), (_RESAMPLES, len(gains)))
    lower, upper = np.percentile(gains[samples].mean(axis=1), [2.5, 97.5])
    mean, lower, upper = (round(100 * float(g), 2) for g in (gains.mean(), lower, upper))
    return mean, lower, upper
