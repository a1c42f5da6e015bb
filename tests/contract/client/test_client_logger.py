"""A run that is handed around: what is logged by its own methods goes to it, whatever is current."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import headrace
from headrace.errors import InvalidStateError, InvalidValueError


def train(run: headrace.ActiveRun, rate: float) -> None:
    """A loop that knows no globals."""
    run.log_params({"rate": rate})
    for step in range(3):
        run.log_metric("loss", rate / (step + 1), step=step)


def test_a_loop_is_handed_its_run(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        train(run, 0.5)
    found = fluent.get_run(run.info.run_id)
    assert (found.data.params, found.info.status) == ({"rate": "0.5"}, "FINISHED")
    assert [point.value for point in fluent.get_metric_history(run.info.run_id, "loss")] == [
        0.5, 0.25, 0.5 / 3,
    ]  # fmt: skip


def test_several_runs_are_open_at_once_and_none_is_current(fluent: headrace.MlflowClient) -> None:
    runs = [headrace.open_run(run_name=f"rate {rate}") for rate in (1, 2, 3)]
    assert headrace.active_run() is None
    with ThreadPoolExecutor() as pool:
        list(pool.map(train, runs, (1, 2, 3)))
    for run in runs:
        run.end()
    found = [fluent.get_run(run.info.run_id) for run in runs]
    assert [run.data.params["rate"] for run in found] == ["1", "2", "3"]
    assert {run.info.status for run in found} == {"FINISHED"}


def test_an_open_run_and_the_current_one_do_not_mix(fluent: headrace.MlflowClient) -> None:
    with headrace.open_run() as own:
        with headrace.start_run() as current:
            own.log_metric("m", 1)
            headrace.log_metric("m", 2)
        assert headrace.active_run() is None
        own.set_tag("still", "open")
    assert fluent.get_run(own.info.run_id).data.metrics == {"m": 1.0}
    assert fluent.get_run(current.info.run_id).data.metrics == {"m": 2.0}
    assert headrace.get_parent_run(current.info.run_id) is None


def test_everything_can_be_logged_to_it(fluent: headrace.MlflowClient, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with headrace.open_run(tags={"k": "v"}, description="why") as run:
        run.log_metrics({"x": 1, "y": 2}, step=3)
        run.log_param("p", 1)
        run.set_tags({"t": 1})
        run.log_artifact(tmp_path / "a.txt", "deep")
        run.log_text("t", "t.txt")
        run.log_dict({"a": 1}, "d.json")
        run.log_figure(Figure(), "f.png", dpi=10)
        run.log_image(np.zeros((2, 2)), "i.png")
        run.log_image(np.zeros((2, 2)), key="series", step=1)
        run.log_table(pd.DataFrame({"a": [1]}), "table.json")
        run.log_input(headrace.data.from_numpy(np.zeros(2), name="zeros"), "test")
    found = fluent.get_run(run.info.run_id)
    assert found.data.metrics == {"x": 1.0, "y": 2.0}
    assert found.data.params == {"p": "1"}
    assert {"k", "t", "mlflow.note.content", "mlflow.loggedImages"} <= set(found.data.tags)
    assert {entry.path for entry in fluent.list_artifacts(run.info.run_id)} == {
        "deep", "t.txt", "d.json", "f.png", "i.png", "images", "table.json",
    }  # fmt: skip
    assert [used.dataset.name for used in found.inputs.dataset_inputs] == ["zeros"]


def test_it_ends_as_its_block_does(fluent: headrace.MlflowClient) -> None:
    with pytest.raises(ZeroDivisionError), headrace.open_run() as run:
        run.log_metric("m", 1 / 0)
    assert fluent.get_run(run.info.run_id).info.status == "FAILED"
    other = headrace.open_run()
    other.end("KILLED")
    other.end()
    assert fluent.get_run(other.info.run_id).info.status == "KILLED"


def test_after_its_end_it_takes_nothing_and_says_how_it_would(
    fluent: headrace.MlflowClient,
) -> None:
    run = headrace.open_run()
    run.end()
    with pytest.raises(InvalidStateError, match=r"start_run\(run_id"):
        run.log_metric("m", 1)
    with headrace.open_run(run_id=run.info.run_id) as again:
        again.log_metric("m", 1)
    assert fluent.get_run(run.info.run_id).data.metrics == {"m": 1.0}


def test_bad_values_raise_at_the_call(fluent: headrace.MlflowClient) -> None:
    with headrace.open_run() as run:
        with pytest.raises(InvalidValueError):
            run.log_metric("m", "x")
        with pytest.raises(InvalidValueError):
            run.log_artifact("/no/such/file")
        with pytest.raises(InvalidValueError):
            run.log_text("t", "../up.txt")
    assert fluent.get_run(run.info.run_id).info.status == "FINISHED"


def test_it_is_the_run_that_it_was_before(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run(run_name="n") as run:
        assert (run.info.run_name, run.data.params) == ("n", {})
        assert run.to_dictionary()["info"]["run_name"] == "n"
        assert headrace.active_run() is run
