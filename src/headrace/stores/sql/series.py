"""Answers about metrics: histories, pages of them, samples."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
from sqlalchemy import select

from headrace.entities import Metric
from headrace.stores import paging
from headrace.stores.points import Columns, Floats, by_time, empty, evenly
from headrace.stores.sql import history
from headrace.stores.sql.history import Pair, Stretch
from headrace.stores.sql.reading import for_wire, slices
from headrace.stores.sql.tables import metric_series, runs
from headrace.stores.sql.view import View
from headrace.wire import tracking as w

_BULK_MOST = 25_000
_INTERVAL_MOST = 2_500


def get_history(view: View, question: w.GetMetricHistory) -> w.MetricHistory:
    """One series, or a page of it, by (timestamp, step, value)."""
    points = _one(view, question.run_id, question.metric_key)
    if points is None:
        return w.MetricHistory()
    points = by_time(points)
    offset = paging.decode(question.page_token)
    if question.max_results is None:
        return w.MetricHistory(_metrics(question.metric_key, points.at(slice(offset, None))))
    end = offset + question.max_results
    more = end < len(points.steps)
    page = points.at(slice(offset, end))
    return w.MetricHistory(
        _metrics(question.metric_key, page), paging.encode(end) if more else None
    )


def get_history_bulk(view: View, question: w.GetMetricHistoryBulk) -> w.MetricHistory:
    """Series of several runs by (run id, timestamp, step, value), cut at the limit."""
    numbers = _numbers(view, question.run_id)
    pairs = _pairs(view, numbers.values(), [question.metric_key])
    found = history.whole(view.connection, pairs)
    metrics: list[Metric] = []
    left = min(question.max_results, _BULK_MOST)
    for run_id, number in sorted(numbers.items()):
        for (run, _), points in found.items():
            if run == number and left > 0:
                some = by_time(points).at(slice(0, left))
                metrics += _metrics(question.metric_key, some, run_id)
                left -= len(some.steps)
    return w.MetricHistory(metrics)


def get_history_interval(view: View, question: w.GetMetricHistoryInterval) -> w.MetricHistory:
    """Evenly sampled series of several runs, in the order asked for, by (step, timestamp, value)."""
    numbers = _numbers(view, question.run_ids)
    pairs = _pairs(view, numbers.values(), [question.metric_key])
    found = history.whole(view.connection, pairs, Stretch(question.start_step, question.end_step))
    by_run = {run: points for (run, _), points in found.items()}
    most = min(question.max_results, _INTERVAL_MOST)
    metrics: list[Metric] = []
    for run_id in dict.fromkeys(question.run_ids):
        points = by_run.get(numbers.get(run_id, -1))
        if points is not None:
            metrics += _metrics(
                question.metric_key, points.at(evenly(len(points.steps), most)), run_id
            )
    return w.MetricHistory(metrics)


def get_columns(view: View, question: tuple[str, str]) -> bytes:
    """A whole series, packed."""
    run_id, metric_key = question
    numbers = _numbers(view, [run_id])
    pairs = _pairs(view, numbers.values(), [metric_key])
    return history.packed(view.connection, *pairs[0]) if pairs else b""


def sample(view: View, question: w.SampleMetrics) -> w.SampledMetrics:
    """What a chart draws of each series there is."""
    numbers = _numbers(view, question.run_ids)
    ids = {number: run_id for run_id, number in numbers.items()}
    pairs = _pairs(view, numbers.values(), question.metric_keys)
    names = view.names.of(view.connection, {key for _, key in pairs})
    known = summaries(view, pairs)
    stretch = Stretch(question.start_step, question.end_step)
    found = history.sampled(view.connection, list(known), question.max_points, stretch)
    places = Places(view, question.x_metric_key, {run for run, _ in found})
    series = []
    for (run, key), points in sorted(found.items(), key=lambda item: item[0]):
        drawn, x = places.put(run, points)
        if len(drawn.steps):
            series.append(
                w.SampledSeries(
                    ids[run], names[key], known[run, key].points,
                    drawn.steps.tolist(), drawn.times.tolist(), for_wire(drawn.values),
                    known[run, key].first_time, None if x is None else for_wire(x),
                )
            )  # fmt: skip
    return w.SampledMetrics(series)


class Places:
    """Where points stand when another metric of their run is the axis."""

    def __init__(self, view: View, x_metric_key: str | None, runs_drawn: Iterable[int]) -> None:
        self._asked = x_metric_key is not None
        pairs = _pairs(view, runs_drawn, [x_metric_key]) if x_metric_key is not None else []
        whole = history.whole(view.connection, pairs) if pairs else {}
        self._by_run = {run: points for (run, _), points in whole.items()}

    def put(self, run: int, points: Columns) -> tuple[Columns, Floats | None]:
        """The points that have a place, and it; ``None`` where no metric was asked for."""
        if not self._asked:
            return points, None
        axis = self._by_run.get(run, empty())
        at = np.searchsorted(axis.steps, points.steps, side="right") - 1
        placed = at >= 0
        return points.at(placed), axis.values[at[placed]]


def _one(view: View, run_id: str, key: str) -> Columns | None:
    pairs = _pairs(view, _numbers(view, [run_id]).values(), [key])
    return history.whole(view.connection, pairs).get(pairs[0]) if pairs else None


def _numbers(view: View, run_ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in slices(list(dict.fromkeys(run_ids))):
        found.update(view.rows(select(runs.c.run_id, runs.c.id).where(runs.c.run_id.in_(some))))
    return found


def _pairs(view: View, numbers: Iterable[int], keys: Sequence[str]) -> list[Pair]:
    known = view.names.numbers_of(view.connection, list(keys))
    return [(number, key) for number in numbers for key in known.values()]


class Summary(NamedTuple):
    """What is known of a series without its points; extremes of its finite values, if it has any."""

    points: int
    first_time: int
    least: float | None
    most: float | None


def summaries(view: View, pairs: Sequence[Pair]) -> dict[Pair, Summary]:
    """What is known of each series; those without a row have no points and are left out."""
    columns = [column.name for column in metric_series.columns]
    at = [columns.index(name) for name in ("count", "first_time", "min_value", "max_value")]
    rows = view.dialect.select_pairs(view.cursor, metric_series, pairs) if pairs else []
    return {(row[0], row[1]): Summary(*(row[place] for place in at)) for row in rows}


def _metrics(key: str, points: Columns, run_id: str | None = None) -> list[Metric]:
    values = for_wire(np.ascontiguousarray(points.values))
    times, steps = points.times.tolist(), points.steps.tolist()
    if run_id is None:
        return list(map(Metric, repeat(key), values, times, steps))
    nothing = repeat(None)
    return list(
        map(Metric, repeat(key), values, times, steps, nothing, nothing, nothing, repeat(run_id))
    )
