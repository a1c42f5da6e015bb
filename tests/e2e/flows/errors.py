"""What the client raises, and that a refused call changes nothing."""

import json

import mlflow
import pytest
import requests
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException, RestException
from mlflow.protos.databricks_pb2 import ErrorCode


@pytest.fixture
def batch(client, run_id, refused):
    """Sends a batch that must be refused, and holds the run to what it was."""

    def send(metrics=(), params=(), tags=()):
        before = client.get_run(run_id).to_dictionary()
        body = {
            "run_id": run_id,
            "metrics": list(metrics),
            "params": list(params),
            "tags": list(tags),
        }
        answer = requests.post(
            f"{mlflow.get_tracking_uri()}/api/2.0/mlflow/runs/log-batch", json=body, timeout=60
        )
        assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
        assert client.get_run(run_id).to_dictionary() == before

    return send


def metric(key="m", value=1.0, timestamp=1, step=0):
    return {"key": key, "value": value, "timestamp": timestamp, "step": step}


def test_batches_over_their_limits(batch):
    batch(metrics=[metric(f"m{n}") for n in range(1_001)])
    batch(params=[{"key": f"p{n}", "value": "v"} for n in range(101)])
    batch(tags=[{"key": f"t{n}", "value": "v"} for n in range(101)])
    batch(
        [metric(f"m{n}") for n in range(950)], [{"key": f"p{n}", "value": "v"} for n in range(60)]
    )


def test_batches_with_bad_items(batch):
    good = [metric("good")]
    batch([*good, metric("bad//key")])
    batch([*good, {"key": "m", "value": 1.0}])
    batch([*good, {"value": 1.0, "timestamp": 1}])
    batch([*good, {"key": "m", "timestamp": 1}])
    batch(good, [{"value": "v"}])
    batch(good, [{"key": "p", "value": "1"}, {"key": "p", "value": "2"}])
    batch(good, tags=[{"key": "../up", "value": "v"}])
    batch(good, tags=[{"key": "k" * 251, "value": "v"}])


def test_an_error_is_a_rest_exception_with_code_and_message(client):
    unknown = "0123456789abcdef0123456789abcdef"
    with pytest.raises(RestException) as caught:
        client.get_run(unknown)
    error = caught.value
    assert error.error_code == ErrorCode.Name(ErrorCode.Value("RESOURCE_DOES_NOT_EXIST"))
    assert error.get_http_status_code() == 404
    assert unknown in error.message
    assert json.loads(error.serialize_as_json())["error_code"] == "RESOURCE_DOES_NOT_EXIST"


def test_a_refused_param_says_which_and_what(client, run_id, refused):
    client.log_param(run_id, "depth", 3)
    with pytest.raises(MlflowException) as caught:
        client.log_param(run_id, "depth", 4)
    for part in ("depth", "3", run_id):
        assert part in str(caught.value)


def test_experiment_ids_that_are_no_numbers(client, refused):
    refused("INVALID_PARAMETER_VALUE", 400, client.get_experiment, "abc")
    refused("INVALID_PARAMETER_VALUE", 400, client.search_runs, ["abc"])
    with pytest.raises(MlflowException) as caught:
        client.create_run("abc")
    assert caught.value.get_http_status_code() == 400


def test_names_of_experiments_at_the_limit(client, unique, refused):
    name = unique("n")
    exact = name + "n" * (500 - len(name))
    assert client.get_experiment(client.create_experiment(exact)).name == exact
    refused("INVALID_PARAMETER_VALUE", 400, client.create_experiment, exact + "n")
    refused("INVALID_PARAMETER_VALUE", 400, client.create_experiment, "")


@pytest.mark.parametrize(
    "location",
    [
        "http://example.org/x",
        "https://example.org/x",
        "ftp://example.org/x",
        "mlflow-artifacts:/a#b",
    ],
)
def test_locations_that_are_refused(client, unique, refused, location):
    name = unique("loc")
    refused(
        "INVALID_PARAMETER_VALUE", 400, client.create_experiment, name, artifact_location=location
    )
    assert client.get_experiment_by_name(name) is None


def test_a_contradictory_run_name(client, experiment_id, refused):
    refused(
        "INVALID_PARAMETER_VALUE", 400,
        client.create_run, experiment_id, run_name="one", tags={"mlflow.runName": "another"},
    )  # fmt: skip
    assert client.search_runs([experiment_id]) == []


def test_the_client_keeps_working_after_errors(client, run_id):
    for _ in range(5):
        with pytest.raises(MlflowException):
            client.log_batch(
                run_id, [Metric("bad//key", 1.0, 1, 0)], [Param("p", "1")], [RunTag("t", "1")]
            )
    client.log_batch(run_id, [Metric("good", 1.0, 1, 0)], [Param("p", "1")], [RunTag("t", "1")])
    data = client.get_run(run_id).data
    assert (data.metrics, data.params, data.tags["t"]) == ({"good": 1.0}, {"p": "1"}, "1")
