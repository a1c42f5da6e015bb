"""Tables of runs: the columns asked for, the reductions of metrics, the exact number of rows."""

import math
from typing import Any

import pytest

from headrace.entities import PARENT_RUN_TAG, Metric, RunTag, ViewType
from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import (
    Given,
    exact,
    log_points,
    log_texts,
    new_experiment,
    new_run,
    run_of,
)
from headrace.wire import tracking as w

REDUCTIONS = ("first", "min", "max", "mean", "count")


def cells(store: TrackingStore, experiment_id: str, *columns: str) -> list[Any]:
    """The cells of the only row."""
    (row,) = store.tabulate_runs(w.TabulateRuns([experiment_id], columns=list(columns))).rows
    return row.values


class TabulationContract(Given):
    """A table has the rows of a search, and only the columns that were asked for."""

    def test_a_row_says_what_the_run_is(self, store: TrackingStore, experiment_id: str) -> None:
        run_id = store.create_run(
            w.CreateRun(experiment_id, "ada", "n", 5, [RunTag(PARENT_RUN_TAG, "p" * 32)])
        ).run.info.run_id
        store.update_run(w.UpdateRun(run_id, "FAILED", 9))
        (row,) = store.tabulate_runs(w.TabulateRuns([experiment_id])).rows
        assert row == w.RunRow(
            run_id, experiment_id, "n", "FAILED", "active", "ada", 5, 9, "p" * 32, 0, []
        )

    def test_columns_come_in_the_order_asked_for_and_are_empty_where_a_run_has_nothing(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        full, bare = new_run(store, experiment_id, 2), new_run(store, experiment_id, 1)
        log_texts(store, full, {"p": "x" * 300, "a b": "2"}, {"t": ""})
        log_points(store, full, [(0, 0, 9.0), (1, 1, 1.5)])
        columns = [
            "metrics.m", "tags.t", "params.p", "params.`a b`", "metrics.absent", "status",
            "start_time", "metrics.m", "params.absent", "end_time", "run_id", "run_name", "user_id",
        ]  # fmt: skip
        rows = store.tabulate_runs(w.TabulateRuns([experiment_id], columns=columns)).rows
        names = [run_of(store, run).info.run_name for run in (full, bare)]
        assert [row.values for row in rows] == [
            [1.5, "", "x" * 300, "2", None, "RUNNING", 2, 1.5, None, None, full, names[0], ""],
            [None, None, None, None, None, "RUNNING", 1, None, None, None, bare, names[1], ""],
        ]

    def test_a_metric_is_reduced_over_all_its_points(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_id = new_run(store, experiment_id)
        points = [(3, 3, 4.0), (1, 2, -2.0), (1, 1, 8.0), (5, 0, 1.0)]
        columns = [f"{reduction}(metrics.m)" for reduction in REDUCTIONS]
        log_points(store, run_id, points[:2])
        log_points(store, run_id, points[2:])
        log_points(store, run_id, points[1:3])
        assert cells(store, experiment_id, "metrics.m", *columns) == [1.0, 8.0, -2.0, 8.0, 2.75, 4]
        store.update_run(w.UpdateRun(run_id, "FINISHED"))
        assert cells(store, experiment_id, "metrics.m", *columns) == [1.0, 8.0, -2.0, 8.0, 2.75, 4]

    def test_a_reduction_passes_over_what_is_no_number(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_id = new_run(store, experiment_id)
        log_points(store, run_id, [(0, 0, 2.0), (1, 1, math.nan), (2, 2, 4.0), (3, 3, math.nan)])
        columns = [f"{reduction}(metrics.m)" for reduction in REDUCTIONS]
        assert cells(store, experiment_id, *columns) == [2.0, 2.0, 4.0, 3.0, 4]
        log_points(store, run_id, [(0, 0, math.nan)], "none")
        columns = [f"{reduction}(metrics.none)" for reduction in REDUCTIONS]
        assert cells(store, experiment_id, *columns) == [None, None, None, None, 1]

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 5e-324])
    def test_the_last_value_is_exact(
        self, store: TrackingStore, experiment_id: str, value: float
    ) -> None:
        log_points(store, new_run(store, experiment_id), [(0, 0, value)])
        (found,) = cells(store, experiment_id, "metrics.m")
        assert exact([(0, 0, found)]) == exact([(0, 0, value)])

    def test_rows_are_those_of_the_search_from_any_offset_with_their_exact_number(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        for start in range(7):
            run_id = new_run(store, experiment_id, start)
            log_texts(store, run_id, {"p": str(start % 2)})
        for text, order in ((None, []), ("params.p = '1'", ["start_time ASC"])):
            search = w.SearchRuns([experiment_id], text, order_by=order)
            expected = [run.info.run_id for run in store.search_runs(search).runs]
            for offset in range(8):
                question = w.TabulateRuns(
                    [experiment_id], text, order_by=order, offset=offset, max_results=3
                )
                table = store.tabulate_runs(question)
                assert [row.run_id for row in table.rows] == expected[offset : offset + 3]
                assert table.total == len(expected)

    def test_a_table_is_counted_only_when_asked(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        new_run(store, experiment_id)
        assert store.tabulate_runs(w.TabulateRuns([experiment_id], count=False)).total is None
        assert store.tabulate_runs(w.TabulateRuns([experiment_id], count=True)).total == 1
        assert store.tabulate_runs(w.TabulateRuns([])) == w.RunTable([], 0)

    def test_a_row_counts_its_active_children(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        parent = new_run(store, experiment_id, 9)
        children = [
            store.create_run(
                w.CreateRun(experiment_id, tags=[RunTag(PARENT_RUN_TAG, parent)])
            ).run.info.run_id
            for _ in range(2)
        ]
        later = new_run(store, experiment_id)
        store.set_tag(w.SetTag(later, PARENT_RUN_TAG, parent))

        def shown() -> int:
            return store.tabulate_runs(w.TabulateRuns([experiment_id])).rows[0].children

        assert shown() == 3
        store.delete_run(w.DeleteRun(children[0]))
        assert shown() == 2
        store.delete_tag(w.DeleteTag(later, PARENT_RUN_TAG))
        assert shown() == 1

    def test_a_table_of_deleted_runs_says_so(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_id = new_run(store, experiment_id)
        store.delete_run(w.DeleteRun(run_id))
        question = w.TabulateRuns([experiment_id], run_view_type=ViewType.DELETED_ONLY)
        (row,) = store.tabulate_runs(question).rows
        assert (row.run_id, row.lifecycle_stage) == (run_id, "deleted")

    @pytest.mark.parametrize(
        "bad",
        [
            {"columns": ["no_such_field"]},
            {"columns": ["metrics."]},
            {"filter": "metrics.m >"},
            {"offset": -1},
            {"max_results": 0},
            {"max_results": 10_001},
        ],
    )
    def test_a_table_that_makes_no_sense_is_refused(
        self, store: TrackingStore, experiment_id: str, bad: dict[str, Any]
    ) -> None:
        new_run(store, experiment_id)
        with pytest.raises(InvalidValueError):
            store.tabulate_runs(w.TabulateRuns(**{"experiment_ids": [experiment_id], **bad}))

    def test_the_columns_of_experiments_are_the_keys_that_their_runs_have(
        self, store: TrackingStore
    ) -> None:
        one, two, other = (new_experiment(store) for _ in range(3))
        for experiment, stem in ((one, "b"), (two, "a"), (one, "b"), (other, "x")):
            run_id = new_run(store, experiment)
            log_texts(store, run_id, {f"{stem} param": "1"}, {f"{stem} tag": "1"})
            log_points(store, run_id, [(0, 0, 1.0)], f"{stem} metric")
        columns = store.list_columns(w.ListColumns([one, two, "123456789012345678"]))
        assert columns.params == ["a param", "b param"]
        assert columns.metrics == ["a metric", "b metric"]
        assert [key for key in columns.tags if not key.startswith("mlflow.")] == ["a tag", "b tag"]
        assert store.list_columns(w.ListColumns([new_experiment(store)])) == w.Columns()

    def test_a_key_that_comes_with_a_repeated_point_is_a_column(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_id = new_run(store, experiment_id)
        old, new = Metric("old", 1.0, 1, 1), Metric("new", 1.0, 1, 1)
        store.log_batch(w.LogBatch(run_id, [old]))
        store.log_batch(w.LogBatch(run_id, [old, new]))
        assert store.list_columns(w.ListColumns([experiment_id])).metrics == ["new", "old"]
