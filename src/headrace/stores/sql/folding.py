"""Turning what came in into what is read: batches into chunks of one series, small chunks into large.

Like a log-structured merge tree, at the level of a series: eight chunks of about one size become one
of the next, so each point is packed again a few times only, however it arrived.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import delete, func, select

from headrace.stores.points import (
    Columns,
    concatenate,
    decode_batch,
    decode_chunk,
    encode_chunk,
    in_order,
    rank,
    sketch,
)
from headrace.stores.sql.tables import metric_batches, metric_chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headrace.stores.sql.transaction import Transaction

FULL = 4_096
"""Points from which a chunk is never packed again: a larger one would hardly be smaller a point."""
LARGEST = 65_536
"""Points that one chunk holds at the most."""
_TOGETHER = 8
_FOLD_ROWS = 512
_FOLD_POINTS = 131_072
_MOST_TRACKED = 100_000
_CHUNK_COLUMNS = "run key points first_step last_step min_time max_time sketch data"


class Inboxes:
    """How much each run has waiting in batches, as far as this process has written it.

    A guess that errs low (another process may have written too), which only puts a fold off.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def filled(self, run: int, points: int) -> bool:
        """Count a new batch; true when it is time to fold the run's."""
        with self._lock:
            rows, total = self._waiting.pop(run, (0, 0))
            rows, total = rows + 1, total + points
            if rows >= _FOLD_ROWS or total >= _FOLD_POINTS:
                return True
            if len(self._waiting) >= _MOST_TRACKED:
                self._waiting.pop(next(iter(self._waiting)))
            self._waiting[run] = (rows, total)
            return False

    def emptied(self, run: int) -> None:
        """The run's batches were folded."""
        with self._lock:
            self._waiting.pop(run, None)


class _Held(NamedTuple):
    """A stored chunk that might be merged."""

    id: int
    points: int


def finish(transaction: Transaction, run: int) -> None:
    """Pack the points of a run that has ended, unless there are so few that it is not worth it."""
    waiting = select(func.count(), func.coalesce(func.sum(metric_batches.c.points), 0)).where(
        metric_batches.c.run == run
    )
    batches, points = transaction.connection.execute(waiting).one()
    chunk = select(metric_chunks.c.id).where(metric_chunks.c.run == run).limit(1)
    is_small = batches <= _FEW_BATCHES and points <= _FEW_POINTS
    if not is_small or transaction.connection.execute(chunk).first():
        fold(transaction, run, finish=True)


_FEW_BATCHES, _FEW_POINTS = 8, 256


def fold(transaction: Transaction, run: int, *, finish: bool = False) -> None:
    """Move the run's batches into chunks; with ``finish`` also merge all small chunks of all its series."""
    connection = transaction.connection
    rows = connection.execute(
        select(metric_batches.c.id, metric_batches.c.data)
        .where(metric_batches.c.run == run)
        .order_by(metric_batches.c.id)
    ).all()
    arrived = _by_key([decode_batch(data) for _, data in rows])
    held = _held(transaction, run, None if finish else arrived.keys())
    keys = arrived.keys() | {key for key, chunks in held.items() if finish and len(chunks) > 1}
    absorbed = {}
    for key in keys:
        chunks, points = held.get(key, []), arrived.get(key)
        sizes, new = [chunk.points for chunk in chunks], 0 if points is None else len(points.steps)
        count = _absorbed(sizes, new, finish=finish)
        absorbed[key] = [chunk.id for chunk in chunks[len(chunks) - count :]]
    replaced = [number for ids in absorbed.values() for number in ids]
    loaded = _load(transaction, replaced)
    made = []
    for key in sorted(keys):
        parts = [loaded[number] for number in absorbed[key]]
        if key in arrived:
            parts.append(arrived[key])
        made += _rows(run, key, in_order(concatenate(parts)))
    transaction.writes += 1
    if made:
        transaction.dialect.insert(transaction.cursor, metric_chunks, _CHUNK_COLUMNS, made)
    _remove(transaction, metric_chunks.c.id, replaced)
    _remove(transaction, metric_batches.c.id, [number for number, _ in rows])
    transaction.inboxes.emptied(run)
    transaction.folded += sum(len(data) for _, data in rows)


def _by_key(batches: Sequence[tuple[np.ndarray, Columns]]) -> dict[int, Columns]:
    if not batches:
        return {}
    keys = np.concatenate([keys for keys, _ in batches])
    points = concatenate(points for _, points in batches)
    order = np.lexsort((rank(points.values), points.times, points.steps, keys))
    keys, points = keys[order], points.at(order)
    starts = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
    return {int(keys[start]): points.at(slice(start, end)) for start, end in pairwise(starts)}


def _held(transaction: Transaction, run: int, keys: Iterable[int] | None) -> dict[int, list[_Held]]:
    """The chunks that are not full, by key, in the order in which they were made."""
    query = select(metric_chunks.c.key, metric_chunks.c.id, metric_chunks.c.points).where(
        metric_chunks.c.run == run, metric_chunks.c.points < FULL
    )
    if keys is not None and len(wanted := list(keys)) <= _FEW_KEYS:
        query = query.where(metric_chunks.c.key.in_(wanted))
    found: dict[int, list[_Held]] = defaultdict(list)
    for key, number, points in transaction.connection.execute(query.order_by(metric_chunks.c.id)):
        found[key].append(_Held(number, points))
    return found


_FEW_KEYS = 100


def _absorbed(sizes: Sequence[int], new: int, *, finish: bool) -> int:
    """How many of the newest chunks are to be merged with ``new`` points."""
    if finish:
        return len(sizes)
    taken, total = 0, new
    while True:
        alike = 0
        while taken + alike < len(sizes) and sizes[-1 - taken - alike] < _TOGETHER * total:
            alike += 1
        if alike < _TOGETHER - 1:
            return taken
        total += sum(sizes[len(sizes) - taken - alike : len(sizes) - taken])
        taken += alike


def _load(transaction: Transaction, ids: Sequence[int]) -> dict[int, Columns]:
    found: dict[int, Columns] = {}
    query = select(metric_chunks.c.id, metric_chunks.c.data)
    for start in range(0, len(ids), 500):
        some = query.where(metric_chunks.c.id.in_(ids[start : start + 500]))
        found |= {
            number: decode_chunk(data) for number, data in transaction.connection.execute(some)
        }
    return found


def _rows(run: int, key: int, points: Columns) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    count = len(points.steps)
    # Of one size: a small rest would be merged with the rests of later folds, out of the series' order.
    size = -(-count // -(-count // LARGEST))
    for start in range(0, count, size):
        part = points.at(slice(start, start + size))
        rows.append((
            run, key, len(part.steps),
            int(part.steps[0]), int(part.steps[-1]), int(part.times.min()), int(part.times.max()),
            sketch(part), encode_chunk(part),
        ))  # fmt: skip
    return rows


def _remove(transaction: Transaction, column: object, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        transaction.connection.execute(delete(column.table).where(column.in_(some)))  # type: ignore[attr-defined]
