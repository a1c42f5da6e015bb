"""The list of experiments."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.ui.tracked import Tracker
from servers import Server

pytestmark = pytest.mark.slow


def test_experiments_are_listed_with_what_goes_on_in_them(
    page: Page, tracker: Tracker, models: str
) -> None:
    experiment_id = tracker.experiment("running-one")
    tracker.run(experiment_id, "goes-on", status="RUNNING")
    page.goto("/")
    expect(page).to_have_url(re.compile("/experiments$"))
    row = page.get_by_role("row").filter(has_text="airline-delay")
    expect(row.get_by_role("cell").nth(1)).to_have_text("30")
    running = page.get_by_role("row").filter(has_text="running-one").get_by_role("cell")
    expect(running.nth(2)).to_have_text("1")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name="airline-delay")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/experiments/{models}$"))


def test_experiments_are_searched_and_sorted_and_the_address_says_how(
    page: Page, tracker: Tracker
) -> None:
    for name in ("sorted-b", "sorted-a", "sorted-c"):
        tracker.experiment(name)
    page.goto("/experiments")
    page.get_by_label("Search experiments by name").fill("SORTED")
    expect(page.get_by_text("3 experiments")).to_be_visible()
    page.get_by_role("button", name="Name").click()
    page.get_by_role("button", name="Name").click()
    expect(page).to_have_url(re.compile(r"\?q=SORTED&sort=name$"))
    page.reload()
    expect(page.get_by_text("3 experiments")).to_be_visible()
    cells = page.get_by_role("cell").filter(has_text="sorted-")
    assert cells.all_inner_texts() == ["sorted-a", "sorted-b", "sorted-c"]


def test_an_empty_experiment_shows_the_code_that_fills_it(
    page: Page, tracker: Tracker, server: Server
) -> None:
    experiment_id = tracker.experiment("still-empty")
    page.goto(f"/experiments/{experiment_id}")
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    code = page.locator("pre").inner_text()
    assert f'headrace.set_tracking_uri("{server.url}")' in code
    assert 'headrace.set_experiment("still-empty")' in code
    tracker.run(experiment_id, "the-first")
    expect(page.get_by_role("link", name="the-first")).to_be_visible()
