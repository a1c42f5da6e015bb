"""What is removed for good, and what stays because something active leads to it."""

import pytest

from headrace.entities import (
    PARENT_RUN_TAG,
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)
from headrace.errors import InvalidStateError, NotFoundError
from headrace.stores.keeping import Condemn, Deleted, FindDeleted, KeptStore, Kind, Purge
from headrace.testing.stores.given import Given, history, new_experiment, new_run, run_of
from headrace.wire import tracking as w

FOREVER = 2**62


def found(
    store: KeptStore, kind: Kind, ids: list[str], before: int | None = None
) -> dict[str, Deleted]:
    """What the store says of things, by id."""
    items = store.find_deleted(FindDeleted(kind, ids, before=before)).items
    return {item.id: item for item in items}


def kept(store: KeptStore, kind: Kind, one: str) -> str | None:
    """Why a thing must stay."""
    return found(store, kind, [one])[one].kept


def remove(store: KeptStore, kind: Kind, one: str) -> None:
    """Condemn and purge, as far as it is allowed."""
    for condemned in store.condemn(Condemn(kind, [one])).ids:
        while not store.purge(Purge(kind, condemned)).done:
            pass


def new_model(store: KeptStore, experiment_id: str, run_id: str | None = None) -> str:
    """A model, made by a run if that is given."""
    question = w.CreateLoggedModel(experiment_id, source_run_id=run_id)
    return store.create_logged_model(question).model.model_id


class RemovalContract(Given):
    """The promises of `headrace.stores.keeping.KeptStore`."""

    def test_a_removed_run_is_gone_and_its_neighbour_is_whole(
        self, store: KeptStore, experiment_id: str
    ) -> None:
        run, other = new_run(store, experiment_id), new_run(store, experiment_id)
        for one in (run, other):
            points = [Metric("loss", step / 2, step, step) for step in range(900)]
            store.log_batch(w.LogBatch(one, points[:50], [Param("p", "1")], [RunTag("t", "1")]))
            store.log_batch(w.LogBatch(one, points))
            store.log_inputs(w.LogInputs(one, [DatasetInput(Dataset("d", "1", "local", "s"))]))
        store.update_run(w.UpdateRun(run, "FINISHED", 5))
        store.delete_run(w.DeleteRun(run))
        remove(store, "run", run)
        with pytest.raises(NotFoundError):
            run_of(store, run)
        assert len(history(store, other, "loss")) == 900
        assert run_of(store, other).data.params == {"p": "1"}
        seen = store.search_datasets(w.SearchDatasets([experiment_id])).dataset_summaries
        assert [one.name for one in seen] == ["d"]
        store.delete_run(w.DeleteRun(other))
        remove(store, "run", other)
        again = store.create_run(w.CreateRun(experiment_id, run_id=run))
        assert again.run.data.metrics == {}
        assert history(store, run, "loss") == []

    def test_an_active_run_is_neither_condemned_nor_purged(
        self, store: KeptStore, run_id: str
    ) -> None:
        assert kept(store, "run", run_id) == "it is not deleted"
        assert store.condemn(Condemn("run", [run_id])).ids == []
        with pytest.raises(InvalidStateError):
            store.purge(Purge("run", run_id))
        assert run_of(store, run_id).info.lifecycle_stage == "active"

    def test_a_deleted_run_is_purged_only_once_it_is_condemned(
        self, store: KeptStore, run_id: str
    ) -> None:
        store.delete_run(w.DeleteRun(run_id))
        with pytest.raises(InvalidStateError):
            store.purge(Purge("run", run_id))
        store.restore_run(w.RestoreRun(run_id))

    def test_what_is_condemned_stays_deleted_and_is_found_again(
        self, store: KeptStore, experiment_id: str
    ) -> None:
        run = new_run(store, experiment_id)
        store.delete_experiment(w.DeleteExperiment(experiment_id))
        assert store.condemn(Condemn("run", [run])).ids == [run]
        with pytest.raises(InvalidStateError):
            store.restore_run(w.RestoreRun(run))
        store.restore_experiment(w.RestoreExperiment(experiment_id))
        assert run_of(store, run).info.lifecycle_stage == "deleted"
        active = store.search_runs(w.SearchRuns([experiment_id])).runs
        assert active == []
        store.delete_run(w.DeleteRun(run))
        assert found(store, "run", [run], before=0)[run].kept is None
        assert store.condemn(Condemn("run", [run])).ids == [run]
        remove(store, "run", run)

    def test_only_what_was_deleted_earlier_goes(self, store: KeptStore, run_id: str) -> None:
        store.delete_run(w.DeleteRun(run_id))
        time = found(store, "run", [run_id])[run_id].deleted_time
        assert time is not None
        assert store.condemn(Condemn("run", [run_id], time)).ids == []
        listed = store.find_deleted(FindDeleted("run", before=time)).items
        assert run_id not in [item.id for item in listed]
        assert store.condemn(Condemn("run", [run_id], time + 1)).ids == [run_id]

    def test_a_run_stays_while_its_model_is_active(
        self, store: KeptStore, experiment_id: str
    ) -> None:
        by_source, by_output = new_run(store, experiment_id), new_run(store, experiment_id)
        first, second = new_model(store, experiment_id, by_source), new_model(store, experiment_id)
        store.log_outputs(w.LogOutputs(by_output, [LoggedModelOutput(second)]))
        for run, model in ((by_source, first), (by_output, second)):
            store.delete_run(w.DeleteRun(run))
            assert model in (kept(store, "run", run) or "")
            assert store.condemn(Condemn("run", [run])).ids == []
            store.delete_logged_model(w.DeleteLoggedModel(model))
            assert kept(store, "run", run) is None
            remove(store, "logged_model", model)
            with pytest.raises(NotFoundError):
                store.get_logged_model(w.GetLoggedModel(model, allow_deleted=True))
            remove(store, "run", run)

    def test_a_run_stays_while_one_nested_in_it_at_any_depth_is_active(
        self, store: KeptStore, experiment_id: str
    ) -> None:
        line = [new_run(store, experiment_id)]
        for _ in range(3):
            tags = [RunTag(PARENT_RUN_TAG, line[-1])]
            made = store.create_run(w.CreateRun(experiment_id, tags=tags)).run.info.run_id
            line.append(made)
        for run in line[:3]:
            store.delete_run(w.DeleteRun(run))
        assert store.condemn(Condemn("run", line[:3])).ids == []
        assert all(item.kept for item in found(store, "run", line[:3]).values())
        store.delete_run(w.DeleteRun(line[3]))
        assert sorted(store.condemn(Condemn("run", line)).ids) == sorted(line)

    def test_a_model_goes_with_its_experiment_unless_an_active_run_refers_to_it(
        self, store: KeptStore, run_id: str
    ) -> None:
        gone = new_experiment(store)
        lone, used = new_model(store, gone), new_model(store, gone)
        store.log_inputs(w.LogInputs(run_id, models=[LoggedModelInput(used)]))
        assert kept(store, "logged_model", lone) == "it is not deleted"
        store.delete_experiment(w.DeleteExperiment(gone))
        listed = store.find_deleted(FindDeleted("logged_model", experiment_ids=[gone])).items
        assert {item.id: item.kept for item in listed} == {
            lone: None,
            used: "an active run refers to it",
        }
        assert store.condemn(Condemn("logged_model", [lone, used])).ids == [lone]
        remove(store, "logged_model", lone)
        store.delete_run(w.DeleteRun(run_id))
        remove(store, "logged_model", used)
        assert run_of(store, run_id).inputs is not None
        assert kept(store, "logged_model", used) == "there is no such thing"

    def test_an_experiment_goes_when_nothing_is_in_it_and_its_name_is_free_again(
        self, store: KeptStore
    ) -> None:
        experiment = new_experiment(store)
        name = store.get_experiment(w.GetExperiment(experiment)).experiment.name
        store.set_experiment_tag(w.SetExperimentTag(experiment, "k", "v"))
        run = new_run(store, experiment)
        store.log_batch(w.LogBatch(run, [Metric("m", 1.0, 1)]))
        assert kept(store, "experiment", experiment) == "it is not deleted"
        store.delete_experiment(w.DeleteExperiment(experiment))
        assert found(store, "experiment", [experiment])[experiment].holds == 1
        assert store.condemn(Condemn("experiment", [experiment])).ids == []
        remove(store, "run", run)
        assert store.condemn(Condemn("experiment", [experiment])).ids == [experiment]
        with pytest.raises(NotFoundError):
            store.restore_experiment(w.RestoreExperiment(experiment))
        remove(store, "experiment", experiment)
        with pytest.raises(NotFoundError):
            store.get_experiment(w.GetExperiment(experiment))
        assert store.create_experiment(w.CreateExperiment(name)).experiment_id == experiment
        assert store.get_experiment(w.GetExperiment(experiment)).experiment.tags == {}
        store.log_batch(w.LogBatch(new_run(store, experiment), [Metric("m", 1.0, 1)]))
        assert "m" in store.list_columns(w.ListColumns([experiment])).metrics

    def test_the_default_experiment_stays(self, store: KeptStore) -> None:
        assert kept(store, "experiment", "0") is not None
        assert store.condemn(Condemn("experiment", ["0"])).ids == []

    def test_what_is_gone_is_purged_again_without_an_error(self, store: KeptStore) -> None:
        for kind in ("run", "logged_model", "experiment"):
            assert store.purge(Purge(kind, "99999")).done
            assert found(store, kind, ["99999"])["99999"].kept

    def test_deleted_things_come_in_pages(self, store: KeptStore, experiment_id: str) -> None:
        runs = [new_run(store, experiment_id) for _ in range(5)]
        for run in runs:
            store.delete_run(w.DeleteRun(run))
        seen: list[str] = []
        after: int | None = -1
        while after is not None:
            page = store.find_deleted(
                FindDeleted(
                    "run",
                    experiment_ids=[experiment_id],
                    before=FOREVER,
                    after=after,
                    max_results=2,
                )
            )
            seen += [item.id for item in page.items]
            after = page.after
        assert seen == runs
