"""Synthetic papers made from the halves of real ones, and the catalogue filled with them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from ingest.snapshot.records import SAMPLE
from scripts.benchmarks.catalogue import (
    call_times,
    catalogue_queries,
    fill,
    nightly_runs,
    random_author,
    random_phrase,
    size_of,
    sizes,
)
from scripts.benchmarks.synthetic_papers import (
    MAX_PAPERS,
    real_papers,
    revised,
    synthetic_id,
    synthetic_papers,
)


@pytest.fixture(scope="module")
def real() -> list[Paper]:
    return real_papers([SAMPLE])


@pytest.fixture(autouse=True)
def _short_summaries() -> Iterator[None]:
    """Replace summaries as the benchmark does, because they take longer than everything else."""
    with patch("index.catalogue.catalogue.summarise", new=lambda text, _: text[:100]):
        yield


def test_identifiers_rise_and_are_valid() -> None:
    places = [0, 1, 99_998, 99_999, 12 * 99_999, MAX_PAPERS - 1]
    ids = [synthetic_id(place) for place in places]
    assert ids[:4] == ["1501.00001", "1501.00002", "1501.99999", "1502.00001"]
    assert ids == sorted(ids)
    assert [canonical_id(paper_id) for paper_id in ids] == ids


def test_the_paper_at_a_place_is_always_the_same(real: list[Paper]) -> None:
    papers = list(synthetic_papers(real, 0, 40))
    assert list(synthetic_papers(real, 25, 40)) == papers[25:]
    assert len({paper.text_hash for paper in papers}) == 40


def test_synthetic_texts_are_as_long_as_real_ones(real: list[Paper]) -> None:
    synthetic = list(synthetic_papers(real, 0, 2_000))
    for name in ("title", "abstract"):
        expected, length = (
            sum(len(getattr(paper, name)) for paper in papers) / len(papers)
            for papers in (real, synthetic)
        )
        assert length == pytest.approx(expected, rel=0.03)


def test_texts_are_divided_between_words() -> None:
    papers = [Paper("2301.00001", "one", "a b c d e f"), Paper("2301.00002", "two words", "g h")]
    words = {word for paper in papers for word in f"{paper.title} {paper.abstract}".split()}
    for paper in synthetic_papers(papers, 0, 50):
        assert paper.title
        assert set(f"{paper.title} {paper.abstract}".split()) <= words


def test_a_revision_is_a_later_version_with_another_text(real: list[Paper]) -> None:
    [paper] = synthetic_papers(real, 3, 4)
    later = revised(paper, 17)
    assert (later.id, later.version, len(later.versions)) == (paper.id, 2, 2)
    assert later.text_hash != paper.text_hash


def test_sizes_end_with_the_requested_number() -> None:
    assert sizes(2_000_000) == [100_000, 300_000, 1_000_000, 2_000_000]
    assert sizes(100_000) == [100_000]
    assert sizes(50) == [50]


def test_filling_resumes(real: list[Paper], tmp_path: Path) -> None:
    in_steps, at_once = tmp_path / "in steps", tmp_path / "at once"
    assert fill(in_steps, real, 30, 1e9) == 30
    assert fill(in_steps, real, 70, 1e9) == 40
    assert fill(in_steps, real, 70, 1e9) == 0
    assert fill(at_once, real, 70, 1e9) == 70
    with read_catalogue(in_steps) as one, read_catalogue(at_once) as other:
        entries = one.entries(range(1, 71))
        assert entries == other.entries(range(1, 71))
        assert [entry.paper.id for entry in entries.values()] == [
            synthetic_id(place) for place in range(70)
        ]
        tagged = {number for number, tags in one.tags.of(entries).items() if tags}
        assert tagged == {19, 38, 57}


def test_filling_stops_at_the_maximum_size(real: list[Paper], tmp_path: Path) -> None:
    assert fill(tmp_path, real, 10, 1) == 0
    assert size_of(tmp_path) > 1
    with read_catalogue(tmp_path) as catalogue:
        assert catalogue.count() == 0


def test_every_query_runs_and_finds_papers(real: list[Paper], tmp_path: Path) -> None:
    fill(tmp_path, real, 600, 1e9)
    with read_catalogue(tmp_path) as catalogue:
        for name, (query, _) in catalogue_queries(real, 600).items():
            assert len(call_times(partial(query, catalogue), 2)) == 2, name
        random = np.random.default_rng(0)
        phrases = [random_phrase(real, random) for _ in range(300)]
        assert any(catalogue.full_text.with_phrases([phrase]) for phrase in phrases)
        authors = [random_author(real, random) for _ in range(300)]
        assert any(catalogue.numbers_by_authors([author]) for author in authors)
        assert len(catalogue.tags.numbers_with_labels("synthetic", ["label-3"], 10)) == 2


def test_a_nightly_run_leaves_nothing_pending(real: list[Paper], tmp_path: Path) -> None:
    fill(tmp_path, real, 1_200, 1e9)
    with open_catalogue(tmp_path) as catalogue:
        assert len(nightly_runs(catalogue, real)) == 3
        assert catalogue.count() == 1_200 + 3 * 1_500
        assert catalogue.tags.pending("synthetic", "synthetic") == []
    assert fill(tmp_path, real, 6_000, 1e9) == 300
    with read_catalogue(tmp_path) as catalogue:
        assert catalogue.entries([5_999])[5_999].paper.id == synthetic_id(5_998)
