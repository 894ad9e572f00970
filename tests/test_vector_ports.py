"""FAISS and Milvus behind one port: the same nights, the same questions, the same answers.

The tolerance: both search approximately (FAISS compresses to a byte a number, Milvus walks a
graph), so of the entries of all lists together one in a hundred may be another. What both list has
the same score.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index.allowed import Allowed
from index.catalogue import open_catalogue
from index.list_options import ListOptions
from index.listing import RelatedPaper
from index.related import Finder
from index.release import CurrentRelease, Release
from index.selection import Selection
from tests.milvus_lite import MilvusLite
from tests.random_nights import CATEGORIES, LICENCES, RandomNights, made_release

_PAPERS = 300
_DIFFERENT = 0.01


@pytest.fixture(scope="module")
def both(milvus: MilvusLite, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two data folders after three random nights, released each night; the second's in Milvus."""
    folders = tuple(tmp_path_factory.mktemp("ports") / name for name in ("faiss", "milvus"))
    nights = RandomNights(1, folders)
    for night in ((_PAPERS, 0, 0, 0), (20, 15, 15, 10), (15, 15, 10, 5)):
        nights.pass_one(*night)
        for folder, index in zip(folders, (None, milvus.address()), strict=True):
            made_release(folder, index)
    return folders[0], folders[1]


@pytest.fixture(scope="module")
def releases(both: tuple[Path, Path]) -> tuple[Release, Release]:
    one, other = (CurrentRelease(folder).get() for folder in both)
    assert (one.nearness.vectors.kind, other.nearness.vectors.kind) == ("partitioned", "milvus")
    return one, other


def test_both_hold_the_same_papers_and_vectors(releases: tuple[Release, Release]) -> None:
    one, other = releases
    rows = np.arange(len(one.nearness))
    assert len(other.nearness) == len(rows) > _PAPERS
    assert [one.number(row) for row in rows.tolist()] == [
        other.number(row) for row in rows.tolist()
    ]
    np.testing.assert_array_equal(
        one.nearness.vectors.vectors(rows), other.nearness.vectors.vectors(rows)
    )
    np.testing.assert_array_equal(one.random_similarities, other.random_similarities)


def _random_selections(seed: int, count: int) -> Iterator[Selection]:
    random = np.random.default_rng(seed)
    for _ in range(count):
        asked: dict[str, object] = {}
        if random.random() < 0.4:
            asked["since"] = date(2020 + int(random.integers(3)), 1, 1)
        if random.random() < 0.3:
            asked["until"] = date(2023, 1 + int(random.integers(12)), 1)
        if random.random() < 0.4:
            names = ["math", *(c for c in CATEGORIES if '"' not in c)]
            asked["categories"] = tuple(random.choice(names, 2, replace=False).tolist())
        if random.random() < 0.3:
            asked["licences"] = (LICENCES[int(random.integers(len(LICENCES)))] or "unknown",)
        if random.random() < 0.3:
            asked["including"] = (f"word{random.integers(200)}",)
        if random.random() < 0.3:
            asked["excluding"] = (f"word{random.integers(200)}",)
        yield Selection(**asked)  # type: ignore[arg-type]


def _lists(data: Path, release: Release) -> list[list[RelatedPaper]]:
    """Lists of random papers, narrowed at random, each the way a reader gets it."""
    with open_catalogue(data) as catalogue:
        finder = Finder(catalogue, release)
        rows = np.random.default_rng(5).integers(0, len(release.nearness), 40).tolist()
        ids = [catalogue.entries([release.number(row)]).popitem()[1].paper.id for row in rows]
        return [
            finder.related(paper_id, ListOptions(selection=selection)).related
            for paper_id, selection in zip(ids, _random_selections(6, len(ids)), strict=True)
        ]


@pytest.mark.parametrize("few", [5_000, 0], ids=["of few all are looked at", "few too"])
def test_lists_are_the_same(
    both: tuple[Path, Path],
    releases: tuple[Release, Release],
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ranking, scores, percentiles, reasons; also where the index narrows, not who asks it."""
    monkeypatch.setattr("index.nearness._FEW", few)
    one, other = (_lists(*each) for each in zip(both, releases, strict=True))
    entries = sum(map(len, one))
    assert entries > 250
    assert sum(map(len, other)) == entries
    different = 0
    for mine, theirs in zip(one, other, strict=True):
        known = {entry.id: asdict(entry) for entry in theirs}
        assert all(known[e.id] == asdict(e) for e in mine if e.id in known)
        different += sum(a.id != b.id for a, b in zip(mine, theirs, strict=True))
    assert different <= _DIFFERENT * entries


@pytest.mark.parametrize("most_sent", [20_000, 100, 0], ids=["keys", "other keys", "dropped here"])
def test_what_is_found_among_the_allowed_is_the_nearest(
    both: tuple[Path, Path],
    releases: tuple[Release, Release],
    most_sent: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Through each way in which Milvus is told what this side alone knows."""
    monkeypatch.setattr("index.milvus_index._MOST_SENT", most_sent)
    every = releases[0].nearness.vectors.vectors(np.arange(len(releases[0].nearness)))
    found, wanted = [0, 0], 0
    for row, selection in enumerate(_random_selections(7, 30)):
        exact = every @ every[row]
        for place, (data, release) in enumerate(zip(both, releases, strict=True)):
            with open_catalogue(data) as catalogue:
                allowed = Finder(catalogue, release).allowed(ListOptions(selection=selection))
            rows, cosines = release.nearness.vectors.search(every[row], 20, allowed)
            mask = allowed.mask if allowed else np.ones(len(every), bool)
            best = np.flatnonzero(mask)[np.argsort(-exact[mask], kind="stable")[:20]]
            assert mask[rows].all()
            assert len(np.unique(rows)) == len(rows) == len(best)
            np.testing.assert_allclose(cosines, exact[rows], atol=0.02)
            found[place] += len(np.intersect1d(rows, best))
        wanted += len(best)
    assert wanted > 300
    assert min(found) >= (1 - _DIFFERENT) * wanted


def test_many_at_once_are_found_as_one_by_one(releases: tuple[Release, Release]) -> None:
    for release in releases:
        vectors = release.nearness.vectors
        queries = vectors.vectors(np.arange(0, 100, 10))
        many = vectors.search_many(queries, 12)
        assert many.shape == (10, 12)
        for query, rows in zip(queries, many, strict=True):
            np.testing.assert_array_equal(rows, vectors.search(query, 12)[0])


def test_nothing_is_found_where_nothing_is_allowed(releases: tuple[Release, Release]) -> None:
    for release in releases:
        vectors = release.nearness.vectors
        nothing = Allowed(np.zeros(len(vectors), bool))
        assert len(vectors.search(vectors.vectors(np.arange(1))[0], 5, nothing)[0]) == 0
        assert vectors.vectors(np.arange(0)).shape == (0, 24)
