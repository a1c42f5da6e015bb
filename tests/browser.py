"""A real Chromium, the system's own, driven by Playwright; and what it must never do on our pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_EXPECTED = ("Failed to load resource",)  # an answer of 4xx or 5xx: the test looks at what is drawn


@dataclass
class Watched:
    """Everything that a page did that a user would not want."""

    origin: str
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.on("console", self._heard)
        page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.faults.append(f"asked {request.url}")


expect.set_options(timeout=30_000)  # a busy machine is no fault of the page


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, headless, until the end of the block."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("The tests of the web pages need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visitor(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """A page of somebody who was never there before, at ``url`` with every relative address.

    Ends with an error if the page raised one, said one on the console (a violated policy is told
    there), opened a dialog, or asked another host for anything.
    """
    context: BrowserContext = browser.new_context(
        base_url=url, viewport={"width": 1440, "height": 900}, **options
    )
    context.set_default_timeout(30_000)
    watched = Watched(url)
    context.on("page", watched.watch)
    try:
        yield context.new_page()
        assert not watched.faults, watched.faults
    finally:
        context.close()
