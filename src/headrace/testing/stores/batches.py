"""Batches: all or nothing, whatever they hold and however many come at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from headrace.entities import RUN_NAME_TAG, Metric, Param, RunTag
from headrace.errors import HeadraceError, InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import (
    Given,
    exact_metrics,
    history,
    log_texts,
    new_run,
    run_of,
)
from headrace.wire import tracking as w

GOOD: dict[str, Any] = {
    "metrics": [Metric("m", 1.0, 1, 1)],
    "params": [Param("new", "1")],
    "tags": [RunTag("t", "1"), RunTag(RUN_NAME_TAG, "renamed")],
}
BAD: dict[str, dict[str, Any]] = {
    "a param with another value": {"params": [Param("old", "other"), Param("new", "1")]},
    "a param twice": {"params": [Param("new", "1"), Param("new", "1")]},
    "an unknown model": {"metrics": [Metric("m", 1.0, 1, 1, model_id="m-" + "0" * 32)]},
    "a time before 1970": {"metrics": [Metric("m", 1.0, 1, 1), Metric("m", 1.0, -1, 2)]},
    "a step that is too large": {"metrics": [Metric("m", 1.0, 1, 2**63)]},
    "a metric without a proper name": {"metrics": [Metric("m", 1.0, 1, 1), Metric("m@", 1.0, 1)]},
    "too many metrics": {"metrics": [Metric("m", 1.0, 1, step) for step in range(1_001)]},
    "too many params": {"params": [Param(f"p{number}", "") for number in range(101)]},
    "too many tags": {"tags": [RunTag(f"t{number}", "") for number in range(101)]},
    "too many together": {"metrics": [Metric("m", 1.0, 1, step) for step in range(998)]},
}


class BatchContract(Given):
    """A batch is stored whole, or leaves no trace."""

    def test_a_batch_holds_metrics_params_and_tags(self, store: TrackingStore, run_id: str) -> None:
        store.log_batch(w.LogBatch(run_id, **GOOD))
        found = run_of(store, run_id)
        assert found.data.metrics == {"m": 1.0}
        assert found.data.params == {"new": "1"}
        assert found.data.tags == {"t": "1", RUN_NAME_TAG: "renamed"}
        assert found.info.run_name == "renamed"

    def test_an_empty_batch_is_no_error(self, store: TrackingStore, run_id: str) -> None:
        before = run_of(store, run_id)
        store.log_batch(w.LogBatch(run_id))
        assert run_of(store, run_id) == before

    def test_the_largest_batch_is_kept_whole(self, store: TrackingStore, run_id: str) -> None:
        metrics = [Metric(f"m{step % 7}", step / 3, step, step) for step in range(800)]
        params = [Param(f"p{number}", str(number)) for number in range(100)]
        tags = [RunTag(f"t{number}", str(number)) for number in range(100)]
        store.log_batch(w.LogBatch(run_id, metrics, params, tags))
        data = run_of(store, run_id).data
        assert data.params == {param.key: param.value for param in params}
        assert {key: data.tags[key] for key in (tag.key for tag in tags)} == {
            tag.key: tag.value for tag in tags
        }
        found = [exact_metrics(history(store, run_id, f"m{number}")) for number in range(7)]
        expected = [exact_metrics(metrics[number::7]) for number in range(7)]
        assert found == expected

    def test_the_last_of_several_values_of_a_tag_in_a_batch_wins(
        self, store: TrackingStore, run_id: str
    ) -> None:
        store.log_batch(w.LogBatch(run_id, tags=[RunTag("t", "1"), RunTag("t", "2")]))
        assert run_of(store, run_id).data.tags["t"] == "2"

    @pytest.mark.parametrize("fault", BAD)
    def test_a_batch_with_a_fault_leaves_no_trace(
        self, store: TrackingStore, run_id: str, fault: str
    ) -> None:
        log_texts(store, run_id, {"old": "1"})
        before = run_of(store, run_id)
        with pytest.raises(HeadraceError):
            store.log_batch(w.LogBatch(run_id, **{**GOOD, **BAD[fault]}))
        assert run_of(store, run_id) == before
        assert history(store, run_id) == []
        store.log_batch(w.LogBatch(run_id, **GOOD))
        assert run_of(store, run_id).data.metrics == {"m": 1.0}

    def test_a_refusal_names_every_param_that_has_another_value(
        self, store: TrackingStore, run_id: str
    ) -> None:
        log_texts(store, run_id, {"a": "1", "b": "2", "c": "3"})
        with pytest.raises(InvalidValueError, match=r"key='a'.*key='c'"):
            log_texts(store, run_id, {"a": "x", "b": "2", "c": "y"})

    def test_what_threads_log_to_one_run_is_all_there_once(
        self, store: TrackingStore, run_id: str
    ) -> None:
        def log(thread: int) -> None:
            for step in range(10):
                shared, own = Metric("shared", 0.5, 7, step), Metric("own", thread, step, thread)
                store.log_batch(w.LogBatch(run_id, [shared, own], [Param(f"p{thread}", "v")]))
                store.set_tag(w.SetTag(run_id, f"t{thread}", str(step)))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(log, range(8)))
        assert exact_metrics(history(store, run_id, "shared")) == exact_metrics(
            Metric("shared", 0.5, 7, step) for step in range(10)
        )
        own = {(metric.step, metric.timestamp) for metric in history(store, run_id, "own")}
        assert own == {(thread, step) for thread in range(8) for step in range(10)}
        data = run_of(store, run_id).data
        assert data.params == {f"p{thread}": "v" for thread in range(8)}
        assert {data.tags[f"t{thread}"] for thread in range(8)} == {"9"}

    def test_of_threads_that_write_one_param_differently_one_wins(
        self, store: TrackingStore, run_id: str
    ) -> None:
        def log(value: int) -> str | None:
            try:
                store.log_batch(
                    w.LogBatch(run_id, [Metric("m", value, 1, value)], [Param("p", str(value))])
                )
            except InvalidValueError:
                return None
            return str(value)

        with ThreadPoolExecutor(8) as pool:
            winners = [value for value in pool.map(log, range(8)) if value is not None]
        data = run_of(store, run_id).data
        assert winners == [data.params["p"]]
        assert [metric.step for metric in history(store, run_id)] == [int(winners[0])]

    def test_threads_that_fail_do_not_disturb_their_neighbours(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_ids = [new_run(store, experiment_id) for _ in range(4)]
        for run_id in run_ids:
            log_texts(store, run_id, {"old": "1"})

        def log(number: int) -> bool:
            run_id, fails = run_ids[number % 4], number % 3 == 0
            params = [Param("old", "other" if fails else "1")]
            try:
                store.log_batch(w.LogBatch(run_id, [Metric("m", number, 1, number)], params))
            except InvalidValueError:
                return fails
            return not fails

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(log, range(60)))
        for index, run_id in enumerate(run_ids):
            steps = [metric.step for metric in history(store, run_id)]
            assert steps == [number for number in range(index, 60, 4) if number % 3]

    def test_who_reads_meanwhile_sees_each_batch_whole(
        self, store: TrackingStore, experiment_id: str, run_id: str
    ) -> None:
        def log(number: int) -> None:
            tags = [RunTag("t", str(number))]
            store.log_batch(w.LogBatch(run_id, [Metric("m", number, number, number)], tags=tags))

        log(0)
        seen = []
        with ThreadPoolExecutor(1) as pool:
            for writing in [pool.submit(log, number) for number in range(1, 100)]:
                while not writing.done():
                    seen.append(run_of(store, run_id))
                    seen += store.search_runs(w.SearchRuns([experiment_id])).runs
        torn = [
            (run.data.tags["t"], run.data.metrics["m"])
            for run in seen
            if run.data.tags["t"] != str(int(run.data.metrics["m"]))
        ]
        assert torn == []
