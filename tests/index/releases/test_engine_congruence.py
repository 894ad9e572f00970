"""FAISS and Milvus return the same results after the same changes.

Both search approximately (FAISS compresses each component to a byte, Milvus searches a graph), so
one in a hundred entries of all lists together may differ. Entries in both lists have equal scores.
"""

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.arrays import unit
from index.catalogue.catalogue import open_catalogue
from index.catalogue.tags import Tag
from index.lists.entries import RelatedPaper
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.lists.recommend import recommend
from index.milvus_address import MilvusAddress
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.search.row_filter import RowFilter
from tests.support.milvus_lite import MilvusLite
from tests.support.random_papers import (
    AUTHORS,
    CATEGORIES,
    IDENTITY,
    LICENCES,
    RandomPapers,
    make_release,
    nearest_papers,
)

pytestmark = pytest.mark.cluster

_PAPERS = 200
_CHANGES = (_PAPERS, 0, 0, 0), (20, 15, 15, 10), (15, 15, 10, 5)
_DIFFERENT = 0.01
_LABELS = [("own", "odd"), ("own", "third")]


@pytest.fixture(scope="module", params=[(1, "partitioned"), (2, "partitioned"), (3, "exact")])
def both(
    request: pytest.FixtureRequest, milvus: MilvusLite, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Two data folders after three random changes; the vectors of the second are in Milvus.

    A release is built after each change. If FAISS is exact, only one is built, after the last
    change: exact releases compute again what partitioned ones and Milvus keep.
    """
    seed, kind = request.param
    folders = tuple(tmp_path_factory.mktemp("ports") / name for name in ("faiss", "milvus"))
    nights = RandomPapers(seed, folders)
    for night in _CHANGES:
        nights.change(*night)
        for folder, index in zip(folders, (None, milvus.address()), strict=True):
            if kind == "partitioned" or night == _CHANGES[-1]:
                make_release(folder, index, exact_up_to=1_000 if kind == "exact" else 0)
    for folder in folders:
        _tag(folder)
    kinds = [CurrentRelease(folder).get().nearness.vectors.kind for folder in folders]
    assert kinds == [kind, "milvus"]
    return folders[0], folders[1]


def _tag(data: Path) -> None:
    """Give every second paper one label, and every third another."""
    with open_catalogue(data) as catalogue:
        numbers = catalogue.vectors.of(IDENTITY).papers().numbers.tolist()
        tags = [
            [Tag(*shelf, 0.9) for shelf, each in zip(_LABELS, (2, 3), strict=True) if not n % each]
            for n in numbers
        ]
        catalogue.tags.replace("own", "by number", list(zip(numbers, tags, strict=True)))


@pytest.fixture
def written(
    milvus: MilvusLite, tmp_path: Path
) -> tuple[RandomPapers, dict[Path, MilvusAddress | None]]:
    """Two data folders that the test may write to, with a release of the same papers."""
    indexes = {tmp_path / "faiss": None, tmp_path / "milvus": milvus.address()}
    nights = RandomPapers(4, list(indexes))
    nights.change(120)
    for folder, index in indexes.items():
        make_release(folder, index)
    return nights, indexes


@pytest.fixture(scope="module")
def releases(both: tuple[Path, Path]) -> tuple[Release, Release]:
    one, other = (CurrentRelease(folder).get() for folder in both)
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
    # Query expansion takes what each engine finds, so its small misses move similarities.
    np.testing.assert_allclose(one.random_similarities, other.random_similarities, atol=0.01)


def _random_selections(seed: int, count: int) -> Iterator[Filters]:
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
        if random.random() < 0.2:
            asked["tags"] = frozenset([_LABELS[int(random.integers(2))]])
        if random.random() < 0.2:
            asked["authors"] = (AUTHORS[int(random.integers(len(AUTHORS)))],)
        if random.random() < 0.3:
            asked["including"] = (f"word{random.integers(200)}",)
        if random.random() < 0.3:
            asked["excluding"] = (f"word{random.integers(200)}",)
        yield Filters(**asked)  # type: ignore[arg-type]


def _lists(data: Path, release: Release) -> list[list[RelatedPaper]]:
    """Return lists for random papers with random filters, and recommendations."""
    with open_catalogue(data) as catalogue:
        finder = RelatedFinder(catalogue, release)
        rows = np.random.default_rng(5).integers(0, len(release.nearness), 30).tolist()
        ids = [catalogue.entries([release.number(row)]).popitem()[1].paper.id for row in rows]
        related = [
            finder.related(paper_id, ListOptions(filters=filters)).related
            for paper_id, filters in zip(ids, _random_selections(6, len(ids)), strict=True)
        ]
        different = list(dict.fromkeys(ids))
        return related + [
            recommend(finder, different[at : at + 3], different[at + 3 : at + 5]).related
            for at in range(0, len(different), 5)
        ]


def _nearly_equal(entry: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two entries have equal fields and nearly equal scores."""
    rounded = {"score": 1.0, "percentile": 2.0}
    near = all(abs(entry[name] - other[name]) <= most for name, most in rounded.items())
    fields = {name for name in entry if name not in (*rounded, "weak")}
    return near and all(entry[name] == other[name] for name in fields)


@pytest.mark.parametrize("few", [5_000, 0], ids=["of few all are looked at", "few too"])
def test_lists_are_the_same(
    both: tuple[Path, Path],
    releases: tuple[Release, Release],
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """This includes rank, score, percentile and reasons, and filters that the index applies."""
    monkeypatch.setattr("index.search.nearness._MAX_RANKED", few)
    one, other = (_lists(*each) for each in zip(both, releases, strict=True))
    entries = sum(map(len, one))
    assert entries > 250
    assert sum(map(len, other)) == entries
    different = 0
    for mine, theirs in zip(one, other, strict=True):
        known = {entry.id: asdict(entry) for entry in theirs}
        assert all(_nearly_equal(asdict(e), known[e.id]) for e in mine if e.id in known)
        different += sum(a.id != b.id for a, b in zip(mine, theirs, strict=True))
    assert different <= _DIFFERENT * entries


@pytest.mark.parametrize("max_keys", [20_000, 100, 0], ids=["keys", "other keys", "dropped here"])
def test_a_filtered_search_finds_the_nearest_rows(
    both: tuple[Path, Path],
    releases: tuple[Release, Release],
    max_keys: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each way to send a filter to Milvus is used."""
    monkeypatch.setattr("index.releases.milvus.index._MAX_KEYS", max_keys)
    every = releases[0].nearness.vectors.vectors(np.arange(len(releases[0].nearness)))
    found, wanted = [0, 0], 0
    for row, filters in enumerate(_random_selections(7, 30)):
        exact = every @ every[row]
        for place, (data, release) in enumerate(zip(both, releases, strict=True)):
            with open_catalogue(data) as catalogue:
                allowed = RelatedFinder(catalogue, release).allowed(ListOptions(filters=filters))
            rows, cosines = release.nearness.vectors.search(every[row], 20, allowed)
            mask = allowed.mask if allowed else np.ones(len(every), bool)
            best = np.flatnonzero(mask)[np.argsort(-exact[mask], kind="stable")[:20]]
            assert mask[rows].all()
            assert len(np.unique(rows)) == len(rows) == len(best)
            # FAISS stores a byte per component, in a range set by the first release.
            np.testing.assert_allclose(cosines, exact[rows], atol=(0.06, 1e-5)[place])
            found[place] += len(np.intersect1d(rows, best))
        wanted += len(best)
    assert wanted > 300
    assert min(found) >= (1 - _DIFFERENT) * wanted


def test_searches_for_a_text_agree(releases: tuple[Release, Release]) -> None:
    """Without the model: the vector of the text, its terms, and the nearest papers."""
    random, different = np.random.default_rng(8), 0
    for start in range(0, 200, 10):
        text = " ".join(f"word{n}" for n in random.integers(start, start + 30, 8))
        vector = releases[0].nearness.vectors.vectors(random.integers(0, _PAPERS, 1))[0]
        vector = unit(vector + random.normal(scale=0.1, size=len(vector)))
        seeds = [release.nearness.text_seed(vector, text) for release in releases]
        np.testing.assert_allclose(seeds[0].vector, seeds[1].vector, atol=0.02)
        one, other = (
            release.nearness.nearest(seeds[0], 10, np.array([], np.int64)) for release in releases
        )
        known = {near.row: near.similarity for near in other}
        assert all(known[near.row] == near.similarity for near in one if near.row in known)
        different += sum(near.row not in known for near in one)
    assert different <= 200 * _DIFFERENT


def test_an_empty_filter_finds_nothing(releases: tuple[Release, Release]) -> None:
    for release in releases:
        vectors = release.nearness.vectors
        nothing = RowFilter(np.zeros(len(vectors), bool))
        assert len(vectors.search(vectors.vectors(np.arange(1))[0], 5, nothing)[0]) == 0
        assert vectors.vectors(np.arange(0)).shape == (0, 24)


def test_an_open_release_does_not_change_when_another_replaces_it(
    written: tuple[RandomPapers, dict[Path, MilvusAddress | None]],
) -> None:
    nights, indexes = written
    opened = {folder: CurrentRelease(folder) for folder in indexes}
    old = {folder: current.get() for folder, current in opened.items()}
    before = {folder: nearest_papers(release) for folder, release in old.items()}
    nights.change(10, revised=30, refiled=10, gone=10)
    for folder, index in indexes.items():
        make_release(folder, index, keep=1)
        assert nearest_papers(old[folder]) == before[folder]
        new = opened[folder].get()
        assert new is not old[folder]
        assert nearest_papers(new) != before[folder]


def test_a_data_folder_can_change_its_engine_and_change_back(
    written: tuple[RandomPapers, dict[Path, MilvusAddress | None]],
) -> None:
    _, indexes = written
    addresses = list(indexes.values())
    wanted = [nearest_papers(CurrentRelease(folder).get()) for folder in indexes]
    assert wanted[0] == wanted[1]
    for order in (addresses[::-1], addresses):
        for folder, index in zip(indexes, order, strict=True):
            kind = make_release(folder, index).kind
            assert kind == ("milvus" if index else "partitioned")
            assert nearest_papers(CurrentRelease(folder).get()) == wanted[0]


def test_a_copied_folder_gives_the_same_lists(
    both: tuple[Path, Path], releases: tuple[Release, Release], tmp_path: Path
) -> None:
    """In Milvus it reads the collection of its original; see milvus/test_upkeep.py for writing."""
    for folder, release in zip(both, releases, strict=True):
        copy = shutil.copytree(folder, tmp_path / folder.name)
        assert nearest_papers(CurrentRelease(copy).get()) == nearest_papers(release)
