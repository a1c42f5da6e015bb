"""Runs: made, named, updated."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace.entities import (
    PARENT_RUN_TAG,
    RUN_NAME_TAG,
    Metric,
    RunInputs,
    RunStatus,
    RunTag,
)
from headrace.errors import ConflictError, InvalidValueError
from headrace.naming import new_run_id
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import (
    Given,
    log_points,
    log_texts,
    new_experiment,
    new_run,
    run_of,
)
from headrace.wire import tracking as w

STATUSES: tuple[RunStatus, ...] = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")


def runs_in(store: TrackingStore, experiment_id: str) -> list[str]:
    """The ids of all active runs."""
    found = store.search_runs(w.SearchRuns([experiment_id], max_results=10_000)).runs
    return [run.info.run_id for run in found]


class RunContract(Given):
    """A run is what its client said, and what the store adds to it."""

    def test_a_new_run_is_as_it_was_asked_for(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        tags = [RunTag("b", "1"), RunTag("a", "\u00e9"), RunTag("b", "2")]
        question = w.CreateRun(experiment_id, "ada", "a name", 1_700_000_000_001, tags)
        created = store.create_run(question).run
        info = created.info
        assert re.fullmatch(r"[0-9a-f]{32}", info.run_id)
        assert info.run_uuid == info.run_id
        assert (info.experiment_id, info.user_id, info.run_name) == (experiment_id, "ada", "a name")
        assert (info.status, info.lifecycle_stage) == ("RUNNING", "active")
        assert (info.start_time, info.end_time) == (1_700_000_000_001, None)
        assert created.data.tags == {"a": "\u00e9", "b": "2", RUN_NAME_TAG: "a name"}
        assert (created.data.params, created.data.metrics) == ({}, {})
        assert created.inputs == RunInputs()
        found = run_of(store, info.run_id)
        assert found.info == info
        assert found.data.tags == created.data.tags

    def test_what_is_not_said_of_a_new_run_is_filled_in(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        created = store.create_run(w.CreateRun(experiment_id)).run
        assert (created.info.start_time, created.info.user_id) == (0, "")
        assert re.fullmatch(r"[a-z]+-[a-z]+-\d+", created.info.run_name or "")
        assert created.data.tags == {RUN_NAME_TAG: created.info.run_name}

    @pytest.mark.parametrize("start_time", [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1])
    def test_times_are_kept_to_the_millisecond(
        self, store: TrackingStore, experiment_id: str, start_time: int
    ) -> None:
        run_id = new_run(store, experiment_id, start_time)
        store.update_run(w.UpdateRun(run_id, end_time=start_time))
        info = run_of(store, run_id).info
        assert (info.start_time, info.end_time) == (start_time, start_time)

    def test_a_run_may_be_named_by_its_tag(self, store: TrackingStore, experiment_id: str) -> None:
        named = [RunTag(RUN_NAME_TAG, "by tag")]
        by_tag = store.create_run(w.CreateRun(experiment_id, tags=named)).run
        assert by_tag.info.run_name == "by tag"
        twice = store.create_run(w.CreateRun(experiment_id, run_name="by tag", tags=named)).run
        assert twice.data.tags == {RUN_NAME_TAG: "by tag"}

    def test_a_run_with_two_names_is_refused(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        question = w.CreateRun(experiment_id, run_name="one", tags=[RunTag(RUN_NAME_TAG, "two")])
        with pytest.raises(InvalidValueError, match=r"one.*two|two.*one"):
            store.create_run(question)
        assert runs_in(store, experiment_id) == []

    # Ids made by clients

    def test_a_run_whose_id_the_client_made_is_created_once(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        question = w.CreateRun(experiment_id, "ada", "n", 5, [RunTag("t", "1")], new_run_id())
        first = store.create_run(question).run
        assert first.info.run_id == question.run_id
        log_texts(store, first.info.run_id, {"p": "1"}, {"t": "2"})
        again = store.create_run(question).run
        assert again.info == first.info
        assert (again.data.params, again.data.tags["t"]) == ({"p": "1"}, "2")
        assert runs_in(store, experiment_id) == [question.run_id]

    def test_the_id_of_a_client_may_be_any_that_the_wire_allows(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        ids = [f"{stem}{new_run_id()}" for stem in ("A", "a", "0_-", "x" * 224)]
        for run_id in ids:
            store.create_run(w.CreateRun(experiment_id, run_id=run_id))
        assert [run_of(store, run_id).info.run_id for run_id in ids] == ids
        for run_id in ("", "-a", "a/b", "a b", "x" * 257, "a\n"):
            if run_id:
                with pytest.raises(InvalidValueError):
                    store.create_run(w.CreateRun(experiment_id, run_id=run_id))

    def test_the_id_of_a_run_of_another_experiment_is_a_conflict(
        self, store: TrackingStore, experiment_id: str, run_id: str
    ) -> None:
        other = new_experiment(store)
        with pytest.raises(ConflictError, match=run_id):
            store.create_run(w.CreateRun(other, run_id=run_id))
        assert run_of(store, run_id).info.experiment_id == experiment_id

    def test_a_run_created_by_several_at_once_is_created_once(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        question = w.CreateRun(experiment_id, run_id=new_run_id())
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(store.create_run, [question] * 8))
        assert {answer.run.info.run_name for answer in answers} == {
            run_of(store, str(question.run_id)).info.run_name
        }
        assert runs_in(store, experiment_id) == [question.run_id]

    # Updates

    def test_an_update_changes_only_what_it_gives(self, store: TrackingStore, run_id: str) -> None:
        before = run_of(store, run_id)
        assert store.update_run(w.UpdateRun(run_id)).run_info == before.info
        assert store.update_run(w.UpdateRun(run_id, run_name="")).run_info == before.info
        store.update_run(w.UpdateRun(run_id, end_time=7))
        store.update_run(w.UpdateRun(run_id, "FAILED"))
        answer = store.update_run(w.UpdateRun(run_id, run_name="renamed")).run_info
        after = run_of(store, run_id)
        assert answer == after.info
        assert (answer.status, answer.end_time, answer.run_name) == ("FAILED", 7, "renamed")
        assert (answer.start_time, answer.user_id) == (before.info.start_time, "")
        assert after.data.tags == {RUN_NAME_TAG: "renamed"}

    @pytest.mark.parametrize("before", STATUSES)
    def test_a_run_may_go_from_any_status_to_any(
        self, store: TrackingStore, run_id: str, before: RunStatus
    ) -> None:
        for after in STATUSES:
            store.update_run(w.UpdateRun(run_id, before))
            info = store.update_run(w.UpdateRun(run_id, after)).run_info
            assert (info.status, info.end_time) == (after, None)
            assert run_of(store, run_id).info == info

    def test_a_status_that_is_none_is_refused_and_changes_nothing(
        self, store: TrackingStore, run_id: str
    ) -> None:
        before = run_of(store, run_id)
        with pytest.raises(InvalidValueError):
            store.update_run(w.UpdateRun(run_id, "BOGUS", 5))  # type: ignore[arg-type]
        assert run_of(store, run_id) == before

    def test_a_run_that_has_ended_takes_more(self, store: TrackingStore, run_id: str) -> None:
        log_points(store, run_id, [(0, 0, 1.0)])
        store.update_run(w.UpdateRun(run_id, "FINISHED", 5))
        log_points(store, run_id, [(1, 1, 2.0)])
        log_texts(store, run_id, {"p": "1"})
        found = run_of(store, run_id)
        assert (found.info.status, found.data.metrics) == ("FINISHED", {"m": 2.0})
        assert found.data.params == {"p": "1"}

    def test_the_tag_of_the_name_renames_and_the_name_sets_the_tag(
        self, store: TrackingStore, run_id: str
    ) -> None:
        store.set_tag(w.SetTag(run_id, RUN_NAME_TAG, "one"))
        assert run_of(store, run_id).info.run_name == "one"
        log_texts(store, run_id, tags={RUN_NAME_TAG: "two"})
        assert run_of(store, run_id).info.run_name == "two"
        store.update_run(w.UpdateRun(run_id, run_name="three"))
        assert run_of(store, run_id).data.tags[RUN_NAME_TAG] == "three"

    def test_a_name_keeps_every_character(self, store: TrackingStore, run_id: str) -> None:
        for name in ("e\u0301", "\u00e9", " blank ", "\u202eabc", "\U0001f600" * 500):
            store.update_run(w.UpdateRun(run_id, run_name=name))
            assert run_of(store, run_id).info.run_name == name

    def test_the_longest_user_and_parent_are_kept_whole(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        user, parent = "\u00fc" * 500, "p" * 5_000
        question = w.CreateRun(experiment_id, user, tags=[RunTag(PARENT_RUN_TAG, parent)])
        made = store.create_run(question).run
        found = run_of(store, made.info.run_id)
        assert (found.info.user_id, found.data.tags[PARENT_RUN_TAG]) == (user, parent)
        other = new_run(store, experiment_id)
        store.set_tag(w.SetTag(other, PARENT_RUN_TAG, parent))
        assert run_of(store, other).data.tags[PARENT_RUN_TAG] == parent

    def test_a_run_has_as_many_keys_as_it_likes(self, store: TrackingStore, run_id: str) -> None:
        keys = [f"layer {number}/weight" for number in range(3_000)]
        for start in range(0, 3_000, 1_000):
            metrics = [Metric(key, 1.0, 1, 1) for key in keys[start : start + 1_000]]
            store.log_batch(w.LogBatch(run_id, metrics))
        assert run_of(store, run_id).data.metrics.keys() == set(keys)
