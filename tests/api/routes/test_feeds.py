"""Feeds as feedparser reads them: their entries, their order, and hostile text in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import feedparser
import pytest
from fastapi.testclient import TestClient
from lxml import etree

from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.catalogue.tags import Tag
from tests.conftest import SURVEY, Seealso
from tests.support.client import assert_problem, get_json, open_client
from tests.support.hostile import HOSTILE
from tests.support.two_papers import PAPER

RELATED = f"/feeds/related/{SURVEY}.atom"
TAG = "/feeds/tags/model-compression.atom"
SEARCH = "/feeds/search.atom?q=pruning"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def feed(client: TestClient, address: str, **parameters: str | int) -> Any:
    response = client.get(address, params=parameters or None)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/atom+xml"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["etag"]
    found = feedparser.parse(response.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    (own,) = (link.href for link in found.feed.links if link.rel == "self")
    assert unquote(own) == unquote(str(response.request.url))
    assert found.feed.id
    assert found.feed.title
    assert "release" in found.feed.subtitle
    assert found.feed.updated == max(entry.updated for entry in found.entries)
    return found


def ids(found: Any) -> list[str]:
    return [entry.id.removeprefix("https://arxiv.org/abs/") for entry in found.entries]


def test_a_related_feed_has_the_related_papers_the_newest_first(client: TestClient) -> None:
    listing = get_json(client, f"/v1/papers/{SURVEY}/related", limit=12, sort="date")
    found = feed(client, RELATED, limit=12, weak="include")
    assert ids(found) == [one["id"] for one in listing["related"]]
    assert found.feed.title == f"Papers related to {listing['title']}"
    days = [entry.published for entry in found.entries if "published" in entry]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) > 2
    assert len(feed(client, RELATED, weak="include").entries) == 100


def test_a_minimum_percentile_keeps_only_the_nearest(client: TestClient) -> None:
    listing = get_json(client, f"/v1/papers/{SURVEY}/related", limit=100)["related"]
    wanted = {one["id"] for one in listing if one["percentile"] >= 99}
    assert 0 < len(wanted) < 100
    assert set(ids(feed(client, RELATED, min_percentile=99))) == wanted


def test_an_entry_has_the_papers_fields(client: TestClient, built_data: Path) -> None:
    with read_catalogue(built_data) as catalogue:
        held = {paper_id: catalogue.entry(paper_id) for paper_id in ids(feed(client, RELATED))}
    for entry in feed(client, RELATED).entries:
        kept = held[entry.id.removeprefix("https://arxiv.org/abs/")]
        paper = kept.paper
        assert entry.title == to_plain_text(paper.title)
        assert entry.summary == to_plain_text(kept.summary)
        assert entry.content[0].value == to_plain_text(paper.abstract)
        assert [author.name for author in entry.get("authors", [])] == list(paper.authors)
        assert entry.link == paper.url
        assert entry.updated[:10] == str(paper.updated or paper.submitted or entry.updated[:10])
        terms = {tag.term for tag in entry.tags if tag.scheme == "http://arxiv.org/schemas/atom"}
        assert terms == set(paper.categories)
        (page,) = (link.href for link in entry.links if link.rel == "related")
        assert client.get(page, headers={"accept": "text/html"}).status_code == 200


def test_an_old_id_has_a_feed(client: TestClient, built_data: Path) -> None:
    with read_catalogue(built_data) as catalogue:
        entries = catalogue.entries(range(1, catalogue.count() + 1)).values()
    old = next(entry.paper.id for entry in entries if "/" in entry.paper.id)
    found = feed(client, f"/feeds/related/{old}.atom", weak="include")
    other = feed(client, f"/feeds/related/{old.replace('/', '%2F')}v1.atom", weak="include")
    assert ids(other) == ids(found)
    assert found.feed.id == f"urn:seealso:feed:related:{old}:weak=include"


@pytest.mark.parametrize("after", ["%1F", "%3Fx=%00", "%23%FF", "%20"])
def test_any_query_gives_a_valid_feed(client: TestClient, after: str) -> None:
    response = client.get(f"/feeds/related/{SURVEY}{after}.atom?limit=1&without=zz%00<%FF")
    found = feedparser.parse(response.content)
    assert not found.bozo
    assert len(found.entries) == 1
    own = next(link.href for link in found.feed.links if link.rel == "self")
    assert client.get(own).content == response.content


def test_a_tag_feed_has_the_papers_of_the_tag(client: TestClient) -> None:
    shelf = get_json(client, "/v1/tags/model-compression/papers", limit=20)["papers"]
    found = feed(client, TAG, limit=20, taxonomy="efficient-foundation-models")
    assert ids(found) == [one["id"] for one in shelf]
    labels = {tag.term for entry in found.entries for tag in entry.tags}
    assert labels & {tag["label"] for one in shelf for tag in one["tags"]}
    assert_problem(client.get(f"{TAG}?taxonomy=nobodys"), 404, "no taxonomy 'nobodys'")
    assert_problem(client.get("/feeds/tags/nothing.atom"), 404, "nothing")


def test_a_withdrawn_paper_leaves_the_feeds(built_data_copy: Path) -> None:
    with open_client(built_data_copy) as client:
        for address in (TAG, RELATED):
            gone = ids(feed(client, address))[0]
            with open_catalogue(built_data_copy) as catalogue:
                catalogue.withdraw([gone])
            assert gone not in ids(feed(client, address))


def test_a_search_feed_has_the_results(client: TestClient) -> None:
    found = get_json(client, "/v1/search", q="pruning & <b>", limit=8, sort="date")["results"]
    shown = feed(client, "/feeds/search.atom", q="pruning & <b>", limit=8, weak="include")
    assert ids(shown) == [one["id"] for one in found]
    assert shown.feed.title == "Papers for pruning & <b>"


def test_wrong_parameters_are_a_problem(client: TestClient) -> None:
    assert_problem(client.get("/feeds/related/nonsense.atom"), 400, "not an arXiv identifier")
    assert_problem(client.get("/feeds/related/2401.99999.atom"), 404, "has not been harvested")
    assert_problem(client.get("/feeds/search.atom"), 422, "q is missing")
    assert_problem(client.get(f"{RELATED}?min_percentile=101"), 422, "min_percentile")


def test_ids_and_days_are_the_same_for_every_release_and_server(
    built_data_copy: Path, seealso: Seealso
) -> None:
    def identity(client: TestClient, address: str) -> list[Any]:
        found = feed(client, address)
        return [found.feed.id, *sorted((one.id, one.updated) for one in found.entries)]

    addresses = (RELATED, TAG, SEARCH, f"{RELATED}?min_percentile=99")
    with open_client(built_data_copy) as client:
        before = [identity(client, address) for address in addresses]
        release = get_json(client, "/v1/tags")["meta"]["release"]
    seealso(built_data_copy, "release", "build")
    with open_client(built_data_copy) as client:
        assert get_json(client, "/v1/tags")["meta"]["release"] != release
        client.base_url = "http://elsewhere.example:81"
        assert [identity(client, address) for address in addresses] == before
    assert len({one[0] for one in before}) == len(addresses)


def test_an_empty_feed_has_the_day_of_the_release(client: TestClient) -> None:
    response = client.get(f"{RELATED}?since=2099-01-01")
    found = feedparser.parse(response.content)
    assert not found.bozo
    assert found.entries == []
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.feed.updated)


def test_a_paper_without_a_day_has_the_month_of_its_id(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store([Paper("hep-th/9904002", "Without a day"), Paper("2312.99999", "Nor this")])
        numbers = catalogue.numbers_of(["hep-th/9904002", "2312.99999"])
        give_tag(built_data_copy, list(numbers.values()))
    with open_client(built_data_copy) as client:
        found = feed(client, TAG, limit=500)
    days = {entry.id.rpartition("/")[2]: entry.updated for entry in found.entries}
    assert days["9904002"] == "1999-04-01T00:00:00Z"
    assert days["2312.99999"] == "2023-12-01T00:00:00Z"


def give_tag(data: Path, numbers: list[int]) -> None:
    """Tag these papers, as a tagger would."""
    tag = Tag("efficient-foundation-models", "model-compression", 0.9)
    with open_catalogue(data) as catalogue:
        catalogue.tags.replace(tag.taxonomy, "tests", [(number, [tag]) for number in numbers])


def test_hostile_text_stays_text(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store(HOSTILE)
        numbers = catalogue.numbers_of([paper.id for paper in HOSTILE])
    give_tag(built_data_copy, list(numbers.values()))
    with open_client(built_data_copy) as client:
        found = feed(client, TAG, limit=500)
        source = client.get(TAG, params={"limit": 500}).content
    entries = {entry.id.rpartition("/")[2]: entry for entry in found.entries}
    for paper in HOSTILE:
        entry = entries[paper.id]
        assert entry.title_detail.type == entry.content[0].type == "text/plain"
        assert entry.title == to_plain_text(paper.title, MAX_TITLE_LENGTH)
        assert entry.content[0].value == to_plain_text(paper.abstract)
        assert all(link.href.startswith(("https://", "http://")) for link in entry.links)
        assert not re.search(
            "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", entry.title
        )
    elements = {etree.QName(element).localname for element in etree.fromstring(source).iter()}
    assert elements == set(
        "feed id title subtitle updated link author name generator entry published category "
        "summary content".split()
    )
    assert PAPER.id not in entries


def test_a_feed_of_recommendations_has_the_papers_of_the_api(client: TestClient) -> None:
    disliked = ids(feed(client, RELATED, limit=1))
    liked = [SURVEY, *ids(feed(client, TAG, limit=1))]
    asked = {"liked": liked, "disliked": disliked}
    listed = client.post("/v1/recommend?limit=30&sort=date", json=asked).json()["related"]
    query = "&".join([*(f"liked={one}" for one in liked), f"disliked={disliked[0]}", "limit=30"])
    found = feed(client, f"/feeds/recommended.atom?{query}&weak=include")
    assert ids(found) == [one["id"] for one in listed]
    assert found.feed.title == "Recommended from 2 papers you like"


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 400, "no liked paper was given"),
        ("liked=", 400, "no liked paper was given"),
        (f"liked={SURVEY}&disliked=nonsense", 400, "disliked: "),
        ("liked=2401.99999", 404, "none of the liked papers"),
        (f"liked={SURVEY}&disliked={SURVEY}", 409, "both liked and disliked"),
        ("&".join(["liked=2401.08092"] * 401), 400, "401 liked papers: at most 400"),
    ],
)
def test_wrong_likes_are_a_problem(client: TestClient, query: str, status: int, says: str) -> None:
    assert_problem(client.get(f"/feeds/recommended.atom?{query}"), status, says)
