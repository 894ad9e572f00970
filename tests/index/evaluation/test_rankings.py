"""NDCG and MAP compared with examples computed by hand, and the whole command on few papers."""

import gzip
import json
from collections.abc import Sequence
from math import log2
from pathlib import Path

import pytest

from index.embedding.embedder import Embedder
from index.errors import BadInput
from index.evaluation.rankings import average_precision, ndcg, read_judged
from index.evaluation.variants import RankingComparison, compare_rankings

PAPERS = [
    ("q", "Pruning neural networks", "We remove weights of neural networks to make them small."),
    ("near", "Removing weights from networks", "Pruning makes neural networks small."),
    ("far", "Nesting of newts", "Newts nest in ponds in spring. Herons eat newts."),
    ("farther", "Galaxies at high redshift", "We observe galaxies with a telescope."),
    ("other", "Quantizing neural networks", "We store weights of networks in few bits."),
]


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        # n = 10, k = 2: only the first two count, and the second is not discounted (log2 2 = 1)
        ([3, 2, 0, 0, 0, 0, 0, 0, 0, 0], 1.0),
        ([2, 3, 0, 0, 0, 0, 0, 0, 0, 0], 1.0),
        ([0, 3, 2, 0, 0, 0, 0, 0, 0, 0], 3 / 5),
        ([1, 0, 0, 0, 0, 0, 0, 0, 3, 3], 1 / 6),
        ([0, 0, 3, 3, 3, 3, 3, 3, 3, 3], 0.0),
        # n = 15, k = 3: (1 + 0 + 3/log2 3) / (3 + 2 + 1/log2 3)
        ([1, 0, 3, 2, *[0] * 11], (1 + 3 / log2(3)) / (3 + 2 + 1 / log2(3))),
        # n = 19, k = int(3.8) = 3: the fourth does not count
        ([0, 0, 0, 3, *[0] * 15], 0.0),
        # n = 20, k = 4: (3 + 1/log2 4) / (3 + 1)
        ([3, 0, 0, 1, *[0] * 16], (3 + 1 / 2) / 4),
        ([0] * 10, 0.0),
        ([3, 3, 3], 0.0),  # k = 0
        ([], 0.0),
    ],
)
def test_ndcg_by_hand(grades: Sequence[int], expected: float) -> None:
    assert ndcg(grades, share=0.2) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ([2, 3, 0, 1], 1.0),
        ([0, 2, 1, 3], (1 / 2 + 2 / 4) / 2),
        ([1, 1, 2], 1 / 3),
        ([1, 0, 1], 0.0),
        ([], 0.0),
    ],
)
def test_average_precision_by_hand(grades: Sequence[int], expected: float) -> None:
    assert average_precision(grades) == pytest.approx(expected)


def evaluate_ranking(embedder: Embedder, papers: Path, judgements: Path) -> RankingComparison:
    return compare_rankings(embedder, read_judged(papers, judgements))


def _lines(path: Path, records: Sequence[object]) -> Path:
    text = "".join(json.dumps(record) + "\n" for record in records)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def _papers(path: Path) -> Path:
    return _lines(path, [{"id": i, "title": t, "sentences": a.split(". ")} for i, t, a in PAPERS])


def _judged(grades: dict[str, int]) -> dict[str, object]:
    return {"query": "q", "facet": "method", "grades": grades}


GOOD = _judged({"far": 0, "farther": 0, "near": 3, "other": 2})
# What the ranking puts first is called unlike: the relevant two come third and fourth.
BAD = _judged({"near": 0, "other": 0, "far": 3, "farther": 2})


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz"])
def test_a_few_papers_end_to_end(embedder: Embedder, tmp_path: Path, ending: str) -> None:
    papers = _papers(tmp_path / f"papers.{ending}")
    judgements = _lines(tmp_path / f"judgements.{ending}", [GOOD, BAD])
    figures = evaluate_ranking(embedder, papers, judgements)
    assert figures.queries == 2
    assert figures.map == pytest.approx(100 * (1 + (1 / 3 + 2 / 4) / 2) / 2, abs=0.01)
    assert figures.ndcg_at_20_percent == 0  # a fifth of four papers is none


def test_a_fifth_of_five_candidates_is_one(embedder: Embedder, tmp_path: Path) -> None:
    papers = _papers(tmp_path / "papers.jsonl")
    grades = {"far": 0, "farther": 0, "near": 3, "other": 2, "q": 0}
    judgements = _lines(tmp_path / "judgements.jsonl", [_judged(grades)])
    figures = evaluate_ranking(embedder, papers, judgements)
    assert figures.ndcg_at_20_percent == 0  # the paper itself, judged irrelevant, comes first
    judgements = _lines(tmp_path / "judgements.jsonl", [_judged({**grades, "q": 3})])
    assert evaluate_ranking(embedder, papers, judgements).ndcg_at_20_percent == 100


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ({"query": "nobody", "grades": {"near": 1}}, "line 2: 'nobody' is missing"),
        ({"query": "q", "grades": {"nobody": 1}}, "line 2: 'nobody' is missing"),
        ({"query": "q"}, "line 2: 'grades' is missing"),
        ({"query": "q", "grades": ["near"]}, "line 2"),
        ({"query": "q", "grades": {}}, "line 2"),
        ({"query": "q", "grades": {"near": "much"}}, "line 2"),
        ({"query": "q", "grades": {"near": None}}, "line 2"),
        ({"query": ["q"], "grades": {"near": 1}}, "line 2"),
        (["q", "near", 1], "line 2"),
    ],
)
def test_the_error_names_a_judgement_of_another_form(
    embedder: Embedder, tmp_path: Path, line: object, complaint: str
) -> None:
    judgements = _lines(tmp_path / "judgements.jsonl", [GOOD, line])
    with pytest.raises(BadInput, match=rf"judgements\.jsonl, {complaint}"):
        evaluate_ranking(embedder, _papers(tmp_path / "papers.jsonl"), judgements)


@pytest.mark.parametrize(
    "line", [{"title": "no id"}, {"id": "a", "title": "no text"}, ["a"], "a", 7, None]
)
def test_the_error_names_a_paper_of_another_form(
    embedder: Embedder, tmp_path: Path, line: object
) -> None:
    papers = _lines(tmp_path / "papers.jsonl", [{"id": "q", "title": "t", "sentences": []}, line])
    with pytest.raises(BadInput, match=r"papers\.jsonl, line 2"):
        evaluate_ranking(embedder, papers, _lines(tmp_path / "judgements.jsonl", [GOOD]))


def test_the_error_names_a_line_that_is_not_json(embedder: Embedder, tmp_path: Path) -> None:
    papers = _papers(tmp_path / "papers.jsonl")
    judgements = tmp_path / "judgements.jsonl"
    judgements.write_text(json.dumps(GOOD) + "\n{not json\n")
    with pytest.raises(BadInput, match=r"judgements\.jsonl, line 2"):
        evaluate_ranking(embedder, papers, judgements)


def test_missing_empty_or_broken_files_are_refused(embedder: Embedder, tmp_path: Path) -> None:
    papers, judgements = _papers(tmp_path / "papers.jsonl"), tmp_path / "judgements.jsonl"
    with pytest.raises(BadInput, match="cannot be read"):
        evaluate_ranking(embedder, papers, judgements)
    judgements.write_text("\n")
    with pytest.raises(BadInput, match="has no judged row"):
        evaluate_ranking(embedder, papers, judgements)
    with pytest.raises(BadInput, match="has no paper"):
        evaluate_ranking(embedder, judgements, papers)
    (tmp_path / "papers.gz").write_bytes(b"no gzip")
    with pytest.raises(BadInput, match="cannot be read"):
        evaluate_ranking(embedder, tmp_path / "papers.gz", judgements)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(papers.read_bytes())[:-20])
    with pytest.raises(BadInput, match="cannot be read"):
        evaluate_ranking(embedder, tmp_path / "cut.gz", judgements)


def test_the_rankings_are_compared_side_by_side(embedder: Embedder, tmp_path: Path) -> None:
    judgements = _lines(tmp_path / "judgements.jsonl", [GOOD, BAD])
    found = evaluate_ranking(embedder, _papers(tmp_path / "papers.jsonl"), judgements)
    assert [one.name for one in found.rankings] == ["TF-IDF", "plain model", "blend", "full"]
    full = found.rankings[-1]
    assert (full.map, full.ndcg_at_20_percent) == (found.map, found.ndcg_at_20_percent)
    assert full.map_gain == full.ndcg_gain == (0, 0, 0)
    for one in found.rankings:
        mean, least, most = one.map_gain
        assert least <= mean <= most
        assert mean == pytest.approx(found.map - one.map, abs=0.02)
        assert one.ms_a_paper > 0
        assert one.ms_a_list > 0
    sizes = [one.bytes_a_paper for one in found.rankings]
    assert sizes[1] == 384 * 2
    assert sizes[0] + sizes[1] == sizes[2]
