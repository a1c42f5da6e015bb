"""Reading points: whole series, those of a stretch, and what a chart draws of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from headrace.stores import points as pt
from headrace.stores.points import Columns
from headrace.stores.sql.tables import metric_batches, metric_chunks

Pair = tuple[int, int]
_DECODE_WHOLE = 32_768
"""Points of a series up to which a chart is drawn from all of them, and beyond from sketches."""


class Stretch(NamedTuple):
    """The steps that are asked for, both ends included; ``None`` is open."""

    first: int | None = None
    last: int | None = None

    def of(self, points: Columns) -> Columns:
        """The points of a stretch."""
        if self.first is None and self.last is None:
            return points
        mask = np.ones(len(points.steps), np.bool_)
        if self.first is not None:
            mask &= points.steps >= self.first
        if self.last is not None:
            mask &= points.steps <= self.last
        return points.at(mask)

    def overlaps(self) -> list[ColumnElement[bool]]:
        """What holds for chunks that have a part in it."""
        conditions: list[ColumnElement[bool]] = []
        if self.first is not None:
            conditions.append(metric_chunks.c.last_step >= self.first)
        if self.last is not None:
            conditions.append(metric_chunks.c.first_step <= self.last)
        return conditions


ALL = Stretch()


def whole(
    connection: Connection, pairs: Iterable[Pair], stretch: Stretch = ALL
) -> dict[Pair, Columns]:
    """The points of several series, sorted by (step, time, value); a series without any is left out."""
    parts = waiting(connection, pairs)
    for run, key, data in _chunks(connection, pairs, stretch, metric_chunks.c.data):
        parts[run, key].append(pt.decode_chunk(data))
    found = {pair: stretch.of(pt.in_order(pt.concatenate(some))) for pair, some in parts.items()}
    return {pair: points for pair, points in found.items() if len(points.steps)}


def packed(connection: Connection, run: int, key: int) -> bytes:
    """A whole series in the form of `points.pack`; stored chunks are passed on as they are."""
    chunks = [data for _, _, data in _chunks(connection, [(run, key)], ALL, metric_chunks.c.data)]
    rest = [
        pt.encode_chunk(points) for points in waiting(connection, [(run, key)]).get((run, key), [])
    ]
    return pt.pack(chunks + rest)


def sampled(
    connection: Connection, pairs: Sequence[Pair], most: int, stretch: Stretch = ALL
) -> dict[Pair, Columns]:
    """At most ``most`` points of each series to draw: the extremes of each stretch of the curve are kept.

    Long series are drawn from the sketches of their chunks, which are read instead of the points.
    """
    parts = waiting(connection, pairs)
    sizes: dict[Pair, int] = defaultdict(int)
    columns = (metric_chunks.c.id, metric_chunks.c.points, metric_chunks.c.sketch)
    listed = list(_chunks(connection, pairs, stretch, *columns))
    for run, key, _, points, _ in listed:
        sizes[run, key] += points
    wanted = []
    for run, key, number, _, sketch in listed:
        if sketch is None or sizes[run, key] <= max(_DECODE_WHOLE, most):
            wanted.append(number)
        else:
            parts[run, key].append(pt.decode_chunk(sketch))
    for run, key, data in _by_id(connection, wanted):
        parts[run, key].append(pt.decode_chunk(data))
    found = {pair: stretch.of(pt.in_order(pt.concatenate(some))) for pair, some in parts.items()}
    return {
        pair: pt.downsample(points, most) for pair, points in found.items() if len(points.steps)
    }


def ends(connection: Connection, pairs: Sequence[Pair]) -> dict[Pair, tuple[int, int, int, int]]:
    """The first and last step and the first and last time of each series that has points."""
    columns = (
        metric_chunks.c.first_step, metric_chunks.c.last_step,
        metric_chunks.c.min_time, metric_chunks.c.max_time,
    )  # fmt: skip
    spans: dict[Pair, list[tuple[int, int, int, int]]] = defaultdict(list)
    for run, key, *(first, last, start, end) in _chunks(connection, pairs, ALL, *columns):
        spans[run, key].append((first, last, start, end))
    for pair, parts in waiting(connection, pairs).items():
        for steps, times, _ in parts:
            first, last, start, end = steps.min(), steps.max(), times.min(), times.max()
            spans[pair].append((int(first), int(last), int(start), int(end)))
    return {
        pair: (
            min(span[0] for span in some), max(span[1] for span in some),
            min(span[2] for span in some), max(span[3] for span in some),
        )
        for pair, some in spans.items()
    }  # fmt: skip


def overlapping(connection: Connection, run: int, key: int, points: Columns) -> Columns:
    """The stored points that could be among these: those of chunks that share both steps and times."""
    near = and_(
        metric_chunks.c.min_time <= int(points.times.max()),
        metric_chunks.c.max_time >= int(points.times.min()),
    )
    stretch = Stretch(int(points.steps.min()), int(points.steps.max()))
    query = select(metric_chunks.c.data).where(
        metric_chunks.c.run == run, metric_chunks.c.key == key, near, *stretch.overlaps()
    )
    parts = [pt.decode_chunk(data) for (data,) in connection.execute(query)]
    return pt.concatenate([*parts, *waiting(connection, [(run, key)]).get((run, key), [])])


def waiting(connection: Connection, pairs: Iterable[Pair]) -> dict[Pair, list[Columns]]:
    """The points of series that are still in batches."""
    keys: dict[int, list[int]] = defaultdict(list)
    for run, key in pairs:
        keys[run].append(key)
    found: dict[Pair, list[Columns]] = defaultdict(list)
    query = select(metric_batches.c.run, metric_batches.c.data)
    for some in _slices(list(keys)):
        rows = connection.execute(
            query.where(metric_batches.c.run.in_(some)).order_by(metric_batches.c.id)
        )
        for run, data in rows:
            numbers, points = pt.decode_batch(data)
            for key in keys[run]:
                mask = numbers == key
                if mask.any():
                    found[run, key].append(points.at(mask))
    return found


def _chunks(
    connection: Connection, pairs: Iterable[Pair], stretch: Stretch, *columns: Any
) -> Iterable[Any]:
    """(run, key, *columns) of the chunks of series, in the order in which they were made."""
    keys: dict[int, list[int]] = defaultdict(list)
    for run, key in pairs:
        keys[run].append(key)
    query = select(metric_chunks.c.run, metric_chunks.c.key, *columns).where(*stretch.overlaps())
    for some in _slices(list(keys)):
        same = {tuple(keys[run]) for run in some}
        if len(same) == 1:  # the usual case, one metric of many runs: one range for each of them
            where = and_(metric_chunks.c.run.in_(some), metric_chunks.c.key.in_(next(iter(same))))
        else:
            where = or_(
                *(
                    and_(metric_chunks.c.run == run, metric_chunks.c.key.in_(keys[run]))
                    for run in some
                )
            )
        yield from connection.execute(query.where(where).order_by(metric_chunks.c.id))


def _by_id(connection: Connection, numbers: Sequence[int]) -> Iterable[Any]:
    query = select(metric_chunks.c.run, metric_chunks.c.key, metric_chunks.c.data)
    for some in _slices(numbers):
        yield from connection.execute(query.where(metric_chunks.c.id.in_(some)))


def _slices(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(numbers), 500):
        yield numbers[start : start + 500]
