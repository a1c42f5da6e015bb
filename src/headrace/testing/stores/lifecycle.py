"""What a deleted experiment or run still does, and what it does not."""

from collections.abc import Callable
from typing import Any

import pytest

from headrace.entities import (
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import (
    Given,
    log_points,
    log_texts,
    new_run,
    run_of,
    unique,
)
from headrace.wire import tracking as w

MISSING = "f" * 32
DATASET = DatasetInput(Dataset("d", "1", "local", "s"))

WRITES: list[Callable[[str], tuple[str, Any]]] = [
    lambda run: ("update_run", w.UpdateRun(run, "FINISHED", 5, "other")),
    lambda run: ("log_param", w.LogParam(run, "new", "v")),
    lambda run: ("log_metric", w.LogMetric(run, "new", 1.0, 1)),
    lambda run: ("log_batch", w.LogBatch(run, [Metric("new", 1.0, 1)])),
    lambda run: ("log_batch", w.LogBatch(run, params=[Param("new", "v")])),
    lambda run: ("log_batch", w.LogBatch(run, tags=[RunTag("new", "v")])),
    lambda run: ("log_batch", w.LogBatch(run)),
    lambda run: ("set_tag", w.SetTag(run, "new", "v")),
    lambda run: ("delete_tag", w.DeleteTag(run, "t")),
    lambda run: ("log_inputs", w.LogInputs(run, [DATASET])),
    lambda run: ("log_inputs", w.LogInputs(run, models=[LoggedModelInput("m-1")])),
    lambda run: ("log_outputs", w.LogOutputs(run, [LoggedModelOutput("m-1")])),
    lambda run: ("log_model_record", w.LogModelRecord(run, "{}")),
]


def stage_of(store: TrackingStore, run_id: str) -> str:
    """Whether the run is active or deleted."""
    return run_of(store, run_id).info.lifecycle_stage


class LifecycleContract(Given):
    """Deleting marks; nothing is removed, and all of it comes back."""

    def test_deleting_an_experiment_deletes_its_runs_and_restoring_restores_them_all(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        runs = [new_run(store, experiment_id) for _ in range(3)]
        store.delete_run(w.DeleteRun(runs[0]))
        store.delete_experiment(w.DeleteExperiment(experiment_id))
        found = store.get_experiment(w.GetExperiment(experiment_id)).experiment
        assert found.lifecycle_stage == "deleted"
        assert [stage_of(store, run) for run in runs] == ["deleted"] * 3
        store.restore_experiment(w.RestoreExperiment(experiment_id))
        found = store.get_experiment(w.GetExperiment(experiment_id)).experiment
        assert found.lifecycle_stage == "active"
        assert [stage_of(store, run) for run in runs] == ["active"] * 3

    def test_a_deleted_experiment_is_found_by_id_and_by_name(self, store: TrackingStore) -> None:
        name = unique()
        experiment_id = store.create_experiment(w.CreateExperiment(name)).experiment_id
        store.delete_experiment(w.DeleteExperiment(experiment_id))
        by_name = store.get_experiment_by_name(w.GetExperimentByName(name)).experiment
        assert by_name.experiment_id == experiment_id

    def test_an_experiment_is_deleted_and_restored_once(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        with pytest.raises(NotFoundError):
            store.restore_experiment(w.RestoreExperiment(experiment_id))
        store.delete_experiment(w.DeleteExperiment(experiment_id))
        with pytest.raises(NotFoundError):
            store.delete_experiment(w.DeleteExperiment(experiment_id))

    def test_a_deleted_experiment_takes_nothing_new(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        store.set_experiment_tag(w.SetExperimentTag(experiment_id, "t", "v"))
        run_id = new_run(store, experiment_id)
        store.delete_experiment(w.DeleteExperiment(experiment_id))
        before = store.get_experiment(w.GetExperiment(experiment_id))
        refused: list[tuple[str, Any]] = [
            ("create_run", w.CreateRun(experiment_id)),
            ("create_logged_model", w.CreateLoggedModel(experiment_id)),
            ("update_experiment", w.UpdateExperiment(experiment_id, unique())),
            ("set_experiment_tag", w.SetExperimentTag(experiment_id, "t", "w")),
            ("delete_experiment_tag", w.DeleteExperimentTag(experiment_id, "t")),
            ("log_metric", w.LogMetric(run_id, "m", 1.0, 1)),
        ]
        for method, question in refused:
            with pytest.raises(InvalidValueError, match="deleted"):
                getattr(store, method)(question)
        assert store.get_experiment(w.GetExperiment(experiment_id)) == before

    def test_a_run_of_a_restored_experiment_takes_metrics_again(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_id = new_run(store, experiment_id)
        log_points(store, run_id, [(0, 0, 1.0)])
        store.delete_experiment(w.DeleteExperiment(experiment_id))
        store.restore_experiment(w.RestoreExperiment(experiment_id))
        log_points(store, run_id, [(1, 1, 2.0)])
        assert run_of(store, run_id).data.metrics == {"m": 2.0}

    def test_a_run_is_deleted_and_restored_any_number_of_times(
        self, store: TrackingStore, run_id: str
    ) -> None:
        store.restore_run(w.RestoreRun(run_id))
        assert stage_of(store, run_id) == "active"
        for _ in range(2):
            store.delete_run(w.DeleteRun(run_id))
            assert stage_of(store, run_id) == "deleted"
        for _ in range(2):
            store.restore_run(w.RestoreRun(run_id))
            assert stage_of(store, run_id) == "active"

    @pytest.mark.parametrize("write", WRITES)
    def test_a_deleted_run_takes_nothing_and_can_be_read_as_it_was(
        self, store: TrackingStore, run_id: str, write: Callable[[str], tuple[str, Any]]
    ) -> None:
        log_texts(store, run_id, {"p": "1"}, {"t": "1"})
        log_points(store, run_id, [(0, 0, 1.0)])
        store.delete_run(w.DeleteRun(run_id))
        before = run_of(store, run_id)
        method, question = write(run_id)
        with pytest.raises(InvalidValueError, match="deleted"):
            getattr(store, method)(question)
        assert run_of(store, run_id) == before
        store.restore_run(w.RestoreRun(run_id))
        assert run_of(store, run_id).data == before.data

    @pytest.mark.parametrize("write", WRITES)
    def test_an_unknown_run_is_not_found(
        self, store: TrackingStore, write: Callable[[str], tuple[str, Any]]
    ) -> None:
        method, question = write(MISSING)
        with pytest.raises(NotFoundError, match=MISSING):
            getattr(store, method)(question)

    def test_an_unknown_run_can_neither_be_read_nor_deleted_nor_restored(
        self, store: TrackingStore
    ) -> None:
        with pytest.raises(NotFoundError, match=MISSING):
            store.get_run(w.GetRun(MISSING))
        with pytest.raises(NotFoundError, match=MISSING):
            store.delete_run(w.DeleteRun(MISSING))
        with pytest.raises(NotFoundError, match=MISSING):
            store.restore_run(w.RestoreRun(MISSING))
