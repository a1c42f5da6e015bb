"""Runs in the order that was asked for, as much of it as a page needs.

The order's first field gives groups of runs with one value; the rest of the order counts only inside a
group. Groups come from the index of the field, a stretch at a time, so that a page is found without the
runs behind it. Where a stretch is all one group, the group is handed on as a comparison: the page is
then looked for among the runs that match it, by the rest of the order.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.search.tree import And, Comparison, Field, Node, Not, Order
from headrace.stores.sql.matching import REDUCED, Matching, attribute_column
from headrace.stores.sql.phrases import Ids, Sql
from headrace.stores.sql.tables import PREFIX, STATUS_NAME

Ranks = npt.NDArray[np.int64]

MOST_PARTS = 8
"""How many indexes are read side by side, one for each experiment (and stage)."""

_LARGEST_STRETCH = 50_000


class Stretch(NamedTuple):
    """Some runs in order; those of one rank tie in the first field. No ranks: nothing ties."""

    ids: Ids
    ranks: Ranks | None


class Group(NamedTuple):
    """All runs that match a node, in the order's remaining fields."""

    node: Node


class Place(NamedTuple):
    """How far a walk by start time has come."""

    start_time: int
    run_id: str


class Ordering:
    """The orders of the runs of some experiments."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching
        self._phrases = matching.phrases

    def groups(
        self, orders: Sequence[Order], known: Ids | None, size: int
    ) -> Iterator[Stretch | Group]:
        """All runs in order, deleted ones included where an index holds them too.

        Where the runs that matter are ``known``, only these need to come. ``size`` is that of the first
        stretch; each next one is larger.
        """
        if not orders:
            yield from self._latest(size)
            return
        field, ascending = orders[0].field, orders[0].ascending
        source = self._index_of(field)
        if source is None or len(source.parts) > MOST_PARTS:
            yield from self._all_values(field, known, ascending=ascending)
        else:
            yield from self._by_index(source, field, size, ascending=ascending)
        if field.kind == "metric" and field.reduction != "count":
            numbers = Comparison(field, "BETWEEN", (-math.inf, math.inf))
            yield Group(And((Comparison(field, "IS NOT NULL", ()), Not(numbers))))
        if field.kind != "attribute" or field.key in ("end_time", "duration", "parent_run_id"):
            yield Group(Comparison(field, "IS NULL", ()))

    # By an index

    def _index_of(self, field: Field) -> "_Index | None":
        matching = self._matching
        if field == Field("attribute", "start_time", numeric=True):
            parts = [
                f"t.experiment = {experiment:d} AND t.deleted = {stage:d}"
                for experiment in matching.experiments
                for stage in matching.stages
            ]
            return _Index("runs", "t.id", "t.start_time", parts)
        if field.kind == "attribute" or field.reduction != "last":
            return None
        key = matching.key(field.key)
        table = {"metric": "metric_series", "param": "params", "tag": "tags"}[field.kind]
        column = (
            REDUCED["last"]
            if field.kind == "metric"
            else "t.number"
            if field.numeric
            else "t.value"
        )
        experiments = matching.experiments if key is not None else []
        parts = [
            f't.experiment = {number:d} AND t."key" = {key:d} AND {column} IS NOT NULL'
            for number in experiments
        ]
        return _Index(table, "t.run", column, parts)

    def _by_index(
        self, index: "_Index", field: Field, size: int, *, ascending: bool
    ) -> Iterator[Stretch | Group]:
        bound: Any = None
        while index.parts:
            found = [
                self._rows(index, part, bound, size, ascending=ascending) for part in index.parts
            ]
            rows = [row for rows in found for row in rows]
            if len(found) > 1:
                rows.sort(key=_value, reverse=not ascending)
            ends = [rows[-1][1] for rows in found if len(rows) == size]
            if not ends:
                yield _stretch(rows)
                return
            # What ties with the end of a part that goes on may not be all here.
            end = min(ends) if ascending else max(ends)
            whole = [row for row in rows if (row[1] < end if ascending else row[1] > end)]
            yield _stretch(whole) if whole else self._group(index, field, end)
            bound = whole[-1][1] if whole else end
            size = min(size * 3, _LARGEST_STRETCH)

    def _rows(
        self, index: "_Index", part: str, bound: Any, size: int, *, ascending: bool
    ) -> list[tuple[Any, ...]]:
        way, after = ("ASC", ">") if ascending else ("DESC", "<")
        text = f"SELECT {index.run}, {index.column} FROM {index.table} AS t WHERE {part}"  # noqa: S608
        beyond = "" if bound is None else f" AND {index.column} {after} ?"
        limit = f" ORDER BY {index.column} {way} LIMIT {size:d}"
        return self._phrases.fetch(Sql(text + beyond + limit, () if bound is None else (bound,)))

    def _group(self, index: "_Index", field: Field, value: Any) -> Stretch | Group:
        if not (isinstance(value, str) and len(value) >= PREFIX):
            return Group(Comparison(field, "=", (value,)))
        # Texts that begin alike tie here, and only here.
        same = [
            self._phrases.fetch(
                Sql(
                    f"SELECT {index.run}, 0 FROM {index.table} AS t WHERE {part} AND t.value = ?",
                    (value,),
                )
            )
            for part in index.parts
        ]
        return _stretch([row for rows in same for row in rows])

    # By all values

    def _all_values(self, field: Field, known: Ids | None, *, ascending: bool) -> Iterator[Stretch]:
        values = self.values(field, known)
        rows = [(run, value) for run, value in values.items() if value is not None]
        rows.sort(key=_value, reverse=not ascending)
        yield _stretch(rows)

    def values(self, field: Field, ids: Ids | None) -> dict[int, Any]:
        """The values of a field that some runs have, or all; ``None`` is NaN for a metric, else nothing."""
        matching = self._matching
        if field.kind == "attribute":
            convert = _CONVERTED.get(field.key)
            rows = self._attribute_rows(field.key, ids)
            return {run: convert(value) if convert else value for run, value in rows}
        key = matching.key(field.key)
        if key is None:
            return {}
        table = {"metric": "metric_series", "param": "params", "tag": "tags"}[field.kind]
        at, within = f't.run = @ AND t."key" = {key:d}', matching.within(key)
        if field.kind == "metric":
            return dict(
                self._select(Sql(table), f"t.run, {REDUCED[field.reduction]}", at, within, ids)
            )
        if field.numeric:
            rows = self._select(Sql(table), "t.run, t.number", at, within, ids)
            return {run: value for run, value in rows if value is not None}
        rows = self._select(Sql(table), "t.run, t.value, t.tail", at, within, ids)
        return {run: value + (tail or "") for run, value, tail in rows}

    def _attribute_rows(self, name: str, ids: Ids | None) -> list[tuple[Any, ...]]:
        source = self._matching.source_of_runs(name)
        column = "t.experiment" if name == "experiment_id" else attribute_column(name)
        return self._select(
            source, f"t.id, {column}", "t.id = @", self._matching.within_runs(), ids
        )

    def _select(
        self, source: Sql, columns: str, at: str, within: str, ids: Ids | None
    ) -> list[tuple[Any, ...]]:
        if ids is None:
            text = f"SELECT {columns} FROM {source.text} AS t WHERE {within}"  # noqa: S608
            return self._phrases.fetch(Sql(text, source.arguments))
        text = f"SELECT {columns} {self._phrases.of_ids(source.text, at)}"
        return self._phrases.fetch(Sql(text, (self._phrases.id_list(ids), *source.arguments)))

    # By start time

    def _latest(self, size: int) -> Iterator[Stretch]:
        matching = self._matching
        parts = [(number, stage) for number in matching.experiments for stage in matching.stages]
        if len(parts) > MOST_PARTS:
            text = (
                f"SELECT t.id, t.start_time, t.run_id FROM runs AS t WHERE {matching.within_runs()}"  # noqa: S608
            )
            rows = sorted(self._phrases.fetch(Sql(text)), key=_by_time)
            yield Stretch(np.array([row[0] for row in rows], np.int64), None)
            return
        place: Place | None = None
        while parts:
            found = [self._latest_rows(number, stage, place, size) for number, stage in parts]
            ends = [_by_time(rows[-1]) for rows in found if len(rows) == size]
            rows = [row for rows in found for row in rows]
            if len(found) > 1:
                rows.sort(key=_by_time)
                rows = [row for row in rows if _by_time(row) <= min(ends)] if ends else rows
            yield Stretch(np.array([row[0] for row in rows], np.int64), None)
            if not ends:
                return
            place = Place(rows[-1][1], rows[-1][2])
            size = min(size * 3, _LARGEST_STRETCH)

    def _latest_rows(
        self, experiment: int, stage: int, place: Place | None, size: int
    ) -> list[tuple[Any, ...]]:
        arguments: tuple[Any, ...] = ()
        where = f"t.experiment = {experiment:d} AND t.deleted = {stage:d}"
        if place is not None:
            # The first condition is what the index is read from.
            where += " AND t.start_time <= ? AND (t.start_time < ? OR t.run_id > ?)"
            arguments = (place.start_time, place.start_time, place.run_id)
        text = (
            f"SELECT t.id, t.start_time, t.run_id FROM runs AS t WHERE {where} "  # noqa: S608
            f"ORDER BY t.start_time DESC, t.run_id LIMIT {size:d}"
        )
        return self._phrases.fetch(Sql(text, arguments))

    # A few runs

    def sorted(self, ids: Ids, orders: Sequence[Order]) -> list[int]:
        """Some runs in order, each looked up; a run that is gone by now is left out."""
        if not len(ids):
            return []
        columns = "t.id, t.start_time, t.run_id"
        rows = self._select(Sql("runs"), columns, "t.id = @", "", ids)
        runs = [row[0] for row in sorted(rows, key=_by_time)]
        for order in reversed(orders):
            values = self.values(order.field, ids)
            metric = order.field.kind == "metric"
            runs = _by_values(runs, values, ascending=order.ascending, nan=metric)
        return runs


class _Index(NamedTuple):
    """A covering index of the values of one field."""

    table: str
    run: str
    column: str
    parts: list[str]
    """The stretches that are each in order, as conditions."""


_CONVERTED: dict[str, Any] = {"status": STATUS_NAME.__getitem__, "experiment_id": str}


def _value(row: tuple[Any, ...]) -> Any:
    return row[1]


def _by_time(row: tuple[Any, ...]) -> tuple[int, str]:
    return (-row[1], row[2])


def _stretch(rows: Sequence[tuple[Any, ...]]) -> Stretch:
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    ranks = np.zeros(len(rows), np.int64)
    rank, before = 0, rows[0][1] if rows else None
    for position, (_, value) in enumerate(rows):
        if value != before:
            rank, before = rank + 1, value
        ranks[position] = rank
    return Stretch(ids, ranks)


def _by_values(runs: list[int], values: dict[int, Any], *, ascending: bool, nan: bool) -> list[int]:
    """Stable; numbers and texts first, then NaN, then what has no value."""
    present = [run for run in runs if values.get(run) is not None]
    present.sort(key=values.__getitem__, reverse=not ascending)
    rest = [run for run in runs if values.get(run) is None]
    if nan:
        rest.sort(key=lambda run: run not in values)
    return present + rest
