"""Points of a run on their way into a store: only those that it does not hold yet."""

from collections.abc import Callable

import numpy as np

from headrace.entities import Metric
from headrace.importing.into.target import Target
from headrace.importing.names import Names
from headrace.importing.nouns import Series
from headrace.stores.points import Columns, missing_from, unpack
from headrace.wire.limits import MAX_METRICS
from headrace.wire.tracking import LogBatch

Write = Callable[[LogBatch], None]

_MOST_KNOWN = 4_000_000
"""Points of the store that are kept in memory to compare with."""


class Points:
    """Takes the parts of the series of one run, in any order."""

    def __init__(self, target: Target, run_id: str, write: Write, *, fresh: bool) -> None:
        """``fresh`` says that the run has no points yet."""
        self._target, self._run_id, self._write, self._fresh = target, run_id, write, fresh
        self._names = Names("metric", target.report)
        self._known: dict[str, Columns] = {}

    def add(self, series: Series) -> None:
        """Write what is new of a part."""
        key = self._names(series.key)
        points = _distinct(self._keepable(key, series.points))
        if not self._fresh:
            points = points.at(missing_from(points, self._nearby(key, points)))
        for start in range(0, len(points.steps), MAX_METRICS):
            some = points.at(slice(start, start + MAX_METRICS))
            columns = (some.values.tolist(), some.times.tolist(), some.steps.tolist())
            metrics = [
                Metric(key, value, time, step) for value, time, step in zip(*columns, strict=True)
            ]
            self._write(LogBatch(self._run_id, metrics=metrics))
            self._target.report.added.points += len(metrics)

    def _keepable(self, key: str, points: Columns) -> Columns:
        good = points.times >= 0
        if bool(good.all()):
            return points
        count = len(good) - int(np.count_nonzero(good))
        self._target.report.leave(
            "metric", f"{self._run_id}: {key}", f"{count} points have a time before 1970"
        )
        return points.at(good)

    def _nearby(self, key: str, points: Columns) -> Columns:
        """The points of the store at the steps that a part covers."""
        if key not in self._known:
            if sum(len(known.steps) for known in self._known.values()) > _MOST_KNOWN:
                self._known.clear()
            self._known[key] = unpack(self._target.store.get_metric_columns(self._run_id, key))
        known = self._known[key]
        if not len(points.steps):
            return known.at(slice(0, 0))
        first, last = int(points.steps.min()), int(points.steps.max())
        start, end = (
            np.searchsorted(known.steps, first),
            np.searchsorted(known.steps, last, "right"),
        )
        return known.at(slice(int(start), int(end)))


def _distinct(points: Columns) -> Columns:
    """The points without exact repeats."""
    steps = points.steps
    if len(steps) < 2 or bool((steps[1:] > steps[:-1]).all()):
        return points
    bits = points.values.view(np.int64)
    order = np.lexsort((bits, points.times, steps))
    columns = (steps[order], points.times[order], bits[order])
    differs = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return points.at(order[np.concatenate(([True], differs))])
