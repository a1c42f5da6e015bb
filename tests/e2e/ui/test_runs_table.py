"""The runs of an experiment: the table, its question, and the charts beside it."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from e2e.ui import tracked
from e2e.ui.looking import apply, matching, names, select, undo
from e2e.ui.tracked import MANY, Tracker

pytestmark = pytest.mark.slow


def test_a_filter_counts_what_matches_and_stands_in_the_address(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    expect(matching(page)).to_have_text("30 runs")
    apply(page, 'metrics.rmse < 1 and params.model = "tree"')
    expect(matching(page)).to_have_text("4 matching runs")
    assert names(page) == ["run-09", "run-06", "run-03", "run-00"]
    page.reload()
    expect(matching(page)).to_have_text("4 matching runs")
    page.get_by_label("Filter runs").press("Escape")
    expect(matching(page)).to_have_text("30 runs")
    page.go_back()
    expect(matching(page)).to_have_text("4 matching runs")


@pytest.mark.parametrize("name", ["   ", "\u200b\u2060", "\u202e"], ids=ascii)
def test_a_run_whose_name_nobody_can_see_is_shown_by_its_id(
    page: Page, tracker: Tracker, name: str
) -> None:
    experiment_id = tracker.experiment(f"unseen {ascii(name)}")
    run_id = tracker.run(experiment_id, name)
    page.goto(f"/experiments/{experiment_id}")
    page.get_by_role("link", name=run_id).click()
    expect(page.get_by_role("heading", name=run_id)).to_be_visible()


def test_a_filter_that_is_wrong_is_told_where_and_the_rows_stay(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    expect(matching(page)).to_have_text("30 runs")
    apply(page, "metrics.rmse < < 1")
    told = page.get_by_role("alert")
    expect(told).to_contain_text("position 16")
    lines = told.inner_text().splitlines()
    assert lines[2].index("^") - lines[1].index("metrics") == 15, lines
    assert len(names(page)) > 20
    apply(page, "metrics.rmse < 1")
    expect(told).to_be_hidden()
    expect(matching(page)).to_have_text("10 matching runs")


def test_the_server_sorts_by_one_key_and_by_several(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    rmse = page.get_by_role("columnheader", name="rmse")
    rmse.get_by_role("button").first.click()
    expect(rmse).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("rowheader").first).to_contain_text("run-00")
    depth = page.get_by_role("columnheader", name="depth")
    depth.get_by_role("button").first.click()
    expect(page).to_have_url(re.compile(r"sort=number\(params\.depth\)$"))
    model = page.get_by_role("columnheader", name="model")
    model.get_by_role("button").first.click(modifiers=["Shift"])
    model.get_by_role("button").first.click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(r"sort=number\(params\.depth\),-params\.model$"))
    # Depth 0 is every seventh run; equals stand with the latest first.
    expect(page.get_by_role("rowheader").first).to_contain_text("run-21")
    assert names(page)[:5] == ["run-21", "run-00", "run-14", "run-28", "run-07"]


def test_columns_are_chosen_by_pattern_and_the_choice_is_remembered(
    page: Page, models: str
) -> None:
    page.goto(f"/experiments/{models}")
    heads = page.get_by_role("columnheader")
    expect(heads.filter(has_text="rmse")).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Find columns").fill("/^(rmse|lr)$/")
    expect(page.get_by_text("2 found")).to_be_visible()
    page.get_by_role("button", name="Hide found").click()
    expect(heads.filter(has_text="rmse")).to_have_count(0)
    page.get_by_label("Find columns").fill("us*")
    page.get_by_role("button", name="Show found").click()
    expect(page.get_by_role("gridcell", name="ada").first).to_be_visible()
    chosen = page.url
    assert "metrics.r2" in chosen
    assert "metrics.rmse" not in chosen
    page.goto(f"/experiments/{models}")
    expect(heads.filter(has_text="User")).to_be_visible()
    expect(heads.filter(has_text="rmse")).to_have_count(0)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Reset").click()
    expect(heads.filter(has_text="rmse")).to_be_visible()


def test_a_metric_may_show_another_value_than_its_last(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}?q=run_name = 'run-04'")
    expect(page.get_by_role("gridcell", name="0.7", exact=True).first).to_be_visible()
    page.get_by_label("Column rmse").click()
    page.get_by_role("menuitem", name="max value").click()
    expect(page.get_by_role("columnheader", name="rmse · max")).to_be_visible()
    expect(page.get_by_role("gridcell", name="8.7", exact=True).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"max\(metrics\.rmse\)"))


def test_of_many_runs_only_the_rows_on_the_screen_are_drawn(page: Page, many: str) -> None:
    page.goto(f"/experiments/{many}")
    expect(matching(page)).to_have_text(f"{MANY:,} runs")
    grid = page.get_by_role("treegrid")
    assert names(page)[0] == f"many-{MANY - 1:05d}"
    grid.evaluate("(grid) => grid.scrollTo(0, grid.scrollHeight)")
    expect(page.get_by_role("link", name="many-00000")).to_be_visible()
    assert page.get_by_role("row").count() < 80
    assert grid.get_attribute("aria-rowcount") == str(MANY + 2)
    grid.evaluate("(grid) => grid.scrollTo(grid.scrollWidth, grid.scrollHeight)")
    expect(page.get_by_role("columnheader", name="m07")).to_be_visible()
    expect(page.get_by_role("link", name="many-00000")).to_be_in_viewport()


def test_selected_runs_get_a_colour_and_their_charts(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    select(page, "run-29", "run-28")
    charts = page.get_by_label("Charts of the selected runs")
    drawn = charts.get_by_role("img", name="rmse of run-29, run-28")
    expect(drawn.locator("canvas")).to_be_visible()
    select(page, "run-29")
    dots = page.get_by_role("row", selected=True).locator("[class*=dot]")
    second = dots.first.evaluate("(dot) => getComputedStyle(dot).backgroundColor")
    page.reload()
    expect(page.get_by_text("1 selected")).to_be_visible()
    again = dots.first.evaluate("(dot) => getComputedStyle(dot).backgroundColor")
    assert again == second, "a run keeps its colour when one before it is let go"
    expect(charts.get_by_role("img", name="rmse of run-28").locator("canvas")).to_be_visible()


def test_runs_are_deleted_brought_back_and_restored(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("to-delete")
    for n in range(3):
        tracker.run(experiment_id, f"gone-{n}", number=n)
    page.goto(f"/experiments/{experiment_id}")
    select(page, "gone-0", "gone-1")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(matching(page)).to_have_text("1 run")
    page.get_by_role("button", name="Undo").click()
    expect(matching(page)).to_have_text("3 runs")
    select(page, "gone-2")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(matching(page)).to_have_text("2 runs")
    page.get_by_role("button", name="Active").click()
    page.get_by_role("menuitem", name="Deleted runs").click()
    expect(matching(page)).to_have_text("1 deleted run")
    select(page, "gone-2")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", name="No deleted runs")).to_be_visible()


def test_new_runs_appear_by_themselves_and_nothing_jumps(
    page: Page, tracker: Tracker, models: str
) -> None:
    page.goto(f"/experiments/{models}?sort=attributes.run_name&q=run_name LIKE 'run-%25'")
    select(page, "run-05")
    grid = page.get_by_role("treegrid")
    grid.evaluate("(grid) => grid.scrollTo(0, 100)")
    before = page.get_by_role("link", name="run-07").bounding_box()
    run_id = tracker.run(models, "run-000", number=50, metrics={"rmse": [9.0]})
    try:
        expect(matching(page)).to_have_text("31 matching runs")
        expect(page.get_by_text("1 selected")).to_be_visible()
        assert page.get_by_role("link", name="run-07").bounding_box() == before
    finally:
        tracker.ask("runs/delete", run_id=run_id)


def test_child_runs_unfold_below_their_parents_at_any_depth(page: Page, tracker: Tracker) -> None:
    experiment_id = tracked.families(tracker)
    page.goto(f"/experiments/{experiment_id}")
    expect(page.get_by_text("2 at the top level")).to_be_visible()
    assert names(page) == ["beside", "parent"]
    page.get_by_label("2 child runs of parent").click()
    expect(page.get_by_role("link", name="child-1")).to_be_visible()
    page.get_by_label("1 child runs of child-1").click()
    expect(page.get_by_role("link", name="grandchild")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="grandchild")).to_be_visible()
    assert names(page) == ["beside", "parent", "child-2", "child-1", "grandchild"]
    levels = page.locator("[data-run]").evaluate_all("rows => rows.map((row) => row.ariaLevel)")
    assert levels == ["1", "1", "2", "2", "3"]
    page.get_by_role("button", name="Nested").click()
    expect(page.get_by_role("link", name="grandchild").first).to_be_visible()
    expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", re.compile("1[01]"))


def test_the_table_is_worked_with_the_keyboard_alone(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    expect(matching(page)).to_have_text("30 runs")
    page.keyboard.press("/")
    page.keyboard.type("params.model = 'linear'")
    page.keyboard.press("Enter")
    expect(matching(page)).to_have_text("10 matching runs")
    page.get_by_label("Filter runs").blur()
    for key in ("j", "j", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_role("row", selected=True)).to_contain_text("run-26")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="run-26")).to_be_visible()


def test_children_whose_parent_is_deleted_are_not_lost(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("orphans")
    parent = tracker.run(experiment_id, "parent")
    for n in (1, 2):
        tracker.run(experiment_id, f"orphan-{n}", number=n, tags={"mlflow.parentRunId": parent})
    tracker.ask("runs/delete", run_id=parent)
    page.goto(f"/experiments/{experiment_id}")
    expect(matching(page)).to_have_text("2 runs")
    assert names(page) == ["orphan-2", "orphan-1"]
    page.goto(f"/experiments/{experiment_id}?state=deleted")
    assert names(page) == ["parent"]


def test_a_deleted_child_is_found_among_the_deleted(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("deleted-child")
    parent = tracker.run(experiment_id, "parent")
    child = tracker.run(experiment_id, "child", tags={"mlflow.parentRunId": parent})
    tracker.ask("runs/delete", run_id=child)
    page.goto(f"/experiments/{experiment_id}?state=deleted")
    expect(matching(page)).to_have_text("1 deleted run")
    assert names(page) == ["child"]


def test_a_selected_run_that_is_not_on_the_screen_is_drawn_with_its_name(
    page: Page, tracker: Tracker, many: str
) -> None:
    found = tracker.ask("runs/search", experiment_ids=[many], filter="run_name = 'many-00003'")
    run_id = found["runs"][0]["info"]["run_id"]
    page.goto(f"/experiments/{many}?sel={run_id}")
    charts = page.get_by_label("Charts of the selected runs")
    expect(charts.get_by_text("many-00003").first).to_be_visible()


def test_a_column_keeps_the_width_that_it_was_drawn_to(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    head = page.get_by_role("columnheader", name="model")
    before = head.bounding_box()
    assert before
    page.mouse.move(before["x"] + before["width"], before["y"] + 10)
    page.mouse.down()
    page.mouse.move(before["x"] + before["width"] + 60, before["y"] + 10, steps=3)
    page.mouse.up()
    page.reload()
    expect(page.get_by_role("gridcell", name="tree").first).to_be_visible()
    after = head.bounding_box()
    assert after
    assert after["width"] == pytest.approx(before["width"] + 60, abs=2)
    cell = page.get_by_role("gridcell", name="tree").first.bounding_box()
    assert cell
    assert (cell["x"], cell["width"]) == (after["x"], after["width"])


def test_the_table_is_downloaded_as_it_is_shown(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}?cols=metrics.rmse,params.model&sort=metrics.rmse")
    apply(page, 'params.model = "tree"')
    expect(matching(page)).to_have_text("10 matching runs")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="CSV").click()
    assert started.value.suggested_filename == "runs.csv"
    head, *rows = csv.reader(started.value.path().read_text().splitlines())
    assert head == ["run_id", "run_name", "params.model", "metrics.rmse"]
    assert [row[1] for row in rows] == names(page)
    assert {row[2] for row in rows} == {"tree"}


def test_runs_are_grouped_and_a_group_is_opened(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    expect(matching(page)).to_have_text("30 runs")
    page.get_by_role("button", name="Group", exact=True).click()
    page.get_by_role("checkbox", name="model").click()
    page.keyboard.press("Escape")
    groups = page.get_by_role("table", name="Groups of runs")
    expect(groups.get_by_role("rowheader")).to_have_count(3)
    expect(page.get_by_text("3 groups")).to_be_visible()
    page.reload()
    expect(groups.get_by_role("rowheader")).to_have_count(3)
    first = groups.get_by_role("columnheader", name="r2")
    first.get_by_role("button").click()
    expect(first).to_have_attribute("aria-sort", "descending")
    rows = groups.get_by_role("row").all_inner_texts()[1:]
    means = [float(re.search(r"([\d.]+) ±", row).group(1)) for row in rows]
    assert means == sorted(means, reverse=True)
    assert len(set(means)) == 3
    groups.get_by_role("button", name="tree").click()
    expect(matching(page)).to_have_text("10 matching runs")
    assert page.get_by_label("Filter runs").input_value() == "params.model = 'tree'"


def test_a_view_is_saved_for_everybody_opened_and_deleted(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("viewed")
    for n in range(3):
        tracker.run(experiment_id, f"run-{n}", params={"n": n}, metrics={"loss": [n]})
    page.goto(f"/experiments/{experiment_id}?q=metrics.loss < 2&sort=metrics.loss&cols=metrics.loss")
    expect(matching(page)).to_have_text("2 matching runs")
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name of the view").fill("good ones")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="good ones")).to_be_visible()
    other = page.context.browser.new_context()
    with other:
        visitor = other.new_page()
        visitor.goto(page.url.partition("?")[0])
        expect(matching(visitor)).to_have_text("3 runs")
        visitor.get_by_role("button", name="Views").click()
        visitor.get_by_role("button", name="good ones").first.click()
        expect(matching(visitor)).to_have_text("2 matching runs")
        expect(visitor).to_have_url(re.compile("sort=metrics.loss&cols=metrics.loss$"))
        assert names(visitor) == ["run-0", "run-1"]
    page.get_by_role("button", name="good ones").click()
    page.get_by_label("Delete the view good ones").click()
    undo(page, "View “good ones” deleted")
    expect(page.get_by_text("View “good ones” saved")).to_have_count(2)
    page.get_by_role("button", name="good ones").click()
    expect(page.get_by_label("Delete the view good ones")).to_be_visible()
    page.get_by_role("button", name="All runs, as at first").click()
    expect(matching(page)).to_have_text("3 runs")


def heads(page: Page) -> list[str]:
    """The columns in their order on the screen, without the names'."""
    found = page.get_by_role("treegrid").locator("[aria-rowindex='2']").get_by_role("columnheader")
    places = [(head.bounding_box(), head.get_by_role("button").first.inner_text()) for head in found.all()]
    return [text.strip() for _, text in sorted((box["x"], text) for box, text in places if box)][1:]


def test_columns_are_moved_by_menu_and_by_hand_and_it_is_remembered(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}?cols=params.model,params.lr,params.depth,metrics.rmse")
    expect(matching(page)).to_have_text("30 runs")
    assert heads(page) == ["model", "lr", "depth", "rmse"]
    page.get_by_label("Column depth").click()
    page.get_by_role("menuitem", name="Move left").click()
    expect(page).to_have_url(re.compile(r"cols=params\.model,params\.depth,params\.lr,metrics\.rmse$"))
    assert heads(page) == ["model", "depth", "lr", "rmse"]
    column = page.get_by_role("columnheader")
    model = column.filter(has_text="model").get_by_role("button").first
    model.drag_to(column.filter(has_text="lr"))
    expect(page).to_have_url(re.compile(r"cols=params\.depth,params\.lr,params\.model,metrics\.rmse$"))
    assert heads(page) == ["depth", "lr", "model", "rmse"]
    page.goto(f"/experiments/{models}")
    expect(matching(page)).to_have_text("30 runs")
    assert heads(page) == ["depth", "lr", "model", "rmse"]


def test_a_pinned_column_stays_beside_the_names(page: Page, many: str) -> None:
    page.goto(f"/experiments/{many}")
    expect(matching(page)).to_have_text(f"{MANY:,} runs")
    page.get_by_label("Column m01").click()
    page.get_by_role("menuitem", name="Pin beside the names").click()
    expect(page).to_have_url(re.compile(r"cols=!metrics\.m01,"))
    assert heads(page)[0] == "m01"
    grid = page.get_by_role("treegrid")
    grid.evaluate("(grid) => grid.scrollTo(grid.scrollWidth, 0)")
    head = page.get_by_role("columnheader").filter(has_text="m01")
    expect(head).to_be_in_viewport()
    name = page.get_by_role("columnheader", name="Name").bounding_box()
    cell = page.get_by_role("row").nth(2).locator("[data-pinned=true]").bounding_box()
    assert name
    assert cell
    assert abs(name["x"] + name["width"] - cell["x"]) < 2
    page.get_by_label("Column m01").click()
    page.get_by_role("menuitem", name="Unpin").click()
    expect(page).not_to_have_url(re.compile("!"))


def test_a_tag_is_set_on_all_that_are_selected_and_taken_back(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("tagged")
    for n in range(3):
        tracker.run(experiment_id, f"run-{n}", tags={"team": "ops"} if n == 1 else {})
    page.goto(f"/experiments/{experiment_id}?cols=tags.team")
    select(page, "run-0", "run-1")
    page.get_by_role("button", name="Tag", exact=True).click()
    form = page.get_by_role("dialog", name="Tag 2 runs")
    form.get_by_label("Key").fill("team")
    form.get_by_label("Value").fill("core")
    form.get_by_role("button", name="Tag").click()
    expect(page.get_by_role("gridcell", name="core")).to_have_count(2)
    undo(page, "2 runs tagged team")
    expect(page.get_by_role("gridcell", name="core")).to_have_count(0)
    expect(page.get_by_role("gridcell", name="ops")).to_have_count(1)


def test_columns_that_tell_nothing_are_hidden(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("dull")
    for n in range(2):
        params: dict[str, object] = {"seed": 1, "lr": n}
        tracker.run(experiment_id, f"run-{n}", params=params, metrics={"loss": [n]})
    tracker.run(experiment_id, "other", params={"odd": 1})
    page.goto(f"/experiments/{experiment_id}?q=params.seed = '1'&cols=params.seed,params.lr,params.odd,metrics.loss")
    expect(matching(page)).to_have_text("2 matching runs")
    assert heads(page) == ["seed", "lr", "odd", "loss"]
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Hide what is the same in all runs").click()
    expect(page.get_by_role("button", name="Columns 3 of")).to_be_visible()
    page.get_by_role("button", name="Hide empty").click()
    expect(page.get_by_role("button", name="Columns 2 of")).to_be_visible()
    assert heads(page) == ["lr", "loss"]


def test_runs_of_several_experiments_stand_in_one_table(page: Page, tracker: Tracker) -> None:
    for name in ("together-a", "together-b"):
        experiment_id = tracker.experiment(name)
        tracker.run(experiment_id, f"run of {name}", metrics={"loss": [len(name)]}, params={"m": name})
    page.goto("/experiments?q=together")
    page.get_by_label("Select together-a").click()
    page.get_by_label("Select together-b").click()
    page.get_by_role("link", name="Runs in one table").click()
    expect(page.get_by_role("heading", name="together-a, together-b")).to_be_visible()
    expect(matching(page)).to_have_text("2 runs")
    assert set(names(page)) == {"run of together-a", "run of together-b"}
    expect(page.get_by_role("gridcell", name="together-a").first).to_be_visible()
    apply(page, "params.m = 'together-b'")
    expect(matching(page)).to_have_text("1 matching run")
    page.reload()
    expect(matching(page)).to_have_text("1 matching run")
    page.get_by_role("link", name="run of together-b").click()
    expect(page.get_by_role("navigation", name="Breadcrumb")).to_contain_text("together-b")
