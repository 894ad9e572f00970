"""The HTML of a digest in a browser: accessible, on a phone, in light and dark."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from api.digests.page import digest_page
from index.digests.groups import DigestGroup
from tests.api.digests.made import PAPER, WITHOUT_SCORE, made_digest
from tests.api.digests.test_forms import HOSTILE_PAPERS
from tests.api.pages.test_accessibility import RULES
from tests.support.browser import NEEDS_CHROMIUM, chromium

pytestmark = NEEDS_CHROMIUM
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=SCHEMES)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(color_scheme=request.param, viewport={"width": 390, "height": 800})
    cut = DigestGroup("For “x”", "No paper contains “x”.", 500, [WITHOUT_SCORE], 3, 1, 2)
    digest = made_digest([PAPER, *HOSTILE_PAPERS], [], waiting=2)
    digest.groups.append(cut)
    page.set_content(digest_page(digest))
    yield page
    page.close()


def test_axe_finds_nothing(page: Page) -> None:
    page.evaluate(AXE_SCRIPT + ";0")
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]] == []


def test_nothing_is_wider_than_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_colours_follow_the_scheme(page: Page) -> None:
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(22, 22, 20)" if is_dark else "rgb(255, 254, 251)")
