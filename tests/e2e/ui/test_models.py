"""Registered models in the browser: found, looked at, and moved through a review by two people."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow


@pytest.fixture
def name(tracker: Tracker) -> str:
    """A model with two versions from runs, the first in production."""
    name = f"prices-{uuid.uuid4().hex[:8]}"
    tracker.ask("registered-models/create", name=name, description="What a **flat** costs")
    experiment = tracker.experiment(f"of {name}")
    for number, rmse in enumerate((8.973, 8.412), 1):
        run = tracker.run(experiment, f"run of {name} {number}", metrics={"rmse": [rmse]})
        tracker.ask("model-versions/create", name=name, source=f"runs:/{run}/model", run_id=run)
    tracker.ask("model-versions/transition-stage", name=name, version="1", stage="Production")
    tracker.ask("registered-models/alias", name=name, alias="champion", version="1")
    return name


def test_models_are_listed_and_found(page: Page, name: str) -> None:
    page.goto("/experiments")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Models").click()
    page.get_by_role("searchbox", name="Search models by name").fill(name)
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Version 2")
    expect(row).to_contain_text("@champion 1")
    row.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator("#description strong")).to_have_text("flat")


def test_a_model_shows_all_its_versions_or_the_active_ones(page: Page, name: str) -> None:
    page.goto(f"/models/{name}")
    versions = page.get_by_role("table", name="Versions").get_by_role("row")
    expect(versions).to_have_count(3)
    expect(versions.filter(has_text="Version 1")).to_contain_text("Production")
    page.get_by_role("button", name="Active").click()
    expect(versions).to_have_count(2)
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_role("heading", name=f"{name} version 1")).to_be_visible()
    expect(page.get_by_role("list", name="Stages").locator("[aria-current]")).to_have_text(
        "Production"
    )


def test_a_version_goes_through_a_review_by_two_people(
    page: Page, tracker: Tracker, name: str
) -> None:
    rule = {"to": "Production", "approvals": 1, "archive_existing_versions": True, "alias": "live"}
    answer = tracker.http.post(
        "/api/2.0/headrace/model-policies/set", json={"name": name, "policy": {"moves": [rule]}}
    )
    answer.raise_for_status()
    page.goto(f"/models/{name}/versions/2")
    against = page.locator("#against")
    expect(against).to_contain_text("Against Production (version 1)")
    expect(against.get_by_role("row").filter(has_text="rmse")).to_contain_text("−6.3 %")
    expect(page.locator("#lineage")).to_contain_text(f"run of {name} 2")

    def request(comment: str) -> None:
        page.get_by_role("button", name="Move").click()
        page.get_by_role("menuitem", name="to Production").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The policy asks for 1 approval.")
        dialog.get_by_role("textbox", name="Your name").fill("ann")
        dialog.get_by_role("textbox", name="Comment").fill(comment)
        dialog.get_by_role("button", name="Request").click()

    request("better everywhere")
    card = page.get_by_role("region", name="Request to Production")
    expect(card).to_contain_text("better everywhere")
    expect(card).to_contain_text("by ann")
    expect(card).to_contain_text("needs 1 approval")
    card.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("may not approve it")).to_be_visible()
    card.get_by_role("textbox", name="Your name").fill("bob")
    card.get_by_role("textbox", name="Comment on the request").fill("and on small flats?")
    card.get_by_role("button", name="Reject").click()
    expect(card).to_be_hidden()
    expect(page.locator("#activity")).to_contain_text("bob rejected the request: and on small flats?")
    request("on small flats, too")
    page.goto("/requests")
    page.get_by_role("link", name=f"{name} version 2").click()
    card.get_by_role("textbox", name="Your name").fill("bob")
    card.get_by_role("button", name="Approve").click()
    stages = page.get_by_role("list", name="Stages")
    expect(stages.locator("[aria-current]")).to_have_text("Production")
    expect(page.locator("#activity")).to_contain_text("bob moved it from None to Production")
    found = tracker.http.get("/api/2.0/mlflow/registered-models/get", params={"name": name}).json()
    aliases = {each["alias"]: each["version"] for each in found["registered_model"]["aliases"]}
    assert aliases == {"champion": "1", "live": "2"}
    page.goto(f"/models/{name}/versions/1")
    expect(stages.locator("[aria-current]")).to_have_text("Archived")


def test_descriptions_and_tags_are_written_where_they_stand(page: Page, name: str) -> None:
    page.goto(f"/models/{name}/versions/1")
    page.get_by_role("button", name="Edit the description").click()
    page.get_by_role("textbox", name="Text of the description").fill("The *first* of its kind")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#description em")).to_have_text("first")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("textbox", name="Name of the tag").fill("gdpr")
    page.get_by_role("textbox", name="Value of the tag").fill("passed")
    page.keyboard.press("Enter")
    expect(page.locator("#tags")).to_contain_text("passed")
    page.goto(f"/models/{name}")
    expect(page.get_by_role("row").filter(has_text="Version 1")).to_contain_text("gdpr = passed")


def test_what_a_model_says_is_text(page: Page, tracker: Tracker) -> None:
    name = f"<img src=x onerror=alert(1)> {uuid.uuid4().hex[:6]}"
    tracker.ask("registered-models/create", name=name.replace("/", ""))
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto("/models")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_a_model_that_is_not_there_is_told(page: Page) -> None:
    page.goto("/models/nobody-has-this/versions/1")
    expect(page.get_by_role("alert")).to_contain_text("nobody-has-this not found")
