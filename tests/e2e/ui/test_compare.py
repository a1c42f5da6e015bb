"""Runs held against each other."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.ui.looking import matching, select
from e2e.ui.tracked import MANY, Tracker

pytestmark = pytest.mark.slow


def row(page: Page, name: str) -> Locator:
    """The cells of a row, a run each."""
    head = page.get_by_role("rowheader", name=name, exact=True)
    return page.get_by_role("row").filter(has=head).get_by_role("cell")


def address(runs: list[str], part: str = "") -> str:
    return f"/compare{part}?runs={','.join(runs)}"


def test_selected_runs_are_compared_and_only_what_differs_is_shown(
    page: Page, models: str
) -> None:
    page.goto(f"/experiments/{models}?q=run_name LIKE 'run-0_'")
    expect(matching(page)).to_have_text("10 matching runs")
    select(page, "run-06")
    expect(page.get_by_role("button", name="Compare")).to_be_disabled()
    select(page, "run-04", "run-02")
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare 3 runs")).to_be_visible()
    expect(row(page, "rmse")).to_have_text(["0.8", "−13%0.7", "−25%0.6"])
    expect(row(page, "depth")).to_have_text(["6", "−33%4", "−67%2"])
    expect(page.get_by_role("rowheader", name="team", exact=True)).to_have_count(0)
    page.get_by_label("Only differences").uncheck()
    expect(row(page, "team")).to_have_text(["core"] * 3)
    expect(page).to_have_url(re.compile("all=on"))
    page.reload()
    expect(row(page, "team")).to_have_text(["core"] * 3)


def test_another_run_becomes_the_baseline_and_one_is_left_out(
    page: Page, compared: list[str]
) -> None:
    page.goto(address(compared))
    expect(row(page, "loss")).to_have_text(["0.5", "+50%0.75", "+100%1"])
    page.get_by_role("button", name="Make side-1 the baseline").click()
    expect(row(page, "loss")).to_have_text(["−33%0.5", "0.75", "+33%1"])
    page.get_by_label("Leave side-0 out").click()
    expect(row(page, "loss")).to_have_text(["0.75", "+33%1"])
    page.reload()
    expect(row(page, "loss")).to_have_text(["0.75", "+33%1"])
    page.get_by_label("Find rows: text, * or /regex/").fill("/^dep/")
    expect(page.get_by_text("1 of", exact=False)).to_be_visible()
    expect(page.get_by_role("rowheader", name="loss", exact=True)).to_have_count(0)
    expect(row(page, "depth")).to_have_text(["4", "+25%5"])


def test_packages_that_differ_are_shown(page: Page, compared: list[str]) -> None:
    page.goto(address(compared))
    page.get_by_role("link", name="Environment").click()
    expect(row(page, "numpy")).to_have_text(["2.0.0", "2.1.0", "2.2.0"])
    expect(page.get_by_role("rowheader", name="scipy")).to_have_count(0)


def test_code_and_texts_are_shown_line_by_line(page: Page, compared: list[str]) -> None:
    page.goto(address(compared, "/code"))
    expect(row(page, "Commit").first).to_have_text("0" * 40)
    expect(page.get_by_text(f"git diff {'0' * 40} {'1' * 40}")).to_be_visible()
    patch = page.get_by_role("table", name="source/uncommitted.patch, line by line")
    expect(patch).to_contain_text("+depth = 4")
    page.get_by_label("Beside it").select_option(label="side-2")
    expect(patch).to_contain_text("+depth = 5")
    page.get_by_role("link", name="Files").click()
    page.get_by_role("button", name="report.md").click()
    report = page.get_by_role("table", name="report.md, line by line")
    expect(report.get_by_role("cell", name="gone")).to_contain_text("depth 3")
    expect(report.get_by_role("cell", name="new")).to_contain_text("depth 4")
    report.get_by_role("button", name="38 equal lines").click()
    expect(report.get_by_text("# Report").first).to_be_visible()
    page.reload()
    expect(report).to_be_visible()


def test_pictures_stand_beside_each_other_at_one_step(page: Page, compared: list[str]) -> None:
    page.goto(address(compared, "/images"))
    for n in range(3):
        expect(page.get_by_role("img", name=f"face of side-{n}, step 5")).to_be_visible()
        expect(page.get_by_role("img", name=f"plots/fit.svg of side-{n}")).to_be_visible()
    slider = page.get_by_role("slider")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(page.get_by_role("img", name="face of side-0, step 0")).to_be_visible()
    expect(page.get_by_role("img", name="face of side-1, step 1")).to_be_visible()
    expect(page.get_by_role("img", name="face of side-2")).to_have_count(0)


def test_metrics_of_all_runs_are_drawn_over_one_axis(page: Page, compared: list[str]) -> None:
    page.goto(address(compared, "/charts"))
    chart = page.get_by_role("img", name="loss of side-0, side-1, side-2")
    expect(chart.locator("canvas")).to_be_visible()


def test_five_hundred_runs_stand_beside_each_other(page: Page, tracker: Tracker, many: str) -> None:
    runs = tracker.ask("runs/search", experiment_ids=[many], max_results=500)["runs"]
    assert len(runs) == 500 < MANY
    page.goto(address([run["info"]["run_id"] for run in runs]))
    expect(page.get_by_role("heading", name="Compare 500 runs")).to_be_visible()
    region = page.get_by_role("region", name="Values")
    expect(page.get_by_role("table")).to_have_attribute("aria-colcount", "501")
    region.evaluate("(region) => region.scrollTo(1e6, 1e6)")
    expect(page.get_by_role("link", name=runs[-1]["info"]["run_name"])).to_be_visible()
    expect(row(page, "run_id").last).to_have_text(runs[-1]["info"]["run_id"])
    expect(page.get_by_role("rowheader", name="run_id")).to_be_in_viewport()
    drawn = page.get_by_role("cell").count()
    assert drawn < 1_000, "only what is on the screen is drawn"


def test_too_few_runs_or_unknown_ones_are_told(page: Page, compared: list[str]) -> None:
    page.goto(address(compared[:1]))
    expect(page.get_by_role("heading", name="Choose two runs or more")).to_be_visible()
    page.goto(address([*compared, "f" * 32]))
    expect(page.get_by_text("1 run of this address cannot be found")).to_be_visible()
    expect(row(page, "loss")).to_have_count(3)
