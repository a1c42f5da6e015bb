"""Runs in an environment with the real mlflow: `make URI` fills a store, `tell URI` says what it reads.

Both work with MLflow 2 and 3.
"""

import json
import sys
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from told import told

THREE = mlflow.__version__.startswith("3")
T = 1_700_000_000_000


def make(uri: str) -> None:
    client = MlflowClient(uri)
    first = client.create_experiment("first", tags={"team": "vision"})
    parent = full_run(client, first)
    child = client.create_run(first, T + 5, {"mlflow.parentRunId": parent}, run_name="child")
    grandchild = client.create_run(first, T + 6, {"mlflow.parentRunId": child.info.run_id})
    client.set_terminated(child.info.run_id, "FAILED", T + 50)
    assert grandchild.info.status == "RUNNING"
    gone = client.create_run(first, T + 7, run_name="gone")
    client.log_metric(gone.info.run_id, "m", 1.0, T, 0)
    client.set_terminated(gone.info.run_id, "KILLED", T + 60)
    client.delete_run(gone.info.run_id)
    second = client.create_experiment("second / with äöü")
    more(client, second, 3)
    removed = client.create_experiment("removed")
    more(client, removed, 2)
    client.delete_experiment(removed)
    zero = client.create_run("0", T, run_name="in default")
    client.log_param(zero.info.run_id, "a", "b")
    client.set_terminated(zero.info.run_id)
    if THREE:
        models(client, uri, first, second, parent)


def full_run(client: MlflowClient, experiment_id: str) -> str:
    run = client.create_run(experiment_id, T, {"mlflow.user": "someone"}, run_name="full")
    run_id = run.info.run_id
    values = [0.1, -0.0, float("nan"), 5e-324, 1.7976931348623157e308, 1 / 3, float("inf")]
    points = [Metric("train/loss", value, T + i, i) for i, value in enumerate(values)]
    points += [Metric("train/loss", 2.0, T + 1, 1), Metric("back", 1.0, T, -(2**40))]
    points += [Metric("a.b-c d", float(i), T + i, i) for i in range(2_500)]
    for start in range(0, len(points), 1000):
        client.log_batch(run_id, metrics=points[start : start + 1000])
    params = [
        Param("lr", "0.1"),
        Param("empty", ""),
        Param("long", "x" * 5_000),
        Param("ä/ß", "é "),
    ]
    tags = [RunTag("note", "several\nlines\n"), RunTag("mlflow.note.content", "**bold**")]
    client.log_batch(run_id, params=params, tags=tags)
    dataset = Dataset("data", "abc123", "local", '{"uri": "x.csv"}', '{"cols": 1}', '{"rows": 2}')
    client.log_inputs(
        run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])]
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "deep/er").mkdir(parents=True)
        Path(folder, "deep/er/file.txt").write_text("hello")
        Path(folder, "blob.bin").write_bytes(bytes(range(256)) * 5_000)
        Path(folder, "empty").touch()
        client.log_artifacts(run_id, folder, "out put")
    client.log_text(run_id, "top", "top.txt")
    client.set_terminated(run_id, "FINISHED", T + 1_000)
    return run_id


def more(client: MlflowClient, experiment_id: str, count: int) -> None:
    for i in range(count):
        run = client.create_run(experiment_id, T + i, run_name=f"run {i}")
        run_id = run.info.run_id
        client.log_batch(
            run_id, [Metric("m", i * 0.5, T, s) for s in range(20)], [Param("i", str(i))]
        )
        client.set_terminated(run_id, "FINISHED", T + 100)


def models(client: MlflowClient, uri: str, first: str, second: str, run_id: str) -> None:
    model = client.create_logged_model(
        first, "net", run_id, tags={"stage": "dev"}, params={"depth": "3"}, model_type="agent"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "MLmodel").write_text("flavors: {}")
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, "READY")
    # In a folder MLflow cannot read its own models afterwards if a run of another experiment measures one.
    home = first if uri.startswith("file:") else second
    other = client.create_run(home, T + 90, run_name="evaluates")
    evaluation = other.info.run_id
    client.log_metric(evaluation, "f1", 0.5, T, 1, model_id=model.model_id)
    # Of a point that names a dataset MLflow's folder keeps the step, and its client reads 0.
    dataset = {} if uri.startswith("file:") else {"dataset_name": "d", "dataset_digest": "9"}
    client.log_metric(evaluation, "f1", 0.75, T, 2, model_id=model.model_id, **dataset)
    from mlflow.entities import LoggedModelInput, LoggedModelOutput

    client.log_inputs(evaluation, models=[LoggedModelInput(model.model_id)])
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 7)])
    client.set_terminated(evaluation)
    failed = client.create_logged_model(first, "broken")
    client.finalize_logged_model(failed.model_id, "FAILED")
    client.create_registered_model("registered")


def grow(uri: str) -> None:
    """A finished run goes on, a new one comes, one is deleted."""
    client = MlflowClient(uri)
    runs = {run.info.run_name: run for run in client.search_runs(_ids(client))}
    full = runs["full"].info.run_id
    client.log_metric(full, "train/loss", 0.25, T + 90, 90)
    client.log_metric(full, "late", 0.5, T, 0)
    client.log_param(full, "late", "yes")
    client.log_text(full, "more", "more.txt")
    client.log_text(full, "tip", "top.txt")
    client.set_terminated(full, "FINISHED", T + 2_000)
    client.delete_run(runs["run 1"].info.run_id)
    experiment = client.get_experiment_by_name("second / with äöü")
    client.create_run(experiment.experiment_id, T, run_name="new one")


def _ids(client: MlflowClient) -> list[str]:
    found = client.search_experiments(view_type=ViewType.ALL)
    return [experiment.experiment_id for experiment in found]


def main(act: str, uri: str) -> None:
    mlflow.set_tracking_uri(uri)
    if act == "make":
        make(uri)
    elif act == "grow":
        grow(uri)
    else:
        from mlflow.artifacts import download_artifacts

        client = MlflowClient(uri)
        json.dump(told(client, lambda found: download_artifacts(artifact_uri=found)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
