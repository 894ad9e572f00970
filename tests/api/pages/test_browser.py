"""The pages in a real browser and server. Screenshots are left in the folder of the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import SURVEY
from tests.support.browser import NEEDS_CHROMIUM, Visit, chromium
from tests.support.processes import Server, served

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def server(built_data: Path) -> Iterator[Server]:
    with served(built_data) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    page = browser.new_page(base_url=server.address)
    visit = Visit(page, server.address)
    yield visit
    page.close()
    visit.assert_clean()


def test_a_paper_page_lists_ten_papers_with_links(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.goto(f"/papers/{SURVEY}")
    assert page.locator("h1").inner_text().startswith("A Survey of Resource-efficient LLM")
    entries = page.locator("ol > li")
    assert entries.count() == 10
    assert all(entry.is_visible() for entry in entries.all())
    page.screenshot(path=tmp_path / "paper.png", full_page=True)
    first = entries.first.locator("h3 a")
    title = first.inner_text()
    first.click()
    page.wait_for_url(lambda address: not address.endswith(SURVEY))
    assert "/papers/" in page.url
    expect(page.locator("h1")).to_have_text(title)


def test_a_click_sorts_by_date(visit: Visit) -> None:
    page = visit.page
    page.goto(f"/papers/{SURVEY}")
    by_score = page.locator("ol > li h3").all_inner_texts()
    page.get_by_text("sort by date").click()
    page.wait_for_url("**?sort=date#related")
    by_date = page.locator("ol > li h3").all_inner_texts()
    assert sorted(by_date) == sorted(by_score)
    assert by_date != by_score


def test_the_search_form_finds_papers(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.goto("/")
    page.get_by_label("arXiv identifier or search terms").fill("speculative decoding")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("h1")).to_have_text("Papers for “speculative decoding”")
    assert page.locator("ol > li").count() == 10
    assert (
        page.get_by_label("arXiv identifier or search terms").input_value()
        == "speculative decoding"
    )
    page.screenshot(path=tmp_path / "search.png", full_page=True)


def test_an_uploaded_file_gets_recommendations(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "mine.bib"
    file.write_text(f"@article{{a, eprint = {{{SURVEY}}}, archiveprefix = {{arXiv}}}}\n")
    page = visit.page
    page.goto("/library")
    page.get_by_label("File of references").set_input_files(file)
    page.get_by_role("button", name="Recommend papers").click()
    expect(page.get_by_text("Based on your references in this catalogue: 1.")).to_be_visible()
    assert page.locator("ol > li").count() == 10
    page.screenshot(path=tmp_path / "library.png", full_page=True)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        f"/papers/{SURVEY}",
        f"/recommended?liked={SURVEY}",
        "/search?q=pruning",
        "/library",
        "/status",
        "/tags",
        "/tags/efficient-foundation-models/model-compression",
    ],
)
def test_a_page_does_not_scroll_sideways_on_a_phone(
    visit: Visit, tmp_path: Path, address: str
) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.page.goto(address)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.page.screenshot(path=tmp_path / "phone.png", full_page=True)


def test_pages_follow_a_dark_colour_scheme(visit: Visit, tmp_path: Path) -> None:
    visit.page.emulate_media(color_scheme="dark")
    visit.page.goto(f"/papers/{SURVEY}")
    colour = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(22, 22, 20)"
    visit.page.screenshot(path=tmp_path / "dark.png", full_page=True)
