"""The page of what a run printed, and the page of what it used of its machine."""

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow

LOG = "console/output.log"
STAMP = "2026-01-02T03:04:05.678Z"


def _running(tracker: Tracker, name: str) -> tuple[str, str]:
    experiment_id = tracker.experiment(name)
    run_id = tracker.run(experiment_id, name, status="RUNNING", metrics={"loss": [1.0]})
    return f"/experiments/{experiment_id}/runs/{run_id}", run_id


def _log(lines: int) -> bytes:
    return "".join(f"{STAMP}   line {n:06d}\n" for n in range(lines)).encode()


def _middle(log: Locator) -> str:
    """The line in the middle of the screen."""
    box = log.bounding_box()
    assert box
    place = [box["x"] + 40, box["y"] + box["height"] / 2]
    return str(log.evaluate("(_, place) => document.elementFromPoint(...place).parentElement.innerText", place))


def test_what_was_printed_has_its_colours_and_says_what_was_an_error(
    page: Page, tracker: Tracker
) -> None:
    address, run_id = _running(tracker, "coloured")
    text = f"{STAMP}   \x1b[1;31mred\x1b[0m \x1b[38;2;0;180;90mgreen\x1b[0m <b>plain</b>\n{STAMP} ! failed\n"
    tracker.upload(run_id, LOG, text.encode())
    page.goto(address)
    page.get_by_role("link", name="Console").click()
    log = page.get_by_role("region", name=f"Lines of {LOG}")
    expect(log.get_by_text("red", exact=True)).to_have_attribute("data-fg", "1")
    expect(log.get_by_text("green", exact=True)).to_have_attribute("data-fg", "2")
    expect(log).to_contain_text("03:04:05.678red green <b>plain</b>")
    expect(log.get_by_title("Printed on the error stream")).to_have_count(1)


def test_a_run_that_prints_nothing_says_so(page: Page, tracker: Tracker) -> None:
    address, _ = _running(tracker, "silent")
    page.goto(f"{address}/console")
    expect(page.get_by_role("heading", name="Nothing printed yet")).to_be_visible()


def test_a_long_log_costs_what_is_on_the_screen_and_its_end_is_followed(
    page: Page, tracker: Tracker
) -> None:
    address, run_id = _running(tracker, "followed")
    whole = _log(100_000)
    tracker.upload(run_id, LOG, whole)
    received: list[int] = []
    page.on(
        "response",
        lambda answer: received.append(int(answer.headers.get("content-length", 0)))
        if "get-artifact" in answer.url and answer.request.method == "GET"
        else None,
    )
    page.goto(f"{address}/console")
    log = page.get_by_role("region", name=f"Lines of {LOG}")
    expect(log.get_by_text("line 099999")).to_be_visible()
    assert sum(received) < len(whole) / 5
    assert log.get_by_text("line 0").count() < 200
    tracker.upload(run_id, LOG, whole + f"{STAMP}   the next line\n".encode())
    expect(log.get_by_text("the next line")).to_be_visible()
    log.hover()
    page.mouse.wheel(0, -4_000)
    expect(page.get_by_role("button", name="Follow", exact=True)).to_be_visible()
    expect(log.get_by_text("the next line")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    seen = _middle(log)
    assert "line 09" in seen
    tracker.upload(run_id, LOG, whole + _log(3_000))
    expect(page.get_by_role("status").filter(has_text="MB")).to_be_visible()
    page.wait_for_timeout(3_000)  # it is asked for every two seconds
    assert _middle(log) == seen
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(log.get_by_text("line 002999")).to_be_visible()


def test_the_lines_with_some_words_are_found_and_lead_to_their_place(
    page: Page, tracker: Tracker
) -> None:
    address, run_id = _running(tracker, "searched")
    tracker.upload(run_id, LOG, _log(60_000))
    page.goto(f"{address}/console")
    page.get_by_label("Find in the text").fill("LINE 0312")
    expect(page.get_by_role("status").filter(has_text="100 lines")).to_be_visible()
    assert "q=LINE" in page.url
    page.get_by_title("Show where it stands").filter(has_text="line 031234").click()
    log = page.get_by_role("region", name=f"Lines of {LOG}")
    expect(log.get_by_text("line 031234")).to_be_in_viewport()
    expect(log.get_by_text("line 031233")).to_be_visible()


def test_what_the_machine_did_has_a_page_of_its_own(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("machine")
    metrics = {"loss": [1.0, 0.5], "system/cpu_utilization_percentage": [10.0, 90.0]}
    run_id = tracker.run(experiment_id, "machine", metrics=metrics)
    page.goto(f"/experiments/{experiment_id}/runs/{run_id}")
    table = page.get_by_role("table", name="Metrics")
    expect(table).to_have_attribute("aria-rowcount", "1")
    page.get_by_role("link", name="Charts 1").click()
    expect(page.locator("figure")).to_contain_text("loss")
    page.get_by_role("link", name="System").click()
    expect(page.locator("figure")).to_have_count(1)
    expect(page.locator("figure")).to_contain_text("system/cpu_utilization_percentage")
