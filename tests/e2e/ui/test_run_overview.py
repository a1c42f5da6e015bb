"""What the page of a run says of where the run comes from and what it belongs to."""

import pytest
from playwright.sync_api import Page, expect

from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow

SCHEMA = '{"mlflow_colspec": [{"type": "double", "name": "delay", "required": true}]}'


@pytest.fixture(scope="module")
def run(tracker: Tracker) -> str:
    """The address of a run with everything that a client records beside what is logged."""
    experiment_id = tracker.experiment("overview")
    parent = tracker.run(experiment_id, "the-parent")
    tags = {
        "mlflow.parentRunId": parent,
        "mlflow.source.git.commit": "0123456789abcdef" * 2,
        "mlflow.source.git.branch": "deeper",
        "headrace.source.command": "train.py --depth 5",
    }
    run_id = tracker.run(experiment_id, "the-run", tags=tags)
    for n in range(2):
        tracker.run(experiment_id, f"child-{n}", tags={"mlflow.parentRunId": run_id})
    dataset = {"name": "flights", "digest": "d1", "source_type": "local", "source": "x.csv"}
    given = {"dataset": {**dataset, "schema": SCHEMA}, "tags": []}
    tracker.ask("runs/log-inputs", run_id=run_id, datasets=[given])
    model = tracker.ask("logged-models", experiment_id=experiment_id, name="forest")
    model_id = model["model"]["info"]["model_id"]
    tracker.ask("runs/outputs", run_id=run_id, models=[{"model_id": model_id, "step": 0}])
    return f"/experiments/{experiment_id}/runs/{run_id}"


def test_datasets_models_parent_and_children_are_told(page: Page, run: str) -> None:
    page.goto(run)
    expect(page.get_by_text("0123456789", exact=True)).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="deeper")).to_be_visible()
    page.get_by_text("flights").click()
    row = page.get_by_role("row", name="delay double")
    expect(row).to_be_visible()
    expect(page.get_by_role("region", name="Models")).to_contain_text("forest")
    expect(page.get_by_role("link", name="the-parent")).to_be_visible()
    children = page.get_by_role("region", name="Children")
    expect(children.get_by_role("listitem")).to_have_count(2)
    children.get_by_role("link", name="child-1").click()
    expect(page.get_by_role("heading", name="child-1")).to_be_visible()
