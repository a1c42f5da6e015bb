"""Bands: metrics of groups of runs along an axis."""

import math
import statistics
from typing import Any

import pytest

from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, log_points, log_texts, new_run
from headrace.wire import tables as t
from headrace.wire import tracking as w


def bands(store: TrackingStore, experiment_id: str, **question: Any) -> list[t.Band]:
    """The bands of metric ``m`` by the param ``group``."""
    asked = t.BandMetrics([experiment_id], ["params.group"], ["m"], **question)
    return store.band_metrics(asked).bands


class BandContract(Given):
    """The curve of a group says what its runs are like at each place of the axis."""

    def member(
        self, store: TrackingStore, experiment_id: str, group: str, points: list[Any]
    ) -> str:
        run_id = new_run(store, experiment_id)
        log_texts(store, run_id, {"group": group}, {})
        log_points(store, run_id, points, "m")
        return run_id

    def test_runs_with_the_same_steps_are_averaged_step_by_step(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        values = {"a": [[1.0, 2.0, 3.0], [3.0, 2.0], [8.0, math.nan]], "b": [[5.0, 5.0, 6.0]]}
        for group, curves in values.items():
            for curve in curves:
                points = [(10 * step, step, value) for step, value in enumerate(curve)]
                self.member(store, experiment_id, group, points)
        new_run(store, experiment_id)
        of_a, of_b = bands(store, experiment_id)
        assert (of_a.values, of_a.count, of_a.drawn) == (["a"], 3, 3)
        assert (of_a.x, of_a.runs) == ([0.0, 10.0, 20.0], [3, 2, 1])
        assert of_a.mean == [4.0, 2.0, 3.0]
        assert (of_a.min, of_a.max) == ([1.0, 2.0, 3.0], [8.0, 2.0, 3.0])
        assert of_a.std == [pytest.approx(statistics.stdev([1.0, 3.0, 8.0])), 0.0, 0.0]
        assert (of_b.values, of_b.x, of_b.mean) == (["b"], [0.0, 10.0, 20.0], [5.0, 5.0, 6.0])

    def test_a_run_counts_between_its_points_and_not_beyond_them(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        self.member(store, experiment_id, "a", [(0, 0, 0.0), (4, 4, 4.0)])
        self.member(store, experiment_id, "a", [(2, 2, 4.0), (6, 6, 8.0)])
        (band,) = bands(store, experiment_id)
        assert band.x == [0.0, 2.0, 4.0, 6.0]
        assert band.runs == [1, 2, 2, 1]
        assert band.mean == [0.0, 3.0, 5.0, 8.0]

    def test_a_long_axis_is_cut_into_stretches_and_a_part_of_it_into_shorter_ones(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        for offset in (0.0, 1.0):
            points = [(step, 1_000 * step, step + offset) for step in range(2_000)]
            run_id = self.member(store, experiment_id, "a", points[:1_000])
            log_points(store, run_id, points[1_000:], "m")
        (band,) = bands(store, experiment_id, max_points=20)
        assert band.x == [pytest.approx(100 * place + 49.5) for place in range(20)]
        assert band.mean == [pytest.approx(x + 0.5) for x in band.x]
        (part,) = bands(store, experiment_id, max_points=20, start=1_990.0, end=1_999.0)
        assert part.x == [float(step) for step in range(1_990, 2_000)]
        (late,) = bands(
            store, experiment_id, x="relative", max_points=10, start=1_989.9, end=1_999.9
        )
        assert late.x == [float(second) for second in range(1_990, 2_000)]
        assert bands(store, experiment_id, start=5_000.0, end=6_000.0) == []

    def test_the_axis_may_be_time_or_another_metric(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        for start in (1_000, 50_000):
            points = [(step, start + 2_000 * step, float(step)) for step in range(4)]
            run_id = self.member(store, experiment_id, "a", points)
            log_points(store, run_id, [(1, start, 10.0), (3, start, 20.0)], "epoch")
        (relative,) = bands(store, experiment_id, x="relative")
        assert (relative.x, relative.runs) == ([0.0, 2.0, 4.0, 6.0], [2, 2, 2, 2])
        (time,) = bands(store, experiment_id, x="time")
        assert (time.x[0], time.x[-1], max(time.runs)) == (1_000.0, 56_000.0, 1)
        (epoch,) = bands(store, experiment_id, x_metric_key="epoch")
        assert (epoch.x, epoch.mean) == ([10.0, 20.0], [1.5, 3.0])
        assert bands(store, experiment_id, x_metric_key="never logged") == []

    def test_points_are_placed_by_the_value_that_another_metric_had_last(
        self, store: TrackingStore, run_id: str
    ) -> None:
        log_points(store, run_id, [(step, 7 + step, float(step)) for step in range(5)], "m")
        log_points(store, run_id, [(1, 0, 0.5), (3, 0, 0.25)], "epoch")
        (series,) = store.sample_metrics(
            w.SampleMetrics([run_id], ["m"], x_metric_key="epoch")
        ).series
        assert (series.steps, series.x) == ([1, 2, 3, 4], [0.5, 0.5, 0.25, 0.25])
        (part,) = store.sample_metrics(w.SampleMetrics([run_id], ["m"], start_step=2)).series
        assert (part.first_timestamp, part.x) == (7, None)

    def test_the_newest_runs_of_the_largest_groups_that_a_filter_finds(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        for group in ("a", "b", "b", "c"):
            self.member(store, experiment_id, group, [(0, 0, 1.0)])
        asked = t.BandMetrics(
            [experiment_id], ["params.group"], ["m", "absent"], "params.group != 'c'", max_groups=1
        )
        found = store.band_metrics(asked)
        assert [(band.values, band.count) for band in found.bands] == [(["b"], 2)]
        assert found.total == 2

    @pytest.mark.parametrize(
        "bad",
        [{"by": ["metrics.m"]}, {"by": []}, {"start": 2.0, "end": 2.0}, {"filter": "params.a ="}],
    )
    def test_bands_that_make_no_sense_are_refused(
        self, store: TrackingStore, experiment_id: str, bad: dict[str, Any]
    ) -> None:
        given = {"experiment_ids": [experiment_id], "by": ["params.a"], "metric_keys": ["m"], **bad}
        with pytest.raises(InvalidValueError):
            store.band_metrics(t.BandMetrics(**given))
