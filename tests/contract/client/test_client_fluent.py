import asyncio
import threading
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import headrace
from headrace.entities import Dataset, LoggedModelInput, LoggedModelOutput, Metric
from headrace.errors import (
    HeadraceError,
    InvalidStateError,
    InvalidValueError,
    NotFoundError,
    UnsupportedError,
)


def test_a_block_is_a_run(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run(run_name="n", tags={"k": 1}, description="why") as run:
        assert headrace.active_run() is run
        headrace.log_param("lr", 0.1)
        headrace.log_params({"a": 1, "b": None})
        headrace.log_metric("loss", 0.5, step=3, timestamp=7)
        headrace.log_metrics({"x": 1, "y": 2}, step=1)
        headrace.set_tag("t", 1)
        headrace.set_tags({"u": 2, "gone": 3})
        headrace.delete_tag("gone")
    assert headrace.active_run() is None
    found = fluent.get_run(run.info.run_id)
    assert (found.info.status, found.info.run_name) == ("FINISHED", "n")
    assert found.info.end_time >= found.info.start_time
    assert found.data.params == {"lr": "0.1", "a": "1", "b": "None"}
    assert found.data.metrics == {"loss": 0.5, "x": 1.0, "y": 2.0}
    assert {"k", "t", "u"} <= set(found.data.tags)
    assert "gone" not in found.data.tags
    assert found.data.tags["mlflow.note.content"] == "why"
    (point,) = fluent.get_metric_history(run.info.run_id, "loss")
    assert (point.step, point.timestamp) == (3, 7)


def test_a_block_that_raises_is_a_failed_run(fluent: headrace.MlflowClient) -> None:
    with pytest.raises(ZeroDivisionError), headrace.start_run() as run:
        headrace.log_metric("m", 1 / 0)
    assert fluent.get_run(run.info.run_id).info.status == "FAILED"


def test_a_run_says_where_it_comes_from(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        pass
    tags = fluent.get_run(run.info.run_id).data.tags
    assert {
        "mlflow.user", "mlflow.source.name", "mlflow.source.type", "headrace.source.host",
        "headrace.source.command",
    } <= set(tags)  # fmt: skip
    assert run.info.user_id == tags["mlflow.user"]


def test_logging_without_a_run_starts_one(fluent: headrace.MlflowClient) -> None:
    headrace.log_metric("m", 1)
    run_id = headrace.active_run().info.run_id
    headrace.log_param("p", 1)
    headrace.end_run("KILLED")
    found = fluent.get_run(run_id)
    assert (found.info.status, found.data.metrics, found.data.params) == (
        "KILLED",
        {"m": 1},
        {"p": "1"},
    )
    assert headrace.last_active_run().info.run_id == run_id


def test_a_second_run_must_be_nested(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as outer:
        with pytest.raises(InvalidStateError, match=r"nested=True"):
            headrace.start_run()
        with headrace.start_run(nested=True) as inner:
            headrace.log_metric("m", 1)
        assert headrace.active_run().info.run_id == outer.info.run_id
    assert headrace.get_parent_run(inner.info.run_id).info.run_id == outer.info.run_id
    assert headrace.get_run(outer.info.run_id).data.metrics == {}


def test_runs_nest_to_any_depth(fluent: headrace.MlflowClient) -> None:
    with ExitStack() as stack:
        runs = [stack.enter_context(headrace.start_run(nested=True)) for _ in range(20)]
        headrace.log_metric("deepest", 1)
    for outer, inner in pairwise(runs):
        assert headrace.get_parent_run(inner.info.run_id).info.run_id == outer.info.run_id
    assert headrace.get_parent_run(runs[0].info.run_id) is None
    assert fluent.get_run(runs[-1].info.run_id).data.metrics == {"deepest": 1.0}
    assert {fluent.get_run(run.info.run_id).info.status for run in runs} == {"FINISHED"}


def test_tasks_and_threads_within_a_block_log_to_its_run(fluent: headrace.MlflowClient) -> None:
    async def work(name: str) -> str:
        headrace.log_metric(name, 1)
        await asyncio.to_thread(headrace.log_metric, f"{name} thread", 1)
        with headrace.start_run(nested=True) as child:
            await asyncio.sleep(0)
            headrace.log_metric("own", 1)
        return child.info.run_id

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(work(name) for name in "abc"))

    with headrace.start_run() as run:
        children = asyncio.run(all_of_them())
    assert set(fluent.get_run(run.info.run_id).data.metrics) == {
        *"abc", "a thread", "b thread", "c thread",
    }  # fmt: skip
    for child in children:
        assert fluent.get_run(child).data.metrics == {"own": 1.0}
        assert headrace.get_parent_run(child).info.run_id == run.info.run_id


def test_a_parent_may_be_named(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as parent:
        pass
    with headrace.start_run(parent_run_id=parent.info.run_id) as child:
        pass
    assert headrace.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id


def test_runs_left_open_in_a_block_end_with_it(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as outer:
        inner = headrace.start_run(nested=True)
    assert headrace.active_run() is None
    statuses = [fluent.get_run(run.info.run_id).info.status for run in (outer, inner)]
    assert statuses == ["FINISHED", "FINISHED"]


def test_a_run_is_resumed_by_id_or_by_the_environment(
    fluent: headrace.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with headrace.start_run() as first:
        headrace.log_metric("m", 1)
    with headrace.start_run(run_id=first.info.run_id, tags={"again": "yes"}) as again:
        assert (again.info.status, again.data.metrics) == ("RUNNING", {"m": 1.0})
    monkeypatch.setenv("MLFLOW_RUN_ID", first.info.run_id)
    with headrace.start_run() as third:
        assert third.info.run_id == first.info.run_id
    with headrace.start_run() as other:
        assert other.info.run_id != first.info.run_id
    assert fluent.get_run(first.info.run_id).data.tags["again"] == "yes"


def test_a_deleted_run_is_not_resumed(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        pass
    headrace.delete_run(run.info.run_id)
    with pytest.raises(InvalidStateError, match="restore_run"):
        headrace.start_run(run_id=run.info.run_id)
    headrace.restore_run(run.info.run_id)
    headrace.start_run(run_id=run.info.run_id)


def test_a_run_is_not_resumed_in_another_experiment(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        pass
    with pytest.raises(InvalidValueError, match="is in experiment"):
        headrace.start_run(run_id=run.info.run_id, experiment_id="0")


def test_bad_values_raise_at_the_call(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        for key, value in (("m", "x"), ("a@b", 1), ("m", None)):
            with pytest.raises(InvalidValueError):
                headrace.log_metric(key, value)
        headrace.log_param("p", 1)
        with pytest.raises(InvalidValueError, match="p"):
            headrace.log_param("p", 2)
        headrace.log_metric("fine", 1)
    found = fluent.get_run(run.info.run_id)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"fine": 1.0})


def test_another_run_can_be_named(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as first:
        pass
    with headrace.start_run() as second:
        headrace.log_metric("m", 1, run_id=first.info.run_id)
        headrace.log_params({"p": 1}, run_id=first.info.run_id)
    assert fluent.get_run(first.info.run_id).data.metrics == {"m": 1.0}
    assert fluent.get_run(second.info.run_id).data.metrics == {}


@pytest.mark.parametrize("synchronous", [None, True, False])
def test_every_way_of_logging_keeps_every_value(fluent: headrace.MlflowClient, synchronous) -> None:
    with headrace.start_run() as run:
        operations = [
            headrace.log_metric("m", i, step=i, synchronous=synchronous) for i in range(50)
        ]
        operations += [
            headrace.log_params({"p": 1}, synchronous=synchronous),
            headrace.set_tags({"t": 1}, synchronous=synchronous),
        ]
    assert [operation is not None for operation in operations] == [synchronous is False] * 52
    found = fluent.get_run(run.info.run_id)
    assert (found.data.params, found.data.tags["t"]) == ({"p": "1"}, "1")
    assert [point.value for point in fluent.get_metric_history(run.info.run_id, "m")] == list(
        range(50)
    )


def test_asynchronous_logging_can_be_the_rule(
    fluent: headrace.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "true")
    with headrace.start_run() as run:
        headrace.log_metric("m", 1).wait()
        headrace.flush_async_logging()
    assert fluent.get_run(run.info.run_id).data.metrics == {"m": 1.0}


def test_each_thread_has_a_run_of_its_own(fluent: headrace.MlflowClient) -> None:
    seen: dict[str, str] = {}

    def work(name: str) -> None:
        assert headrace.active_run() is None
        with headrace.start_run(run_name=name) as run:
            headrace.log_param("who", name)
            seen[name] = run.info.run_id

    with headrace.start_run() as outer:
        threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert headrace.active_run() is outer
    assert {fluent.get_run(seen[name]).data.params["who"] for name in "abc"} == {"a", "b", "c"}


def test_each_task_has_a_run_of_its_own(fluent: headrace.MlflowClient) -> None:
    async def work(name: str) -> str:
        with headrace.start_run(run_name=name) as run:
            await asyncio.sleep(0)
            headrace.log_param("who", name)
            await asyncio.sleep(0)
            return run.info.run_id

    async def both() -> list[str]:
        return await asyncio.gather(work("a"), work("b"))

    found = [fluent.get_run(run_id) for run_id in asyncio.run(both())]
    assert [(run.info.run_name, run.data.params["who"], run.info.status) for run in found] == [
        ("a", "a", "FINISHED"),
        ("b", "b", "FINISHED"),
    ]


def test_a_run_started_in_one_task_is_there_in_the_next_as_in_a_notebook(fluent) -> None:
    async def cell() -> str:
        return headrace.start_run().info.run_id

    async def next_cell() -> None:
        headrace.log_metric("m", 1)
        headrace.end_run()

    async def notebook() -> str:
        run_id = await asyncio.create_task(cell())
        await asyncio.create_task(next_cell())
        return run_id

    assert fluent.get_run(asyncio.run(notebook())).data.metrics == {"m": 1.0}


def test_runs_come_as_a_data_frame_or_as_a_list(fluent: headrace.MlflowClient) -> None:
    for i in range(3):
        with headrace.start_run():
            headrace.log_metric("m", i)
            headrace.log_params({"p": i} if i else {})
    frame = headrace.search_runs(order_by=["metrics.m DESC"])
    assert list(frame.columns[:6]) == [
        "run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time",
    ]  # fmt: skip
    assert frame["metrics.m"].tolist() == [2.0, 1.0, 0.0]
    assert frame["params.p"].tolist() == ["2", "1", None]
    assert isinstance(frame["start_time"].dtype, pd.DatetimeTZDtype)
    runs = headrace.search_runs(filter_string="metrics.m < 2", max_results=1, output_format="list")
    assert [run.data.metrics["m"] for run in runs] == [1.0]
    assert headrace.search_runs(filter_string="metrics.m > 9").empty
    with pytest.raises(InvalidValueError, match="output_format"):
        headrace.search_runs(output_format="csv")


def test_runs_come_as_tables_of_polars_and_arrow(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as first:
        headrace.log_metric("m", 1)
    with headrace.start_run() as second:
        headrace.log_param("p", "x")
    frame = headrace.search_runs(output_format="polars", order_by=["start_time", "metrics.m"])
    table = headrace.search_runs(output_format="arrow", order_by=["start_time", "metrics.m"])
    assert frame["run_id"].to_list() == [first.info.run_id, second.info.run_id]
    assert frame["metrics.m"].to_list() == [1.0, None]
    assert frame["params.p"].to_list() == [None, "x"]
    assert str(frame.schema["start_time"]) == "Datetime(time_unit='ms', time_zone='UTC')"
    assert table.to_pylist() == frame.to_dicts()
    nothing = "metrics.m > 9"
    assert headrace.search_runs(filter_string=nothing, output_format="polars").height == 0
    assert headrace.search_runs(filter_string=nothing, output_format="arrow").num_rows == 0


def test_runs_are_searched_by_the_name_of_their_experiment(fluent: headrace.MlflowClient) -> None:
    name = fluent.get_experiment(headrace.fluent.experiments.current_experiment_id()).name
    with headrace.start_run() as run:
        pass
    headrace.set_experiment(f"{name} other")
    assert headrace.search_runs().empty
    found = headrace.search_runs(experiment_names=[name, "never made"], output_format="list")
    assert [found.info.run_id for found in found] == [run.info.run_id]
    everywhere = headrace.search_runs(search_all_experiments=True, output_format="list")
    assert run.info.run_id in {found.info.run_id for found in everywhere}
    with pytest.raises(InvalidValueError, match="not both"):
        headrace.search_runs(["0"], experiment_names=[name])


def test_the_experiment_comes_from_the_call_the_program_or_the_environment(
    fluent: headrace.MlflowClient, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    chosen = headrace.fluent.experiments.current_experiment_id()
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", f"env {id(request)}")
    with headrace.start_run() as by_program:
        assert by_program.info.experiment_id == chosen
    with headrace.start_run(experiment_id="0") as by_call:
        assert by_call.info.experiment_id == "0"
    headrace.fluent.experiments._current.clear()
    with headrace.start_run() as by_environment:
        found = fluent.get_experiment(by_environment.info.experiment_id)
        assert found.name == f"env {id(request)}"
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "0")
    with pytest.raises(InvalidValueError, match="environment names experiment"):
        headrace.start_run()
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME")
    with headrace.start_run() as by_id:
        assert by_id.info.experiment_id == "0"


def test_a_deleted_experiment_cannot_be_the_current_one(fluent: headrace.MlflowClient) -> None:
    experiment_id = headrace.create_experiment(f"gone {id(fluent)}")
    headrace.delete_experiment(experiment_id)
    with pytest.raises(InvalidStateError, match="restore_experiment"):
        headrace.set_experiment(experiment_id=experiment_id)
    headrace.restore_experiment(experiment_id)
    assert headrace.set_experiment(experiment_id=experiment_id).lifecycle_stage == "active"


@pytest.mark.parametrize("names", [{}, {"experiment_name": "a", "experiment_id": "0"}])
def test_an_experiment_is_chosen_by_name_or_by_id(fluent, names) -> None:
    with pytest.raises(InvalidValueError, match="not both"):
        headrace.set_experiment(**names)


def test_experiments_are_made_found_and_tagged(fluent: headrace.MlflowClient) -> None:
    name = f"mine {id(fluent)}"
    experiment_id = headrace.create_experiment(name, tags={"a": 1})
    headrace.set_experiment(name)
    headrace.set_experiment_tag("b", 2)
    headrace.set_experiment_tags({"c": 3, "d": 4})
    headrace.delete_experiment_tag("d")
    assert headrace.get_experiment(experiment_id).tags == {"a": "1", "b": "2", "c": "3"}
    assert headrace.get_experiment_by_name(name).experiment_id == experiment_id
    found = headrace.search_experiments(filter_string=f"name = '{name}'")
    assert [experiment.experiment_id for experiment in found] == [experiment_id]
    assert len(headrace.search_experiments(max_results=1)) == 1


def test_datasets_and_models_are_inputs_and_outputs(fluent: headrace.MlflowClient) -> None:
    dataset = Dataset("d", "0a1b", "local", "/data/d.csv")
    model = headrace.initialize_logged_model("m")
    with headrace.start_run() as run:
        headrace.log_input(dataset, context="train", tags={"k": "v"})
        headrace.log_inputs([dataset.__class__("e", "2c")], ["test"], [None])
        headrace.log_input(model=LoggedModelInput(model.model_id))
        headrace.log_outputs([LoggedModelOutput(model.model_id, 1)])
    found = headrace.get_run(run.info.run_id)
    entries = {
        entry.dataset.name: {tag.key: tag.value for tag in entry.tags}
        for entry in found.inputs.dataset_inputs
    }
    assert entries == {
        "d": {"k": "v", "mlflow.data.context": "train"},
        "e": {"mlflow.data.context": "test"},
    }
    assert [used.model_id for used in found.inputs.model_inputs] == [model.model_id]
    assert [made.model_id for made in found.outputs.model_outputs] == [model.model_id]
    with headrace.start_run(), pytest.raises(InvalidValueError, match=r"headrace\.data"):
        headrace.log_input("d.csv")


def test_a_metric_of_a_model_belongs_to_the_model_too(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        model = headrace.create_external_model("m", params={"a": "1"})
        headrace.log_metric("score", 0.5, model_id=model.model_id, dataset=Dataset("d", "0a"))
        headrace.log_metric("score", 0.75, step=1, model_id=model.model_id)
    found = headrace.get_logged_model(model.model_id)
    assert (found.status, found.source_run_id, found.params) == (
        "READY",
        run.info.run_id,
        {"a": "1"},
    )
    values = {(metric.value, metric.dataset_name) for metric in found.metrics}
    assert values == {(0.5, "d"), (0.75, None)}
    used = fluent.get_run(run.info.run_id).inputs.model_inputs
    assert [link.model_id for link in used] == [model.model_id]
    assert headrace.last_logged_model().model_id == model.model_id


def test_the_current_model_takes_metrics_that_name_none(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run():
        with headrace.set_active_model(name="best") as model:
            assert headrace.get_active_model_id() == model.model_id
            headrace.log_metric("score", 1)
            headrace.log_model_params({"depth": "3"})
        assert headrace.get_active_model_id() is None
        headrace.log_metric("score", 2)
    found = headrace.get_logged_model(model.model_id)
    assert [metric.value for metric in found.metrics] == [1.0]
    assert found.params == {"depth": "3"}
    assert headrace.set_active_model(name="best").model_id == model.model_id
    headrace.clear_active_model()
    with pytest.raises(InvalidValueError, match="model_id"):
        headrace.log_model_params({"a": "b"})


def test_logged_models_come_as_a_data_frame_or_as_a_list(fluent: headrace.MlflowClient) -> None:
    for name in ("a", "b"):
        model = headrace.initialize_logged_model(name, tags={"k": name})
    headrace.finalize_logged_model(model.model_id, "READY")
    headrace.set_logged_model_tags(model.model_id, {"k": "c", "gone": 1})
    headrace.delete_logged_model_tag(model.model_id, "gone")
    frame = headrace.search_logged_models(order_by=[{"field_name": "name"}])
    assert frame["name"].tolist() == ["a", "b"]
    found = headrace.search_logged_models(filter_string="name = 'b'", output_format="list")
    assert [(model.name, model.tags, model.status) for model in found] == [
        ("b", {"k": "c"}, "READY")
    ]


def test_traces_are_refused_not_ignored(fluent: headrace.MlflowClient) -> None:
    with pytest.raises(UnsupportedError):
        headrace.set_experiment("x", trace_location=object())


def test_the_tracking_uri_is_known_and_settable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert headrace.get_tracking_uri() == (tmp_path / ".headrace").as_uri()
    assert not headrace.is_tracking_uri_set()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere:5000")
    assert headrace.get_tracking_uri() == "http://elsewhere:5000"
    headrace.set_tracking_uri(tmp_path / "a b")
    assert headrace.get_tracking_uri() == (tmp_path / "a b").as_uri()
    assert headrace.is_tracking_uri_set()
    with pytest.raises(InvalidValueError):
        headrace.set_tracking_uri(7)


def test_without_settings_runs_are_kept_in_a_folder_that_git_ignores(tmp_path: Path) -> None:
    with headrace.start_run() as run:
        headrace.log_metric("m", 1)
    assert (tmp_path / ".headrace" / ".gitignore").read_text() == "*\n"
    assert headrace.get_run(run.info.run_id).data.metrics == {"m": 1.0}
    assert run.info.experiment_id == "0"


def test_the_chosen_experiment_follows_to_another_store(tmp_path: Path) -> None:
    headrace.set_tracking_uri(tmp_path / "one")
    first = headrace.set_experiment("same").experiment_id
    headrace.set_tracking_uri(tmp_path / "two")
    with headrace.start_run() as run:
        assert headrace.get_experiment(run.info.experiment_id).name == "same"
    assert run.info.experiment_id == first  # an id is made from the name


def test_the_address_of_a_run_is_printed_for_a_server(
    server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    headrace.set_tracking_uri(server.url)
    monkeypatch.delenv("HEADRACE_SUPPRESS_PRINTING_URL_TO_STDOUT")
    with headrace.start_run() as run:
        pass
    assert f"{server.url}/#/experiments/0/runs/{run.info.run_id}" in capsys.readouterr().out


def test_doctor_tells_versions_and_no_secret(
    fluent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "very-secret")
    monkeypatch.setenv("HEADRACE_BACKEND_STORE_URI", "postgresql://me:very-secret@host/db")
    headrace.doctor()
    told = capsys.readouterr().out
    assert "store: answers" in told
    assert "HEADRACE_TRACKING_TOKEN: ***" in told
    assert "very-secret" not in told


def test_the_names_of_mlflow_are_there() -> None:
    assert headrace.MlflowException is HeadraceError
    assert headrace.entities.Metric is Metric
    with pytest.raises(headrace.MlflowException):
        raise NotFoundError("x")
    with pytest.raises(AttributeError, match="no_such_name"):
        headrace.no_such_name  # noqa: B018


def test_models_are_kept_where_runs_are(fluent: headrace.MlflowClient) -> None:
    assert headrace.get_registry_uri() == headrace.get_tracking_uri()
    headrace.set_registry_uri(headrace.get_tracking_uri())
    with pytest.raises(UnsupportedError, match="where runs are"):
        headrace.set_registry_uri("databricks-uc")


def test_a_setting_that_is_chosen_in_the_program_holds_from_then_on(monkeypatch) -> None:
    for variable in ("HEADRACE_ENABLE_ASYNC_LOGGING", "HEADRACE_SYSTEM_METRICS_SAMPLING_INTERVAL"):
        monkeypatch.setenv(variable, "")
    headrace.config.enable_async_logging()
    assert headrace.config.settings().enable_async_logging
    headrace.config.enable_async_logging(False)
    assert not headrace.config.settings().enable_async_logging
    with pytest.raises(InvalidValueError, match="SAMPLING_INTERVAL"):
        headrace.set_system_metrics_sampling_interval(-1)
    assert headrace.config.settings().system_metrics_sampling_interval == 10.0
    assert headrace.config.get_tracking_uri() == headrace.get_tracking_uri()
