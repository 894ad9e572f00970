"""How good the ranking of related papers is, on expert judgements in CSFCube's form.

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
    """Papers as (title, abstract), and judged rows."""

    texts: list[tuple[str, str]]
    rows: list["JudgedRow"]


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A paper asked about, its candidates, and their grades, by place among the papers."""

    query: int
    candidates: Rows
    grades: list[int]


@dataclass(frozen=True, slots=True)
class RowFigures:
    """The figures of each judged row, 0 to 1, shape (rows,)."""

    ndcg: Floats
    precision: Floats


def read_judged(papers: Path, judgements: Path) -> JudgedPapers:
    """Papers and judgements in CSFCube's form. Its years are no days: of these none is known.

    Raises BadInput, naming file and line, for files of another form.
    """
    place: dict[str, int] = {}
    texts: list[tuple[str, str]] = []
    for line, paper in _json_lines(papers):
        try:
            place[str(paper["id"])] = len(texts)
            abstract = paper.get("abstract")
            texts.append((str(paper["title"]), str(abstract or " ".join(paper["sentences"]))))
        except (KeyError, TypeError) as error:
            raise BadInput(f"{papers}, line {line}: no paper with id, title, sentences") from error
    if not texts:
        raise BadInput(f"{papers} holds no paper")
    rows = []
    for line, judged in _json_lines(judgements):
        try:
            query = place[judged["query"]]
            candidates = np.array([place[paper_id] for paper_id in judged["grades"]])
            grades = [int(grade) for grade in judged["grades"].values()]
            if not grades:
                raise ValueError("no candidate")
        except KeyError as error:
            raise BadInput(f"{judgements}, line {line}: {error} is missing") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise BadInput(f"{judgements}, line {line}: no row of query and grades") from error
        rows.append(JudgedRow(query, candidates, grades))
    if not rows:
        raise BadInput(f"{judgements} holds no judged row")
    return JudgedPapers(texts, rows)


def measure_rankings(rows: Sequence[JudgedRow], rank: Callable[[int, Rows], Floats]) -> RowFigures:
    """Rank each row's candidates by similarity to its query, and measure."""
    gains, precisions = [], []
    for row in rows:
        order = np.argsort(-rank(row.query, row.candidates), kind="stable")
        ranked = [row.grades[i] for i in order]
        gains.append(ndcg(ranked, share=0.2))
        precisions.append(average_precision(ranked))
    return RowFigures(np.array(gains, np.float32), np.array(precisions, np.float32))


def ndcg(grades: Sequence[int], share: float) -> float:
    """Normalised discounted cumulative gain over the first `share` of a ranking's grades.

    k = int(share · n); DCG = g₁ + Σ_{i=2..k} gᵢ / log₂ i (Järvelin and Kekäläinen, 2000); the
    ideal sorts all grades. 0 where nothing could be gained.
    """
    depth = int(share * len(grades))
    ideal = _dcg(sorted(grades, reverse=True)[:depth])
    return _dcg(grades[:depth]) / ideal if ideal else 0.0


def average_precision(grades: Sequence[int]) -> float:
    """Mean precision at the ranks of the relevant (grade 2 or more) over a whole ranking."""
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
        raise BadInput(f"{path}, line {number}: no JSON: {error}") from error
