"""How many requests a list sends to Milvus: few, whatever its length."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.catalogue.catalogue import open_catalogue
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.lists.recommend import recommend
from index.releases.current import CurrentRelease
from index.releases.milvus.server import MilvusServer
from tests.support.milvus_lite import MilvusLite
from tests.support.random_papers import RandomPapers, make_release

pytestmark = pytest.mark.cluster

_LIKED, _DISLIKED = ["2001.00003", "2001.00005"], ["2001.00007"]


@pytest.fixture(scope="module")
def data(milvus: MilvusLite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release."""
    folder = tmp_path_factory.mktemp("questions") / "data"
    RandomPapers(12, [folder]).change(150)
    make_release(folder, milvus.address())
    return folder


def _related(options: ListOptions) -> Callable[[RelatedFinder], object]:
    return lambda finder: finder.related("2001.00007", options).related


@pytest.mark.parametrize(
    ("ask", "searches", "reads"),
    [
        (_related(ListOptions(10)), 1, 2),
        (_related(ListOptions(10, filters=Filters(since=date(2021, 1, 1)))), 1, 3),
        (_related(ListOptions(10, diversity=0.5)), 2, 4),
        (_related(ListOptions(5, diversity=0.5)), 1, 3),
        (lambda finder: recommend(finder, _LIKED, _DISLIKED).related, 5, 10),
    ],
    ids=["plain", "narrowed to few", "diverse", "diverse and short", "recommended"],
)
def test_a_list_sends_few_requests(
    data: Path,
    ask: Callable[[RelatedFinder], object],
    searches: int,
    reads: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _requests(data, ask, monkeypatch) == {"search": searches, "query": reads}


def test_a_list_with_a_broad_filter_searches_twice(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.search.nearness._MAX_RANKED", 0)
    filtered = _related(ListOptions(10, filters=Filters(since=date(2021, 1, 1))))
    assert _requests(data, filtered, monkeypatch) == {"search": 2, "query": 3}


def _requests(
    data: Path, ask: Callable[[RelatedFinder], object], monkeypatch: pytest.MonkeyPatch
) -> Counter[str]:
    """Return the number of requests to Milvus by method."""
    requests: Counter[str] = Counter()
    put = MilvusServer.call

    def counted(self: MilvusServer, method: str, *arguments: Any, **named: Any) -> Any:
        requests[method] += 1
        return put(self, method, *arguments, **named)

    release = CurrentRelease(data).get()
    with open_catalogue(data) as catalogue:
        finder = RelatedFinder(catalogue, release)
        monkeypatch.setattr(MilvusServer, "call", counted)
        assert ask(finder)
    return requests
