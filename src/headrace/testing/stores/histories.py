"""Histories: their order, their pages, and those of several runs at once."""

import itertools
import math
import random

import pytest

from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.stores.points import unpack
from headrace.testing.stores.given import (
    Exact,
    Given,
    Point,
    by_step,
    by_time,
    exact,
    exact_metrics,
    history,
    log_points,
    new_run,
)
from headrace.wire import tracking as w

MISSING = "f" * 32


def mixed(size: int, seed: int = 7) -> list[Point]:
    """Points whose steps, times and values repeat, in no order."""
    chance = random.Random(seed)  # noqa: S311  (no secret)
    values = [0.5, 1.5, -2.0, math.nan, math.inf]
    places = [
        (step - 5, time, value) for step in range(20) for time in range(9) for value in values
    ]
    return chance.sample(places, size)


class HistoryContract(Given):
    """The points of a series, in the order that each question promises."""

    def test_a_history_is_by_time_then_step_then_value(
        self, store: TrackingStore, run_id: str
    ) -> None:
        points = mixed(300)
        for start in range(0, 300, 70):
            log_points(store, run_id, points[start : start + 70])
        found = history(store, run_id)
        assert exact_metrics(found) == exact(by_time(points))
        assert {metric.key for metric in found} == {"m"}
        store.update_run(w.UpdateRun(run_id, "FINISHED"))
        assert exact_metrics(history(store, run_id)) == exact(by_time(points))

    @pytest.mark.parametrize("size", [1, 7, 10, 49, 50, 51])
    def test_pages_give_every_point_once_and_the_last_has_no_token(
        self, store: TrackingStore, run_id: str, size: int
    ) -> None:
        points = mixed(50)
        log_points(store, run_id, points)
        found: list[Exact] = []
        token, pages = None, 0
        while token is not None or not pages:
            question = w.GetMetricHistory(run_id, "m", token, size)
            page = store.get_metric_history(question)
            assert len(page.metrics) == min(size, 50 - len(found))
            found += exact_metrics(page.metrics)
            token, pages = page.next_page_token, pages + 1
        assert found == exact(by_time(points))
        assert pages == math.ceil(50 / size)

    @pytest.mark.parametrize(
        ("size", "token"), [(0, None), (-1, None), (5, "garbage"), (5, "MQ==")]
    )
    def test_a_page_that_is_none_is_refused(
        self, store: TrackingStore, run_id: str, size: int, token: str | None
    ) -> None:
        log_points(store, run_id, [(0, 0, 1.0)])
        with pytest.raises(InvalidValueError):
            store.get_metric_history(w.GetMetricHistory(run_id, "m", token, size))

    def test_an_unknown_run_or_key_has_no_points(self, store: TrackingStore, run_id: str) -> None:
        log_points(store, run_id, [(0, 0, 1.0)])
        for run, key in ((MISSING, "m"), (run_id, "never seen by this store"), (run_id, "M")):
            assert store.get_metric_history(w.GetMetricHistory(run, key)) == w.MetricHistory()
            assert len(unpack(store.get_metric_columns(run, key)).steps) == 0

    def test_the_points_of_a_deleted_run_can_be_read(
        self, store: TrackingStore, run_id: str
    ) -> None:
        log_points(store, run_id, [(0, 0, 1.0)])
        store.delete_run(w.DeleteRun(run_id))
        assert exact_metrics(history(store, run_id)) == exact([(0, 0, 1.0)])

    def test_a_whole_series_comes_as_columns_by_step(
        self, store: TrackingStore, run_id: str
    ) -> None:
        points = [*mixed(300), (2**63 - 1, 2**53 + 1, -0.0), (-(2**63), 2**63 - 1, 5e-324)]
        for start in range(0, 302, 100):
            log_points(store, run_id, points[start : start + 100])
        for _ in range(2):
            steps, times, values = unpack(store.get_metric_columns(run_id, "m"))
            found = list(zip(steps.tolist(), times.tolist(), values.tolist(), strict=True))
            assert exact(found) == exact(by_step(points))
            store.update_run(w.UpdateRun(run_id, "FINISHED"))

    # Several runs

    def test_histories_of_several_runs_are_by_run_id_then_time_then_step_then_value(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        points = {new_run(store, experiment_id): mixed(20, seed) for seed in range(4)}
        for run_id, some in points.items():
            log_points(store, run_id, some)
        empty = new_run(store, experiment_id)
        question = w.GetMetricHistoryBulk([*reversed(points), MISSING, empty], "m")
        found = store.get_metric_history_bulk(question).metrics
        assert [metric.run_id for metric in found] == [
            run for run in sorted(points) for _ in range(20)
        ]
        expected = [point for run_id in sorted(points) for point in by_time(points[run_id])]
        assert exact_metrics(found) == exact(expected)
        cut = store.get_metric_history_bulk(w.GetMetricHistoryBulk(list(points), "m", 33)).metrics
        assert exact_metrics(cut) == exact(expected[:33])

    def test_a_hundred_runs_may_be_asked_for_at_once_and_no_more(
        self, store: TrackingStore
    ) -> None:
        ids = [f"{number:032x}" for number in range(101)]
        assert store.get_metric_history_bulk(w.GetMetricHistoryBulk(ids[:100], "m")).metrics == []
        interval = w.GetMetricHistoryInterval(ids[:100], "m")
        assert store.get_metric_history_interval(interval).metrics == []
        with pytest.raises(InvalidValueError):
            store.get_metric_history_bulk(w.GetMetricHistoryBulk(ids, "m"))
        with pytest.raises(InvalidValueError):
            store.get_metric_history_interval(w.GetMetricHistoryInterval(ids, "m"))

    # Intervals

    def test_an_interval_is_by_step_in_the_order_of_the_runs_asked_for(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        points = {new_run(store, experiment_id): mixed(60, seed) for seed in range(3)}
        for run_id, some in points.items():
            log_points(store, run_id, some)
        order = [*sorted(points, reverse=True), MISSING]
        question = w.GetMetricHistoryInterval(order, "m", -2, 6)
        found = store.get_metric_history_interval(question).metrics
        expected = [
            (run_id, point)
            for run_id in order[:3]
            for point in by_step(points[run_id])
            if -2 <= point[0] <= 6
        ]
        assert [metric.run_id for metric in found] == [run_id for run_id, _ in expected]
        assert exact_metrics(found) == exact(point for _, point in expected)

    @pytest.mark.parametrize("most", [1, 2, 3, 50, 199, 200, 2_500])
    def test_an_interval_is_sampled_evenly_with_its_first_and_last_point(
        self, store: TrackingStore, run_id: str, most: int
    ) -> None:
        log_points(store, run_id, [(step, step, float(step)) for step in range(200)])
        question = w.GetMetricHistoryInterval([run_id], "m", max_results=most)
        steps = [metric.step for metric in store.get_metric_history_interval(question).metrics]
        assert len(steps) == min(most, 200)
        assert steps == sorted(set(steps))
        assert steps[0] == 0
        if most > 1:
            assert steps[-1] == 199
            gaps = {after - before for before, after in itertools.pairwise(steps)}
            assert max(gaps) - min(gaps) <= 1

    @pytest.mark.parametrize(
        ("start", "end", "most"),
        [(1, None, 10), (None, 1, 10), (5, 1, 10), (None, None, 0), (None, None, 2_501)],
    )
    def test_an_interval_that_is_none_is_refused(
        self, store: TrackingStore, run_id: str, start: int | None, end: int | None, most: int
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.get_metric_history_interval(
                w.GetMetricHistoryInterval([run_id], "m", start, end, most)
            )
