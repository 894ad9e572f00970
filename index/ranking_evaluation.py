"""How good the ranking of related papers is, on expert judgements in CSFCube's form.

CSFCube: Mysore, O'Gorman, McCallum and Zamani, 2021 (arXiv 2103.12906).
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.embedding import Embedder, embed_papers
from index.errors import BadInput
from index.nearness import Nearness

_RELEVANT = 2


@dataclass(frozen=True, slots=True)
class RankingFigures:
    """Means over the judged rows, in percent."""

    queries: int
    ndcg_at_20_percent: float
    map: float


def evaluate_ranking(embedder: Embedder, papers: Path, judgements: Path) -> RankingFigures:
    """Rank each row's judged candidates by the ranking that serves related papers.

    Raises BadInput, naming file and line, for files of another form.
    """
    rows: dict[str, int] = {}
    texts: list[tuple[str, str]] = []
    for line, paper in _json_lines(papers):
        try:
            rows[str(paper["id"])] = len(texts)
            abstract = paper.get("abstract")
            texts.append((str(paper["title"]), str(abstract or " ".join(paper["sentences"]))))
        except (KeyError, TypeError) as error:
            raise BadInput(f"{papers}, line {line}: no paper with id, title, sentences") from error
    if not texts:
        raise BadInput(f"{papers} holds no paper")
    nearness = Nearness.build(embed_papers(embedder, texts), texts, exact_up_to=len(texts))
    gains, precisions = [], []
    for line, judged in _json_lines(judgements):
        try:
            query = rows[judged["query"]]
            candidates = np.array([rows[paper_id] for paper_id in judged["grades"]])
            grades = [int(grade) for grade in judged["grades"].values()]
            if not grades:
                raise ValueError("no candidate")
        except KeyError as error:
            raise BadInput(f"{judgements}, line {line}: {error} is missing") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise BadInput(f"{judgements}, line {line}: no row of query and grades") from error
        similarities = nearness.similarities(nearness.seed(query), candidates)
        ranked = [grades[i] for i in np.argsort(-similarities, kind="stable")]
        gains.append(ndcg(ranked, share=0.2))
        precisions.append(average_precision(ranked))
    if not gains:
        raise BadInput(f"{judgements} holds no judged row")
    return RankingFigures(len(gains), _percent(gains), _percent(precisions))


def _percent(shares: Sequence[float]) -> float:
    return round(100 * float(np.mean(shares)), 2)


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
