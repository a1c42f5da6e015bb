"""One browser, and one server with runs in it, for all tests of the web pages."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

import browser as browsers
from e2e.ui import tracked
from e2e.ui.tracked import Tracker
from servers import Server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browsers.chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def server(
    headrace_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Server:
    return headrace_server(f"sqlite:///{tmp_path_factory.mktemp('ui')}/runs.db")


@pytest.fixture(scope="session")
def tracker(server: Server) -> Iterator[Tracker]:
    with httpx.Client(base_url=server.url) as http:
        yield Tracker(http)


@pytest.fixture(scope="session")
def models(tracker: Tracker) -> str:
    return tracked.models(tracker)


@pytest.fixture(scope="session")
def many(tracker: Tracker) -> str:
    return tracked.many(tracker)


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with browsers.visitor(browser, server.url) as opened:
        yield opened


@pytest.fixture(scope="session")
def artifacts_run(tracker: Tracker) -> str:
    return tracked.with_artifacts(tracker)


@pytest.fixture(scope="session")
def compared(tracker: Tracker) -> list[str]:
    return tracked.compared(tracker)


@pytest.fixture(scope="session")
def sweep(tracker: Tracker) -> str:
    return tracked.sweep(tracker)
