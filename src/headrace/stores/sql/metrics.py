"""Taking points in: each series' row is brought up to date, the points wait in batches to be folded.

All points of one transaction, of however many runs and keys, are handled as columns at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.entities import Metric
from headrace.stores.points import Columns, encode_batch, missing_from, rank, searchable
from headrace.stores.sql import folding, history
from headrace.stores.sql.tables import METRIC_KIND, metric_batches, metric_series

if TYPE_CHECKING:
    from headrace.stores.sql.transaction import Transaction

Bits = npt.NDArray[np.int64]


class Series(NamedTuple):
    """A row of ``metric_series``, column by column."""

    run: int
    key: int
    experiment: int
    last_value: float | None
    last_bits: int
    last_step: int
    last_time: int
    first_value: float | None
    first_step: int
    first_time: int
    min_value: float | None
    max_value: float | None
    max_time: int
    count: int
    finite_count: int
    finite_sum: float


class Gathered:
    """Points that wait for the end of their transaction, as columns."""

    def __init__(self) -> None:
        self.experiments: dict[int, int] = {}
        self._runs: list[int] = []
        self._keys: list[int] = []
        self._steps: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, run: int, experiment: int, numbers: Mapping[str, int], points: Sequence[Metric]) -> None:
        """Take in points of a run; ``numbers`` are those of their keys."""
        self.experiments[run] = experiment
        self._runs += [run] * len(points)
        self._keys += [numbers[point.key] for point in points]
        self._steps += [point.step for point in points]
        self._times += [point.timestamp for point in points]
        self._values += [point.value for point in points]

    def sorted(self) -> Batch:
        """The points by series and in its order, exact repeats left out."""
        return Batch.of(
            np.array(self._runs, np.int64),
            np.array(self._keys, np.int64),
            Columns(
                np.array(self._steps, np.int64),
                np.array(self._times, np.int64),
                np.array(self._values, np.float64),
            ),
        )


class Batch(NamedTuple):
    """Points of many series, sorted by (run, key, step, time, value), with where each series starts."""

    runs: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    points: Columns
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, runs: npt.NDArray[np.int64], keys: npt.NDArray[np.int64], points: Columns) -> Batch:
        """Sort the points and drop exact repeats."""
        bits = points.values.view(np.int64)
        order = np.lexsort((bits, rank(points.values), points.times, points.steps, keys, runs))
        runs, keys, points, bits = runs[order], keys[order], points.at(order), bits[order]
        if len(runs) == 1:
            return cls(runs, keys, points, np.zeros(1, np.int64))
        same_series = (runs[1:] == runs[:-1]) & (keys[1:] == keys[:-1])
        same_place = (points.steps[1:] == points.steps[:-1]) & (points.times[1:] == points.times[:-1])
        repeated = same_series & same_place & (bits[1:] == bits[:-1])
        if repeated.any():
            return cls(runs, keys, points, _starts(same_series)).where(np.concatenate(([True], ~repeated)))
        return cls(runs, keys, points, _starts(same_series))

    def where(self, keep: npt.NDArray[np.bool_]) -> Batch:
        """The points of a mask."""
        runs, keys = self.runs[keep], self.keys[keep]
        same = (runs[1:] == runs[:-1]) & (keys[1:] == keys[:-1])
        return Batch(runs, keys, self.points.at(keep), _starts(same) if len(runs) else np.empty(0, np.int64))

    def pairs(self) -> list[tuple[int, int]]:
        """(run, key) of each series."""
        return list(zip(self.runs[self.starts].tolist(), self.keys[self.starts].tolist(), strict=True))

    def ends(self) -> npt.NDArray[np.int64]:
        """One past the last position of each series."""
        return np.append(self.starts[1:], len(self.runs))


def append(transaction: Transaction, gathered: Gathered) -> None:
    """Store points; those that a series already holds are left out."""
    batch = gathered.sorted()
    pairs = batch.pairs()
    rows = transaction.dialect.select_pairs(transaction.cursor, metric_series, pairs)
    stored = {(row[0], row[1]): Series._make(row) for row in rows}
    if stored:
        batch = _only_new(transaction, batch, stored)
        if not len(batch.runs):
            return
    changed = [
        new if (old := stored.get((new.run, new.key))) is None else _merged(old, new)
        for new in _summaries(batch, gathered.experiments)
    ]
    transaction.dialect.upsert(transaction.cursor, metric_series, changed)
    for experiment in set(gathered.experiments.values()):
        keys = (new.key for new in changed if new.experiment == experiment)
        transaction.use(experiment, METRIC_KIND, keys)
    _insert_batches(transaction, batch)


def _starts(same_as_before: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    return np.concatenate(([0], np.flatnonzero(~same_as_before) + 1))


def _only_new(transaction: Transaction, batch: Batch, stored: Mapping[tuple[int, int], Series]) -> Batch:
    """Leave out what is stored already.

    A point beyond the last step or the latest time of its series is new; only the others, which come
    from retries, resumed or out-of-order writers, are looked up.
    """
    first_steps = batch.points.steps[batch.starts].tolist()
    first_times = np.minimum.reduceat(batch.points.times, batch.starts).tolist()
    keep: npt.NDArray[np.bool_] | None = None
    for pair, start, end, step, time in zip(
        batch.pairs(), batch.starts.tolist(), batch.ends().tolist(), first_steps, first_times, strict=True
    ):
        old = stored.get(pair)
        if old is None or step > old.last_step or time > old.max_time:
            continue
        points = batch.points.at(slice(start, end))
        known = history.overlapping(transaction.connection, *pair, points)
        if keep is None:
            keep = np.ones(len(batch.runs), np.bool_)
        keep[start:end] = missing_from(points, known)
    return batch if keep is None else batch.where(keep)


def _summaries(batch: Batch, experiments: Mapping[int, int]) -> Iterable[Series]:
    """A row for each series of the batch, as if it held these points only."""
    steps, times, values = batch.points
    starts, lasts = batch.starts, batch.ends() - 1
    finite = np.isfinite(values)
    columns = (
        batch.runs[starts],
        batch.keys[starts],
        values[lasts],
        values.view(np.int64)[lasts],
        steps[lasts],
        times[lasts],
        values[starts],
        steps[starts],
        times[starts],
        np.fmin.reduceat(values, starts),
        np.fmax.reduceat(values, starts),
        np.maximum.reduceat(times, starts),
        lasts - starts + 1,
        np.add.reduceat(finite.astype(np.int64), starts),
        np.add.reduceat(np.where(finite, values, 0.0), starts),
    )
    for run, key, last, bits, step, time, first, *rest in zip(*(c.tolist() for c in columns), strict=True):
        first_step, first_time, least, greatest, max_time, count, finite_count, finite_sum = rest
        yield Series(
            run, key, experiments[run],
            searchable(last), bits, step, time,
            searchable(first), first_step, first_time,
            searchable(least), searchable(greatest),
            max_time, count, finite_count, _clamped(finite_sum),
        )  # fmt: skip


def _merged(old: Series, new: Series) -> Series:
    """The row of a series that holds the points of both."""
    later = (new.last_step, new.last_time, new.last_value or 0.0) >= (old.last_step, old.last_time, old.last_value or 0.0)
    last = new if later else old
    earlier = (new.first_step, new.first_time, new.first_value or 0.0) < (old.first_step, old.first_time, old.first_value or 0.0)
    first = new if earlier else old
    return Series(
        old.run, old.key, old.experiment,
        last.last_value, last.last_bits, last.last_step, last.last_time,
        first.first_value, first.first_step, first.first_time,
        _least(old.min_value, new.min_value), _greatest(old.max_value, new.max_value),
        max(old.max_time, new.max_time), old.count + new.count,
        old.finite_count + new.finite_count, _clamped(old.finite_sum + new.finite_sum),
    )  # fmt: skip


def _least(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _greatest(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _clamped(total: float) -> float:
    """A sum that a database column can hold: two huge finite values may add up to an infinity."""
    return searchable(total) or 0.0


def _insert_batches(transaction: Transaction, batch: Batch) -> None:
    runs = batch.runs
    starts = [0, *(np.flatnonzero(runs[1:] != runs[:-1]) + 1).tolist(), len(runs)]
    rows = []
    for start, end in zip(starts, starts[1:], strict=False):
        data = encode_batch(batch.keys[start:end], batch.points.at(slice(start, end)))
        rows.append((int(runs[start]), end - start, data))
    transaction.dialect.insert(transaction.cursor, metric_batches, "run points data", rows)
    for run, points, _ in rows:
        if transaction.inboxes.filled(run, points):
            folding.fold(transaction, run)
