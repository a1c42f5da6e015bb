"""Params, which are written once, and tags, which are not."""

import mlflow
import pytest
from mlflow.entities import Param, RunTag


def test_params_of_every_type_come_back_as_text(client, experiment_id):
    with mlflow.start_run() as run:
        assert mlflow.log_param("returned", 0.1) == 0.1
        mlflow.log_params(
            {"int": 1, "float": 1e-7, "none": None, "list": [1, "two"], "bool": True, "text": "a b"}
        )
    assert client.get_run(run.info.run_id).data.params == {
        "returned": "0.1", "int": "1", "float": "1e-07", "none": "None", "list": "[1, 'two']", "bool": "True",
        "text": "a b",
    }  # fmt: skip


def test_the_same_value_again_is_no_error(client, run_id):
    client.log_param(run_id, "p", 1)
    client.log_param(run_id, "p", "1")
    client.log_batch(run_id, params=[Param("p", "1")])
    assert client.get_run(run_id).data.params == {"p": "1"}


def test_another_value_is_refused_and_changes_nothing(client, run_id, refused):
    client.log_param(run_id, "p", 1)
    message = refused("INVALID_PARAMETER_VALUE", 400, client.log_param, run_id, "p", 2)
    assert "p" in message
    refused(
        "INVALID_PARAMETER_VALUE",
        400,
        client.log_batch,
        run_id,
        params=[Param("q", "1"), Param("p", "3")],
    )
    assert client.get_run(run_id).data.params["p"] == "1"


def test_a_refused_batch_of_params_leaves_no_metrics_and_tags(client, run_id, refused):
    client.log_param(run_id, "p", 1)
    metrics = [mlflow.entities.Metric("m", 1.0, 1, 0)]
    refused(
        "INVALID_PARAMETER_VALUE", 400,
        client.log_batch, run_id, metrics=metrics, params=[Param("p", "2")], tags=[RunTag("t", "v")],
    )  # fmt: skip
    data = client.get_run(run_id).data
    assert data.metrics == {}
    assert "t" not in data.tags


@pytest.mark.parametrize(
    "key", ["a/b", "a.b", "a-b", "a b", "a_b", "a:b", "größe", "名前", "a" * 250]
)
def test_keys_that_are_allowed(client, run_id, key):
    client.log_param(run_id, key, "v")
    client.set_tag(run_id, key, "v")
    client.log_metric(run_id, key, 1.5)
    data = client.get_run(run_id).data
    assert data.params == {key: "v"}
    assert data.tags[key] == "v"
    assert data.metrics == {key: 1.5}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a" * 251,
        "/a",
        "a/",
        "a//b",
        "..",
        "a/../b",
        "./a",
        "a@b",
        "a#b",
        "a?b",
        "a\\b",
        "a\tb",
        "😀",
    ],
)
def test_keys_that_are_refused(client, run_id, refused, key):
    code, status = "INVALID_PARAMETER_VALUE", 400
    refused(code, status, client.log_param, run_id, key, "v")
    refused(code, status, client.log_metric, run_id, key, 1.0)
    refused(code, status, client.set_tag, run_id, key, "v")
    refused(code, status, client.log_batch, run_id, params=[Param(key, "v")])
    data = client.get_run(run_id).data
    assert (data.params, data.metrics) == ({}, {})
    assert set(data.tags) == {"mlflow.runName"}


def test_long_values(client, run_id):
    client.log_param(run_id, "long", "v" * 6_000)
    client.set_tag(run_id, "long", "v" * 8_000)
    data = client.get_run(run_id).data
    assert data.params["long"] == "v" * 6_000
    assert data.tags["long"] == "v" * 8_000


def test_longer_values_keep_at_least_their_beginning(client, run_id):
    # The real server cuts silently at 6,000 and 8,000 characters; Headrace keeps the whole value.
    client.log_param(run_id, "long", "v" * 50_000)
    client.set_tag(run_id, "long", "v" * 50_000)
    data = client.get_run(run_id).data
    assert len(data.params["long"]) in {6_000, 50_000}
    assert len(data.tags["long"]) in {8_000, 50_000}


@pytest.mark.parametrize(
    "value", ["", " ", "\n", "'", '"', "%", "\\", "NULL", "ünïcödé", "😀", "a\r\nb\tc", "\u202eabc"]
)
def test_values_come_back_as_they_were(client, run_id, value):
    client.log_param(run_id, "p", value)
    client.set_tag(run_id, "t", value)
    data = client.get_run(run_id).data
    assert data.params == {"p": value}
    assert data.tags["t"] == value


def test_tags_are_replaced_and_deleted(client, run_id, refused):
    client.set_tag(run_id, "t", "one")
    client.set_tag(run_id, "t", "two")
    client.set_tag(run_id, "n", 3)
    assert client.get_run(run_id).data.tags["t"] == "two"
    client.delete_tag(run_id, "t")
    assert "t" not in client.get_run(run_id).data.tags
    assert client.get_run(run_id).data.tags["n"] == "3"
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.delete_tag, run_id, "t")


def test_fluent_tags(client, experiment_id):
    with mlflow.start_run() as run:
        mlflow.set_tag("a", 1)
        mlflow.set_tags({"b": "2", "c": "3"})
        mlflow.delete_tag("b")
    tags = client.get_run(run.info.run_id).data.tags
    assert (tags["a"], tags["c"], "b" in tags) == ("1", "3", False)


def test_one_key_may_be_a_param_a_tag_and_a_metric(client, run_id):
    client.log_batch(
        run_id,
        [mlflow.entities.Metric("k", 1.0, 1, 0)],
        [Param("k", "param")],
        [RunTag("k", "tag")],
    )
    data = client.get_run(run_id).data
    assert (data.metrics["k"], data.params["k"], data.tags["k"]) == (1.0, "param", "tag")
