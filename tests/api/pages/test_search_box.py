"""The search box in a browser: completions by keyboard and mouse, and the box without a script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.pages.test_accessibility import violations
from tests.api.pages.test_browser import browser as browser
from tests.api.pages.test_browser import server as server
from tests.api.pages.test_browser import visit as visit
from tests.conftest import SURVEY
from tests.support.browser import NEEDS_CHROMIUM, Visit
from tests.support.processes import Server

pytestmark = NEEDS_CHROMIUM


def box(page: Page) -> None:
    page.goto("/")
    page.locator('header input[name="q"]').click()


def test_a_completion_is_chosen_by_keyboard(visit: Visit) -> None:
    page = visit.page
    box(page)
    page.keyboard.type("Mengwei X")
    typed = page.locator('header input[name="q"]')
    options = page.locator("header [role=option]")
    expect(options.first).to_be_visible()
    expect(typed).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    first = options.first.get_attribute("id")
    assert first
    expect(typed).to_have_attribute("aria-activedescendant", first)
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(typed).to_have_value("Mengwei X")
    page.keyboard.type("u")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=author**")
    expect(page.locator(f'a[href="/papers/{SURVEY}"]')).to_be_visible()


def test_a_title_opens_its_paper_by_mouse(visit: Visit) -> None:
    page = visit.page
    box(page)
    page.keyboard.type("survey of resource-eff")
    page.locator("header [role=option]").first.click()
    page.wait_for_url(f"**/papers/{SURVEY}")


@pytest.fixture
def bare(browser: Browser, server: Server) -> Iterator[Page]:
    page = browser.new_page(base_url=server.address, java_script_enabled=False)
    yield page
    page.close()


def test_the_box_works_without_a_script(bare: Page) -> None:
    box(bare)
    bare.keyboard.type("author:Xu")
    bare.keyboard.press("Enter")
    expect(bare.locator("#summary")).to_contain_text("author:Xu")


def test_axe_finds_nothing_while_completions_are_shown(browser: Browser, server: Server) -> None:
    page = browser.new_page(base_url=server.address, bypass_csp=True)
    box(page)
    page.keyboard.type("Mengwei X")
    expect(page.locator("header [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert violations(page) == []
    page.close()
