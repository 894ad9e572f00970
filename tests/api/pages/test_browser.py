"""The pages in a real browser and server. Screenshots are left in the folder of the test."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import SURVEY
from tests.support.browser import NEEDS_CHROMIUM, Visit, chromium, show_graph
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


def test_the_graph_shows_titles_and_moves_on(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.goto(f"/papers/{SURVEY}")
    link = show_graph(page).locator("a").nth(3)
    title = link.get_attribute("aria-label") or ""
    assert re.search(r" \[\d+\.\d\]$", title)
    link.locator("circle").hover()
    expect(page.locator(".graph .tip")).to_have_text(title)
    assert page.locator("path.dimmed").count() < page.locator("path[data-ends]").count()
    page.screenshot(path=tmp_path / "graph.png", full_page=True)
    page.mouse.move(0, 0)
    expect(page.locator(".graph .tip")).to_be_hidden()
    link.focus()
    expect(page.locator(".graph .tip")).to_have_text(title)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: not address.endswith(SURVEY))
    assert page.locator("h1").inner_text() in title


def test_the_graph_is_requested_once_it_is_near(visit: Visit) -> None:
    page, requested = visit.page, list[str]()
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"/papers/{SURVEY}", wait_until="networkidle")
    assert [one for one in requested if "graph.svg" in one] == []
    heights = (
        "[document.documentElement.scrollHeight, document.querySelector('.graph').scrollHeight]"
    )
    before = page.evaluate(heights)
    show_graph(page)
    assert len([one for one in requested if "graph.svg" in one]) == 1
    assert page.evaluate(heights) == before


def test_a_graph_that_cannot_be_loaded_is_said_to_be_missing(
    browser: Browser, server: Server
) -> None:
    page = browser.new_page(base_url=server.address)
    page.route("**/graph.svg", lambda route: route.fulfill(status=503))
    page.goto(f"/papers/{SURVEY}")
    page.locator(".graph").scroll_into_view_if_needed()
    expect(page.locator(".graph [role=status]")).to_contain_text("The graph was not loaded: 503")
    page.close()


def test_the_graph_zooms_by_button_and_by_key(visit: Visit) -> None:
    page = visit.page
    page.goto(f"/papers/{SURVEY}")
    svg = show_graph(page)
    page.get_by_role("button", name="Show the whole graph").click()
    whole = svg.get_attribute("viewBox") or ""
    page.get_by_role("button", name="Zoom in").click()
    expect(svg).not_to_have_attribute("viewBox", whole)
    page.get_by_role("button", name="Show the whole graph").click()
    expect(svg).to_have_attribute("viewBox", whole)
    page.keyboard.press("+")
    expect(svg).not_to_have_attribute("viewBox", whole)
    page.keyboard.press("0")
    expect(svg).to_have_attribute("viewBox", whole)


def test_a_tap_shows_a_title_and_the_next_tap_opens_it(browser: Browser, server: Server) -> None:
    page = browser.new_page(
        base_url=server.address, has_touch=True, viewport={"width": 390, "height": 844}
    )
    page.goto(f"/papers/{SURVEY}")
    circle = show_graph(page).locator("a").nth(3).locator("circle")
    circle.tap()
    expect(page.locator(".graph .tip")).to_contain_text("Open this paper")
    assert page.url.endswith(SURVEY)
    page.get_by_role("button", name="Zoom in").tap()  # to the paper whose title was shown
    expect(page.locator(".graph .tip")).to_be_hidden()
    label = page.locator("svg.neighbourhood a").nth(3).locator("text.narrow-only")
    box, frame = label.bounding_box(), page.locator(".graph .picture").bounding_box()
    assert box
    assert frame
    assert frame["x"] <= box["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert box["height"] > 12  # pixels of the screen
    page.get_by_role("button", name="Show the whole graph").tap()
    circle.tap()
    expect(page.locator(".graph .tip")).to_contain_text("Open this paper")
    circle.tap()
    page.wait_for_url(lambda address: not address.endswith(SURVEY))
    page.close()


def test_two_fingers_zoom_a_zoomed_graph(browser: Browser, server: Server) -> None:
    page = browser.new_page(
        base_url=server.address, has_touch=True, viewport={"width": 390, "height": 844}
    )
    page.goto(f"/papers/{SURVEY}")
    svg = show_graph(page)
    page.get_by_role("button", name="Zoom in").tap()
    box = page.locator(".graph .picture").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = float((svg.get_attribute("viewBox") or "").split()[2])
    touch = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 40), ("touchMove", 60), ("touchMove", 80), ("touchEnd", 0)):
        points = [{"x": x + side * apart / 2, "y": y, "id": side} for side in (-1, 1)]
        event = {"type": kind, "touchPoints": points if apart else []}
        touch.send("Input.dispatchTouchEvent", event)
    expect(svg).to_have_class(re.compile("zoomed"))
    page.wait_for_function(
        "before => document.querySelector('svg.neighbourhood').viewBox.baseVal.width < before / 1.9"
        " && document.querySelector('svg.neighbourhood').viewBox.baseVal.width > before / 2.1",
        arg=before,
    )
    page.close()


def test_a_form_leaves_empty_fields_and_defaults_out_of_the_address(visit: Visit) -> None:
    page = visit.page
    page.goto("/search?q=pruning")
    page.get_by_text("More filters").click()
    page.get_by_label("Without weak matches").check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/search?q=pruning&weak=exclude")
    page.goto(f"/papers/{SURVEY}?when=newer")
    page.get_by_text("More filters").click()
    page.get_by_label("Age").select_option("any")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(lambda address: "when" not in address and "diversity" not in address)


def test_more_papers_are_loaded_in_place(visit: Visit) -> None:
    page = visit.page
    page.goto(f"/papers/{SURVEY}?when=any")
    before = page.locator("#list ol > li h3").all_inner_texts()
    page.get_by_role("link", name="Load more papers").click()
    expect(page.locator("#list ol > li h3")).to_have_count(20)
    assert page.locator("#list ol > li h3").all_inner_texts()[:10] == before
    page.wait_for_url("**limit=20")
    page.reload()
    expect(page.locator("#list ol > li h3")).to_have_count(20)


def test_bibtex_is_copied(browser: Browser, server: Server) -> None:
    context = browser.new_context(
        base_url=server.address, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(f"/papers/{SURVEY}")
    page.get_by_role("button", name="Copy BibTeX").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == server.client.get(f"/papers/{SURVEY}.bib").text
    context.close()


def test_every_control_works_without_scripts(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/papers/{SURVEY}")
    expect(page.get_by_role("link", name="Download BibTeX")).to_be_visible()
    picture = page.get_by_role("img", name=re.compile("^Graph of the papers most similar to"))
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "one => one.complete && one.naturalWidth > 0", arg=picture.element_handle()
    )
    page.get_by_role("link", name="Load more papers").click()
    page.wait_for_url("**?limit=20#more")
    expect(page.locator("#list ol > li h3")).to_have_count(20)
    page.get_by_role("link", name="older than this paper").click()
    page.wait_for_url("**when=older#related")
    page.get_by_role("link", name="Remove filter: older than this paper").click()
    page.wait_for_url("**?limit=20#related")
    page.get_by_role("link", name="More like this").first.click()
    expect(page.locator("h1")).to_have_text("Recommended papers")
    assert page.url.count("liked=") == 2
    page.get_by_role("link", name="Less like this").first.click()
    page.wait_for_url("**disliked=**")
    expect(page.get_by_role("heading", name="Less like", exact=True)).to_be_visible()
    page.get_by_role("link", name="feed").first.click()
    context.close()
