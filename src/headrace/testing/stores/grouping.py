"""Groups of runs, and the values that a column has."""

import math
import statistics
from typing import Any

import pytest

from headrace.entities import ViewType
from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, log_points, log_texts, new_experiment, new_run
from headrace.wire import tables as t
from headrace.wire import tracking as w

LOSSES = {"tree": [0.5, 0.25, 1.0], "linear": [2.0], "deep": [math.nan, math.inf, 0.1]}


class GroupingContract(Given):
    """Groups have the numbers of their runs; values are those that active runs have."""

    @pytest.fixture
    def models(self, store: TrackingStore, experiment_id: str) -> str:
        """An experiment with runs of three models, and one run of none."""
        for model, losses in LOSSES.items():
            for number, loss in enumerate(losses):
                run_id = new_run(store, experiment_id)
                log_texts(store, run_id, {"model": model, "lr": f"0.{number + 1}"}, {"team": "a b"})
                log_points(store, run_id, [(0, 0, 9.0), (1, 1, loss)], "loss")
        new_run(store, experiment_id)
        return experiment_id

    def test_runs_are_grouped_and_their_numbers_told(
        self, store: TrackingStore, models: str
    ) -> None:
        found = store.group_runs(
            t.GroupRuns([models], ["params.model"], ["metrics.loss", "number(params.lr)"])
        )
        assert (found.runs, found.total) == (8, 4)
        groups = {group.values[0]: group for group in found.groups}
        assert [group.count for group in found.groups] == [3, 3, 1, 1]
        assert list(groups) == ["deep", "tree", "linear", None]
        tree, lr = groups["tree"].spreads
        assert tree is not None
        assert (tree.count, tree.min, tree.max) == (3, 0.25, 1.0)
        assert tree.mean == pytest.approx(statistics.mean(LOSSES["tree"]))
        assert tree.std == pytest.approx(statistics.stdev(LOSSES["tree"]))
        assert lr is not None
        assert lr.mean == pytest.approx(0.2)
        assert groups["linear"].spreads[0] == t.Spread(1, 2.0, 2.0, 2.0, None)
        assert groups["deep"].spreads[0] == t.Spread(1, 0.1, 0.1, 0.1, None), "finite values only"
        assert groups[None].spreads == [None, None]

    def test_groups_of_several_columns_of_what_a_filter_finds(
        self, store: TrackingStore, models: str
    ) -> None:
        found = store.group_runs(
            t.GroupRuns(
                [models],
                ["tags.team", "params.model", "status"],
                ["min(metrics.loss)"],
                "params.model != 'deep'",
            )
        )
        assert [(group.values, group.count) for group in found.groups] == [
            (["a b", "tree", "RUNNING"], 3),
            (["a b", "linear", "RUNNING"], 1),
        ]
        (tree,) = found.groups[0].spreads
        assert tree is not None
        assert (tree.count, tree.min, tree.max) == (3, 0.25, 1.0)

    def test_only_so_many_groups_are_told_and_how_many_there_are(
        self, store: TrackingStore, models: str
    ) -> None:
        found = store.group_runs(t.GroupRuns([models], ["params.model"], max_results=1))
        assert ([group.values for group in found.groups], found.total) == ([["deep"]], 4)

    def test_deleted_runs_are_grouped_where_they_are_asked_for(
        self, store: TrackingStore, models: str
    ) -> None:
        (gone,) = store.search_runs(w.SearchRuns([models], "params.model = 'linear'")).runs
        store.delete_run(w.DeleteRun(gone.info.run_id))
        by_model = t.GroupRuns([models], ["params.model"], run_view_type=ViewType.DELETED_ONLY)
        assert [group.values for group in store.group_runs(by_model).groups] == [["linear"]]

    @pytest.mark.parametrize(
        "bad",
        [
            {"by": []},
            {"by": ["metrics.loss"]},
            {"by": ["start_time"]},
            {"by": ["no such"]},
            {"by": ["params.model"], "columns": ["params.model"]},
            {"by": ["params.model"], "filter": "params.model ="},
        ],
    )
    def test_groups_that_make_no_sense_are_refused(
        self, store: TrackingStore, experiment_id: str, bad: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.group_runs(t.GroupRuns(**{"experiment_ids": [experiment_id], **bad}))

    def test_the_values_of_a_column_that_begin_with_a_text(
        self, store: TrackingStore, models: str
    ) -> None:
        def values(column: str, prefix: str = "", most: int = 20) -> list[str]:
            return store.list_values(t.ListValues([models], column, prefix, most)).values

        run_id = new_run(store, models)
        log_texts(store, run_id, {"model": "treé", "long": "x" * 600}, {})
        assert values("params.model") == ["deep", "linear", "tree", "treé"]
        assert values("params.model", "tre") == ["tree", "treé"]
        assert values("params.model", "Tre") == []
        assert values("params.model", most=2) == ["deep", "linear"]
        assert values("params.long") == []
        assert values("params.absent") == []
        assert values("status", "RUN") == ["RUNNING"]
        assert values("tags.team", "a ") == ["a b"]
        assert len(values("run_name")) == 9
        assert values("metrics.loss") == []

    def test_columns_that_tell_runs_apart(self, store: TrackingStore, experiment_id: str) -> None:
        texts = {"seed": "1", "long": "x" * 600, "model": "tree"}
        first, second, third = (new_run(store, experiment_id) for _ in range(3))
        for run_id, loss in ((first, 0.5), (second, 0.25)):
            log_texts(store, run_id, texts, {"team": "a"})
            log_points(store, run_id, [(0, 0, loss)], "loss")
            log_points(store, run_id, [(0, 0, math.nan)], "gone")
            log_points(store, run_id, [(0, 0, 1.0)], "one")
        changed = {**texts, "long": "x" * 600 + "y", "model": "deep", "depth": "3"}
        log_texts(store, third, changed, {})
        log_points(store, third, [(0, 0, math.nan)], "gone")

        def variation(text: str | None = None) -> t.Variation:
            return store.find_variation(t.FindVariation([experiment_id], text))

        found = variation()
        assert found.varying.params == ["depth", "long", "model"]
        assert found.constant.params == ["seed"]
        assert found.varying.tags.count("team") == 1, "one run has none"
        assert (found.varying.metrics, found.constant.metrics) == (["loss", "one"], ["gone"])
        found = variation("params.model = 'tree'")
        assert (found.varying.params, found.constant.params) == ([], ["long", "model", "seed"])
        assert "team" in found.constant.tags
        assert (found.varying.metrics, found.constant.metrics) == (["loss"], ["gone", "one"])
        store.delete_run(w.DeleteRun(third))
        assert variation().varying.params == []
        assert variation("params.model = 'none'") == t.Variation()

    def test_values_of_several_experiments_are_one_list(
        self, store: TrackingStore, models: str
    ) -> None:
        other = new_experiment(store)
        log_texts(store, new_run(store, other), {"model": "forest"}, {})
        both = t.ListValues([models, other], "params.model")
        assert store.list_values(both).values == ["deep", "forest", "linear", "tree"]
        assert store.list_values(t.ListValues([], "params.model")).values == []
