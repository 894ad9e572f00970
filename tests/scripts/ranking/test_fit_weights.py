"""Learning the weights: what is learned from made-up pools, and the shipped file."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.search.ranking_weights import WEIGHTS_FILE, RankingWeights, Signals
from scripts.ranking.fit_weights import Pool, choose, cross_validated, grid, main, recalls
from tests.conftest import SURVEY


def _pools(telling: int, headings: int = 30) -> list[Pool]:
    """Pools in which only one signal says which 20 of 60 candidates are related."""
    random = np.random.default_rng(1)
    pools = []
    for heading in range(headings):
        signals = random.random((60, len(Signals._fields))).astype(np.float32)
        related = np.zeros(60, bool)
        related[np.argsort(-signals[:, telling])[:20]] = True
        pools.append(Pool(heading, signals, related, others=20, weight=1.0))
    return pools


def test_recall_counts_related_candidates_among_the_first_twenty() -> None:
    pools = _pools(telling=0)
    alone = np.eye(1, len(Signals._fields), dtype=np.float32)
    np.testing.assert_allclose(recalls(pools, alone, 30), np.ones((1, 30)), rtol=1e-6)
    assert recalls(pools, -alone, 30).max() == 0


def test_the_weights_follow_the_signal_that_tells() -> None:
    lists = np.arange(30)
    by_words = choose(recalls(_pools(telling=2), grid(), 30), grid(), lists)
    by_time = choose(recalls(_pools(telling=3), grid(), 30), grid(), lists)
    assert by_words[2] > by_time[2]
    assert by_time[3] > by_words[3]
    assert by_words[4] == by_time[4] == 0  # density tells nothing, so nothing is corrected


def test_recall_of_a_list_does_not_use_its_own_headings() -> None:
    """Words decide in one list and time in the other, so each is ranked with the wrong weights."""
    pools = [*_pools(telling=2, headings=15), *_pools(telling=3, headings=30)[15:]]
    lists = ["words"] * 15 + ["time"] * 15
    own = recalls(pools, choose(recalls(pools, grid(), 30), grid(), np.arange(30))[None], 30)
    assert cross_validated(pools, lists, grid()).mean() < own.mean()


def test_the_shipped_weights_have_a_card_and_a_weight_for_each_signal() -> None:
    content = json.loads(WEIGHTS_FILE.read_text())
    assert list(content["weights"]) == list(Signals._fields)
    assert content["card"]["groups"]["lists"] == 55
    weights = RankingWeights.read()
    assert weights.density < 0 < min(weights.vector, weights.expansion, weights.words)


def test_the_script_writes_weights_and_card(
    built_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import sqlite3

    with sqlite3.connect(built_data / "catalogue.db") as db:
        ids = [paper for (paper,) in db.execute("SELECT id FROM papers ORDER BY id LIMIT 120")]
    groups = [
        {"group": f"list {n} > heading", "papers": ids[n * 10 : n * 10 + 10]} for n in range(12)
    ]
    (tmp_path / "groups.json").write_text(json.dumps(groups))
    target = tmp_path / "weights.json"
    arguments = [str(built_data), str(tmp_path / "groups.json"), "--to", str(target)]
    monkeypatch.setattr("sys.argv", ["fit_weights", *arguments])
    main()
    assert "without density" in capsys.readouterr().out
    content = json.loads(target.read_text())
    assert content["card"]["groups"]["headings"] == 12
    assert RankingWeights.read(target).vector > 0
    assert SURVEY not in target.read_text()
