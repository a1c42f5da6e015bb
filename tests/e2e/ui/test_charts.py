"""The charts of an experiment's runs: panels of metrics, how they are drawn, groups as bands."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.ui.looking import select
from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow


def panel(page: Page, title: str) -> Locator:
    """The panel of a chart, once it is drawn."""
    found = page.locator("figure").filter(has=page.get_by_text(title, exact=True))
    expect(found.locator("canvas")).to_be_visible()
    return found


def choose(page: Page, said: str, word: str) -> None:
    """Changes a word of the line that says how charts are drawn."""
    page.get_by_role("button", name=said).click()
    page.get_by_role("menuitem", name=word, exact=True).click()


def tip(page: Page, chart: Locator, part: float = 0.5) -> Locator:
    """What is told at a place of a chart."""
    box = chart.locator("canvas").bounding_box()
    assert box
    shown = chart.locator("[class*=tip]")
    for nudge in range(50):  # a chart that is drawn anew forgets where the pointer was
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2 + nudge % 2)
        if shown.is_visible():
            break
        page.wait_for_timeout(100)
    expect(shown).to_be_visible()
    return shown


def table(page: Page, title: str) -> Locator:
    """The numbers of a chart."""
    page.get_by_label(f"Chart {title}", exact=True).click()
    page.get_by_role("menuitem", name="Show as table").click()
    return page.get_by_role("region", name=title).get_by_role("table")


def asked(page: Page, path: str) -> list[dict[str, Any]]:
    """The questions that the page asks from now on."""
    questions: list[dict[str, Any]] = []

    def heard(request: Any) -> None:
        if request.url.endswith(path):
            questions.append(request.post_data_json)

    page.on("request", heard)
    return questions


def test_each_metric_has_a_panel_in_a_section_that_folds(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}")
    page.get_by_role("button", name="Charts beside").click()
    page.get_by_role("menuitem", name="Wide, beside the names").click()
    panel(page, "train/loss")
    expect(page.get_by_text("system/cpu")).to_be_hidden()
    page.get_by_role("button", name="system").click()
    expect(page.locator("figure").filter(has_text="system/cpu")).to_be_visible()
    page.get_by_role("button", name="train 2").click()
    expect(page.get_by_text("train/loss")).to_be_hidden()
    page.reload()
    expect(page.locator("figure").filter(has_text="val/loss")).to_be_visible()
    expect(page.get_by_text("train/loss")).to_be_hidden()


def test_panels_are_found_by_text_glob_and_expression(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide")
    panel(page, "train/acc")
    for pattern, titles in {
        "loss": ["train/loss", "val/loss"],
        "train/*": ["train/acc", "train/loss"],
        "/^(val|epo)/": ["epoch", "val/loss"],
    }.items():
        page.get_by_label("Find charts").fill(pattern)
        expect(page.locator("figcaption b")).to_have_text(titles)
    page.reload()
    expect(page.locator("figcaption b")).to_have_text(["epoch", "val/loss"])
    page.get_by_label("Find charts").fill("nothing")
    expect(page.get_by_text("No chart has such a name")).to_be_visible()


def test_the_first_runs_are_drawn_in_the_colours_of_the_table_until_some_are_selected(
    page: Page, sweep: str
) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide")
    label = ", ".join(f"sweep-{n:02d}" for n in range(11, -1, -1))
    expect(page.get_by_role("img", name=f"train/loss of {label}")).to_be_visible()
    dot = page.get_by_role("row").filter(has_text="sweep-11").locator("[class*=dot]")
    first = dot.evaluate("(dot) => getComputedStyle(dot).backgroundColor")
    numbers = table(page, "val/loss")
    shown = numbers.get_by_role("row").filter(has_text="sweep-11").locator("i")
    assert shown.evaluate("(dot) => getComputedStyle(dot).backgroundColor") == first
    select(page, "sweep-03", "sweep-04")
    expect(page.get_by_role("img", name="train/loss of sweep-03, sweep-04")).to_be_visible()
    assert dot.evaluate("(dot) => getComputedStyle(dot).backgroundColor") != first


def test_the_axis_is_step_time_or_another_metric(page: Page, sweep: str, tracker: Tracker) -> None:
    questions = asked(page, "metrics/sample")
    page.goto(f"/experiments/{sweep}?charts=wide&panels=train/loss")
    loss = panel(page, "train/loss")
    expect(tip(page, loss)).to_contain_text(re.compile(r"step [23]\d"))
    choose(page, "x: step", "time since the start")
    expect(tip(page, loss)).to_contain_text(re.compile(r"[23]\d\.0 s"))
    choose(page, "x: time since the start", "epoch")
    expect(tip(page, panel(page, "train/loss"), 0.9)).to_contain_text("epoch 5")
    assert questions[-1]["x_metric_key"] == "epoch"
    expect(page).to_have_url(re.compile(r"axis=metrics\.epoch"))
    page.reload()
    expect(tip(page, panel(page, "train/loss"), 0.9)).to_contain_text("epoch 5")


def test_scales_smoothing_and_outliers_are_chosen_and_kept_in_the_address(
    page: Page, sweep: str
) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&panels=train/loss")
    panel(page, "train/loss")
    page.get_by_role("button", name="x scale: linear").click()
    page.get_by_role("button", name=re.compile("^scale: linear")).click()
    page.get_by_role("button", name="outliers: shown").click()
    for word, text in {
        "exponential average": "ema0.6",
        "running average": "average9",
        "Gaussian": "gaussian3",
    }.items():
        choose(page, "smoothing:", word)
        expect(page).to_have_url(re.compile(rf"axis=xlog,log,{text},clip"))
    page.get_by_label("Amount of smoothing").press("ArrowRight")
    expect(page).to_have_url(re.compile(r"axis=xlog,log,gaussian3\.5,clip"))
    page.reload()
    expect(page.get_by_role("button", name="smoothing: Gaussian")).to_be_visible()
    expect(tip(page, panel(page, "train/loss"))).to_contain_text("sweep-11")


def test_one_crosshair_goes_through_all_panels(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&panels=train")
    others = panel(page, "train/acc").locator("[class*=crosshair]")
    expect(others).to_be_hidden()
    tip(page, panel(page, "train/loss"))
    expect(others).to_be_visible()
    expect(panel(page, "train/loss").locator("[class*=crosshair]")).to_be_hidden()
    page.get_by_label("Find charts").hover()
    expect(others).to_be_hidden()


def test_groups_are_drawn_as_bands_that_the_server_makes(page: Page, sweep: str) -> None:
    questions = asked(page, "metrics/bands")
    page.goto(f"/experiments/{sweep}?charts=wide&by=params.model&q=params.depth < 9")
    loss = panel(page, "train/loss")
    expect(loss).to_contain_text("3 groups, 9 runs")
    expect(tip(page, loss)).to_contain_text(re.compile(r"tree.*± .*n 3"))
    assert questions[0]["by"] == ["params.model"]
    assert questions[0]["filter"] == "params.depth < 9"
    choose(page, "groups:", "mean, min to max")
    expect(page).to_have_url(re.compile(r"axis=range"))
    row = table(page, "train/loss").get_by_role("row").filter(has_text="tree")
    expect(row).to_contain_text("60")
    dot = page.get_by_role("table", name="Groups of runs").get_by_role("row").filter(
        has_text="tree"
    )
    colour = "(dot) => getComputedStyle(dot).backgroundColor"
    assert row.locator("i").evaluate(colour) == dot.locator("i").first.evaluate(colour)


def drag(page: Page, chart: Locator, start: float, end: float) -> None:
    """Draws a band over a part of a chart."""
    box = chart.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 60, steps=4)
    page.mouse.up()


@pytest.mark.parametrize("how", ["", "&axis=relative", "&by=params.model"])
def test_a_zoom_is_in_the_address_until_the_axis_is_another(
    page: Page, sweep: str, how: str
) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&panels=train/acc{how}")
    chart = panel(page, "train/acc")
    drag(page, chart, 0.4, 0.7)
    expect(page).to_have_url(re.compile(r"zoom=metrics\.train/acc@[\d.]+\.\.[\d.]+"))
    page.reload()
    chart = panel(page, "train/acc")
    expect(chart).to_contain_text("Show all steps")
    points = table(page, "train/acc").get_by_role("row").nth(1).get_by_role("cell").last
    expect(points).to_have_text(re.compile(r"^(1\d|2\d)$"))
    page.get_by_role("button", name="x: ").click()
    page.get_by_role("menuitem", name="time of day").click()
    expect(page).not_to_have_url(re.compile("zoom="))
    expect(points).to_have_text("60")


def saved(page: Page, title: str, kind: str) -> bytes:
    """The file that a chart is saved as."""
    with page.expect_download() as download:
        page.get_by_label(f"Chart {title}", exact=True).click()
        page.get_by_role("menuitem", name=f"Save as {kind}").click()
    assert download.value.suggested_filename == f"{title.replace('/', '_')}.{kind.lower()}"
    return download.value.path().read_bytes()


def test_a_chart_is_saved_as_a_picture_and_as_numbers(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&panels=loss")
    panel(page, "train/loss")
    picture = saved(page, "train/loss", "SVG").decode()
    assert picture.startswith("<svg")
    assert "train/loss</text>" in picture
    assert "sweep-11</text>" in picture
    assert picture.count("<path") > 12
    assert saved(page, "train/loss", "PNG").startswith(b"\x89PNG")
    head, *rows = saved(page, "train/loss", "CSV").decode().splitlines()
    assert head == "run_id,run,step,value"
    assert len(rows) == 12 * 60
    assert rows[0].split(",")[1:] == ["sweep-11", "0", str(1 + 2 + 11 / 12 + 2)]


def test_the_numbers_of_bands_are_saved_too(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&panels=loss&by=params.model&axis=range")
    panel(page, "train/loss")
    assert "tree</text>" in saved(page, "train/loss", "SVG").decode()
    head, *rows = saved(page, "train/loss", "CSV").decode().splitlines()
    assert head == "group,step,mean,std,low,high,runs"
    assert len(rows) == 3 * 60


def added(page: Page, title: str) -> Locator:
    """A chart that somebody added, once it is drawn."""
    chart = page.get_by_role("img", name=re.compile(rf"^{re.escape(title)} of \d+ run"))
    expect(chart.locator("canvas")).to_be_visible()
    return page.locator("figure").filter(has=chart)


def test_a_scatter_is_added_changed_and_removed(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide")
    page.get_by_role("button", name="Add chart").click()
    page.get_by_role("menuitem", name="Scatter").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("X", exact=True).fill("params.lr")
    dialog.get_by_label("Y", exact=True).fill("metrics.score")
    dialog.get_by_label("Colour").fill("params.model")
    dialog.get_by_label("x is logarithmic").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    chart = added(page, "score by lr")
    expect(chart).to_contain_text("12 runs")
    expect(chart).to_contain_text("forest")
    expect(page).to_have_url(re.compile(r"add=scatter\(params\.lr,metrics\.score,params\.model,xlog\)"))
    page.reload()
    added(page, "score by lr")
    page.get_by_label("Chart score by lr").click()
    page.get_by_role("menuitem", name="Edit").click()
    dialog.get_by_label("Y", exact=True).fill("metrics.epoch")
    dialog.get_by_role("button", name="Change").click()
    added(page, "epoch by lr")
    page.get_by_label("Chart epoch by lr").click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(page.get_by_role("img", name="epoch by lr")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("add="))


def test_a_point_tells_of_its_run_and_a_click_selects_it(page: Page, sweep: str) -> None:
    chart_of = "scatter(params.depth,params.depth)"
    page.goto(f"/experiments/{sweep}?charts=wide&q=params.depth = 5&add={chart_of}")
    chart = added(page, "depth by depth")
    box = chart.locator("canvas").bounding_box()
    assert box
    # The one point is where the middle of the grid is; it is looked for around there.
    for dx in range(0, 60, 4):
        page.mouse.move(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 - 12)
        if chart.locator("[class*=tip]").get_by_text("sweep-05").is_visible():
            break
    else:
        pytest.fail("no point tells of sweep-05")
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text("1 selected")).to_be_visible()


def test_a_brush_marks_runs_that_are_selected_or_filtered(page: Page, sweep: str) -> None:
    page.goto(
        f"/experiments/{sweep}?charts=wide&size=large"
        "&add=parallel(params.depth,params.model,metrics.score,params.depth@1.5..6.5)"
    )
    chart = added(page, "depth · model · score")
    marked = chart.get_by_role("status")
    expect(marked).to_have_text("5 of 12 runs marked")
    chart.get_by_role("button", name="Select").click()
    expect(page.get_by_text("5 selected")).to_be_visible()
    expect(marked).to_have_text("5 of 5 runs marked")
    page.get_by_role("button", name="Clear selection").click()
    expect(marked).to_have_text("5 of 12 runs marked")
    box = chart.locator("canvas").bounding_box()
    assert box
    last = box["x"] + box["width"] - 44
    page.mouse.move(last, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(last, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    expect(marked).to_have_text(re.compile(r"^[1-4] of 12 runs marked$"))
    expect(page).to_have_url(re.compile(r"metrics\.score@[\d.]+\.\.[\d.]+"))
    page.reload()
    expect(marked).to_have_text(re.compile(r"^[1-4] of 12 runs marked$"))
    chart.get_by_role("button", name="Filter").click()
    expect(page.get_by_label("Filter runs")).to_have_value(
        re.compile(r"params\.depth >= 1\.5 AND params\.depth <= 6\.5 AND metrics\.score >= ")
    )
    expect(page.get_by_text(re.compile(r"^[1-4] matching runs?$"))).to_be_visible()
    chart.get_by_role("button", name="Clear").click()
    expect(chart).to_contain_text("Drag along an axis")


def test_bars_boxes_and_contours_are_drawn_and_saved(page: Page, sweep: str) -> None:
    page.goto(
        f"/experiments/{sweep}?charts=wide&panels=score&add="
        "bar(metrics.score,params.model);box(metrics.score,params.seed);"
        "contour(params.lr,params.depth,metrics.score,xlog)"
    )
    for title, text in {
        "score by model": "linear</text>",
        "score by seed": "7</text>",
        "score by lr and depth": "depth</text>",
    }.items():
        added(page, title)
        assert text in saved(page, title, "SVG").decode()
    numbers = table(page, "score by model").get_by_role("row").filter(has_text="sweep-04")
    expect(numbers).to_contain_text("forest")
    assert saved(page, "score by lr and depth", "CSV").decode().startswith(
        "run_id,run,params.lr,params.depth,metrics.score\r\n"
    )


def test_the_importance_of_parameters_says_what_it_is(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&size=large&add=importance(metrics.score)")
    rows = page.get_by_role("region", name="What goes with score").get_by_role("row")
    expect(rows).to_have_count(4)
    first = rows.nth(1)
    expect(first).to_contain_text("model")
    expect(first).to_contain_text("text")
    expect(rows.filter(has_text="depth")).to_contain_text("+")
    expect(page.get_by_text("not what causes what")).to_be_visible()


def test_added_charts_are_of_the_selected_runs(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&add=bar(metrics.score)")
    expect(added(page, "score")).to_contain_text("12 runs")
    select(page, "sweep-03", "sweep-04")
    expect(added(page, "score")).to_contain_text("2 runs")


def test_of_a_thousand_panels_only_those_on_the_screen_are_drawn_and_read(
    page: Page, tracker: Tracker
) -> None:
    experiment_id = tracker.experiment("thousand")
    metrics = {f"g{n // 100}/m{n:04d}": [float(n), n + 1.0] for n in range(1_000)}
    tracker.run(experiment_id, "wide", metrics=metrics)
    questions = asked(page, "metrics/sample")
    page.goto(f"/experiments/{experiment_id}?charts=wide")
    panel(page, "g0/m0000")
    inner = page.locator("aside [class*=scroller]")
    inner.evaluate("(grid) => grid.scrollTo(0, grid.scrollHeight)")
    panel(page, "g9/m0999")
    assert page.locator("figure").count() < 40
    assert len({key for question in questions for key in question["metric_keys"]}) < 60


def test_one_panel_has_all_metrics_of_a_pattern_each_with_its_dash(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide")
    page.get_by_role("button", name="Add chart").click()
    page.get_by_role("menuitem", name="Lines of several metrics").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Metrics").fill("*/loss")
    dialog.get_by_role("button", name="Add", exact=True).click()
    both = panel(page, "*/loss")
    expect(both).to_contain_text("864 points")
    expect(tip(page, both, 0.3)).to_contain_text("sweep-11 · train/loss")
    page.reload()
    row = table(page, "*/loss").get_by_role("row").filter(has_text="sweep-11 · val/loss")
    expect(row).to_contain_text("12")
    page.goto(f"/experiments/{sweep}?charts=wide&by=params.model&add=lines(`loss`)")
    row = table(page, "loss").get_by_role("row").filter(has_text="tree · val/loss")
    expect(row).to_contain_text("12")


def choose_field(page: Page, said: str, field: str) -> None:
    page.get_by_role("button", name=said).click()
    page.get_by_label("Find a field").fill(field)
    page.get_by_role("menuitem", name=field, exact=True).click()


def test_colours_dashes_and_panels_go_by_any_field(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&panels=train/loss")
    panel(page, "train/loss")
    choose_field(page, "colour: run", "params.model")
    colour = "(dot) => getComputedStyle(dot).backgroundColor"

    def of(run: str) -> str:
        row = page.get_by_role("row").filter(has_text=run)
        return str(row.locator("[class*=dot]").evaluate(colour))

    legend = page.get_by_text("model forest linear tree".replace(" ", ""))
    expect(legend).to_be_visible()
    assert of("sweep-00") == of("sweep-03") != of("sweep-01")
    choose_field(page, "dash: run", "params.seed")
    expect(page.get_by_text("seed7", exact=True)).to_be_visible()
    choose_field(page, "panel for each: metric", "params.model")
    trees = ", ".join(f"sweep-{n:02d}" for n in (9, 6, 3, 0))
    expect(page.get_by_role("img", name=f"train/loss · tree of {trees}")).to_be_visible()
    expect(page.locator("figcaption b")).to_have_text(
        ["train/loss · forest", "train/loss · linear", "train/loss · tree"]
    )
    page.reload()
    drag(page, panel(page, "train/loss · tree"), 0.5, 0.8)
    expect(panel(page, "train/loss · tree")).to_contain_text("Show all steps")
    expect(panel(page, "train/loss · linear")).not_to_contain_text("Show all steps")
    assert of("sweep-00") == of("sweep-03") != of("sweep-01")


def test_compared_runs_have_charts_of_their_values_too(page: Page, compared: list[str]) -> None:
    page.goto(f"/compare/charts?runs={','.join(compared)}")
    page.get_by_role("button", name="Add chart").click()
    page.get_by_role("menuitem", name="Scatter").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("X", exact=True).fill("params.depth")
    dialog.get_by_label("Y", exact=True).fill("metrics.loss")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(added(page, "loss by depth")).to_contain_text("3 runs")
    page.reload()
    added(page, "loss by depth")
    brush = "parallel(params.depth,metrics.loss,params.depth@2.5..4.5)"
    page.goto(f"/compare/charts?runs={','.join(compared)}&add={brush}")
    marked = added(page, "depth · loss").get_by_role("status")
    expect(marked).to_have_text("2 of 3 runs marked")
    page.get_by_role("button", name="Select").click()
    expect(marked).to_have_text("2 of 2 runs marked")


def test_a_panel_may_be_drawn_otherwise_than_the_others(page: Page, sweep: str) -> None:
    page.goto(f"/experiments/{sweep}?charts=wide&panels=train")
    loss = panel(page, "train/loss")
    page.get_by_label("Chart train/loss").click()
    page.get_by_role("menuitem", name="Draw otherwise").click()
    loss.get_by_role("button", name=re.compile("^scale: linear")).click()
    expect(page).to_have_url(re.compile(r"own=metrics\.train/loss(@|%40)log"))
    expect(loss.locator("small")).to_have_text("log")
    page.reload()
    expect(panel(page, "train/loss").locator("small")).to_have_text("log")
    expect(panel(page, "train/acc").locator("small")).to_have_text("720 points")
    page.get_by_label("Chart train/loss").click()
    page.get_by_role("menuitem", name="Draw as the others").click()
    expect(panel(page, "train/loss").locator("small")).to_have_text("720 points")
