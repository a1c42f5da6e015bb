"""Taking points in: each series' row is brought up to date, the points wait in batches to be folded.

All points of one transaction, of however many runs and keys, are handled as columns at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.stores.points import (
    LARGEST,
    Columns,
    Ints,
    all_searchable,
    concatenate,
    encode_batch,
    encode_few,
    from_bits,
    missing_from,
    rank,
    searchable,
    to_bits,
)
from headrace.stores.sql import folding, history
from headrace.stores.sql.tables import METRIC_KIND, metric_batches, metric_series

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.entities import Metric
    from headrace.stores.sql.transaction import Transaction

Row = tuple[Any, ...]
"""A row of ``metric_series``, column by column; what is looked at by position is named here."""

_LAST_VALUE, _LAST_BITS, _LAST_STEP, _LAST_TIME = 3, 4, 5, 6
_FIRST_VALUE, _FIRST_STEP, _FIRST_TIME = 7, 8, 9
_MIN, _MAX, _MAX_TIME = 10, 11, 12
_COUNT, _FINITE_COUNT, _FINITE_SUM = 13, 14, 15


class Gathered:
    """Points that wait for the end of their transaction, as columns."""

    def __init__(self) -> None:
        self.experiments: dict[int, int] = {}
        self._runs: list[int] = []
        self._keys: list[int] = []
        self._steps: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []
        self._columns: list[tuple[Ints, Ints, Columns]] = []

    def __bool__(self) -> bool:
        return bool(self._runs or self._columns)

    def add(
        self, run: int, experiment: int, numbers: Mapping[str, int], points: Sequence[Metric]
    ) -> None:
        """Take in points of a run; ``numbers`` are those of their keys."""
        self.experiments[run] = experiment
        self._runs += [run] * len(points)
        self._keys += [numbers[point.key] for point in points]
        self._steps += [point.step for point in points]
        self._times += [point.timestamp for point in points]
        self._values += [point.value for point in points]

    def digest(self) -> Digest:
        """What the points come to, as if their series held nothing else."""
        pairs = list(zip(self._runs, self._keys, strict=True))
        if not self._columns and len(pairs) <= _FEW and len(set(pairs)) == len(pairs):
            return self._digest_of_few(pairs)
        batch = self.sorted()
        return Digest(summaries(batch, self.experiments), by_run(batch))

    def _digest_of_few(self, pairs: Sequence[tuple[int, int]]) -> Digest:
        """The same of points that are each the only one of its series, without the cost of arrays."""
        rows: list[Row] = []
        by_run: dict[int, list[tuple[int, int, int, float]]] = {}
        for place in sorted(range(len(pairs)), key=pairs.__getitem__):
            run, key = pairs[place]
            step, time, value = self._steps[place], self._times[place], float(self._values[place])
            shown, finite = searchable(value), isfinite(value)
            rows.append((
                run, key, self.experiments[run],
                shown, to_bits(value), step, time,
                shown, step, time,
                shown, shown, time,
                1, int(finite), value if finite else 0.0,
            ))  # fmt: skip
            by_run.setdefault(run, []).append((key, step, time, value))
        batches = [(run, len(points), encode_few(points)) for run, points in by_run.items()]
        return Digest(list(zip(*rows, strict=True)), batches)

    def add_columns(self, run: int, experiment: int, keys: Ints, points: Columns) -> None:
        """Take in points of a run as columns, with the numbers of their keys."""
        self.experiments[run] = experiment
        self._columns.append((np.full(len(keys), run, np.int64), keys, points))

    def sorted(self) -> Batch:
        """The points by series and in its order, exact repeats left out."""
        single = Columns(
            np.array(self._steps, np.int64),
            np.array(self._times, np.int64),
            np.array(self._values, np.float64),
        )
        runs = [np.array(self._runs, np.int64), *(runs for runs, _, _ in self._columns)]
        keys = [np.array(self._keys, np.int64), *(keys for _, keys, _ in self._columns)]
        points = concatenate([single, *(points for _, _, points in self._columns)])
        return Batch.of(np.concatenate(runs), np.concatenate(keys), points)


_FEW = 16
"""Points up to which plain numbers cost less than arrays."""

Column = Sequence[Any] | npt.NDArray[Any]


class Digest(NamedTuple):
    """What points add to their series, and the batches that hold them."""

    columns: Sequence[Column]
    """Those of ``metric_series``; in an array of floats NaN stands for NULL."""
    batches: list[tuple[int, int, bytes]]
    """For each run its number, how many points it got, and these."""

    def rows(self) -> list[Row]:
        """The rows of ``metric_series``."""
        return rows_of(self.columns)


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
        same_place = (points.steps[1:] == points.steps[:-1]) & (
            points.times[1:] == points.times[:-1]
        )
        repeated = same_series & same_place & (bits[1:] == bits[:-1])
        if repeated.any():
            return cls(runs, keys, points, _starts(same_series)).where(
                np.concatenate(([True], ~repeated))
            )
        return cls(runs, keys, points, _starts(same_series))

    def where(self, keep: npt.NDArray[np.bool_]) -> Batch:
        """The points of a mask."""
        runs, keys = self.runs[keep], self.keys[keep]
        same = (runs[1:] == runs[:-1]) & (keys[1:] == keys[:-1])
        return Batch(
            runs, keys, self.points.at(keep), _starts(same) if len(runs) else np.empty(0, np.int64)
        )

    def pairs(self) -> list[tuple[int, int]]:
        """(run, key) of each series."""
        return list(
            zip(self.runs[self.starts].tolist(), self.keys[self.starts].tolist(), strict=True)
        )

    def ends(self) -> npt.NDArray[np.int64]:
        """One past the last position of each series."""
        return np.append(self.starts[1:], len(self.runs))


def append(transaction: Transaction, gathered: Gathered) -> None:
    """Store points; those that a series already holds are left out."""
    batch = gathered.sorted()
    pairs = batch.pairs()
    rows = transaction.dialect.select_pairs(transaction.cursor, metric_series, pairs)
    stored = {(row[0], row[1]): row for row in rows}
    if stored:
        batch = _only_new(transaction, batch, stored)
        if not len(batch.runs):
            return
    changed = [
        new if (old := stored.get(new[:2])) is None else merged(old, new)
        for new in rows_of(summaries(batch, gathered.experiments))
    ]
    transaction.dialect.upsert(transaction.cursor, metric_series, changed)
    if len(stored) < len(pairs):  # a series that is new may be of a key that is new
        new = [row for row in changed if row[:2] not in stored]
        for experiment in {row[2] for row in new}:
            transaction.use(
                experiment, METRIC_KIND, [row[1] for row in new if row[2] == experiment]
            )
    _insert_batches(transaction, batch)


def _starts(same_as_before: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    return np.concatenate(([0], np.flatnonzero(~same_as_before) + 1))


def _only_new(
    transaction: Transaction, batch: Batch, stored: Mapping[tuple[int, int], Row]
) -> Batch:
    """Leave out what is stored already.

    A point beyond the last step or the latest time of its series is new; only the others, which come
    from retries, resumed or out-of-order writers, are looked up.
    """
    first_steps = batch.points.steps[batch.starts].tolist()
    first_times = np.minimum.reduceat(batch.points.times, batch.starts).tolist()
    keep: npt.NDArray[np.bool_] | None = None
    for index, pair in enumerate(batch.pairs()):
        old = stored.get(pair)
        if (
            old is None
            or first_steps[index] > old[_LAST_STEP]
            or first_times[index] > old[_MAX_TIME]
        ):
            continue
        one = slice(batch.starts[index], batch.ends()[index])
        points = batch.points.at(one)
        known = history.overlapping(transaction.connection, *pair, points)
        if keep is None:
            keep = np.ones(len(batch.runs), np.bool_)
        keep[one] = missing_from(points, known)
    return batch if keep is None else batch.where(keep)


def summaries(batch: Batch, experiments: Mapping[int, int]) -> list[Column]:
    """The columns of ``metric_series`` for the series of a batch, as if they held these points only."""
    steps, times, values = batch.points
    starts, lasts = batch.starts, batch.ends() - 1
    finite = np.isfinite(values)
    runs = batch.runs[starts]
    first, last = all_searchable(values[starts]), all_searchable(values[lasts])
    return [
        runs,
        batch.keys[starts],
        np.array([experiments[run] for run in runs.tolist()], np.int64),
        last,
        values.view(np.int64)[lasts],
        steps[lasts],
        times[lasts],
        first,
        steps[starts],
        times[starts],
        all_searchable(np.fmin.reduceat(values, starts)),
        all_searchable(np.fmax.reduceat(values, starts)),
        np.maximum.reduceat(times, starts),
        lasts - starts + 1,
        np.add.reduceat(finite.astype(np.int64), starts),
        _sums(np.where(finite, values, 0.0), starts),
    ]


def rows_of(columns: Sequence[Column]) -> list[Row]:
    """Columns as rows of plain numbers."""
    return list(zip(*(_plain(column) for column in columns), strict=True))


def _plain(column: Column) -> Sequence[Any]:
    if not isinstance(column, np.ndarray):
        return column
    plain: list[Any] = column.tolist()
    if column.dtype == np.float64 and np.isnan(column).any():
        return [None if value != value else value for value in plain]
    return plain


def _sums(
    values: npt.NDArray[np.float64], starts: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The sum of each series; one that no double holds is the largest of its sign."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.add.reduceat(values, starts)
    if not np.isfinite(sums).all():
        small = np.add.reduceat(values * _SMALL, starts)
        sums = np.clip(small, -LARGEST * _SMALL, LARGEST * _SMALL) / _SMALL
    return sums


_SMALL = 2.0**-63  # no sum of that many doubles overflows when each is made so small


def merged(old: Row, new: Row) -> Row:
    """The row of a series that holds the points of both."""
    total = old[_FINITE_SUM] + new[_FINITE_SUM]
    if not -LARGEST <= total <= LARGEST:  # two huge values: no database column holds an infinity
        total = searchable(total)
    return (
        *old[:_LAST_VALUE],
        *(new if _is_later(new, old) else old)[_LAST_VALUE:_FIRST_VALUE],
        *(new if _is_earlier(new, old) else old)[_FIRST_VALUE:_MIN],
        new[_MIN]
        if old[_MIN] is None or (new[_MIN] is not None and new[_MIN] < old[_MIN])
        else old[_MIN],
        new[_MAX]
        if old[_MAX] is None or (new[_MAX] is not None and new[_MAX] > old[_MAX])
        else old[_MAX],
        max(old[_MAX_TIME], new[_MAX_TIME]),
        old[_COUNT] + new[_COUNT],
        old[_FINITE_COUNT] + new[_FINITE_COUNT],
        total,
    )


def _is_later(new: Row, old: Row) -> bool:
    """By step, then time, then value, a NaN counting as 0."""
    if new[_LAST_STEP] != old[_LAST_STEP]:
        return bool(new[_LAST_STEP] > old[_LAST_STEP])
    if new[_LAST_TIME] != old[_LAST_TIME]:
        return bool(new[_LAST_TIME] > old[_LAST_TIME])
    return _worth(new) >= _worth(old)


def _worth(row: Row) -> tuple[float, int]:
    """What last values are ordered by: a NaN is 0; among what is equal the bits decide, not the arrival."""
    bits = row[_LAST_BITS]
    value = from_bits(bits)
    return (0.0 if value != value else value, bits)


def _is_earlier(new: Row, old: Row) -> bool:
    if new[_FIRST_STEP] != old[_FIRST_STEP]:
        return bool(new[_FIRST_STEP] < old[_FIRST_STEP])
    if new[_FIRST_TIME] != old[_FIRST_TIME]:
        return bool(new[_FIRST_TIME] < old[_FIRST_TIME])
    return bool((new[_FIRST_VALUE] or 0.0) < (old[_FIRST_VALUE] or 0.0))


def by_run(batch: Batch) -> list[tuple[int, int, bytes]]:
    """For each run its number, how many points it has, and these as a batch."""
    runs = batch.runs
    starts = [0, *(np.flatnonzero(runs[1:] != runs[:-1]) + 1).tolist(), len(runs)]
    return [
        (
            int(runs[start]),
            end - start,
            encode_batch(batch.keys[start:end], batch.points.at(slice(start, end))),
        )
        for start, end in pairwise(starts)
    ]


def _insert_batches(transaction: Transaction, batch: Batch) -> None:
    rows = by_run(batch)
    transaction.dialect.insert(transaction.cursor, metric_batches, "run points data", rows)
    for run, points, _ in rows:
        if transaction.inboxes.filled(run, points):
            folding.fold(transaction, run)
