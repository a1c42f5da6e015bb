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
    page.get_by_role("button", name="Name", exact=True).click()
    page.get_by_role("button", name="Name", exact=True).click()
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


def test_an_experiment_is_made_renamed_described_deleted_and_brought_back(page: Page) -> None:
    page.goto("/experiments")
    page.get_by_role("button", name="New experiment").click()
    form = page.get_by_role("dialog", name="New experiment")
    form.get_by_label("Name").fill("made-by-hand")
    form.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="made-by-hand")).to_be_visible()
    page.goto("/experiments?q=by-hand")
    page.get_by_role("button", name="More of made-by-hand").click()
    page.get_by_role("menuitem", name="Rename or describe").click()
    form = page.get_by_role("dialog", name="Rename or describe")
    form.get_by_label("Name").fill("renamed-by-hand")
    form.get_by_label("Description").fill("What **this** is for")
    form.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="renamed-by-hand")
    expect(row).to_contain_text("What **this** is for")
    told = page.get_by_text("“made-by-hand” is now “renamed-by-hand”").locator("..")
    told.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="made-by-hand")).to_be_visible()
    page.get_by_role("button", name="More of made-by-hand").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("heading", name="No experiment matches")).to_be_visible()
    page.get_by_text("1 experiment deleted").locator("..").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="made-by-hand")).to_be_visible()


def test_a_name_that_is_taken_is_told_where_it_is_typed(page: Page, models: str) -> None:
    page.goto("/experiments")
    page.get_by_role("button", name="New experiment").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("airline-delay")
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_role("alert")).to_contain_text("airline-delay")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_deleted_experiments_wait_to_be_restored(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("to-be-restored")
    tracker.ask("experiments/delete", experiment_id=experiment_id)
    page.goto("/experiments?q=to-be-restored")
    expect(page.get_by_role("heading", name="No experiment matches")).to_be_visible()
    page.get_by_role("button", name="Active", exact=True).click()
    page.get_by_role("menuitem", name="Deleted experiments").click()
    page.get_by_label("Select to-be-restored").check()
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_role("heading", name="No experiment matches")).to_be_visible()
    page.goto("/experiments?q=to-be-restored")
    expect(page.get_by_role("link", name="to-be-restored")).to_be_visible()


def test_experiments_are_found_by_a_filter_and_a_mistake_is_told(
    page: Page, tracker: Tracker
) -> None:
    tags = [{"key": "team", "value": "filters"}]
    tracker.ask("experiments/create", name="found-by-tag", tags=tags)
    page.goto("/experiments")
    box = page.get_by_label("Search experiments by name")
    box.fill("tags.team = 'filters'")
    expect(page.get_by_text("1 experiment", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="found-by-tag")).to_contain_text("team: filters")
    box.fill("tags.team = ")
    expect(page.get_by_role("alert")).to_be_visible()


def test_slashes_in_names_make_folders_that_fold(page: Page, tracker: Tracker) -> None:
    for name in ("folds/a/x", "folds/a/y", "folds/z"):
        tracker.run(tracker.experiment(name), "one")
    page.goto("/experiments?sort=name")
    folder = page.get_by_role("row").filter(has_text="folds/3 experiments")
    expect(folder.get_by_role("cell").nth(1)).to_have_text("3")
    page.get_by_role("button", name="a/ 2 experiments").click()
    expect(page.get_by_title("folds/a/x")).to_be_hidden()
    expect(page.get_by_title("folds/z")).to_be_visible()
    page.reload()
    expect(page.get_by_title("folds/z")).to_be_visible()
    expect(page.get_by_title("folds/a/x")).to_be_hidden()
    page.get_by_label("Select all in folds/", exact=True).check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_title("folds/z").click()
    expect(page.get_by_role("heading", name="folds/z")).to_be_visible()
