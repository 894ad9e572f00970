"""The page of a reading list: its address, changes to it, and files."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.api.pages.test_pages import BROWSER, CURL, Page, assert_harmless, page
from tests.conftest import SURVEY
from tests.support.client import open_client

UNKNOWN = "2401.99999"
OTHER = "2303.07226"
ADDRESS = f"/list?papers={SURVEY},{UNKNOWN}&title=Reading%20group"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        client.headers.update(BROWSER)
        yield client


def change(client: TestClient, **parameters: str) -> httpx2.Response:
    return client.get("/list", params=parameters, follow_redirects=False)


def upload(
    client: TestClient, content: bytes, name: str = "x.json", **fields: str
) -> httpx2.Response:
    return client.post(
        "/list", files={"file": (name, content)}, data=fields, follow_redirects=False
    )


def zotero(*items: dict[str, object]) -> bytes:
    return json.dumps({"config": {}, "items": items}).encode()


def test_the_page_shows_the_papers_and_what_can_be_done_with_them(client: TestClient) -> None:
    shown = page(client, ADDRESS)
    assert shown.shows("2 papers.")
    assert shown.shows("A Survey of Resource-efficient LLM")
    assert shown.shows("Not harvested into this catalogue")
    assert f"https://arxiv.org/abs/{UNKNOWN}" in shown.links
    feed = f"/feeds/recommended.atom?liked={SURVEY}&liked={UNKNOWN}"
    assert feed in shown.links
    assert f"/list.zotero.json?papers={SURVEY},{UNKNOWN}&title=Reading%20group" in shown.links
    assert f"/list.bib?papers={SURVEY},{UNKNOWN}&title=Reading%20group" in shown.links
    buttons = [about["value"] for tag, about in shown.elements if about.get("name") == "remove"]
    assert buttons == [SURVEY, UNKNOWN]


def test_every_link_of_the_page_to_this_server_works(client: TestClient) -> None:
    for link in page(client, ADDRESS).links:
        if link.startswith("/"):
            assert client.get(link).status_code == 200, link


def test_a_list_without_harvested_papers_offers_no_recommendations(client: TestClient) -> None:
    shown = page(client, f"/list?papers={UNKNOWN}")
    assert shown.shows("None of these papers has been harvested")
    assert not any("recommended" in link for link in shown.links)


def test_papers_may_be_given_one_by_one(client: TestClient) -> None:
    links = page(client, f"/list?papers={SURVEY}&papers={UNKNOWN}").links
    assert f"/list.bib?papers={SURVEY},{UNKNOWN}" in links


def test_an_empty_list_says_how_to_begin(client: TestClient) -> None:
    for address in ("/list", "/list?papers="):
        assert page(client, address).shows("Begin a list")


def test_a_terminal_gets_text(client: TestClient) -> None:
    text = client.get(ADDRESS, headers=CURL)
    assert text.headers["content-type"].startswith("text/plain")
    assert "arXiv:2401.99999 (not harvested)" in text.text


@pytest.mark.parametrize(
    ("parameters", "address"),
    [
        ({"papers": SURVEY, "add": f"arXiv:{OTHER}v2 [cs.CV]"}, f"/list?papers={SURVEY},{OTHER}"),
        (
            {"papers": SURVEY, "add": f"{OTHER} {UNKNOWN}"},
            f"/list?papers={SURVEY},{OTHER},{UNKNOWN}",
        ),
        ({"papers": SURVEY, "add": SURVEY}, f"/list?papers={SURVEY}"),
        ({"papers": f"{SURVEY},{OTHER}", "remove": SURVEY}, f"/list?papers={OTHER}"),
        ({"papers": SURVEY, "remove": SURVEY}, "/list?papers="),
        ({"papers": SURVEY, "title": "A b", "add": ""}, f"/list?papers={SURVEY}&title=A%20b"),
        ({"add": SURVEY}, f"/list?papers={SURVEY}"),
    ],
)
def test_a_change_leads_to_the_address_of_the_changed_list(
    client: TestClient, parameters: dict[str, str], address: str
) -> None:
    response = change(client, **parameters)
    assert (response.status_code, response.headers["location"]) == (303, address)


@pytest.mark.parametrize(
    ("back", "location"),
    [
        (f"/papers/{SURVEY}", f"/papers/{SURVEY}?list={SURVEY},{OTHER}#list-{OTHER}"),
        ("/search?q=pruning", f"/search?q=pruning&list={SURVEY},{OTHER}#list-{OTHER}"),
        ("/search?q=pruning#more", f"/search?q=pruning&list={SURVEY},{OTHER}#list-{OTHER}"),
    ],
)
def test_a_change_on_another_page_leads_back_to_it(
    client: TestClient, back: str, location: str
) -> None:
    response = change(client, papers=SURVEY, add=OTHER, back=back)
    assert (response.status_code, response.headers["location"]) == (303, location)


def test_all_papers_of_a_page_are_added_at_once(client: TestClient) -> None:
    response = change(client, papers=SURVEY, add=f"{OTHER} {UNKNOWN} {SURVEY}", back="/tags")
    assert response.headers["location"] == f"/tags?list={SURVEY},{OTHER},{UNKNOWN}"


def test_the_last_paper_removed_on_another_page_leaves_no_list(client: TestClient) -> None:
    response = change(client, papers=SURVEY, remove=SURVEY, back="/tags")
    assert response.headers["location"] == f"/tags#list-{SURVEY}"


def test_a_list_too_long_for_links_leads_to_its_page(client: TestClient) -> None:
    papers = ",".join(f"2401.{number:05}" for number in range(1, 61))
    response = change(client, papers=papers, add=SURVEY, back="/tags")
    assert response.headers["location"] == f"/list?papers={papers},{SURVEY}"


@pytest.mark.parametrize(
    "back",
    [
        "//example.org",
        "https://example.org/",
        "/\\example.org",
        "/\t/example.org",
        "\\\\a",
        "a",
        "/é",
    ],
)
def test_a_change_never_leads_to_another_site(client: TestClient, back: str) -> None:
    response = change(client, papers=SURVEY, add=OTHER, back=back)
    assert response.status_code == 400
    assert "not a path on this server" in response.text


def test_a_wrong_part_of_an_address_is_named_and_the_rest_is_kept(client: TestClient) -> None:
    response = client.get(f"/list?papers={SURVEY},<b>nonsense,{OTHER}&title={'x' * 101}")
    assert response.status_code == 400
    shown = Page(response.text)
    assert shown.shows("'<b>nonsense' is not an arXiv identifier")
    assert shown.shows("the title is cut")
    assert f"/list?papers={SURVEY},{OTHER}&title={'x' * 100}" in shown.links
    assert_harmless(shown)


def test_a_wrong_paper_to_add_keeps_the_form(client: TestClient) -> None:
    response = change(client, papers=SURVEY, add=f"{OTHER} nonsense")
    assert response.status_code == 400
    assert f">{OTHER} nonsense</textarea>" in response.text
    assert f'value="{SURVEY},{OTHER}"' in response.text


def test_a_list_that_is_too_long_is_refused_with_what_to_do(client: TestClient) -> None:
    papers = [f"2401.{number:05}" for number in range(1, 402)]
    response = client.get(f"/list?papers={','.join(papers)}&title=Mine")
    assert response.status_code == 400
    shown = Page(response.text)
    assert shown.shows("at most 400, or 320 with identifiers from before 2007: make two")
    assert f"/list?papers={','.join(papers[:400])}&title=Mine" in shown.links
    assert f"/list?papers={papers[400]}" in shown.links


def test_a_list_that_would_be_too_long_stays_and_keeps_what_was_typed(client: TestClient) -> None:
    papers = ",".join(f"2401.{number:05}" for number in range(1, 401))
    response = change(client, papers=papers, add=OTHER)
    assert response.status_code == 400
    assert "the list would have 401 papers" in response.text
    assert f">{OTHER}</textarea>" in response.text
    assert f'value="{papers}"' in response.text
    swapped = change(client, papers=papers, add=OTHER, remove="2401.00001")
    assert swapped.headers["location"].endswith(f",{OTHER}")


def test_a_list_longer_than_an_address_may_be_is_refused(client: TestClient) -> None:
    response = client.get(f"/list?papers={'2401.08092,' * 4_000}")
    assert response.status_code == 414


def test_a_file_without_anything_to_say_about_leads_to_the_list(client: TestClient) -> None:
    file = client.get(f"/list.zotero.json?papers={SURVEY},{UNKNOWN}&title=Reading+group").content
    response = upload(client, file)
    assert (response.status_code, response.headers["location"]) == (303, ADDRESS)


def test_a_file_is_added_to_the_list_that_is_open(client: TestClient) -> None:
    file = zotero({"itemType": "preprint", "archiveID": f"arXiv:{OTHER}"})
    response = upload(client, file, papers=SURVEY, title="Mine")
    assert response.headers["location"] == f"/list?papers={SURVEY},{OTHER}&title=Mine"


def test_what_of_a_file_is_not_in_the_list_is_said(client: TestClient) -> None:
    file = zotero(
        {"itemType": "preprint", "archiveID": f"arXiv:{SURVEY}"},
        {"itemType": "book", "title": "<b>A Book</b>", "citationKey": "book1"},
    )
    response = upload(client, file)
    assert response.status_code == 200
    shown = Page(response.text)
    assert shown.shows("References not in the list: 1")
    assert shown.shows("book1: A Book: no paper in this catalogue")
    assert f"/list?papers={SURVEY}" in shown.links
    assert_harmless(shown)


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"", 400, "the file is missing or empty"),
        (b"{", 409, "is not JSON"),
        (b'{"items": ' + b"[" * 100_000, 409, "nested too deeply"),
        (b"\x89PNG\r\n\x1a\n", 409, "is not BibTeX (.bib), RIS (.ris), CSL-JSON or Better BibTeX"),
        (b'[{"title": "Nowhere To Be Found At All"}]', 404, "the file has no paper of arXiv"),
        (b"%" * 5_000_001, 400, "too large: the limit is 5 MB"),
    ],
    ids=["nothing", "broken", "deep", "picture", "no arXiv", "huge"],
)
def test_a_file_that_is_no_list_is_refused(
    client: TestClient, content: bytes, status: int, message: str
) -> None:
    name = "x.png" if content.startswith(b"\x89") else "x.json"
    response = upload(client, content, name, papers=OTHER, title="Mine")
    assert response.status_code == status
    shown = Page(response.text)
    assert shown.shows(message)
    assert f"/list?papers={OTHER}&title=Mine" in shown.links
    assert f"/search?list={OTHER}&list_title=Mine" in shown.links


# The list on other pages.


@pytest.mark.parametrize(
    "address",
    [
        f"/papers/{SURVEY}",
        "/search?q=pruning",
        "/tags/efficient-foundation-models/model-compression",
        f"/recommended?liked={SURVEY}",
        "/",
    ],
)
def test_every_page_with_papers_has_buttons_for_the_list(client: TestClient, address: str) -> None:
    shown = page(client, address)
    papers = {link.split("/")[2] for link in shown.links if link.startswith("/papers/")}
    buttons = {
        str(about["value"]) for tag, about in shown.elements if tag == "button" and "value" in about
    }
    all_papers = {one for one in buttons if " " in one}
    assert len(all_papers) == (address != "/")
    assert len(buttons) >= 5
    assert {paper for one in buttons for paper in one.split()} <= papers | {SURVEY}
    [form] = [about for _, about in shown.elements if about.get("id") == "list-form"]
    assert form["action"] == "/list"


@pytest.mark.parametrize("query", ["pruning", '"language models"', "it's <b>"])
def test_links_and_forms_carry_the_list_and_exports_do_not(client: TestClient, query: str) -> None:
    q = quote(query)
    shown = page(client, f"/search?q={q}&list={SURVEY},{OTHER}&list_title=A+b")
    carried = f"list={SURVEY},{OTHER}&list_title=A%20b"
    for link in shown.links:
        path = link.partition("?")[0]
        if link.startswith(("#", "http")):
            continue
        exported = path.startswith(("/feeds/", "/v1/", "/search."))
        own = path == "/list"
        assert (carried in link) == (not (exported or own)), link
        assert client.get(link if path else f"/search{link}").status_code == 200, link
    assert f"/list?papers={SURVEY},{OTHER}&title=A%20b" in shown.links
    hidden = [about["value"] for _, about in shown.elements if about.get("name") == "list"]
    forms = [about for tag, about in shown.elements if tag == "form"]
    assert len(hidden) == len(forms) - 1  # all but that of the list itself


def test_a_fragment_stays_at_the_end_of_a_link_that_carries_the_list(client: TestClient) -> None:
    links = page(client, f"/papers/{SURVEY}?list={OTHER}").links
    assert f"?sort=date&list={OTHER}#related" in links
    assert "#main" in links


def test_a_page_without_a_list_has_no_trace_of_one(client: TestClient) -> None:
    shown = page(client, f"/papers/{SURVEY}")
    assert not any("list=" in link for link in shown.links)


def test_a_paper_of_the_list_can_be_removed_on_every_page(client: TestClient) -> None:
    shown = page(client, f"/papers/{SURVEY}?list={SURVEY}")
    [button] = [about for _, about in shown.elements if about.get("id") == f"list-{SURVEY}"]
    assert (button["name"], button["value"]) == ("remove", SURVEY)


def test_a_search_that_opens_a_paper_keeps_the_list(client: TestClient) -> None:
    response = client.get(f"/search?q={SURVEY}&list={OTHER}", follow_redirects=False)
    assert response.headers["location"] == f"/papers/{SURVEY}?list={OTHER}"


def test_another_form_of_an_identifier_keeps_the_list(client: TestClient) -> None:
    response = client.get(f"/papers/{SURVEY}v1?list={OTHER}", follow_redirects=False)
    assert response.headers["location"] == f"/papers/{SURVEY}?list={OTHER}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nonsense", "'nonsense' is not an arXiv identifier"),
        (",".join(f"2401.{n:05}" for n in range(1, 402)), "at most 400"),
        (
            ",".join(f"2401.{n:05}" for n in range(1, 62)),
            "links do not carry a list of more than 60",
        ),
    ],
    ids=["wrong", "too long", "too long to carry"],
)
def test_a_page_with_a_list_that_cannot_be_carried_says_so_and_works(
    client: TestClient, value: str, message: str
) -> None:
    shown = page(client, f"/search?q=pruning&list={value}")
    assert shown.shows(message)
    assert not any("list=" in link for link in shown.links)


def test_the_page_of_a_problem_keeps_the_list(client: TestClient) -> None:
    response = client.get(f"/papers/{UNKNOWN}?list={OTHER}")
    assert response.status_code == 404
    shown = Page(response.text)
    assert f"/?list={OTHER}" in shown.links
    [button] = [about for _, about in shown.elements if about.get("id") == f"list-{UNKNOWN}"]
    assert button["name"] == "add"


def test_liked_papers_can_be_kept_as_a_list(client: TestClient) -> None:
    assert (
        f"/list?papers={SURVEY},{OTHER}"
        in page(client, f"/recommended?liked={SURVEY}&liked={OTHER}").links
    )
    bib = f"@misc{{a, eprint = {{{SURVEY}}}}}".encode()
    response = client.post("/library", files={"file": ("mine.bib", bib)})
    assert f"/list?papers={SURVEY}" in Page(response.text).links
