"""Chromium for tests of pages, and a record of all errors on a page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.process,
    pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium: set CHROMIUM or install chromium"),
]
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --no-first-run "
    "--disable-component-update --disable-sync"
).split()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium while the block runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


def show_graph(page: Page) -> Locator:
    """Scroll to the graph of a paper's page, and wait until it is there; return its SVG."""
    page.locator(".graph").scroll_into_view_if_needed()
    svg = page.locator("svg.neighbourhood")
    expect(svg).to_be_visible()
    return svg


class Visit:
    """A browser page with its errors, and its requests to other servers."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self.foreign_requests: list[str] = []
        self._address = address
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", self._note_failure)
        page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.startswith((f"{self._address}/", "data:")):
            self.foreign_requests.append(request.url)

    def _note_failure(self, request: Request) -> None:
        # To leave a page ends its requests, such as those for the graph and the icon.
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"{request.url}: {request.failure}")

    def assert_clean(self) -> None:
        assert not self.errors, self.errors
        assert not self.foreign_requests, self.foreign_requests
