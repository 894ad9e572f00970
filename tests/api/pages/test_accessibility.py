"""Accessibility of the pages: axe-core in a real browser, and navigation by keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.api.pages.test_browser import server as server  # the fixture
from tests.conftest import SURVEY
from tests.support.browser import NEEDS_CHROMIUM, chromium, show_graph
from tests.support.processes import Server

pytestmark = NEEDS_CHROMIUM
PAPER = f"/papers/{SURVEY}"
LIBRARY = (
    f"@article{{a, eprint = {{{SURVEY}}}, archiveprefix = {{arXiv}}}}\n@book{{b, title = {{No}}}}"
)
ADDRESSES = [
    "/",
    "/search?q=pruning",
    "/search?q=pruning&category=math.AG",
    "/search",
    "/search?q=Mengwei+Xu",
    "/search?q=pruning+cat:cs.CLL&since=2020-01-01",
    "/search?q=langauge+modls+since:2020&weak=include",
    PAPER,
    f"{PAPER}?limit=120",  # with weak matches
    "/tags",
    "/tags/efficient-foundation-models/model-compression",
    "/library",
    "/status",
    "/docs",
    "/papers/nonsense",
    "/papers/2401.99999",
    f"{PAPER}?category=cs.CL&when=older&sort=date",
    f"/recommended?liked={SURVEY}&disliked=2306.00978",
    "/list",
    f"/list?papers={SURVEY},2303.07226,2401.99999&title=Reading+group",
    f"/list?papers={SURVEY},nonsense",
    f"{PAPER}?list={SURVEY},2303.07226",
]
RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
"""WCAG 2.2 at level AA, and the best practices of axe."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module", params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=[390, 1280])
def page(
    browser: Browser, server: Server, scheme: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page on a phone or a desktop, without the content security policy, which blocks axe."""
    page = browser.new_page(
        base_url=server.address,
        bypass_csp=True,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": request.param, "height": 900},
    )
    yield page
    page.close()


def violations(page: Page) -> list[str]:
    """Return the violations that axe finds on the page with all details open."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(AXE_SCRIPT + ";0")
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing(page: Page, address: str) -> None:
    page.goto(address)
    if page.locator(".graph").count():
        show_graph(page)
    assert violations(page) == []


def test_axe_finds_nothing_in_recommendations_from_references(page: Page) -> None:
    page.goto("/library")
    mine = FilePayload(name="mine.bib", mimeType="text/plain", buffer=LIBRARY.encode())
    page.get_by_label("File of references").set_input_files(mine)
    page.get_by_role("button", name="Recommend papers").click()
    expect(page.locator("ol > li")).to_have_count(10)
    assert violations(page) == []


def test_axe_finds_planted_violations(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.querySelector('main p').style.color = 'var(--line)'")
    page.evaluate("document.querySelector('input').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('input').removeAttribute('placeholder')")
    found = {one.partition(":")[0] for one in violations(page)}
    assert {"label", "color-contrast"} <= found


_FOCUSED = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const ring = getComputedStyle(one), circle = one.querySelector('circle');
    return {
        says: one.textContent.trim() || one.getAttribute('aria-label') || '',
        tag: one.tagName.toLowerCase(),
        seen: box.width > 0 && box.left >= 0 && box.right <= innerWidth
            && box.bottom > 0 && box.top < innerHeight,
        ringed: ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2
            || circle !== null && getComputedStyle(circle).stroke === ring.color,
    };
}"""


def test_tab_visits_a_paper_page_in_order(page: Page) -> None:
    page.goto(PAPER)
    stops = []
    for _ in range(250):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(_FOCUSED)
        if stop["tag"] == "body":
            break
        assert stop["seen"], stop
        assert stop["ringed"], stop
        stops.append(stop["says"])
        if stop["says"] == "SVG":  # the last link before the graph, which is loaded when it is near
            expect(page.locator("svg.neighbourhood")).to_be_visible()
    assert stops[:2] == ["Skip to content", "seealso"]
    # The list of an earlier page is kept, as in "List (2)".
    parts = [stop.partition(" (")[0] for stop in stops[2:8]]
    assert parts == ["Search", "Tags", "My references", "List", "Status", "API"]
    assert stops[8:11] == ["arXiv identifier or search terms", "Search", "Mengwei Xu"]
    first = page.locator("ol > li h3 a").first.inner_text()
    assert 11 < stops.index("More filters") < stops.index(first) < len(stops) - 20
    assert stops[-1] == page.locator("svg.neighbourhood a").last.evaluate(
        "one => one.textContent.trim()"
    )
    assert len(stops) < 250


def test_the_skip_link_skips_the_header(page: Page) -> None:
    page.goto(PAPER)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Mengwei Xu"
