"""Input data of runs."""

import json

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag


@pytest.fixture
def frame():
    return pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [0, 1, 0], "name": ["a", "b", "c"]})


def test_a_data_frame(client, experiment_id, frame):
    dataset = mlflow.data.from_pandas(
        frame, source="https://example.org/data.csv", name="flowers", targets="y"
    )
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training", tags={"split": "a"})
    [logged] = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert logged.dataset.name == "flowers"
    assert logged.dataset.digest == dataset.digest
    assert logged.dataset.source_type == "http"
    assert json.loads(logged.dataset.source) == {"url": "https://example.org/data.csv"}
    assert json.loads(logged.dataset.profile) == {"num_rows": 3, "num_elements": 9}
    assert [c["name"] for c in json.loads(logged.dataset.schema)["mlflow_colspec"]] == [
        "x",
        "y",
        "name",
    ]
    assert {tag.key: tag.value for tag in logged.tags} == {
        "mlflow.data.context": "training",
        "split": "a",
    }


def test_an_array(client, experiment_id):
    dataset = mlflow.data.from_numpy(
        np.arange(12.0).reshape(3, 4), targets=np.array([0, 1, 0]), name="digits"
    )
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="eval")
    [logged] = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert (logged.dataset.name, logged.dataset.digest) == ("digits", dataset.digest)
    assert json.loads(logged.dataset.profile)["features_shape"] == [3, 4]


def test_several_datasets_of_one_run(client, experiment_id, frame):
    first = mlflow.data.from_pandas(frame, name="first")
    second = mlflow.data.from_pandas(frame.head(1), name="second")
    with mlflow.start_run() as run:
        mlflow.log_inputs([first, second], contexts=["train", "test"], tags_list=[{"a": "1"}, None])
    inputs = client.get_run(run.info.run_id).inputs.dataset_inputs
    contexts = {i.dataset.name: {t.key: t.value for t in i.tags} for i in inputs}
    assert contexts == {
        "first": {"mlflow.data.context": "train", "a": "1"}, "second": {"mlflow.data.context": "test"},
    }  # fmt: skip


def test_the_same_dataset_in_two_runs(client, experiment_id, frame):
    dataset = mlflow.data.from_pandas(frame, name="shared")
    runs = []
    for context in ("train", "test"):
        with mlflow.start_run() as run:
            mlflow.log_input(dataset, context=context)
        runs.append(run.info.run_id)
    found = [client.get_run(run).inputs.dataset_inputs[0] for run in runs]
    assert {i.dataset.digest for i in found} == {dataset.digest}
    assert [i.tags[0].value for i in found] == ["train", "test"]


def test_the_same_dataset_twice_in_a_run_is_one_input(client, experiment_id, frame):
    dataset = mlflow.data.from_pandas(frame, name="once")
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="train")
        mlflow.log_input(dataset, context="train")
    assert len(client.get_run(run.info.run_id).inputs.dataset_inputs) == 1


def test_the_client_logs_datasets_of_its_own(client, run_id):
    dataset = Dataset("named", "d1", "local", "file.csv", "{}", "{}")
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("k", "v")])])
    [logged] = client.get_run(run_id).inputs.dataset_inputs
    assert dict(logged.dataset) == dict(dataset)
    assert [(t.key, t.value) for t in logged.tags] == [("k", "v")]


def test_runs_are_found_by_their_data(client, experiment_id, frame):
    for name in ("alpha", "beta"):
        with mlflow.start_run(run_name=name):
            mlflow.log_input(
                mlflow.data.from_pandas(frame, name=f"data-{name}"), context=f"ctx-{name}"
            )
    with mlflow.start_run(run_name="none"):
        pass

    def found(filter_string):
        return {run.info.run_name for run in client.search_runs([experiment_id], filter_string)}

    digest = mlflow.data.from_pandas(frame).digest
    assert found("dataset.name = 'data-alpha'") == {"alpha"}
    assert found("datasets.name LIKE 'data-%'") == {"alpha", "beta"}
    assert found(f"dataset.digest = '{digest}' AND dataset.context = 'ctx-beta'") == {"beta"}
    assert found("dataset.name IN ('data-alpha', 'other')") == {"alpha"}
    assert found("dataset.name != 'data-alpha'") == {"beta"}


def test_searched_runs_carry_their_inputs(client, experiment_id, frame):
    with mlflow.start_run():
        mlflow.log_input(mlflow.data.from_pandas(frame, name="carried"), context="c")
    [run] = client.search_runs([experiment_id])
    [logged] = run.inputs.dataset_inputs
    assert logged.dataset.name == "carried"
    assert [(t.key, t.value) for t in logged.tags] == [("mlflow.data.context", "c")]


def test_a_logged_source_can_be_resolved(client, experiment_id, frame, tmp_path):
    path = tmp_path / "frame.csv"
    frame.to_csv(path, index=False)
    dataset = mlflow.data.from_pandas(pd.read_csv(path), source=str(path))
    with mlflow.start_run() as run:
        mlflow.log_input(dataset)
    [logged] = client.get_run(run.info.run_id).inputs.dataset_inputs
    source = mlflow.data.get_source(logged)
    assert pd.read_csv(source.load()).equals(pd.read_csv(path))


def test_limits_of_a_dataset(client, run_id, refused):
    def logged(**change):
        fields = {"name": "n", "digest": "d", "source_type": "local", "source": "s", **change}
        client.log_inputs(run_id, [DatasetInput(Dataset(**fields), [])])

    refused("INVALID_PARAMETER_VALUE", 400, logged, name="n" * 501)
    refused("INVALID_PARAMETER_VALUE", 400, logged, digest="d" * 37)
    assert client.get_run(run_id).inputs.dataset_inputs == []
    logged(name="n" * 500, digest="d" * 36)
    assert len(client.get_run(run_id).inputs.dataset_inputs) == 1
