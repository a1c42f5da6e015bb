"""The page of a run: what it says, what can be changed on it, its charts and its files."""

import math
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from e2e.ui.looking import serious_faults
from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tracker: Tracker, request: pytest.FixtureRequest) -> tuple[str, str]:
    """A run's address and id, its own for each test."""
    experiment_id = tracker.experiment(request.node.name[:200])
    run_id = tracker.run(
        experiment_id,
        "one-run",
        params={f"p{n:02d}": n for n in range(12)},
        metrics={
            "loss": [4.0, 0.5, 2.0, math.nan],
            "train/acc": [0.1, 0.9],
            "fit_seconds": [12.25],
        },
        tags={"team": "ops", "mlflow.source.name": "/home/ada/train.py", "mlflow.user": "ada"},
    )
    return f"/experiments/{experiment_id}/runs/{run_id}", run_id


def test_metrics_are_told_with_their_extremes(page: Page, run: tuple[str, str]) -> None:
    page.goto(run[0])
    row = page.get_by_role("table", name="Metrics").get_by_role("row").filter(has_text="loss")
    cells = row.get_by_role("cell")
    expect(cells.nth(6)).to_have_text("4")
    told = [text for text in cells.all_inner_texts() if text]
    assert told == ["loss", "NaN", "0.5", "4", "3", "4"], "name, latest, min, max, step, points"


def test_params_are_found_by_name_or_value(page: Page, run: tuple[str, str]) -> None:
    page.goto(run[0])
    table = page.get_by_role("table", name="Parameters")
    expect(table).to_have_attribute("aria-rowcount", "12")
    page.get_by_label("Find params").fill("p1*")
    expect(table).to_have_attribute("aria-rowcount", "2")
    page.get_by_label("Find params").fill("no such")
    expect(page.get_by_text("None found.")).to_be_visible()


def test_a_run_is_renamed_noted_and_tagged(
    page: Page, run: tuple[str, str], tracker: Tracker
) -> None:
    page.goto(run[0])
    page.get_by_label("Rename the run").click()
    page.get_by_label("Name of the run").fill("a better name")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="a better name")).to_be_visible()
    page.get_by_label("Edit the note").click()
    page.get_by_label("Text of the note").fill("line one\n<b>line two</b>")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("<b>line two</b>")).to_be_visible()
    tags = page.get_by_role("region", name=re.compile("^Tags"))
    tags.get_by_role("button", name="Add").click()
    tags.get_by_label("Name of the tag").fill("stage")
    tags.get_by_label("Value of the tag").fill("draft")
    page.keyboard.press("Enter")
    expect(tags.get_by_text("draft")).to_be_visible()
    tags.get_by_label("Edit the tag stage").click()
    tags.get_by_label("Value of the tag").fill("final")
    page.keyboard.press("Enter")
    expect(tags.get_by_text("final")).to_be_visible()
    tags.get_by_label("Delete the tag team").click()
    expect(tags.get_by_text("ops")).to_have_count(0)
    stored = tracker.http.get("/api/2.0/mlflow/runs/get", params={"run_id": run[1]}).json()["run"]
    given = {tag["key"]: tag["value"] for tag in stored["data"]["tags"]}
    assert stored["info"]["run_name"] == "a better name"
    assert (given["stage"], given["mlflow.note.content"]) == ("final", "line one\n<b>line two</b>")
    assert "team" not in given


def test_what_the_server_refuses_is_told(page: Page, run: tuple[str, str]) -> None:
    page.goto(run[0])
    tags = page.get_by_role("region", name=re.compile("^Tags"))
    tags.get_by_role("button", name="Add").click()
    tags.get_by_label("Name of the tag").fill("x" * 251)
    page.keyboard.press("Enter")
    expect(page.get_by_text("250 are allowed")).to_be_visible()


def test_a_point_that_is_logged_shows_by_itself(
    page: Page, tracker: Tracker, run: tuple[str, str]
) -> None:
    tracker.ask("runs/update", run_id=run[1], status="RUNNING")
    page.goto(run[0])
    row = (
        page.get_by_role("table", name="Metrics").get_by_role("row").filter(has_text="fit_seconds")
    )
    expect(row).to_contain_text("12.25")
    tracker.log(run[1], {"fit_seconds": [77.5]}, first_step=1)
    expect(row).to_contain_text("77.5")


def test_each_part_of_the_page_has_its_address(page: Page, run: tuple[str, str]) -> None:
    page.goto(run[0])
    page.get_by_role("link", name="Charts").click()
    expect(page.get_by_role("img", name="loss of one-run").locator("canvas")).to_be_visible()
    expect(page.get_by_role("heading", name="train")).to_be_visible()
    expect(page.locator("figure").filter(has_text="fit_seconds")).to_contain_text("12.25")
    page.get_by_label("Find metrics").fill("acc")
    expect(page.get_by_text("1 of 3 metrics")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/metrics\?q=acc$"))
    page.reload()
    expect(page.locator("figure")).to_have_count(1)
    page.get_by_role("link", name="Artifacts").click()
    expect(page.get_by_role("heading", name="No artifacts")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("table", name="Parameters")).to_be_visible()


def test_a_zoom_reads_the_detail_of_the_steps_that_it_shows(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("zoomed")
    values = [math.sin(step / 50) for step in range(20_000)]
    run_id = tracker.run(experiment_id, "long", metrics={"wave": values})
    asked: list[dict[str, object]] = []

    def heard(request: Request) -> None:
        if request.url.endswith("/metrics/sample"):
            asked.append(request.post_data_json)

    page.on("request", heard)
    page.goto(f"/experiments/{experiment_id}/runs/{run_id}/metrics")
    figure = page.locator("figure")
    expect(figure).to_contain_text("20,000 points")
    box = figure.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(figure.get_by_role("button", name="Show all steps")).to_be_visible()
    page.wait_for_load_state("networkidle")
    start, end = asked[-1]["start_step"], asked[-1]["end_step"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    assert 8_000 < start < end < 13_000, asked[-1]
    figure.get_by_role("button", name="Show all steps").click()
    expect(figure).to_contain_text("20,000 points")


def test_files_are_listed_and_shown_by_their_kind(page: Page, artifacts_run: str) -> None:
    page.goto(f"{artifacts_run}/artifacts")
    page.get_by_role("button", name="table.csv").click()
    expect(page.get_by_role("cell", name="Paris, CDG")).to_be_visible()
    page.get_by_role("button", name="conf.json").click()
    expect(page.locator("article")).to_contain_text("lr: 0.1")
    page.get_by_role("button", name="notes.txt").click()
    expect(page.locator("pre")).to_contain_text("<b>not bold</b>")
    page.get_by_role("button", name="plots").click()
    page.get_by_role("button", name="deep").click()
    page.get_by_role("button", name="fit.svg").click()
    image = page.get_by_role("img", name="plots/deep/fit.svg")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.naturalWidth") == 80
    page.reload()
    expect(image).to_be_visible()
    expect(page.get_by_role("button", name="fit.svg")).to_have_attribute("aria-current", "true")


def test_a_long_table_is_read_as_it_is_scrolled(page: Page, artifacts_run: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{artifacts_run}/artifacts?path=long.csv")
    table = page.get_by_role("table", name="Rows of long.csv")
    expect(table.get_by_role("columnheader", name="square")).to_be_visible()
    expect(table.get_by_role("cell", name="4", exact=True).first).to_be_visible()
    assert table.get_by_role("row").count() < 120
    told = page.get_by_role("article").get_by_role("status")
    expect(told).to_have_text("The first 200 rows; scroll for more")
    for _ in range(3):
        before = told.inner_text()
        table.locator("xpath=..").evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
        expect(told).not_to_have_text(before)
    expect(told).to_have_text("The first 800 rows; scroll for more")
    expect(table.get_by_role("cell", name="360000", exact=True)).to_be_visible()
    assert not [url for url in asked if "get-artifact" in url]


def test_a_parquet_file_is_a_table_with_types(page: Page, artifacts_run: str) -> None:
    page.goto(f"{artifacts_run}/artifacts?path=scores.parquet")
    table = page.get_by_role("table", name="Rows of scores.parquet")
    expect(table.get_by_role("columnheader", name="score double")).to_be_visible()
    expect(table.get_by_role("cell", name="0.125", exact=True)).to_be_visible()
    told = page.get_by_role("article").get_by_role("status")
    expect(told).to_have_text("100,000 rows; 1 column not shown")
    assert serious_faults(page) == []


def test_cells_of_a_table_are_text_and_no_more(page: Page, artifacts_run: str) -> None:
    page.goto(f"{artifacts_run}/artifacts?path=hostile.csv")
    cell = page.get_by_role("cell", name="<script>document.title='run'</script>")
    expect(cell).to_be_visible()
    assert page.title() != "run"
    assert page.get_by_role("article").locator("img, script, a:not([download])").count() == 0


def test_an_html_file_runs_as_nobody(page: Page, artifacts_run: str) -> None:
    page.goto(f"{artifacts_run}/artifacts?path=report.html")
    told = page.frame_locator("iframe").locator("#told")
    expect(told).to_have_text("origin null, SecurityError, SecurityError")


def test_a_file_is_downloaded_whole(page: Page, artifacts_run: str, tmp_path: Path) -> None:
    page.goto(f"{artifacts_run}/artifacts?path=model.bin")
    expect(page.get_by_text("There is no preview of such a file.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    saved = tmp_path / "saved.bin"
    download.value.save_as(saved)
    assert (download.value.suggested_filename, saved.stat().st_size) == ("model.bin", 4_200_000)


def test_a_folder_is_downloaded_as_one_archive(
    page: Page, artifacts_run: str, tmp_path: Path
) -> None:
    page.goto(f"{artifacts_run}/artifacts")
    page.get_by_role("button", name="plots").hover()
    with page.expect_download() as download:
        page.get_by_label("Download plots as a ZIP file").click()
    download.value.save_as(tmp_path / "saved.zip")
    assert download.value.suggested_filename == "plots.zip"
    with zipfile.ZipFile(tmp_path / "saved.zip") as archive:
        assert archive.namelist() == ["plots/deep/fit.svg"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    run_id = artifacts_run.rpartition("/")[2]
    assert download.value.suggested_filename == f"{run_id}.zip"


def test_a_run_with_ten_thousand_metrics_opens_and_is_searched(
    page: Page, tracker: Tracker
) -> None:
    experiment_id = tracker.experiment("wide")
    metrics = {f"layer_{n:05d}/norm": [float(n)] for n in range(10_000)}
    run_id = tracker.run(experiment_id, "wide", metrics=metrics)
    page.goto(f"/experiments/{experiment_id}/runs/{run_id}")
    table = page.get_by_role("table", name="Metrics")
    expect(table).to_have_attribute("aria-rowcount", "10000")
    assert table.get_by_role("row").count() < 100
    page.get_by_label("Find metrics").fill("_09999/")
    expect(table.get_by_role("button", name="layer_09999/norm")).to_be_visible()
    table.get_by_role("button", name="layer_09999/norm").click()
    expect(page.locator("figure")).to_contain_text("layer_09999/norm")
    page.get_by_label("Find metrics").fill("")
    expect(page.locator("figure").first).to_contain_text("layer_00000/norm")
    assert page.locator("figure").count() < 60


def test_notes_are_markdown_and_html_in_them_is_text(page: Page, tracker: Tracker) -> None:
    note = "# Why\n\n- [x] **deeper** trees\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n\n![pic](https://example.org/x.png) [bad](javascript:alert(2))"
    experiment_id = tracker.experiment("notes in markdown")
    run_id = tracker.run(experiment_id, "noted", tags={"mlflow.note.content": note})
    page.goto(f"/experiments/{experiment_id}/runs/{run_id}")
    shown = page.get_by_role("region", name="Note")
    expect(shown.get_by_role("heading", name="Why")).to_be_visible()
    expect(shown.get_by_role("checkbox")).to_be_checked()
    expect(shown.get_by_role("cell", name="2")).to_be_visible()
    expect(shown.get_by_text("<script>alert(1)</script>")).to_be_visible()
    expect(shown.get_by_role("link", name="pic")).to_have_attribute("target", "_blank")
    assert "javascript" not in (shown.get_by_text("bad", exact=True).get_attribute("href") or "")


def test_an_experiment_tells_what_it_is_about(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("described")
    tracker.ask(
        "experiments/set-experiment-tag",
        experiment_id=experiment_id,
        key="mlflow.note.content",
        value="# Delays of flights\n\nData of *2008*",
    )
    tracker.run(experiment_id, "one")
    page.goto(f"/experiments/{experiment_id}")
    page.get_by_text("Delays of flights").first.click()
    expect(page.locator("em", has_text="2008")).to_be_visible()


def test_the_code_and_the_environment_of_a_run(
    page: Page, tracker: Tracker, compared: list[str]
) -> None:
    run = tracker.http.get("/api/2.0/mlflow/runs/get", params={"run_id": compared[1]}).json()["run"]
    page.goto(f"/experiments/{run['info']['experiment_id']}/runs/{compared[1]}")
    page.get_by_role("link", name="Code", exact=True).click()
    expect(page.get_by_text("git checkout " + "1" * 40)).to_be_visible()
    patch = page.get_by_role("region", name="source/uncommitted.patch")
    expect(patch.get_by_text("train.py")).to_be_visible()
    expect(patch.locator("tr[data-change=gone] code")).to_have_text(["depth = 3"])
    expect(patch.locator("tr[data-change=new] code")).to_have_text(["depth = 4"])
    packages = page.get_by_role("table", name="Packages")
    expect(packages).to_have_attribute("aria-rowcount", "2")
    page.get_by_label("Find packages").fill("num*")
    expect(packages).to_have_attribute("aria-rowcount", "1")
    expect(packages.get_by_role("cell").nth(1)).to_have_text("2.1.0")
    expect(page.get_by_text("CPython 3.12.1")).to_be_visible()
    assert serious_faults(page) == []
