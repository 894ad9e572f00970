"""Papers of equal text: every list has the same order at every limit and on every page."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from fastapi.testclient import TestClient

from index.arrays import Floats, unit
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.current import CurrentRelease
from index.searching.search import PaperSearch
from tests.support.client import open_client
from tests.support.random_papers import IDENTITY
from tests.support.releases import build_release

EQUAL, OTHER = 400, 100
FIRST = date(2024, 1, 1)
SEED = "2401.00001"  # one of the equal papers
LIKED = [SEED, "2401.00002"]
LIMITS = (1, 2, 5, 10, 31, 32, 33, 50, 127, 128, 129, 200, 399, 499)


@pytest.fixture(scope="module", params=[50_000, 0], ids=["exact", "partitioned"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with 400 papers of equal text and of 25 days, and 100 others, in mixed order."""
    folder = tmp_path_factory.mktemp("ties")
    random = np.random.default_rng(0)
    words = [f"word{number}" for number in range(60)]
    papers = []
    for number in random.permutation(EQUAL + OTHER).tolist():
        text = " ".join(random.choice(words, 8)) if number >= EQUAL else "Equal words of a text"
        day = FIRST + timedelta(days=int(random.integers(25)))
        paper_id = f"2401.{number + 1:05}"
        papers.append(Paper(paper_id, text, f"{text}.", categories=("cs.CL",), submitted=day))
    with open_catalogue(folder) as catalogue:
        catalogue.store(papers)
        catalogue.vectors.of(IDENTITY).add(
            [paper.text_hash for paper in papers],
            np.array([vector_of(paper.text_hash) for paper in papers], np.float32),
        )
        build_release(catalogue, IDENTITY, folder, request.param)
    return folder


def vector_of(text_hash: bytes) -> Floats:
    random = np.random.default_rng(list(text_hash))
    vector: Floats = unit((1 + random.normal(size=(1, 24))).astype(np.float32))[0]
    return vector


@pytest.fixture
def finder(data: Path) -> Iterator[RelatedFinder]:
    with read_catalogue(data) as catalogue:
        yield RelatedFinder(catalogue, CurrentRelease(data).get())


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[TestClient]:
    with open_client(data) as client:
        yield client


class EqualEmbedder:
    """Gives every text the vector of the equal papers."""

    identity = IDENTITY

    def encode(self, texts: Sequence[str]) -> Floats:
        text = "Equal words of a text"
        return np.array([vector_of(Paper("x", text, f"{text}.").text_hash)] * len(texts))

    def close(self) -> None: ...


def in_order(entries: Sequence[dict[str, Any]]) -> bool:
    """Return whether entries are by score, then newest, then id, as far as scores are equal."""
    keys = [
        (-one["score"], -date.fromisoformat(one["submitted"]).toordinal(), one["id"])
        for one in entries
    ]
    return keys == sorted(keys)


@pytest.mark.parametrize("query", ["", "since=2024-01-05", "category=cs.CL&until=2024-01-20"])
def test_related_papers_are_the_same_at_every_limit(client: TestClient, query: str) -> None:
    def ids(limit: int) -> list[str]:
        response = client.get(f"/v1/papers/{SEED}/related?limit={limit}&fields=id&{query}")
        return [one["id"] for one in response.json()["related"]]

    whole = ids(499)
    assert len(whole) > 300
    for limit in LIMITS:
        assert ids(limit) == whole[:limit]


def test_a_text_finds_equal_papers_newest_first_then_by_id(finder: RelatedFinder) -> None:
    def found(limit: int) -> list[dict[str, Any]]:
        hits = (
            PaperSearch(finder)
            .ranked(EqualEmbedder(), "Equal words", ListOptions(limit=limit))
            .hits
        )
        rows = [hit.neighbour.row for hit in hits]
        numbers = [finder.release.number(row) for row in rows]
        entries = finder.catalogue.entries(numbers)
        return [
            {
                "id": entries[number].paper.id,
                "submitted": str(entries[number].paper.submitted),
                "score": hit.neighbour.similarity,
            }
            for number, hit in zip(numbers, hits, strict=True)
        ]

    whole = found(499)
    assert len({one["score"] for one in whole[:EQUAL]}) == 1
    assert in_order(whole)
    for limit in LIMITS:
        assert found(limit) == whole[:limit]


@pytest.mark.parametrize(
    "body", [{"liked": [SEED]}, {"liked": LIKED}, {"liked": LIKED, "disliked": ["2401.00450"]}]
)
def test_recommendations_are_the_same_at_every_limit(
    client: TestClient, body: dict[str, object]
) -> None:
    def ids(limit: int) -> list[str]:
        path = f"/v1/recommend?limit={limit}&fields=id"
        return [one["id"] for one in client.post(path, json=body).json()["related"]]

    whole = ids(400)
    for limit in (1, 5, 10, 33, 64, 100, 200):
        assert ids(limit) == whole[:limit]


@pytest.mark.parametrize("sort", ["score", "date"])
@pytest.mark.parametrize("size", [7, 100])
def test_pages_neither_repeat_nor_skip(client: TestClient, sort: str, size: int) -> None:
    options = {"sort": sort, "limit": str(size), "fields": "id,score,submitted"}
    found: list[dict[str, Any]] = []
    cursor: str | None = "*"
    while cursor:
        path = f"/v1/papers/{SEED}/related"
        page = client.get(path, params={**options, "cursor": cursor}).json()
        found += page["related"]
        cursor = page["meta"]["next_cursor"]
    assert len({one["id"] for one in found}) == len(found) == EQUAL + OTHER - 1
    key = {"score": "score", "date": "submitted"}[sort]
    assert [one[key] for one in found] == sorted((one[key] for one in found), reverse=True)


@pytest.mark.parametrize(
    "path",
    [
        f"/feeds/related/{SEED}.atom?weak=include",
        f"/feeds/recommended.atom?liked={SEED}&weak=include",
    ],
)
def test_a_feed_has_the_same_papers_as_the_list(client: TestClient, path: str) -> None:
    def ids(limit: int) -> list[str]:
        feed = ElementTree.fromstring(client.get(f"{path}&limit={limit}").text)
        return [one.text or "" for one in feed.iterfind(".//{*}entry/{*}id")]

    related = client.get(f"/v1/papers/{SEED}/related?limit=60&fields=id").json()["related"]
    expected = {one["id"] for one in related}
    assert {one.rpartition("/")[2].partition("v")[0] for one in ids(60)} == expected
    assert set(ids(20)) <= set(ids(60))
    assert ids(60) == ids(60)


def test_a_graph_has_the_nearest_papers_of_the_list(client: TestClient) -> None:
    related = client.get(f"/v1/papers/{SEED}/related?limit=8&fields=id").json()["related"]
    nodes = client.get(f"/v1/papers/{SEED}/graph").json()["nodes"]
    assert [one["id"] for one in nodes if one["step"] == 1] == [one["id"] for one in related]
