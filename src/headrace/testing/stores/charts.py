"""Samples: what a chart draws, with every extreme in it."""

import math
from typing import Any

import pytest

from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, Point, by_step, exact, log_points, new_run
from headrace.wire import tracking as w

MISSING = "f" * 32


def drawn(series: w.SampledSeries) -> list[Point]:
    """The points of a sample."""
    return list(zip(series.steps, series.timestamps, series.values, strict=True))


def sample(store: TrackingStore, run_id: str, most: int = 1_000, **stretch: Any) -> w.SampledSeries:
    """The sample of the one series of a run."""
    question = w.SampleMetrics([run_id], ["m"], most, **stretch)
    (found,) = store.sample_metrics(question).series
    return found


class ChartContract(Given):
    """A chart of few points looks like the whole series."""

    def test_a_short_series_is_drawn_whole(self, store: TrackingStore, run_id: str) -> None:
        points = [
            (step, 5 - step % 3, value) for step, value in enumerate([1.0, -math.inf, math.nan])
        ]
        log_points(store, run_id, points)
        found = sample(store, run_id)
        assert (found.run_id, found.key, found.count) == (run_id, "m", 3)
        assert exact(drawn(found)) == exact(by_step(points))

    def test_a_long_series_keeps_its_ends_and_every_spike(
        self, store: TrackingStore, run_id: str
    ) -> None:
        spikes = {place: (-1) ** place * 1e6 for place in (1, 2, 51, 777, 2_500, 4_997, 4_998)}
        points = [(step, step, spikes.get(step, math.sin(step / 300))) for step in range(5_000)]
        for start in range(0, 5_000, 1_000):
            log_points(store, run_id, points[start : start + 1_000])
        for _ in range(2):
            found = sample(store, run_id, 200)
            shown = drawn(found)
            assert found.count == 5_000
            assert len(shown) <= 200
            assert set(shown) <= set(points)
            assert shown == by_step(shown)
            assert (shown[0], shown[-1]) == (points[0], points[-1])
            assert set(spikes) <= set(found.steps)
            store.update_run(w.UpdateRun(run_id, "FINISHED"))

    def test_a_stretch_is_drawn_in_full_detail(self, store: TrackingStore, run_id: str) -> None:
        points = [(step, step, float(step % 17)) for step in range(2_000)]
        for start in (1_000, 0):
            log_points(store, run_id, points[start : start + 1_000])
        found = sample(store, run_id, 100, start_step=950, end_step=1_049)
        assert (found.count, drawn(found)) == (2_000, points[950:1_050])
        assert drawn(sample(store, run_id, 100, start_step=1_990)) == points[1_990:]
        assert drawn(sample(store, run_id, 100, end_step=9)) == points[:10]

    def test_of_several_runs_and_keys_those_that_have_points_are_drawn(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        runs = [new_run(store, experiment_id) for _ in range(3)]
        log_points(store, runs[0], [(0, 0, 1.0)], "a")
        log_points(store, runs[0], [(0, 0, 2.0)], "b")
        log_points(store, runs[1], [(0, 0, 3.0)], "b")
        question = w.SampleMetrics([*runs, MISSING], ["b", "a", "never seen by this store"])
        found = {
            (series.run_id, series.key): series.values
            for series in store.sample_metrics(question).series
        }
        assert found == {(runs[0], "a"): [1.0], (runs[0], "b"): [2.0], (runs[1], "b"): [3.0]}
        outside = w.SampleMetrics(runs, ["a", "b"], start_step=1, end_step=2)
        assert store.sample_metrics(outside).series == []

    @pytest.mark.parametrize("most", [0, 3, 100_001])
    def test_a_number_of_points_that_no_chart_has_is_refused(
        self, store: TrackingStore, run_id: str, most: int
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.sample_metrics(w.SampleMetrics([run_id], ["m"], most))
