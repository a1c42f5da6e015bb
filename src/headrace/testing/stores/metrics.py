"""Points: exact, kept once, and which of them is the latest."""

import itertools
import math
import random
import sys

import pytest

from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import (
    Given,
    Point,
    by_step,
    by_time,
    exact,
    exact_metrics,
    history,
    log_points,
    run_of,
)
from headrace.wire import tracking as w

VALUES = (
    0.0,
    -0.0,
    1.0,
    0.1 + 0.2,
    -1e-300,
    5e-324,
    -5e-324,
    sys.float_info.min,
    sys.float_info.max,
    -sys.float_info.max,
    float(2**53),
    float(2**53 + 2),
    math.pi,
    math.nan,
    math.inf,
    -math.inf,
)
STEPS = (-(2**63), -(2**53) - 1, -1, 0, 1, 2**53 + 1, 2**63 - 1)
TIMES = (0, 1, 2**53 + 1, 2**63 - 1)


def latest(store: TrackingStore, run_id: str, key: str = "m") -> list[tuple[int, int, str]]:
    """The point that the run shows of a series."""
    return exact_metrics(
        metric for metric in run_of(store, run_id).data.metric_list if metric.key == key
    )


class MetricContract(Given):
    """A point is (step, timestamp, value), and comes back as it went in."""

    def test_every_value_comes_back_to_the_bit(self, store: TrackingStore, run_id: str) -> None:
        for number, value in enumerate(VALUES):
            log_points(store, run_id, [(0, 0, value)], f"alone {number}")
        points = [(step, step, value) for step, value in enumerate(VALUES)]
        log_points(store, run_id, points)
        for number, value in enumerate(VALUES):
            key = f"alone {number}"
            assert exact_metrics(history(store, run_id, key)) == exact([(0, 0, value)])
            assert latest(store, run_id, key) == exact([(0, 0, value)])
        assert exact_metrics(history(store, run_id)) == exact(points)

    def test_steps_and_times_are_exact_whole_numbers_in_any_order(
        self, store: TrackingStore, run_id: str
    ) -> None:
        points = [(step, time, 0.5) for step in STEPS for time in TIMES]
        random.Random(1).shuffle(points)  # noqa: S311  (no secret)
        for start in range(0, len(points), 5):
            log_points(store, run_id, points[start : start + 5])
        assert exact_metrics(history(store, run_id)) == exact(by_time(points))
        assert latest(store, run_id) == exact([(2**63 - 1, 2**63 - 1, 0.5)])

    def test_a_point_logged_alone_is_as_one_of_a_batch(
        self, store: TrackingStore, run_id: str
    ) -> None:
        store.log_metric(w.LogMetric(run_id, "m", 1.5, 10, -3))
        store.log_metric(w.LogMetric(run_id, "m", 2.5, 11))
        assert exact_metrics(history(store, run_id)) == exact([(-3, 10, 1.5), (0, 11, 2.5)])

    @pytest.mark.parametrize(("time", "step"), [(-1, 0), (2**63, 0), (0, 2**63), (0, -(2**63) - 1)])
    def test_a_number_that_is_out_of_range_is_refused(
        self, store: TrackingStore, run_id: str, time: int, step: int
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.log_metric(w.LogMetric(run_id, "m", 1.0, time, step))
        with pytest.raises(InvalidValueError):
            log_points(store, run_id, [(0, 0, 1.0), (step, time, 1.0)])
        assert history(store, run_id) == []

    # Identity

    def test_the_same_point_again_is_kept_once(self, store: TrackingStore, run_id: str) -> None:
        points = [(step % 3, step % 2, value) for step in range(6) for value in VALUES]
        known = list(dict.fromkeys(points))
        known = by_time(point for point in known if point[2] == point[2])
        known += [(step, time, math.nan) for step, time in {(s % 3, s % 2) for s in range(6)}]
        for _ in range(2):
            log_points(store, run_id, points + points[:7])
        for step, time, value in points[:4]:
            store.log_metric(w.LogMetric(run_id, "m", value, time, step))
        store.update_run(w.UpdateRun(run_id, "FINISHED"))
        log_points(store, run_id, points)
        kept = exact_metrics(history(store, run_id))
        assert len(kept) == len(set(kept))
        assert set(kept) == set(exact(points))

    def test_points_that_differ_in_one_thing_are_all_kept(
        self, store: TrackingStore, run_id: str
    ) -> None:
        points: list[Point] = [(1, 1, 1.0), (1, 1, 2.0), (1, 2, 1.0), (2, 1, 1.0)]
        for point in points:
            log_points(store, run_id, [point])
        assert exact_metrics(history(store, run_id)) == exact(by_time(points))

    def test_a_long_series_sent_twice_is_kept_once(self, store: TrackingStore, run_id: str) -> None:
        points = [(step, 1_000 + step, math.sin(step)) for step in range(2_500)]
        batches = [points[start : start + 1_000] for start in range(0, 2_500, 1_000)]
        for batch in batches:
            log_points(store, run_id, batch)
        store.update_run(w.UpdateRun(run_id, "FINISHED"))
        for batch in reversed(batches):
            log_points(store, run_id, batch[::-1])
        assert exact_metrics(history(store, run_id)) == exact(points)

    def test_series_of_other_runs_and_keys_are_apart(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_ids = [store.create_run(w.CreateRun(experiment_id)).run.info.run_id for _ in range(3)]
        for number, run_id in enumerate(run_ids):
            for key in ("m", "M", "\uac00", "\u1100\u1161"):
                log_points(store, run_id, [(0, 0, number + len(key))], key)
        for number, run_id in enumerate(run_ids):
            for key in ("m", "M", "\uac00", "\u1100\u1161"):
                found = exact_metrics(history(store, run_id, key))
                assert found == exact([(0, 0, number + len(key))])

    # The latest

    @pytest.mark.parametrize(
        "ordered",
        [
            [(1, 9, 9.0), (2, 1, 1.0)],
            [(1, 1, 9.0), (1, 2, 1.0)],
            [(1, 1, 1.0), (1, 1, 2.0)],
            [(1, 1, -5.0), (1, 1, math.nan), (1, 1, 5.0)],
            [(1, 1, -5.0), (1, 1, math.nan)],
            [(1, 1, math.nan), (1, 1, 5e-324)],
            [(1, 1, -math.inf), (1, 1, -sys.float_info.max)],
            [(1, 1, sys.float_info.max), (1, 1, math.inf)],
            [(-2, 5, 1.0), (-1, 3, 0.0)],
        ],
    )
    def test_the_latest_is_the_greatest_step_then_time_then_value_whatever_came_last(
        self, store: TrackingStore, run_id: str, ordered: list[Point]
    ) -> None:
        assert exact(by_step(ordered)) == exact(ordered)
        for number, arrival in enumerate(itertools.permutations(ordered)):
            together, apart = f"together {number}", f"apart {number}"
            log_points(store, run_id, arrival, together)
            for point in arrival:
                log_points(store, run_id, [point], apart)
            for key in (together, apart):
                assert latest(store, run_id, key) == exact(ordered[-1:])

    def test_a_run_shows_the_latest_of_each_series_sorted_in_no_way_that_matters(
        self, store: TrackingStore, run_id: str
    ) -> None:
        for key in ("b", "a", "c"):
            log_points(store, run_id, [(0, 0, 1.0), (1, 1, 2.0)], key)
        assert run_of(store, run_id).data.metrics == {"a": 2.0, "b": 2.0, "c": 2.0}

    def test_what_one_thread_has_written_all_read_at_once(
        self, store: TrackingStore, run_id: str
    ) -> None:
        for step in range(20):
            log_points(store, run_id, [(step, step, step / 7)])
            assert latest(store, run_id) == exact([(step, step, step / 7)])
            assert len(history(store, run_id)) == step + 1
