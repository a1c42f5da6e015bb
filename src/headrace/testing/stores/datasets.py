"""Datasets: kept once an experiment, linked to the runs that read them."""

import pytest

from headrace.entities import CONTEXT_TAG, Dataset, DatasetInput, DatasetSummary, InputTag
from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, new_experiment, new_run, run_of
from headrace.wire import tracking as w


def inputs_of(store: TrackingStore, run_id: str) -> list[DatasetInput]:
    """The datasets that a run has read."""
    inputs = run_of(store, run_id).inputs
    return inputs.dataset_inputs if inputs else []


def used(name: str, context: str | None = None, source: str = "s") -> DatasetInput:
    """A dataset in a context."""
    tags = [] if context is None else [InputTag(CONTEXT_TAG, context)]
    return DatasetInput(Dataset(name, "1", "local", source), tags)


class DatasetContract(Given):
    """A dataset is known by its experiment, name and digest."""

    def test_a_dataset_comes_back_as_it_was_given(self, store: TrackingStore, run_id: str) -> None:
        whole = Dataset(
            "n" * 500, "d" * 36, "http", "\u00e9" * 65_535, "x" * 300_000, "\U0001f600" * 300_000
        )
        bare = Dataset("bare", "1")
        given = [
            DatasetInput(whole, [InputTag(CONTEXT_TAG, "train"), InputTag("k" * 255, "v" * 500)]),
            DatasetInput(bare),
        ]
        store.log_inputs(w.LogInputs(run_id, given))
        assert inputs_of(store, run_id) == given

    def test_the_first_writer_of_a_dataset_wins_and_each_experiment_has_its_own(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        runs = [new_run(store, experiment_id), new_run(store, experiment_id)]
        runs.append(new_run(store, new_experiment(store)))
        for number, run_id in enumerate(runs):
            store.log_inputs(w.LogInputs(run_id, [used("d", source=str(number))]))
        sources = [inputs_of(store, run_id)[0].dataset.source for run_id in runs]
        assert sources == ["0", "0", "2"]

    def test_names_and_digests_are_told_apart_code_point_by_code_point(
        self, store: TrackingStore, run_id: str
    ) -> None:
        names = ["d", "D", "d ", "\u00e9", "e\u0301"]
        store.log_inputs(w.LogInputs(run_id, [used(name) for name in names]))
        assert [entry.dataset.name for entry in inputs_of(store, run_id)] == names

    def test_the_same_dataset_of_the_same_run_again_changes_nothing(
        self, store: TrackingStore, run_id: str
    ) -> None:
        first = used("d", "train")
        store.log_inputs(w.LogInputs(run_id, [first, used("d", "test")]))
        store.log_inputs(w.LogInputs(run_id, [used("d", "other", "other source")]))
        assert inputs_of(store, run_id) == [first]

    def test_experiments_tell_the_datasets_of_their_active_runs_with_each_context(
        self, store: TrackingStore
    ) -> None:
        one, two = new_experiment(store), new_experiment(store)
        contexts = [("train", one), ("test", one), ("train", one), (None, one), ("train", two)]
        for context, experiment in contexts:
            run_id = new_run(store, experiment)
            store.log_inputs(w.LogInputs(run_id, [used("d", context)]))
        gone = new_run(store, one)
        store.log_inputs(w.LogInputs(gone, [used("gone"), used("d", "gone")]))
        store.delete_run(w.DeleteRun(gone))
        question = w.SearchDatasets([one, two, "123456789012345678"])
        found = store.search_datasets(question).dataset_summaries
        expected = [DatasetSummary(one, "d", "1", context) for context in (None, "test", "train")]
        expected.append(DatasetSummary(two, "d", "1", "train"))
        assert sorted(found, key=str) == sorted(expected, key=str)

    def test_more_than_twenty_experiments_are_refused(self, store: TrackingStore) -> None:
        ids = [str(number) for number in range(21)]
        assert store.search_datasets(w.SearchDatasets(ids[1:])).dataset_summaries is not None
        with pytest.raises(InvalidValueError):
            store.search_datasets(w.SearchDatasets(ids))

    @pytest.mark.parametrize(
        "entry",
        [
            used("n" * 501),
            DatasetInput(Dataset("n", "d" * 37)),
            DatasetInput(Dataset("n", "d", "local", "s" * 65_536)),
            DatasetInput(Dataset("n", "d", schema="s" * 1_048_576)),
            DatasetInput(Dataset("n", "d"), [InputTag("k" * 256, "v")]),
            DatasetInput(Dataset("n", "d"), [InputTag("k", "v" * 501)]),
        ],
        ids=["name", "digest", "source", "schema", "key", "value"],
    )
    def test_a_dataset_that_is_too_long_is_refused_with_its_neighbours(
        self, store: TrackingStore, run_id: str, entry: DatasetInput
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.log_inputs(w.LogInputs(run_id, [used("good"), entry]))
        assert inputs_of(store, run_id) == []
