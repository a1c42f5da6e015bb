"""Experiments: made, found, renamed, tagged."""

import unicodedata
import uuid

import pytest

from headrace.clock import now_ms
from headrace.entities import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, ExperimentTag
from headrace.errors import (
    AlreadyExistsError,
    BadRequestError,
    InvalidValueError,
    NotFoundError,
)
from headrace.naming import experiment_id_for
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, new_experiment, new_run, run_of, unique
from headrace.wire import tracking as w

MISSING = ("123456789012345678", "9" * 25, "-1")
"""Ids that are integers and of no experiment."""


def tags_of(store: TrackingStore, experiment_id: str) -> dict[str, str]:
    """The tags that an experiment has now."""
    return store.get_experiment(w.GetExperiment(experiment_id)).experiment.tags


class ExperimentContract(Given):
    """An experiment is known by its id and by its name."""

    def test_the_default_experiment_is_there_from_the_start(self, store: TrackingStore) -> None:
        found = store.get_experiment(w.GetExperiment(DEFAULT_EXPERIMENT_ID)).experiment
        assert (found.experiment_id, found.name) == ("0", "Default")
        by_name = w.GetExperimentByName(DEFAULT_EXPERIMENT_NAME)
        assert store.get_experiment_by_name(by_name).experiment == found

    def test_an_experiment_is_found_by_id_and_by_name_as_it_was_made(
        self, store: TrackingStore
    ) -> None:
        name, before = unique(), now_ms()
        tags = [ExperimentTag("b", "2"), ExperimentTag("a", "1"), ExperimentTag("b", "3")]
        experiment_id = store.create_experiment(w.CreateExperiment(name, tags=tags)).experiment_id
        found = store.get_experiment(w.GetExperiment(experiment_id)).experiment
        assert store.get_experiment_by_name(w.GetExperimentByName(name)).experiment == found
        assert (found.experiment_id, found.name) == (experiment_id, name)
        assert (found.lifecycle_stage, found.workspace) == ("active", "default")
        assert found.tags == {"a": "1", "b": "3"}
        assert found.artifact_location.endswith(f"/{experiment_id}")
        assert found.creation_time == found.last_update_time
        assert abs((found.creation_time or 0) - before) < 60_000

    def test_an_id_follows_from_the_name_so_that_two_stores_agree(
        self, store: TrackingStore
    ) -> None:
        name = unique()
        assert new_experiment(store, name) == experiment_id_for(name)

    def test_a_name_that_is_taken_is_refused_also_by_a_deleted_experiment(
        self, store: TrackingStore
    ) -> None:
        name = unique()
        experiment_id = new_experiment(store, name)
        with pytest.raises(AlreadyExistsError, match=name):
            store.create_experiment(w.CreateExperiment(name))
        store.delete_experiment(w.DeleteExperiment(experiment_id))
        with pytest.raises(AlreadyExistsError, match=name):
            store.create_experiment(w.CreateExperiment(name))

    def test_names_are_told_apart_code_point_by_code_point(self, store: TrackingStore) -> None:
        name = unique("Caf\u00e9")
        twins = [
            name,
            unicodedata.normalize("NFD", name),
            name.upper(),
            f"{name} ",
            f" {name}",
            f"{name}\U0001f600",
            f"\u202e{name}",
        ]
        ids = [new_experiment(store, twin) for twin in twins]
        assert len(set(ids)) == len(twins)
        for twin, experiment_id in zip(twins, ids, strict=True):
            found = store.get_experiment_by_name(w.GetExperimentByName(twin)).experiment
            assert (found.experiment_id, found.name) == (experiment_id, twin)

    @pytest.mark.parametrize("name", ["", "  ", "x" * 501, "zero\0"])
    def test_a_name_that_is_none_is_refused(
        self, store: TrackingStore, experiment_id: str, name: str
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.create_experiment(w.CreateExperiment(name))
        with pytest.raises(InvalidValueError):
            store.update_experiment(w.UpdateExperiment(experiment_id, name))

    def test_a_name_may_have_five_hundred_characters(self, store: TrackingStore) -> None:
        name = unique("\U0001f600" * 463)
        assert len(name) == 496
        found = store.get_experiment(w.GetExperiment(new_experiment(store, name))).experiment
        assert found.name == name

    @pytest.mark.parametrize("experiment_id", MISSING)
    def test_an_unknown_experiment_is_not_found(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        with pytest.raises(NotFoundError):
            store.get_experiment(w.GetExperiment(experiment_id))
        with pytest.raises(NotFoundError):
            store.get_experiment_by_name(w.GetExperimentByName(unique()))
        with pytest.raises(NotFoundError):
            store.update_experiment(w.UpdateExperiment(experiment_id, unique()))
        with pytest.raises(NotFoundError):
            store.delete_experiment(w.DeleteExperiment(experiment_id))
        with pytest.raises(NotFoundError):
            store.restore_experiment(w.RestoreExperiment(experiment_id))
        with pytest.raises(NotFoundError):
            store.set_experiment_tag(w.SetExperimentTag(experiment_id, "k", "v"))
        with pytest.raises(NotFoundError):
            store.delete_experiment_tag(w.DeleteExperimentTag(experiment_id, "k"))
        with pytest.raises(NotFoundError):
            store.create_run(w.CreateRun(experiment_id))

    @pytest.mark.parametrize("experiment_id", ["", "x", "1.5", "0x1", "\u0663"])
    def test_an_id_that_is_no_integer_is_refused(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.get_experiment(w.GetExperiment(experiment_id))
        with pytest.raises(InvalidValueError):
            store.create_run(w.CreateRun(experiment_id))

    # Renaming

    def test_a_rename_changes_the_name_and_the_update_time_alone(
        self, store: TrackingStore
    ) -> None:
        old, new = unique("old"), unique("new")
        experiment_id = new_experiment(store, old)
        before = store.get_experiment(w.GetExperiment(experiment_id)).experiment
        store.update_experiment(w.UpdateExperiment(experiment_id, new))
        after = store.get_experiment_by_name(w.GetExperimentByName(new)).experiment
        assert (after.experiment_id, after.name) == (experiment_id, new)
        assert after.creation_time == before.creation_time
        assert (after.last_update_time or 0) >= (before.last_update_time or 0)
        assert after.artifact_location == before.artifact_location
        with pytest.raises(NotFoundError):
            store.get_experiment_by_name(w.GetExperimentByName(old))

    def test_the_old_name_of_a_renamed_experiment_is_free(self, store: TrackingStore) -> None:
        name = unique()
        first = new_experiment(store, name)
        store.update_experiment(w.UpdateExperiment(first, unique("renamed")))
        second = new_experiment(store, name)
        assert second != first
        found = store.get_experiment_by_name(w.GetExperimentByName(name)).experiment
        assert found.experiment_id == second

    def test_a_rename_to_a_taken_name_is_refused_and_changes_nothing(
        self, store: TrackingStore
    ) -> None:
        taken, name = unique("taken"), unique("mine")
        store.delete_experiment(w.DeleteExperiment(new_experiment(store, taken)))
        experiment_id = new_experiment(store, name)
        with pytest.raises(BadRequestError, match=taken):
            store.update_experiment(w.UpdateExperiment(experiment_id, taken))
        found = store.get_experiment(w.GetExperiment(experiment_id)).experiment
        assert found.name == name

    def test_an_experiment_may_be_renamed_to_its_own_name(self, store: TrackingStore) -> None:
        name = unique()
        experiment_id = new_experiment(store, name)
        store.update_experiment(w.UpdateExperiment(experiment_id, name))
        assert store.get_experiment(w.GetExperiment(experiment_id)).experiment.name == name

    # Tags

    def test_the_last_value_of_a_tag_wins(self, store: TrackingStore, experiment_id: str) -> None:
        for value in ("1", "2", ""):
            store.set_experiment_tag(w.SetExperimentTag(experiment_id, "k", value))
        assert tags_of(store, experiment_id) == {"k": ""}

    def test_tags_are_told_apart_by_case_and_keep_every_character(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        tags = {
            "k": "x" * 19_999 + "\U0001f600",
            "K": " blank ",
            "\uac00": "a",
            "\u1100\u1161": "b",
        }
        for key, value in tags.items():
            store.set_experiment_tag(w.SetExperimentTag(experiment_id, key, value))
        assert tags_of(store, experiment_id) == tags

    def test_a_tag_is_removed_and_a_missing_one_is_not_found(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        store.set_experiment_tag(w.SetExperimentTag(experiment_id, "k", "v"))
        store.set_experiment_tag(w.SetExperimentTag(experiment_id, "other", "v"))
        store.delete_experiment_tag(w.DeleteExperimentTag(experiment_id, "k"))
        assert tags_of(store, experiment_id) == {"other": "v"}
        with pytest.raises(NotFoundError):
            store.delete_experiment_tag(w.DeleteExperimentTag(experiment_id, "k"))

    @pytest.mark.parametrize(("key", "value"), [("k@", "v"), ("../k", "v"), ("k", "x" * 20_001)])
    def test_a_tag_that_cannot_be_kept_is_refused(
        self, store: TrackingStore, experiment_id: str, key: str, value: str
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.set_experiment_tag(w.SetExperimentTag(experiment_id, key, value))
        with pytest.raises(InvalidValueError):
            store.create_experiment(w.CreateExperiment(unique(), tags=[ExperimentTag(key, value)]))
        assert tags_of(store, experiment_id) == {}

    def test_tagging_leaves_the_update_time(self, store: TrackingStore, experiment_id: str) -> None:
        before = store.get_experiment(w.GetExperiment(experiment_id)).experiment.last_update_time
        store.set_experiment_tag(w.SetExperimentTag(experiment_id, "k", "v"))
        after = store.get_experiment(w.GetExperiment(experiment_id)).experiment.last_update_time
        assert after == before

    # Artifacts

    def test_artifacts_of_a_run_are_below_those_of_its_experiment(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        location = store.get_experiment(w.GetExperiment(experiment_id)).experiment.artifact_location
        run_id = new_run(store, experiment_id)
        assert run_of(store, run_id).info.artifact_uri == f"{location}/{run_id}/artifacts"

    @pytest.mark.parametrize(
        "location",
        [
            "runs:/abc/artifacts",
            "http://host/folder",
            "https://host/folder",
            "ftp://host/folder",
            "s3://bucket/folder#part",
            "s3://bucket/folder;type=x",
            "s3://bucket/../other",
            "s3://bucket/" + "x" * 2_048,
        ],
    )
    def test_a_location_that_no_artifacts_can_have_is_refused(
        self, store: TrackingStore, location: str
    ) -> None:
        name = unique()
        with pytest.raises(InvalidValueError):
            store.create_experiment(w.CreateExperiment(name, location))
        with pytest.raises(NotFoundError):
            store.get_experiment_by_name(w.GetExperimentByName(name))

    # Summaries

    def test_a_summary_counts_the_active_runs(self, store: TrackingStore) -> None:
        busy, empty = new_experiment(store), new_experiment(store)
        runs = [new_run(store, busy, start_time=1_000 + number) for number in range(5)]
        store.update_run(w.UpdateRun(runs[0], "FINISHED"))
        store.update_run(w.UpdateRun(runs[1], "FAILED"))
        store.delete_run(w.DeleteRun(runs[4]))
        question = w.SummarizeExperiments([busy, MISSING[0], empty, MISSING[1]])
        found = {one.experiment_id: one for one in store.summarize_experiments(question).summaries}
        assert found == {
            busy: w.ExperimentSummary(busy, 4, 2, 1_003),
            empty: w.ExperimentSummary(empty, 0, 0, None),
        }

    def test_an_experiment_from_another_store_keeps_its_id_and_its_times(
        self, store: TrackingStore
    ) -> None:
        wanted, name = str(uuid.uuid4().int % 10**12 + 1), unique()
        question = w.CreateExperiment(
            name, experiment_id=wanted, creation_time=5, last_update_time=7
        )
        assert store.create_experiment(question).experiment_id == wanted
        found = store.get_experiment_by_name(w.GetExperimentByName(name)).experiment
        assert (found.experiment_id, found.creation_time, found.last_update_time) == (wanted, 5, 7)

    def test_an_id_that_is_taken_or_cannot_be_one_is_refused(self, store: TrackingStore) -> None:
        taken = new_experiment(store)
        with pytest.raises(AlreadyExistsError, match=taken):
            store.create_experiment(w.CreateExperiment(unique(), experiment_id=taken))
        for wrong in ("007", "-1", "9" * 19, "x", ""):
            with pytest.raises(InvalidValueError, match="id"):
                store.create_experiment(w.CreateExperiment(unique(), experiment_id=wrong))
