"""What the tests of several pages look at and do."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

AXE = Path(__file__).parents[3] / "ui/node_modules/axe-core/axe.min.js"


def names(page: Page) -> list[str]:
    """The runs on the screen, from the top."""
    rows = page.get_by_role("treegrid").get_by_role("rowheader")
    expect(rows.first).to_be_visible()
    return [row.get_by_role("link").inner_text() for row in rows.all()]


def matching(page: Page) -> Locator:
    return page.get_by_role("treegrid").locator("xpath=following-sibling::*").get_by_role("status")


def apply(page: Page, text: str) -> None:
    page.get_by_label("Filter runs").fill(text)
    page.keyboard.press("Enter")


def select(page: Page, *runs: str) -> None:
    for run in runs:
        page.get_by_label(f"Select {run}", exact=True).click()


def undo(page: Page, told: str) -> None:
    """Takes the way back that the notice of what was done offers."""
    notice = page.get_by_text(told, exact=True).locator("..")
    notice.get_by_role("button", name="Undo").click()


def serious_faults(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds on the page that keeps some people out, with the first elements that have it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
