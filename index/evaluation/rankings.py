"""Measure rankings of related papers with expert judgements in the format of CSFCube.

CSFCube: Mysore, O'Gorman, McCallum and Zamani, 2021 (arXiv 2103.12906).
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.arrays import Floats, Rows
from index.errors import BadInput

_RELEVANT = 2


@dataclass(frozen=True, slots=True)
class JudgedPapers:
    """Papers as (title, abstract), and the judged rows, which refer to them by position."""

    texts: list[tuple[str, str]]
    rows: list["JudgedRow"]


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A query paper and its candidates, as positions among the papers, with their grades."""

    query: int
    candidates: Rows
    grades: list[int]


@dataclass(frozen=True, slots=True)
class RowFigures:
    """NDCG and average precision of each judged row, 0 to 1, shape (rows,)."""

    ndcg: Floats
    precision: Floats


def read_judged(papers: Path, judgements: Path) -> JudgedPapers:
    """Read papers and judgements in the format of CSFCube; its years are ignored.

    Raises BadInput, with file and line, if a file has another form.
    """
    position: dict[str, int] = {}
    texts: list[tuple[str, str]] = []
    for line, paper in _json_lines(papers):
        try:
            position[str(paper["id"])] = len(texts)
            abstract = paper.get("abstract")
            texts.append((str(paper["title"]), str(abstract or " ".join(paper["sentences"]))))
        except (KeyError, TypeError) as error:
            raise BadInput(
                f"{papers}, line {line} is not a paper with id, title and abstract or sentences"
            ) from error
    if not texts:
        raise BadInput(f"{papers} has no paper: give one JSON object per line")
    rows = []
    for line, judged in _json_lines(judgements):
        try:
            query = position[judged["query"]]
            candidates = np.array([position[paper_id] for paper_id in judged["grades"]])
            grades = [int(grade) for grade in judged["grades"].values()]
            if not grades:
                raise ValueError("grades has no candidate papers")
        except KeyError as error:
            raise BadInput(
                f"{judgements}, line {line}: {error} is missing; a line needs query and grades, "
                f"with ids of papers in {papers}"
            ) from error
        except (AttributeError, TypeError, ValueError) as error:
            raise BadInput(
                f"{judgements}, line {line} is not an object with query and grades by paper id"
            ) from error
        rows.append(JudgedRow(query, candidates, grades))
    if not rows:
        raise BadInput(f"{judgements} has no judged row: give one JSON object per line")
    return JudgedPapers(texts, rows)


def measure_rankings(rows: Sequence[JudgedRow], rank: Callable[[int, Rows], Floats]) -> RowFigures:
    """Rank the candidates of each row by similarity to its query, and measure the rankings."""
    gains, precisions = [], []
    for row in rows:
        order = np.argsort(-rank(row.query, row.candidates), kind="stable")
        ranked = [row.grades[i] for i in order]
        gains.append(ndcg(ranked, share=0.2))
        precisions.append(average_precision(ranked))
    return RowFigures(np.array(gains, np.float32), np.array(precisions, np.float32))


def ndcg(grades: Sequence[int], share: float) -> float:
    """Return the normalised discounted cumulative gain of the first `share` of a ranking.

    k = int(share · n); DCG = g₁ + Σ_{i=2..k} gᵢ / log₂ i (Järvelin and Kekäläinen, 2000). The
    ideal ranking sorts all grades. Returns 0 if the ideal gain is 0.
    """
    depth = int(share * len(grades))
    ideal = _dcg(sorted(grades, reverse=True)[:depth])
    return _dcg(grades[:depth]) / ideal if ideal else 0.0


def average_precision(grades: Sequence[int]) -> float:
    """Return the mean of the precision at the ranks of relevant papers (grade 2 or more)."""
    relevant = np.array(grades) >= _RELEVANT
    if not relevant.any():
        return 0.0
    precision = np.cumsum(relevant) / np.arange(1, len(grades) + 1)
    return float(precision[relevant].mean())


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / max(1.0, float(np.log2(rank))) for rank, grade in enumerate(grades, 1))


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, json.loads(line)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    except ValueError as error:
        raise BadInput(f"{path}, line {number} is not valid JSON: {error}") from error
