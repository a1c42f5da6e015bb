"""What was changed by mistake is changed back where it was done."""

import pytest
from playwright.sync_api import Page, expect

from e2e.ui.looking import undo
from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow


def test_every_edit_of_a_run_has_its_way_back(page: Page, tracker: Tracker) -> None:
    experiment_id = tracker.experiment("undone")
    run_id = tracker.run(experiment_id, "as-it-was", tags={"team": "ops"})
    page.goto(f"/experiments/{experiment_id}/runs/{run_id}")
    page.get_by_label("Rename the run").click()
    page.get_by_label("Name of the run").fill("mistaken")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="mistaken")).to_be_visible()
    undo(page, "“as-it-was” is now “mistaken”")
    expect(page.get_by_role("heading", name="as-it-was")).to_be_visible()
    page.get_by_label("Delete the tag team").click()
    expect(page.get_by_text("ops", exact=True)).to_have_count(0)
    undo(page, "Tag “team” deleted")
    expect(page.get_by_text("ops", exact=True)).to_be_visible()
    page.get_by_label("Edit the tag team").click()
    page.get_by_label("Value of the tag").fill("core")
    page.keyboard.press("Enter")
    expect(page.get_by_text("core", exact=True)).to_be_visible()
    undo(page, "Tag “team” saved")
    expect(page.get_by_text("ops", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    undo(page, "1 run deleted")
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_visible()
