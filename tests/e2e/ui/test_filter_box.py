"""The box of the search language: what fits is offered, and what was asked before."""

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.ui.looking import apply, matching, serious_faults

pytestmark = pytest.mark.slow


def offered(page: Page) -> Locator:
    return page.get_by_role("listbox", name="What fits here").get_by_role("option")


def test_a_filter_is_written_from_what_is_offered(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    box = page.get_by_label("Filter runs")
    box.click()
    box.press_sequentially("mod")
    expect(offered(page)).to_have_text(["params.modelparam"])
    box.press("Tab")
    expect(box).to_have_value("params.model ")
    expect(offered(page).first).to_have_text("=")
    box.press_sequentially("= 't")
    expect(offered(page)).to_have_text(["'tree'value"])
    box.press("ArrowDown")
    assert serious_faults(page) == []
    box.press("Enter")
    expect(box).to_have_value("params.model = 'tree' ")
    box.press_sequentially("an")
    box.press("Tab")
    box.press_sequentially("metrics.rm")
    offered(page).get_by_text("metrics.rmse", exact=True).click()
    box.press_sequentially("< 1")
    box.press("Enter")
    expect(offered(page)).to_have_count(0)
    expect(matching(page)).to_have_text("4 matching runs")
    expect(box).to_have_value("params.model = 'tree' AND metrics.rmse < 1")


def test_what_stands_in_the_middle_is_completed_there(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    box = page.get_by_label("Filter runs")
    box.fill("params.m = 'tree'")
    for _ in range(len(" = 'tree'")):
        box.press("ArrowLeft")
    box.press_sequentially("od")
    box.press("Tab")
    expect(box).to_have_value("params.model = 'tree'")
    box.press_sequentially("!")
    expect(box).to_have_value("params.model != 'tree'")


def test_filters_that_worked_are_offered_again(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    box = page.get_by_label("Filter runs")
    apply(page, "metrics.rmse < 1")
    expect(matching(page)).to_have_text("10 matching runs")
    apply(page, "metrics.rmse < <")
    expect(page.get_by_role("alert")).to_be_visible()
    box.press("Escape")
    expect(matching(page)).to_have_text("30 runs")
    page.reload()
    box.click()
    used = offered(page).filter(has_text="used before")
    expect(used).to_have_text(["metrics.rmse < 1used before"])
    used.click()
    expect(box).to_have_value("metrics.rmse < 1")
    box.press("Enter")
    expect(matching(page)).to_have_text("10 matching runs")
    box.press("Escape")
    expect(matching(page)).to_have_text("30 runs")


def test_the_list_is_left_before_the_text(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    box = page.get_by_label("Filter runs")
    box.click()
    box.press_sequentially("params.")
    expect(offered(page).first).to_be_visible()
    box.press("Escape")
    expect(offered(page)).to_have_count(0)
    expect(box).to_have_value("params.")
    box.press("Escape")
    expect(box).to_have_value("")
