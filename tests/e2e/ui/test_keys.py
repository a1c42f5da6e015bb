"""The command palette and the keys that work on every page."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.ui.looking import matching, select
from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow


def palette(page: Page, text: str) -> None:
    expect(page.get_by_role("banner")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search everything").fill(text)


def test_the_palette_leads_to_experiments_and_runs(
    page: Page, tracker: Tracker, models: str
) -> None:
    page.goto("/experiments")
    expect(page.get_by_role("link", name="airline-delay")).to_be_visible()
    palette(page, "airline")
    expect(page.get_by_role("option", selected=True)).to_contain_text("airline-delay")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="airline-delay")).to_be_visible()
    palette(page, "RUN-1")
    expect(page.get_by_role("option").filter(has_text="run-1")).to_have_count(8)
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True).locator("span").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=chosen)).to_be_visible()
    run = tracker.ask("runs/search", experiment_ids=[models], filter="run_name = 'run-07'")["runs"][0]
    palette(page, run["info"]["run_id"])
    page.get_by_role("option", name="run-07").click()
    expect(page.get_by_role("heading", name="run-07")).to_be_visible()


def test_the_palette_finds_runs_by_their_note_and_says_when_there_are_none(
    page: Page, tracker: Tracker
) -> None:
    experiment_id = tracker.experiment("noted")
    note = {"mlflow.note.content": "tried the Quetzal optimizer"}
    tracker.run(experiment_id, "with-a-note", tags=note)
    page.goto("/experiments")
    palette(page, "quetzal")
    expect(page.get_by_role("option", name="with-a-note")).to_be_visible()
    palette(page, "no'thing like % this")
    expect(page.get_by_text("Nothing is called")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox")).to_be_hidden()


def test_the_palette_does_things(page: Page) -> None:
    page.goto("/experiments")
    page.get_by_role("banner").get_by_role("button", name="Search").click()
    page.get_by_role("combobox", name="Search everything").fill("dark")
    page.keyboard.press("Enter")
    html = page.locator("html")
    expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
    palette(page, "as the system")
    page.keyboard.press("Enter")
    expect(html).to_have_attribute("data-mantine-color-scheme", "light")
    palette(page, "new exp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="New experiment")).to_be_visible()


def test_the_keys_are_told_and_work_anywhere(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    expect(matching(page)).to_have_text("30 runs")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_text("Compare the selected runs")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    select(page, "run-29", "run-28")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()
    expect(page.get_by_role("rowheader", name="rmse")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Find rows: text, * or /regex/")).to_be_focused()
    page.keyboard.type("g")
    page.keyboard.type("e")
    expect(page).to_have_url(re.compile("q=ge"))
    page.keyboard.press("Escape")
    page.get_by_label("Find rows: text, * or /regex/").blur()
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="New experiment")).to_be_visible()
