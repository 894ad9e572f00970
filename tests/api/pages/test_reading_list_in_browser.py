"""Reading lists in a real browser: with a script that keeps them, and without any script."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.api.pages.test_browser import browser as browser  # the fixtures
from tests.api.pages.test_browser import server as server
from tests.conftest import SURVEY
from tests.support.browser import NEEDS_CHROMIUM, Visit
from tests.support.processes import Server

pytestmark = NEEDS_CHROMIUM
PAPER = f"/papers/{SURVEY}"
OTHER = "2303.07226"


Open = Callable[[str], Page]


@contextmanager
def opener(browser: Browser, server: Server, *, script: bool) -> Iterator[Open]:
    """Open addresses on a phone, and check at the end that no page had an error."""
    context = browser.new_context(
        base_url=server.address,
        viewport={"width": 390, "height": 844},
        java_script_enabled=script,
        permissions=["clipboard-read", "clipboard-write"],
    )
    visits: list[Visit] = []

    def open_address(address: str) -> Page:
        visit = Visit(context.new_page(), server.address)
        visits.append(visit)
        visit.page.goto(address)
        return visit.page

    yield open_address
    context.close()
    for visit in visits:
        visit.assert_clean()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def visit(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Open]:
    """With or without JavaScript."""
    with opener(browser, server, script=request.param) as opened:
        yield opened


@pytest.fixture
def scripted(browser: Browser, server: Server) -> Iterator[Open]:
    with opener(browser, server, script=True) as opened:
        yield opened


def add_button(page: Page, paper_id: str) -> Locator:
    return page.get_by_role("button", name=f"Add to list: arXiv:{paper_id}", exact=True)


def remove_button(page: Page, paper_id: str) -> Locator:
    return page.get_by_role("button", name=f"Remove from list: arXiv:{paper_id}", exact=True)


def list_link(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Main").get_by_role("link", name="List")


def first_papers(page: Page, count: int) -> list[str]:
    links = page.locator("ol > li h3 a, ol > li h2 a").all()[:count]
    return [str(link.get_attribute("href")).partition("?")[0].split("/", 2)[2] for link in links]


def papers_in(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query)["papers"][0].split(",")


def test_a_list_is_collected_on_several_pages_and_opened(visit: Open) -> None:
    page = visit(PAPER)
    add_button(page, SURVEY).click()
    expect(remove_button(page, SURVEY)).to_be_visible()
    expect(list_link(page)).to_have_text("List (1)")
    related = first_papers(page, 2)
    add_button(page, related[1]).click()
    expect(list_link(page)).to_have_text("List (2)")
    page.locator("ol > li h3 a").first.click()
    page.wait_for_url(f"**/papers/{related[0]}**")
    expect(list_link(page)).to_have_text("List (2)")
    add_button(page, related[0]).click()
    expect(list_link(page)).to_have_text("List (3)")
    page.get_by_label("arXiv identifier or search terms").fill("pruning")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    expect(list_link(page)).to_have_text("List (3)")
    list_link(page).click()
    page.wait_for_url("**/list?**")
    assert papers_in(page) == [SURVEY, related[1], related[0]]
    expect(page.locator("ol > li")).to_have_count(3)


def test_all_papers_of_a_page_are_added_at_once(visit: Open) -> None:
    page = visit(PAPER)
    papers = first_papers(page, 10)
    page.get_by_role("button", name="Add all 10 to list").click()
    expect(list_link(page)).to_have_text("List (10)")
    expect(remove_button(page, papers[9])).to_be_visible()
    list_link(page).click()
    page.wait_for_url("**/list?**")
    assert papers_in(page) == papers


def test_from_a_list_to_a_feed_is_one_action(visit: Open) -> None:
    page = visit(f"/list?papers={SURVEY},{OTHER}")
    feed = page.get_by_role("link", name="Follow as a feed").get_attribute("href")
    answer = page.request.get(str(feed))
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert "<entry>" in answer.text()


def test_a_paper_is_removed_and_the_back_button_brings_it_back(visit: Open) -> None:
    page = visit(f"/list?papers={SURVEY},{OTHER}")
    remove_button(page, SURVEY).click()
    page.wait_for_url(f"**/list?papers={OTHER}")
    expect(list_link(page)).to_have_text("List (1)")
    page.go_back()
    page.wait_for_url(f"**/list?papers={SURVEY},{OTHER}")
    expect(list_link(page)).to_have_text("List (2)")
    page.goto(f"/list?papers={OTHER}")
    remove_button(page, OTHER).click()
    expect(page.get_by_role("heading", name="Begin a list")).to_be_visible()
    expect(list_link(page)).to_have_text("List")


def test_a_list_is_downloaded_and_opened_again(visit: Open, tmp_path: Path) -> None:
    address = f"/list?papers={SURVEY},2401.99999&title=Reading%20group"
    page = visit(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the list").click()
    assert download.value.suggested_filename == "Reading group.json"
    file = tmp_path / "mine.json"
    download.value.save_as(file)
    page.goto("/list")
    page.get_by_label("A list that you downloaded").set_input_files(file)
    page.get_by_role("button", name="Add its papers").click()
    page.wait_for_url(f"**{address}")
    expect(page.locator("h1")).to_have_text("Reading group")


def test_a_collection_of_zotero_opens_and_says_what_is_left_out(visit: Open) -> None:
    items = [
        {"itemType": "preprint", "title": "x", "archiveID": f"arXiv:{SURVEY}"},
        {"itemType": "book", "title": "A Book", "citationKey": "b"},
    ]
    content = {"config": {}, "collections": {"A": {"name": "From Zotero"}}, "items": items}
    page = visit("/list")
    page.get_by_label("A list that you downloaded").set_input_files(
        FilePayload(name="z.json", mimeType="application/json", buffer=json.dumps(content).encode())
    )
    page.get_by_role("button", name="Add its papers").click()
    expect(page.get_by_text("References not in the list: 1")).to_be_visible()
    page.get_by_role("link", name="The address of the list").click()
    page.wait_for_url(f"**/list?papers={SURVEY}&title=From%20Zotero")


def test_a_script_keeps_the_list_out_of_addresses(scripted: Open) -> None:
    page = scripted(f"{PAPER}?sort=date&list={OTHER}&list_title=Mine#related")
    page.wait_for_url(f"**{PAPER}?sort=date#related")
    expect(list_link(page)).to_have_attribute("href", f"/list?papers={OTHER}&title=Mine")
    links = page.locator("main a").evaluate_all("all => all.map(one => one.href)")
    assert not any("list=" in link for link in links)
    assert page.locator("input[name=list]").count() == 0


def test_a_script_keeps_the_list_for_the_next_visit_and_other_tabs(scripted: Open) -> None:
    page = scripted(PAPER)
    other = scripted(PAPER)
    add_button(page, SURVEY).click()
    expect(page.get_by_role("status").last).to_have_text("Added: the list has 1 paper")
    expect(list_link(other)).to_have_text("List (1)")
    expect(remove_button(other, SURVEY)).to_be_visible()
    remove_button(other, SURVEY).click()
    expect(add_button(page, SURVEY)).to_be_visible()


def test_papers_loaded_in_place_have_buttons_that_know_the_list(scripted: Open) -> None:
    page = scripted(PAPER)
    [first] = first_papers(page, 1)
    add_button(page, first).click()
    page.get_by_text("Load more papers").click()
    page.wait_for_url("**limit=20")
    expect(remove_button(page, first)).to_be_visible()
    expect(page.locator("ol > li")).to_have_count(20)


def test_the_list_of_another_person_does_not_replace_ones_own(scripted: Open) -> None:
    page = scripted(f"/list?papers={SURVEY}&title=Mine")
    page.goto(f"/list?papers={OTHER}&title=Theirs")
    expect(page.get_by_role("heading", name="Lists kept by this browser")).to_be_visible()
    page.get_by_role("link", name="Mine (1 paper)").click()
    page.wait_for_url(f"**/list?papers={SURVEY}&title=Mine")
    expect(page.get_by_role("link", name="Theirs (1 paper)")).to_be_visible()
    page.get_by_role("button", name="Forget these lists").click()
    page.reload()
    expect(page.get_by_role("heading", name="Lists kept by this browser")).to_be_hidden()
    expect(list_link(page)).to_have_text("List (1)")


def test_an_earlier_address_of_a_list_does_not_replace_the_longer_list(scripted: Open) -> None:
    page = scripted(f"/list?papers={SURVEY}")
    page.get_by_label("Papers to add").fill(OTHER)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/list?papers={SURVEY},{OTHER}")
    expect(page.get_by_role("heading", name="Lists kept by this browser")).to_be_hidden()
    page.goto(f"/list?papers={SURVEY}")  # from a bookmark
    kept = page.get_by_role("link", name=f"2 papers, first arXiv:{SURVEY}")
    expect(kept).to_be_visible()
    kept.click()
    page.wait_for_url(f"**/list?papers={SURVEY},{OTHER}")


def test_a_paper_added_after_the_page_of_the_list_is_there_on_the_way_back(scripted: Open) -> None:
    page = scripted(f"/list?papers={SURVEY},2401.99999&title=Mine")
    page.locator("ol > li h3 a").first.click()
    page.wait_for_url(f"**{PAPER}")
    [first] = first_papers(page, 1)
    add_button(page, first).click()
    remove_button(page, SURVEY).click()
    expect(list_link(page)).to_have_text("List (2)")
    page.go_back()
    page.wait_for_url(f"**/list?papers=2401.99999,{first}&title=Mine")
    expect(list_link(page)).to_have_text("List (2)")


def test_what_another_tab_added_is_kept_by_a_change_and_shown_by_a_reload(scripted: Open) -> None:
    page = scripted(f"/list?papers={SURVEY},{OTHER}")
    other = scripted(PAPER)
    [first, second] = [one for one in first_papers(other, 3) if one != OTHER][:2]
    add_button(other, first).click()
    expect(list_link(page)).to_have_text("List (3)")
    page.reload()
    page.wait_for_url(f"**/list?papers={SURVEY},{OTHER},{first}")
    add_button(other, second).click()
    expect(list_link(page)).to_have_text("List (4)")
    remove_button(page, OTHER).click()
    page.wait_for_url(f"**/list?papers={SURVEY},{first},{second}")
    expect(list_link(other)).to_have_text("List (3)")


def test_a_change_in_a_tab_does_not_replace_the_list_that_another_tab_opened(
    scripted: Open,
) -> None:
    page = scripted(f"/list?papers={SURVEY},{OTHER}&title=Mine")
    scripted("/list?papers=2401.99999&title=Theirs")
    remove_button(page, OTHER).click()
    page.wait_for_url(f"**/list?papers={SURVEY}&title=Mine")
    expect(page.get_by_role("link", name="Theirs (1 paper)")).to_be_visible()
    expect(page.locator("#kept-lists li")).to_have_count(1)


def test_another_list_can_be_begun(scripted: Open) -> None:
    page = scripted(f"/list?papers={SURVEY}")
    page.get_by_role("link", name="Begin another list").click()
    page.wait_for_url("**/list")
    expect(list_link(page)).to_have_text("List")
    expect(
        page.get_by_role("link", name=f"1 paper, first arXiv:{SURVEY}", exact=True)
    ).to_be_visible()


def test_a_wrong_list_in_an_address_does_not_replace_the_kept_one(scripted: Open) -> None:
    page = scripted(f"/list?papers={SURVEY}")
    page.goto(f"{PAPER}?list=nonsense")
    expect(page.get_by_text("'nonsense' is not an arXiv identifier")).to_be_visible()
    expect(list_link(page)).to_have_text("List (1)")


def test_a_browser_that_keeps_nothing_is_served_as_without_scripts(scripted: Open) -> None:
    page = scripted("/status")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})"
    )
    page.goto(PAPER)
    add_button(page, SURVEY).click()
    page.wait_for_url(f"**{PAPER}?list={SURVEY}#list-{SURVEY}")
    expect(list_link(page)).to_have_text("List (1)")


def test_the_address_of_a_list_is_copied(scripted: Open) -> None:
    page = scripted(f"/list?papers={SURVEY}")
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_list_is_collected_with_the_keyboard_alone(visit: Open) -> None:
    page = visit(PAPER)
    add_button(page, SURVEY).focus()
    page.keyboard.press("Enter")
    expect(list_link(page)).to_have_text("List (1)")
    list_link(page).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/list?papers={SURVEY}")
