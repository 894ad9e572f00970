"""A real Chromium over the pages of a real server, and all that goes wrong on a page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

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
    """A Chromium while the block runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """A page of a browser, what went wrong on it, and whom else it asked."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self.elsewhere: list[str] = []
        self._address = address
        page.on("console", lambda message: self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("requestfailed", lambda request: self.faults.append(request.url))
        page.on("dialog", lambda dialog: self.faults.append(dialog.message))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.startswith((f"{self._address}/", "data:")):
            self.elsewhere.append(request.url)

    def assert_clean(self) -> None:
        assert self.faults == []
        assert self.elsewhere == []
