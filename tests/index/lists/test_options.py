"""Options of a list: thresholds, diversity, newer and older, full reasons."""

from dataclasses import replace
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest

from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.embedder import Embedder
from index.errors import BadInput
from index.lists.diversity import rerank_by_mmr
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.current import CurrentRelease
from index.releases.release import Release
from tests.conftest import SURVEY


@pytest.fixture
def finder(catalogue: Catalogue, release: Release) -> RelatedFinder:
    return RelatedFinder(catalogue, release)


def test_thresholds_drop_papers_below_them(finder: RelatedFinder) -> None:
    whole = finder.related(SURVEY, ListOptions(100)).related
    least = whole[20].score
    cut = finder.related(SURVEY, ListOptions(100, min_score=least)).related
    assert cut == [paper for paper in whole if paper.score >= least]
    percentile = whole[60].percentile
    cut = finder.related(SURVEY, ListOptions(100, min_percentile=percentile)).related
    assert cut == [paper for paper in whole if paper.percentile >= percentile]
    assert finder.related(SURVEY, ListOptions(100, min_score=100)).related == []


def test_newer_and_older_compare_days_of_submission(finder: RelatedFinder) -> None:
    whole = finder.related(SURVEY, ListOptions(500)).related
    day = finder.paper_query(SURVEY).paper.submitted  # type: ignore[union-attr]
    assert day is not None
    newer = finder.related(SURVEY, ListOptions(500, when="newer")).related
    assert newer == [paper for paper in whole if paper.submitted and paper.submitted > day]
    older = finder.related(SURVEY, ListOptions(500, when="older")).related
    assert older == [paper for paper in whole if paper.submitted and paper.submitted < day]
    assert newer
    assert older


def test_newer_combines_with_days(finder: RelatedFinder) -> None:
    day = finder.paper_query(SURVEY).paper.submitted  # type: ignore[union-attr]
    assert day is not None
    with pytest.raises(BadInput, match="is after until="):
        finder.related(SURVEY, ListOptions(when="newer", filters=Filters(until=day)))
    kept = ListOptions(500, when="older", filters=Filters(until=day.replace(year=2020)))
    assert all(
        p.submitted and p.submitted.year <= 2020 for p in finder.related(SURVEY, kept).related
    )


def test_newer_than_a_paper_with_an_unknown_day_is_refused(
    built_data_copy: Path, embedder: Embedder
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        finder = RelatedFinder(catalogue, CurrentRelease(built_data_copy).get())
        catalogue._db.execute("UPDATE papers SET submitted = NULL WHERE id = ?", [SURVEY])
        with pytest.raises(BadInput, match=f"which is unknown for arXiv:{SURVEY}"):
            finder.related(SURVEY, ListOptions(when="newer"))
        with pytest.raises(BadInput, match="a text has no date"):
            finder.related_to_text(embedder, "text", ListOptions(when="older"))


def test_diversity_selects_papers_that_are_less_similar_to_each_other(
    finder: RelatedFinder, release: Release
) -> None:
    def likeness(options: ListOptions) -> float:
        ids = [paper.id for paper in finder.related(SURVEY, options).related]
        asked = [finder.paper_query(paper_id) for paper_id in ids]
        rows = np.array([one.row for one in asked])
        found = np.array([release.nearness.similarities(one.seed, rows) for one in asked])
        return float(found[~np.eye(len(rows), dtype=bool)].mean())

    plain, some, much = (likeness(ListOptions(10, diversity=d)) for d in (0, 0.3, 0.7))
    assert plain > some > much
    first = [finder.related(SURVEY, ListOptions(10, diversity=d)).related[0].id for d in (0, 0.7)]
    assert first[0] == first[1]


def test_diversity_follows_its_formula(release: Release) -> None:
    nearness = release.nearness
    near = nearness.nearest(nearness.seed(0), 30, np.array([0]))
    rows = np.array([one.row for one in near])
    vectors = nearness.vectors.vectors(rows)
    seeds = [nearness.plain_seed(row, v) for row, v in zip(rows.tolist(), vectors, strict=True)]
    between = np.array([nearness.similarities(seed, rows) for seed in seeds])
    taken: list[int] = []
    for _ in range(8):
        gains = {
            i: 0.6 * near[i].similarity - 0.4 * max((between[j, i] for j in taken), default=0)
            for i in range(len(near))
            if i not in taken
        }
        taken.append(max(gains, key=lambda i: gains[i]))
    assert rerank_by_mmr(near, 8, 0.4, nearness) == [near[i] for i in taken]
    assert rerank_by_mmr(near, 30, 0.0, nearness) == near
    assert rerank_by_mmr([], 5, 0.4, nearness) == []
    assert rerank_by_mmr(near[:3], 5, 0.4, nearness) != []


def test_full_reasons_pair_sentences_by_meaning(finder: RelatedFinder, embedder: Embedder) -> None:
    full = finder.related(SURVEY, ListOptions(5, reasons="full"), embedder)
    brief = finder.related(SURVEY, ListOptions(5))
    assert [p.id for p in full.related] == [p.id for p in brief.related]
    for one, other in zip(full.related, brief.related, strict=True):
        assert one.reasons.sentences
        assert replace(one.reasons, sentences=None) == replace(other.reasons, sentences=None)
    assert [p.reasons for p in full.related] != [p.reasons for p in brief.related]
    with pytest.raises(BadInput, match="reasons=full needs an embedder"):
        finder.related(SURVEY, ListOptions(reasons="full"))


@pytest.mark.parametrize("value", [-1, nan, inf, 101])
@pytest.mark.parametrize("name", ["min_score", "min_percentile", "diversity"])
def test_a_number_out_of_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(BadInput, match=f"{name} is .*: it must be (at|a number)"):
        ListOptions(**{name: value})  # type: ignore[arg-type]
