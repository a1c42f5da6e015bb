"""What series say of their points, held against the points."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select, update

from headrace.errors import CorruptDataError
from headrace.stores import points as pt
from headrace.stores.keeping import Examined, ExamineSeries, Finding
from headrace.stores.sql import metrics
from headrace.stores.sql.metrics import Row
from headrace.stores.sql.reading import slices
from headrace.stores.sql.tables import (
    METRIC_KIND,
    metric_batches,
    metric_chunks,
    metric_series,
    runs,
)
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View

_CHUNKS_AT_ONCE = 64
_CLOSE = 1e-9
"""Sums of the same numbers in another order differ by as much."""

Pair = tuple[int, int]


class _Run(NamedTuple):
    run_id: str
    experiment: int


class _Recount:
    """The rows that the points of some runs ask for, and what could not be read."""

    def __init__(self, known: Mapping[int, _Run]) -> None:
        self.rows: dict[Pair, Row] = {}
        self.sizes: dict[Pair, float] = {}
        """The sums of the values without their signs."""
        self.unread: dict[Pair, str] = {}
        self.unread_runs: dict[int, str] = {}
        self.facts: dict[int, tuple[Pair, dict[str, int]]] = {}
        """Of chunks whose row says something else: what is true."""
        self._experiments = {number: run.experiment for number, run in known.items()}

    def add(self, run: int, numbers: pt.Ints, points: pt.Columns) -> None:
        """Count points of a run in; ``numbers`` are those of their keys."""
        batch = metrics.Batch.of(np.full(len(numbers), run, np.int64), numbers, points)
        for row in metrics.rows_of(metrics.summaries(batch, self._experiments)):
            old = self.rows.get(row[:2])
            self.rows[row[0], row[1]] = row if old is None else metrics.merged(old, row)
        values = batch.points.values
        with np.errstate(over="ignore"):
            sizes = np.add.reduceat(np.where(np.isfinite(values), abs(values), 0.0), batch.starts)
        for pair, size in zip(batch.pairs(), sizes.tolist(), strict=True):
            self.sizes[pair] = self.sizes.get(pair, 0.0) + size


def examine(view: View, question: ExamineSeries) -> Examined:
    """The series of the next runs."""
    query = select(runs.c.id, runs.c.run_id, runs.c.experiment).where(runs.c.id > question.after)
    found = view.rows(query.order_by(runs.c.id).limit(question.max_runs))
    known = {number: _Run(run_id, experiment) for number, run_id, experiment in found}
    tx = view if question.repair and isinstance(view, Transaction) else None
    if tx is not None:
        tx.flush()
        tx.lock_runs([run.run_id for run in known.values()])
    stored = {
        (row[0], row[1]): tuple(row)
        for some in slices(list(known))
        for row in view.rows(select(metric_series).where(metric_series.c.run.in_(some)))
    }
    recount = _recounted(view, known)
    names = view.names.of(view.connection, {key for _, key in {**stored, **recount.rows}})
    told = _Telling(known, names, "repaired" if tx else "repairable")
    findings = [*told.of_unread(recount), *told.of_chunks(recount)]
    wrong = [pair for pair in _wrong(stored, recount) if pair not in recount.unread]
    findings += [told.of_series(pair, stored.get(pair), recount.rows.get(pair)) for pair in wrong]
    if tx is not None:
        _repair(tx, recount, wrong)
    after = found[-1].id if len(found) == question.max_runs else None
    return Examined(len({**stored, **recount.rows}), findings, after)


def _recounted(view: View, known: Mapping[int, _Run]) -> _Recount:
    recount = _Recount(known)
    columns = [column for column in metric_chunks.columns if column.name != "data"]
    for some in slices(list(known)):
        where = metric_chunks.c.run.in_(some)
        rows = {row.id: row for row in view.rows(select(*columns).where(where))}
        numbers = list(rows)
        for start in range(0, len(numbers), _CHUNKS_AT_ONCE):
            wanted = numbers[start : start + _CHUNKS_AT_ONCE]
            query = select(metric_chunks.c.id, metric_chunks.c.data)
            for number, data in view.rows(query.where(metric_chunks.c.id.in_(wanted))):
                _count_chunk(recount, rows[number], data)
        for run in some:
            _count_batches(view, recount, run)
    return recount


def _count_chunk(recount: _Recount, row: Any, data: bytes) -> None:
    pair = (row.run, row.key)
    try:
        points = pt.readable(pt.decode_chunk, data)
        if row.sketch is not None:
            pt.readable(pt.decode_chunk, row.sketch)
    except CorruptDataError as error:
        recount.unread[pair] = error.message
        return
    if len({len(column) for column in points}) != 1 or not len(points.steps):
        recount.unread[pair] = f"chunk {row.id} does not hold whole points"
        return
    facts = {
        "points": len(points.steps),
        "first_step": int(points.steps.min()),
        "last_step": int(points.steps.max()),
        "min_time": int(points.times.min()),
        "max_time": int(points.times.max()),
    }
    if any(getattr(row, name) != value for name, value in facts.items()):
        recount.facts[row.id] = (pair, facts)
    recount.add(row.run, np.full(len(points.steps), row.key, np.int64), points)


def _count_batches(view: View, recount: _Recount, run: int) -> None:
    query = select(metric_batches.c.data).where(metric_batches.c.run == run)
    for (data,) in view.rows(query):
        try:
            numbers, points = pt.readable(pt.decode_batch, data)
        except CorruptDataError as error:
            recount.unread_runs[run] = error.message
        else:
            recount.add(run, numbers, points)


_COLUMNS = [column.name for column in metric_series.columns]
_COUNT, _SUM = _COLUMNS.index("count"), _COLUMNS.index("finite_sum")


def _wrong(stored: Mapping[Pair, Row], recount: _Recount) -> Iterator[Pair]:
    for pair in sorted({**stored, **recount.rows}):
        if pair[0] not in recount.unread_runs and not _agree(
            stored.get(pair), recount.rows.get(pair), recount.sizes.get(pair, 0.0)
        ):
            yield pair


def _agree(stored: Row | None, true: Row | None, size: float) -> bool:
    if stored is None or true is None or stored[:_SUM] != true[:_SUM]:
        return False
    return math.isclose(stored[_SUM], true[_SUM], rel_tol=_CLOSE, abs_tol=_CLOSE * size)


class _Telling(NamedTuple):
    """Findings in words."""

    known: Mapping[int, _Run]
    names: Mapping[int, str]
    state: Any

    def of_unread(self, recount: _Recount) -> Iterator[Finding]:
        for pair, problem in recount.unread.items():
            yield Finding("points", self._subject(pair), problem, "damaged")
        for run, problem in recount.unread_runs.items():
            subject = f"run {self.known[run].run_id}"
            yield Finding("points", subject, f"points that wait: {problem}", "damaged")

    def of_chunks(self, recount: _Recount) -> Iterator[Finding]:
        for number, (pair, _) in recount.facts.items():
            problem = f"chunk {number} says something else than its points"
            yield Finding("points", self._subject(pair), problem, self.state)

    def of_series(self, pair: Pair, stored: Row | None, true: Row | None) -> Finding:
        subject = self._subject(pair)
        if true is None:
            count = stored[_COUNT] if stored else 0
            return Finding("series", subject, f"all of its {count} points are gone", "damaged")
        if stored is None:
            problem = f"{true[_COUNT]} points that no search sees"
        else:
            wrong = [
                f"{name} is {old}, should be {new}"
                for name, old, new in zip(_COLUMNS, stored, true, strict=True)
                if old != new
            ]
            problem = "; ".join(wrong[:3])
        return Finding("series", subject, problem, self.state)

    def _subject(self, pair: Pair) -> str:
        run, key = pair
        return f"run {self.known[run].run_id}, metric '{self.names.get(key, key)}'"


def _repair(tx: Transaction, recount: _Recount, wrong: Sequence[Pair]) -> None:
    rows = [recount.rows[pair] for pair in wrong if pair in recount.rows]
    if rows:
        tx.writes += 1
        tx.dialect.upsert(tx.cursor, metric_series, rows)
        for row in rows:
            tx.use(row[2], METRIC_KIND, [row[1]])
    for number, (_, facts) in recount.facts.items():
        tx.change(update(metric_chunks).where(metric_chunks.c.id == number).values(facts))
