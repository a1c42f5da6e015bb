"""Take the pictures of the documentation: ``python docs/images/take.py FOLDER`` with a store that the demo filled."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
FILTER = 'metrics.accuracy > 0.9 and params.model in ("network", "linear")'


def main(folder: str) -> None:
    """Serve the store, look at it in light and dark, and write the pictures beside this file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "headrace.cli.main", "ui"]
    server = subprocess.Popen([*command, "--backend-store-uri", folder, "--port", str(port)])
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/health")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
            for scheme in ("light", "dark"):
                page = browser.new_page(
                    viewport={"width": 1440, "height": 900}, color_scheme=scheme
                )
                for name, show in VIEWS.items():
                    show(page, address)
                    page.screenshot(path=HERE / f"{name}-{scheme}.png")
            browser.close()
    finally:
        server.terminate()
        server.wait()


def show_runs(page: Page, address: str) -> None:
    """The demo's experiment, filtered, its first runs selected."""
    page.goto(address)
    page.get_by_role("link", name="digits").click()
    box = page.get_by_label("Filter runs")
    box.fill(FILTER)
    box.press("Enter")
    page.wait_for_timeout(800)
    page.goto(f"{page.url}&sort=-metrics.accuracy")
    page.wait_for_timeout(1500)
    boxes = page.get_by_role("checkbox")
    for number in (1, 2, 3):
        boxes.nth(number).check()
    page.wait_for_timeout(2500)


def show_charts(page: Page, address: str) -> None:
    """The same experiment's charts over the width of the page."""
    page.goto(address)
    page.get_by_role("link", name="digits").click()
    page.get_by_role("treegrid").wait_for()
    page.goto(f"{page.url.partition('?')[0]}?charts=wide")
    page.wait_for_timeout(2500)


def show_run(page: Page, address: str) -> None:
    """The best run of the demo."""
    page.goto(address)
    page.get_by_role("link", name="digits").click()
    page.get_by_role("treegrid").wait_for()
    page.goto(f"{page.url.partition('?')[0]}?sort=-metrics.accuracy")
    page.wait_for_timeout(1000)
    page.get_by_role("treegrid").get_by_role("rowheader").first.get_by_role("link").click()
    page.wait_for_timeout(1500)


def show_comparison(page: Page, address: str) -> None:
    """Three runs beside each other."""
    show_runs(page, address)
    page.get_by_role("link", name="Compare").click()
    page.wait_for_timeout(1500)


def show_version(page: Page, address: str) -> None:
    """A version whose move into production is requested."""
    page.goto(f"{address}/models/digits/versions/2")
    page.get_by_role("region", name="Request to Production").wait_for()
    page.get_by_role("table").wait_for()
    page.wait_for_timeout(1000)


VIEWS = {
    "version": show_version,
    "runs": show_runs,
    "charts": show_charts,
    "run": show_run,
    "compare": show_comparison,
}


def wait_for(url: str) -> None:
    """Until the server answers."""
    for _ in range(200):
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(url)


if __name__ == "__main__":
    main(*sys.argv[1:])
