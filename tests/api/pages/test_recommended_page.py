"""The page of recommendations: its address names the papers, and its links change it."""

from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from fastapi.testclient import TestClient

from api.parameters.liked_papers import MAX_LIKED, LikedPapers
from tests.api.pages.test_pages import BROWSER, CURL, Page, page
from tests.conftest import SURVEY
from tests.support.client import get_json, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        client.headers.update(BROWSER)
        yield client


@pytest.fixture(scope="module")
def near(client: TestClient) -> list[str]:
    related = get_json(client, f"/v1/papers/{SURVEY}/related")["related"]
    return [one["id"] for one in related]


def recommended(client: TestClient, liked: list[str], disliked: list[str]) -> list[str]:
    body = {"liked": liked, "disliked": disliked}
    return [one["id"] for one in client.post("/v1/recommend", json=body).json()["related"]]


def entries(shown: Page) -> list[str]:
    """The papers of the list, each named by its link to arXiv."""
    abstracts = [link for link in shown.links if link.startswith("https://arxiv.org/abs/")]
    return [link.rpartition("/")[2] for link in abstracts]


def test_a_paper_page_leads_to_recommendations(client: TestClient, near: list[str]) -> None:
    shown = page(client, f"/papers/{SURVEY}")
    assert f"/recommended?liked={SURVEY}&liked={near[0]}" in shown.links
    assert f"/recommended?liked={SURVEY}&disliked={near[0]}" in shown.links


def test_the_page_lists_what_the_api_recommends(client: TestClient, near: list[str]) -> None:
    address = f"/recommended?liked={SURVEY}&liked={near[0]}&disliked={near[1]}"
    shown = page(client, address)
    assert entries(shown) == recommended(client, [SURVEY, near[0]], [near[1]])
    feed = f"/feeds/recommended.atom?liked={SURVEY}&liked={near[0]}&disliked={near[1]}"
    assert feed in shown.links
    assert client.get(feed).status_code == 200
    assert f"/recommended?liked={near[0]}&disliked={near[1]}" in shown.links
    assert f"/recommended?liked={SURVEY}&liked={near[0]}" in shown.links
    next_paper = entries(shown)[0]
    assert f"{address.replace('&disliked', f'&liked={next_paper}&disliked')}" in shown.links
    assert f"{address}&disliked={next_paper}" in shown.links


def test_another_form_of_an_id_is_the_same_paper(client: TestClient) -> None:
    shown = page(client, f"/recommended?liked=arXiv:{SURVEY}v2&liked={SURVEY}&disliked=")
    assert entries(shown) == recommended(client, [SURVEY], [])


def test_a_paper_that_is_not_held_is_named(client: TestClient) -> None:
    shown = page(client, f"/recommended?liked={SURVEY}&liked=2401.99999")
    assert shown.shows("arXiv:2401.99999, not used: not in this catalogue")
    assert f"/recommended?liked={SURVEY}" in shown.links


def test_a_terminal_gets_plain_text(client: TestClient) -> None:
    text = client.get(f"/recommended?liked={SURVEY}", headers=CURL)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text.startswith("Recommended from 1 liked and 0 disliked papers")


@pytest.mark.parametrize("path", ["/recommended", "/feeds/recommended.atom"])
@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("", 400, "no liked paper was given"),
        ("liked=&disliked=2401.08092", 400, "no liked paper was given"),
        ("liked=nonsense", 400, "liked: "),
        (f"liked={SURVEY}&disliked=2401.1", 400, "disliked: "),
        (f"liked={SURVEY}&disliked={SURVEY}v1", 409, "both liked and disliked"),
        ("&".join([f"liked={SURVEY}"] * (MAX_LIKED + 1)), 400, "401 liked papers: at most 400"),
        (f"liked={SURVEY}&when=newer", 409, "use since and until"),
        ("liked=2401.99999", 404, "none of the liked papers can be used"),
    ],
)
def test_a_wrong_address_is_explained(
    client: TestClient, path: str, query: str, status: int, message: str
) -> None:
    refused = client.get(f"{path}?{query}")
    assert refused.status_code == status
    shown = " ".join(html5lib.parse(refused.text, namespaceHTMLElements=False).itertext())
    assert message.lower() in " ".join(shown.split()).lower()


def test_an_address_takes_no_more_than_the_maximum() -> None:
    many = LikedPapers(tuple(f"2401.{n:05}" for n in range(MAX_LIKED)))
    assert many.full
    assert not LikedPapers(many.liked[1:]).full
    assert LikedPapers(("2401.00001",)).without("2401.00001") is None
