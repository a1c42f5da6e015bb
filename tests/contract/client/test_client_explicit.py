import math

import numpy as np
import pytest

from headrace import MlflowClient
from headrace.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
    ViewType,
)
from headrace.errors import (
    AlreadyExistsError,
    HeadraceError,
    InvalidStateError,
    InvalidValueError,
    NotFoundError,
)


def test_an_experiment_is_made_once_and_found_by_id_and_by_name(
    client: MlflowClient, request
) -> None:
    name = f"{request.node.name} {id(request)}"
    made = client.create_experiment(name, tags={"team": 7})
    found = client.get_experiment(made)
    assert (found.name, found.tags, found.lifecycle_stage) == (name, {"team": "7"}, "active")
    assert client.get_experiment_by_name(name) == found
    assert client.get_experiment_by_name("never made") is None
    with pytest.raises(AlreadyExistsError):
        client.create_experiment(name)


def test_an_experiment_is_renamed_tagged_deleted_and_restored(
    client: MlflowClient, experiment_id: str
) -> None:
    client.rename_experiment(experiment_id, f"renamed {experiment_id}")
    client.set_experiment_tag(experiment_id, "k", 1)
    client.set_experiment_tag(experiment_id, "gone", "x")
    client.delete_experiment_tag(experiment_id, "gone")
    client.delete_experiment(experiment_id)
    deleted = client.search_experiments(ViewType.DELETED_ONLY, filter_string="tags.k = '1'")
    assert experiment_id in [experiment.experiment_id for experiment in deleted]
    client.restore_experiment(experiment_id)
    found = client.get_experiment(experiment_id)
    assert (found.name, found.tags, found.lifecycle_stage) == (
        f"renamed {experiment_id}",
        {"k": "1"},
        "active",
    )


def test_experiments_come_in_pages(client: MlflowClient, experiment_id: str) -> None:
    for i in range(3):
        client.set_experiment_tag(
            client.create_experiment(f"{experiment_id}-{i}"), "of", experiment_id
        )
    where = f"tags.of = '{experiment_id}'"
    first = client.search_experiments(max_results=2, filter_string=where, order_by=["name ASC"])
    assert [experiment.name[-1] for experiment in first] == ["0", "1"]
    rest = client.search_experiments(
        max_results=2, filter_string=where, order_by=["name ASC"], page_token=first.token
    )
    assert [experiment.name[-1] for experiment in rest] == ["2"]
    assert rest.token is None


def test_a_run_lives_from_running_to_its_end(client: MlflowClient, experiment_id: str) -> None:
    run = client.create_run(experiment_id, start_time=5, tags={"mlflow.user": "ada"}, run_name="n")
    assert (run.info.status, run.info.start_time, run.info.user_id) == ("RUNNING", 5, "ada")
    assert run.info.run_name == run.data.tags["mlflow.runName"] == "n"
    client.update_run(run.info.run_id, status="SCHEDULED", name="other")
    changed = client.get_run(run.info.run_id)
    assert (changed.info.status, changed.info.run_name) == ("SCHEDULED", "other")
    client.set_terminated(run.info.run_id, "KILLED", end_time=9)
    ended = client.get_run(run.info.run_id).info
    assert (ended.status, ended.end_time) == ("KILLED", 9)


def test_an_unknown_status_is_refused(client: MlflowClient, run_id: str) -> None:
    with pytest.raises(InvalidValueError, match="DONE"):
        client.update_run(run_id, status="done")
    assert client.get_run(run_id).info.status == "RUNNING"


def test_a_run_is_deleted_and_restored(client: MlflowClient, run_id: str) -> None:
    client.delete_run(run_id)
    with pytest.raises(HeadraceError):
        client.log_metric(run_id, "m", 1)
    client.restore_run(run_id)
    client.log_metric(run_id, "m", 1)
    assert client.get_run(run_id).data.metrics == {"m": 1.0}


def test_an_unknown_run_is_not_found(client: MlflowClient) -> None:
    with pytest.raises(NotFoundError, match="0123456789abcdef"):
        client.get_run("0123456789abcdef")


@pytest.mark.parametrize(
    "value", [1, 0.1, True, "2.5", np.float32(0.5), np.int64(3), np.array([4.0]), math.inf]
)
def test_a_metric_takes_whatever_is_one_number(client: MlflowClient, run_id: str, value) -> None:
    client.log_metric(run_id, "m", value)
    assert client.get_run(run_id).data.metrics == {
        "m": float(np.asarray(value, dtype=float).ravel()[0])
    }


@pytest.mark.parametrize("value", [None, "x", [1, 2], np.array([1.0, 2.0]), {}, 1j])
def test_a_metric_refuses_what_is_no_number(client: MlflowClient, run_id: str, value) -> None:
    with pytest.raises(InvalidValueError, match="'m'"):
        client.log_metric(run_id, "m", value)
    assert client.get_run(run_id).data.metrics == {}


@pytest.mark.parametrize("step", [1.5, "1", None.__class__])
def test_a_step_is_an_integer(client: MlflowClient, run_id: str, step) -> None:
    with pytest.raises(InvalidValueError, match="step"):
        client.log_metric(run_id, "m", 1, step=step)


def test_the_history_of_a_metric_is_whole_and_exact(client: MlflowClient, run_id: str) -> None:
    points = [(i % 7 - 3, 1000 + i, v) for i, v in enumerate([0.1, math.nan, -math.inf, 1e-308, 5])]
    for step, at, value in points:
        client.log_metric(run_id, "m", value, timestamp=at, step=step)
    history = client.get_metric_history(run_id, "m")
    assert [(m.step, m.timestamp, repr(m.value)) for m in history] == [
        (step, at, repr(float(value))) for step, at, value in points
    ]
    assert client.get_metric_history(run_id, "none") == []


def test_a_series_comes_as_columns(client: MlflowClient, run_id: str) -> None:
    client.log_batch(run_id, [Metric("m", i / 7, 1_000 + i, i) for i in range(3_000)])
    steps, timestamps, values = client.get_metric_columns(run_id, "m")
    order = np.argsort(steps)
    assert steps[order].tolist() == list(range(3_000))
    assert timestamps[order].tolist() == [1_000 + i for i in range(3_000)]
    assert values[order].tolist() == [i / 7 for i in range(3_000)]
    assert len(client.get_metric_history(run_id, "m")) == 3_000


def test_a_batch_of_any_size_is_kept(client: MlflowClient, run_id: str) -> None:
    client.log_batch(
        run_id,
        [Metric(f"m{i}", i, 1, 0) for i in range(1_200)],
        [Param(f"p{i}", i) for i in range(150)],
        [RunTag(f"t{i}", i) for i in range(150)],
    )
    data = client.get_run(run_id).data
    assert (len(data.metrics), len(data.params)) == (1_200, 150)
    assert {data.params["p149"], data.tags["t149"]} == {"149"}


def test_a_param_is_written_once(client: MlflowClient, run_id: str) -> None:
    assert client.log_param(run_id, "lr", 0.1) == 0.1
    client.log_param(run_id, "lr", 0.1)
    with pytest.raises(InvalidValueError, match="lr"):
        client.log_param(run_id, "lr", 0.2)
    assert client.get_run(run_id).data.params == {"lr": "0.1"}


def test_a_long_param_and_a_long_tag_are_kept_whole(client: MlflowClient, run_id: str) -> None:
    long = "é" * 500_000
    client.log_param(run_id, "p", long)
    client.set_tag(run_id, "t", long)
    data = client.get_run(run_id).data
    assert (data.params["p"], data.tags["t"]) == (long, long)
    with pytest.raises(InvalidValueError, match="1,048,576"):
        client.log_param(run_id, "q", "x" * 1_048_577)


def test_a_tag_is_set_and_deleted(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "k", 1)
    client.set_tag(run_id, "k", 2)
    assert client.get_run(run_id).data.tags["k"] == "2"
    client.delete_tag(run_id, "k")
    assert "k" not in client.get_run(run_id).data.tags
    with pytest.raises(NotFoundError):
        client.delete_tag(run_id, "k")


@pytest.mark.parametrize("name", ["", "/a", "a//b", "a@b", "../a", "x" * 251])
def test_bad_names_are_refused(client: MlflowClient, run_id: str, name: str) -> None:
    with pytest.raises(InvalidValueError):
        client.log_metric(run_id, name, 1)
    with pytest.raises(InvalidValueError):
        client.set_tag(run_id, name, 1)


def test_asynchronous_writes_can_be_waited_for(client: MlflowClient, run_id: str) -> None:
    operations = [
        client.log_metric(run_id, "m", 1, synchronous=False),
        client.log_param(run_id, "p", 1, synchronous=False),
        client.set_tag(run_id, "t", 1, synchronous=False),
        client.log_batch(run_id, params=[Param("q", "1")], synchronous=False),
    ]
    for operation in operations:
        operation.wait()
    data = client.get_run(run_id).data
    assert (data.metrics, data.params) == ({"m": 1.0}, {"p": "1", "q": "1"})


def test_an_asynchronous_write_that_fails_raises_when_it_is_waited_for(
    client: MlflowClient, run_id: str
) -> None:
    client.log_param(run_id, "p", 1)
    operation = client.log_param(run_id, "p", 2, synchronous=False)
    with pytest.raises(InvalidValueError):
        operation.wait()


def test_runs_are_searched_page_by_page(client: MlflowClient, experiment_id: str) -> None:
    for i in range(5):
        run = client.create_run(experiment_id, start_time=i)
        client.log_metric(run.info.run_id, "score", i)
    first = client.search_runs(
        [experiment_id], "metrics.score >= 1", max_results=3, order_by=["metrics.score"]
    )
    second = client.search_runs(
        [experiment_id], "metrics.score >= 1", 1, 3, ["metrics.score"], first.token
    )
    scores = [run.data.metrics["score"] for run in [*first, *second]]
    assert (scores, second.token) == ([1, 2, 3, 4], None)
    with pytest.raises(InvalidValueError):
        client.search_runs([experiment_id], "metrics.score >=")


def test_a_nested_run_knows_its_parent(
    client: MlflowClient, experiment_id: str, run_id: str
) -> None:
    child = client.create_run(experiment_id, tags={"mlflow.parentRunId": run_id})
    assert client.get_parent_run(child.info.run_id).info.run_id == run_id
    assert client.get_parent_run(run_id) is None


def test_inputs_and_outputs_are_linked_to_a_run(
    client: MlflowClient, experiment_id: str, run_id: str
) -> None:
    used = client.create_logged_model(experiment_id, "used")
    made = client.create_logged_model(experiment_id, "made", source_run_id=run_id)
    dataset = Dataset("d", "0a1b", "local", "/data/d.csv", "{}", "{}")
    client.log_inputs(
        run_id,
        [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])],
        [LoggedModelInput(used.model_id)],
    )
    client.log_outputs(run_id, [LoggedModelOutput(made.model_id, 3)])
    run = client.get_run(run_id)
    assert [entry.dataset for entry in run.inputs.dataset_inputs] == [dataset]
    assert [model.model_id for model in run.inputs.model_inputs] == [used.model_id]
    assert [(out.model_id, out.step) for out in run.outputs.model_outputs] == [(made.model_id, 3)]


def test_a_logged_model_lives_from_pending_to_ready(
    client: MlflowClient, experiment_id: str, run_id: str
) -> None:
    model = client.create_logged_model(
        experiment_id, "m", run_id, {"t": "1"}, {f"p{i}": str(i) for i in range(120)}, "tree"
    )
    assert (model.status, model.name, model.model_type) == ("PENDING", "m", "tree")
    assert model.model_uri == f"models:/{model.model_id}"
    assert len(model.params) == 120
    client.log_model_params(model.model_id, {"more": "x"})
    client.set_logged_model_tags(model.model_id, {"t": 2, "u": 3})
    client.delete_logged_model_tag(model.model_id, "u")
    ready = client.finalize_logged_model(model.model_id, "READY")
    assert (ready.status, ready.tags, ready.params["more"]) == ("READY", {"t": "2"}, "x")
    client.delete_logged_model(model.model_id)
    with pytest.raises(NotFoundError):
        client.get_logged_model(model.model_id)


def test_an_unknown_model_status_is_refused(client: MlflowClient, experiment_id: str) -> None:
    model = client.create_logged_model(experiment_id)
    with pytest.raises(InvalidValueError, match="Known: UNSPECIFIED, PENDING"):
        client.finalize_logged_model(model.model_id, "DONE")


def test_logged_models_are_searched_by_their_metrics(
    client: MlflowClient, experiment_id: str, run_id: str
) -> None:
    for i in range(3):
        model = client.create_logged_model(experiment_id, f"m{i}")
        client.log_metric(run_id, "score", i, model_id=model.model_id)
    found = client.search_logged_models(
        [experiment_id],
        "metrics.score > 0",
        order_by=[{"field_name": "metrics.score", "ascending": False}],
    )
    assert [model.name for model in found] == ["m2", "m1"]
    with pytest.raises(InvalidValueError, match="order_by"):
        client.search_logged_models([experiment_id], order_by=[{"name": "x"}])


def test_what_this_version_does_not_keep_is_refused(tracking_uri: str) -> None:
    with pytest.raises(HeadraceError, match="workspace_store_uri"):
        MlflowClient(tracking_uri, workspace_store_uri="x")


def test_a_client_stays_with_its_store(client: MlflowClient, run_id: str, tmp_path) -> None:
    import headrace

    headrace.set_tracking_uri(tmp_path / "other")
    assert client.get_run(run_id).info.run_id == run_id


def test_logging_to_an_ended_run_is_allowed(client: MlflowClient, run_id: str) -> None:
    client.set_terminated(run_id)
    client.log_metric(run_id, "late", 1)
    assert client.get_run(run_id).data.metrics == {"late": 1.0}


def test_a_deleted_run_is_told_from_an_unknown_one(client: MlflowClient, run_id: str) -> None:
    client.delete_run(run_id)
    with pytest.raises((InvalidValueError, InvalidStateError), match="deleted"):
        client.set_tag(run_id, "k", "v")
