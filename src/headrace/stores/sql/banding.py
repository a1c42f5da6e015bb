"""Metrics of groups of runs: bands along an axis."""

from collections.abc import Iterable, Sequence

import numpy as np

from headrace.errors import InvalidValueError
from headrace.search.tree import Field
from headrace.stores.bands import Curve, Grid, bundled, on_grid, places
from headrace.stores.points import Columns, Floats
from headrace.stores.sql import grouping, history
from headrace.stores.sql.grouping import Grouped
from headrace.stores.sql.history import Pair, Stretch
from headrace.stores.sql.phrases import Ids
from headrace.stores.sql.reading import for_wire
from headrace.stores.sql.series import Places, Summary, summaries
from headrace.stores.sql.view import View
from headrace.wire.tables import Band, BandMetrics, MetricBands

_MOST_RUNS = 1_000
_MOST_POINTS = 50_000_000
_POINTS_AT_ONCE = 2_000_000
"""Points that are in memory together: 48 MB."""


def band_metrics(view: View, question: BandMetrics) -> MetricBands:
    """The bands of each metric there is."""
    if question.start is not None and question.end is not None and question.start >= question.end:
        raise InvalidValueError(f"start {question.start} lies at or after end {question.end}.")
    found = grouping.grouped(view, question, question.max_groups)
    bands: list[Band] = []
    for name, key in view.names.numbers_of(view.connection, question.metric_keys).items():
        bands += _Metric(view, question, found, name, key).bands()
    return MetricBands(bands, found.total)


class _Metric:
    """One metric of grouped runs."""

    def __init__(
        self, view: View, question: BandMetrics, found: Grouped, name: str, key: int
    ) -> None:
        self._view, self._question, self._found = view, question, found
        self._name, self._key = name, key

    def bands(self) -> list[Band]:
        counts = grouping.numbers(self._found, Field("metric", self._name, "count", numeric=True))
        has = (counts > 0) & (self._found.group_of >= 0)
        chosen = _chosen(self._found.group_of, np.where(has, counts, np.nan))
        known = summaries(self._view, [(int(run), self._key) for run in self._found.ids[chosen]])
        grid = self._grid(known)
        if grid is None:
            return []
        curves: dict[int, list[Curve]] = {}
        group_of = dict(zip(self._found.ids.tolist(), self._found.group_of.tolist(), strict=True))
        for run, x, y in self._curves(known):
            curve = on_grid(grid, x, y)
            if curve.points.any():
                curves.setdefault(group_of[run], []).append(curve)
        if not curves:
            return []
        x = places([curve for some in curves.values() for curve in some])
        having = np.bincount(self._found.group_of[has], minlength=len(self._found.names))
        return [self._band(group, int(having[group]), curves[group], x) for group in sorted(curves)]

    def _band(self, group: int, count: int, curves: list[Curve], x: Floats) -> Band:
        bundle = bundled(curves, x)
        rest = [for_wire(column) for column in (bundle.mean, bundle.low, bundle.high, bundle.std)]
        return Band(
            self._name, list(self._found.names[group]), count, len(curves),
            bundle.x.tolist(), bundle.runs.tolist(), *rest,
        )  # fmt: skip

    def _grid(self, known: dict[Pair, Summary]) -> Grid | None:
        question = self._question
        ends = list(self._ends(known))
        low = min((low for low, _ in ends), default=np.nan)
        high = max((high for _, high in ends), default=np.nan)
        low = low if question.start is None else question.start
        high = high if question.end is None else question.end
        if not low <= high:
            return None
        whole = question.x == "step" and question.x_metric_key is None
        return Grid.over(low, high, question.max_points, whole=whole)

    def _ends(self, known: dict[Pair, Summary]) -> Iterable[tuple[float, float]]:
        """Where the axis of each series begins and ends."""
        question = self._question
        if question.x_metric_key is not None:
            numbers = self._view.names.numbers_of(self._view.connection, [question.x_metric_key])
            pairs = [(run, key) for run, _ in known for key in numbers.values()]
            for summary in summaries(self._view, pairs).values():
                if summary.least is not None and summary.most is not None:
                    yield summary.least, summary.most
            return
        for pair, ends in history.ends(self._view.connection, list(known)).items():
            steps, times = (ends[0], ends[1]), (ends[2], ends[3])
            first = known[pair].first_time
            if question.x == "step":
                yield steps
            elif question.x == "time":
                yield times
            else:
                yield (times[0] - first) / 1_000, (times[1] - first) / 1_000

    def _curves(self, known: dict[Pair, Summary]) -> Iterable[tuple[int, Floats, Floats]]:
        """Of each run where its points stand, and their values."""
        question = self._question
        stretch = Stretch()
        if question.x == "step" and question.x_metric_key is None:
            first = None if question.start is None else int(np.ceil(question.start))
            last = None if question.end is None else int(np.floor(question.end))
            stretch = Stretch(first, last)
        for pairs in _portions(known):
            axes = Places(self._view, question.x_metric_key, [run for run, _ in pairs])
            for pair, points in history.whole(self._view.connection, pairs, stretch).items():
                placed, x = axes.put(pair[0], points)
                if x is None:
                    x = self._axis(placed, known[pair].first_time)
                yield pair[0], x, placed.values

    def _axis(self, points: Columns, first_time: int) -> Floats:
        if self._question.x == "step":
            return points.steps.astype(np.float64)
        if self._question.x == "time":
            return points.times.astype(np.float64)
        seconds: Floats = (points.times - first_time) / 1_000
        return seconds


def _chosen(group_of: Ids, counts: Floats) -> Ids:
    """Runs whose points are read: the newest of each group in turn, until there are enough."""
    having = np.flatnonzero(~np.isnan(counts))[::-1]
    groups = group_of[having]
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], groups[order], side="left")
    turn = np.empty(len(having), np.int64)
    turn[order] = np.arange(len(having)) - starts
    having = having[np.lexsort((groups, turn))]
    total = np.cumsum(counts[having])
    firsts = np.count_nonzero(turn == 0)
    enough = max(int(np.searchsorted(total, _MOST_POINTS, side="right")), firsts)
    return np.sort(having[: min(enough, _MOST_RUNS)])


def _portions(known: dict[Pair, Summary]) -> Iterable[Sequence[Pair]]:
    """The series in portions that may be in memory together."""
    portion: list[Pair] = []
    size = 0
    for pair, summary in known.items():
        if portion and size + summary.points > _POINTS_AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(pair)
        size += summary.points
    if portion:
        yield portion
