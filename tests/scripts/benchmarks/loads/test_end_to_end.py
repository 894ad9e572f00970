"""The benchmark of a first load: its papers, and a short run."""

from pathlib import Path

import pytest

from index.settings import PACKAGED_MODEL
from ingest.snapshot.records import SAMPLE, snapshot_papers
from scripts.benchmarks.loads.end_to_end import measure, repeated


def test_repeated_papers_have_distinct_identifiers_and_texts() -> None:
    papers = [paper for paper, _ in zip(snapshot_papers([SAMPLE]), range(7), strict=False)]
    found = list(repeated(papers, 30))
    assert len({paper.id for paper in found}) == len({paper.text_hash for paper in found}) == 30
    with pytest.raises(ValueError, match="no paper"):
        list(repeated([], 1))


def test_a_short_run_has_a_rate_and_a_model_that_is_missing_a_reason(
    empty_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.update.followed_taxonomies", lambda _: [])
    found = measure(PACKAGED_MODEL, 150, SAMPLE, empty_data)
    assert found.problem is None
    assert found.papers_a_second
    assert found.hours_for_all_of_arxiv == pytest.approx(3e6 / found.papers_a_second / 3600)
    assert str(found).startswith(f"{PACKAGED_MODEL}, ")
    missing = measure(str(tmp_path / "nothing"), 150, SAMPLE, tmp_path)
    assert missing.problem
    assert "not measured" in str(missing)
