"""The life of a run."""

import time

import mlflow
import pytest
from mlflow.entities import RunStatus, ViewType


def test_a_fluent_run_begins_and_ends(client, experiment_id):
    with mlflow.start_run(run_name="first", description="what it is", tags={"team": "a"}) as run:
        running = client.get_run(run.info.run_id)
        assert running.info.status == "RUNNING"
        assert running.info.end_time is None
    done = client.get_run(run.info.run_id)
    assert done.info.status == "FINISHED"
    assert done.info.end_time >= done.info.start_time > 0
    assert done.info.run_name == "first"
    assert done.info.experiment_id == experiment_id
    assert done.info.lifecycle_stage == "active"
    assert done.info.artifact_uri.endswith(f"/{run.info.run_id}/artifacts")
    assert done.data.tags["team"] == "a"
    assert done.data.tags["mlflow.runName"] == "first"
    assert done.data.tags["mlflow.note.content"] == "what it is"
    assert {"mlflow.user", "mlflow.source.name", "mlflow.source.type"} <= set(done.data.tags)
    assert done.info.user_id == done.data.tags["mlflow.user"]


def test_a_run_that_raises_is_failed(client, experiment_id):
    def training():
        mlflow.log_metric("before", 1)
        raise ArithmeticError("diverged")

    with pytest.raises(ArithmeticError), mlflow.start_run() as run:
        training()
    failed = client.get_run(run.info.run_id)
    assert failed.info.status == "FAILED"
    assert failed.data.metrics == {"before": 1.0}


def test_a_run_without_a_name_gets_one(client, experiment_id):
    run = client.create_run(experiment_id)
    assert run.info.run_name
    assert run.data.tags["mlflow.runName"] == run.info.run_name


def test_logging_without_a_run_starts_one(client, experiment_id):
    mlflow.log_param("a", 1)
    run_id = mlflow.active_run().info.run_id
    mlflow.end_run()
    assert client.get_run(run_id).data.params == {"a": "1"}
    assert mlflow.last_active_run().info.run_id == run_id
    assert mlflow.last_active_run().info.status == "FINISHED"


def test_a_run_is_resumed_by_its_id(client, experiment_id):
    with mlflow.start_run() as first:
        mlflow.log_metric("m", 1, step=0)
    with mlflow.start_run(run_id=first.info.run_id) as again:
        assert client.get_run(again.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("m", 2, step=1)
        mlflow.log_param("late", "yes")
    resumed = client.get_run(first.info.run_id)
    assert resumed.info.status == "FINISHED"
    assert resumed.data.metrics == {"m": 2.0}
    assert resumed.data.params == {"late": "yes"}
    assert [p.value for p in client.get_metric_history(first.info.run_id, "m")] == [1.0, 2.0]


def test_nested_runs_know_their_parents(client, experiment_id):
    with mlflow.start_run(run_name="top") as top:
        with (
            mlflow.start_run(run_name="middle", nested=True) as middle,
            mlflow.start_run(run_name="leaf", nested=True) as leaf,
        ):
            assert mlflow.get_parent_run(leaf.info.run_id).info.run_id == middle.info.run_id
        sibling = client.create_run(experiment_id, tags={"mlflow.parentRunId": top.info.run_id})
    assert client.get_parent_run(middle.info.run_id).info.run_id == top.info.run_id
    assert client.get_parent_run(sibling.info.run_id).info.run_id == top.info.run_id
    assert client.get_parent_run(top.info.run_id) is None
    children = client.search_runs([experiment_id], f"tags.mlflow.parentRunId = '{top.info.run_id}'")
    assert {run.info.run_id for run in children} == {middle.info.run_id, sibling.info.run_id}
    assert leaf.info.run_id not in {run.info.run_id for run in children}


def test_a_parent_can_be_named(client, experiment_id):
    parent = client.create_run(experiment_id)
    with mlflow.start_run(parent_run_id=parent.info.run_id) as child:
        pass
    assert client.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED", "SCHEDULED", "RUNNING"])
def test_set_terminated_takes_every_status(client, run_id, status):
    client.set_terminated(run_id, status, end_time=1234567890123)
    info = client.get_run(run_id).info
    assert info.status == status
    assert info.end_time == 1234567890123


def test_set_terminated_fills_in_the_time(client, run_id):
    before = int(time.time() * 1000)
    client.set_terminated(run_id)
    info = client.get_run(run_id).info
    assert info.status == "FINISHED"
    assert before <= info.end_time <= int(time.time() * 1000)


def test_update_run_changes_only_what_is_given(client, run_id):
    name = client.get_run(run_id).info.run_name
    client.update_run(run_id, status="SCHEDULED")
    assert client.get_run(run_id).info.run_name == name
    client.update_run(run_id, name="renamed")
    run = client.get_run(run_id)
    assert (run.info.status, run.info.run_name) == ("SCHEDULED", "renamed")
    assert run.data.tags["mlflow.runName"] == "renamed"


def test_the_name_tag_renames_the_run(client, run_id):
    client.set_tag(run_id, "mlflow.runName", "by tag")
    assert client.get_run(run_id).info.run_name == "by tag"


def test_create_run_keeps_what_is_given(client, experiment_id):
    run = client.create_run(
        experiment_id, start_time=1_600_000_000_123, tags={"x": "y"}, run_name="given"
    )
    found = client.get_run(run.info.run_id)
    assert found.info.start_time == 1_600_000_000_123
    assert found.info.run_name == "given"
    assert found.data.tags == {"x": "y", "mlflow.runName": "given"}
    assert RunStatus.from_string(found.info.status) == RunStatus.RUNNING


def test_delete_and_restore(client, experiment_id, run_id):
    client.delete_run(run_id)
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert list(client.search_runs([experiment_id])) == []
    assert [
        r.info.run_id
        for r in client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)
    ] == [run_id]
    client.restore_run(run_id)
    client.restore_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "active"
    assert [r.info.run_id for r in client.search_runs([experiment_id])] == [run_id]


def test_a_deleted_run_can_be_read_but_not_written(client, run_id, refused):
    client.log_param(run_id, "kept", "1")
    client.delete_run(run_id)
    code, status = "INVALID_PARAMETER_VALUE", 400
    refused(code, status, client.log_param, run_id, "a", "1")
    refused(code, status, client.log_metric, run_id, "a", 1)
    refused(code, status, client.set_tag, run_id, "a", "1")
    refused(code, status, client.delete_tag, run_id, "mlflow.runName")
    refused(code, status, client.update_run, run_id, name="x")
    refused(code, status, client.set_terminated, run_id)
    run = client.get_run(run_id)
    assert run.data.params == {"kept": "1"}
    assert run.data.metrics == {}
    assert run.info.status == "RUNNING"


def test_start_run_refuses_a_deleted_run(client, run_id, refused):
    client.delete_run(run_id)
    with pytest.raises(mlflow.MlflowException, match="deleted"):
        mlflow.start_run(run_id=run_id)


def test_unknown_runs_are_not_found(client, refused):
    unknown = "0123456789abcdef0123456789abcdef"
    code, status = "RESOURCE_DOES_NOT_EXIST", 404
    refused(code, status, client.get_run, unknown)
    refused(code, status, client.delete_run, unknown)
    refused(code, status, client.restore_run, unknown)
    refused(code, status, client.log_metric, unknown, "a", 1)
    refused(code, status, client.log_param, unknown, "a", 1)
    refused(code, status, client.set_tag, unknown, "a", 1)
    refused(code, status, client.update_run, unknown, name="x")
    refused(code, status, client.log_batch, unknown, tags=[mlflow.entities.RunTag("a", "b")])
