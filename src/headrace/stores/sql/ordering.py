"""Runs in the order that was asked for, as much of it as a page needs.

The order's first field gives groups of runs with one value; the rest of the order counts only inside a
group. Groups come from the index of the field, a stretch at a time, so that a page is found without the
runs behind it. Where a stretch is all one group, the group is handed on as a comparison: the page is
then looked for among the runs that match it, by the rest of the order.
"""

import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.search.tree import And, Comparison, Field, Node, Not, Order
from headrace.stores.sql.matching import REDUCED, TABLES, Effort, Matching
from headrace.stores.sql.phrases import TRUE, Ids, Sql, in_numbers
from headrace.stores.sql.tables import PREFIX, STATUS_NAME, STATUS_NUMBER

Ranks = npt.NDArray[np.int64]
Row = tuple[Any, ...]

STATUS = Field("attribute", "status")

LARGEST_STRETCH = 50_000
_OPTIONAL = ("end_time", "duration", "parent_run_id")


class Stretch(NamedTuple):
    """Some runs in order; those of one rank tie in the order's first field."""

    ids: Ids
    ranks: Ranks


class Group(NamedTuple):
    """All runs that match a node, in the order's remaining fields."""

    node: Node


class Start(NamedTuple):
    """Where a walk begins: past so many runs, at a value or (by start time) after a run."""

    passed: int
    value: Any = None
    run_id: str | None = None


@dataclass
class Pace:
    """How many runs a walk reads next; more each time, unless who takes them knows better."""

    size: int

    def taken(self) -> int:
        """The size for now."""
        size = self.size
        self.size = min(size * 3, LARGEST_STRETCH)
        return size


class Ordering:
    """The orders of the runs of some experiments."""

    def __init__(self, matching: Matching, effort: Effort) -> None:
        self._matching, self._effort = matching, effort
        self._phrases = matching.phrases

    def groups(
        self, orders: Sequence[Order], pace: Pace, start: Start | None, *, filtered: bool
    ) -> Iterator[Stretch | Group]:
        """All runs in order, those of other stages included where an index holds them too.

        ``filtered`` says that not all runs will count.
        """
        if not orders:
            yield from self._latest(pace, start)
            return
        field, ascending = orders[0].field, orders[0].ascending
        if field == STATUS:
            for name in sorted(STATUS_NUMBER, reverse=not ascending):
                yield Group(Comparison(field, "=", (name,)))
            return
        values = self._values_of(field)
        if filtered and not values.indexed:
            pace.size = max(pace.size, self._effort.sorted_stretch)
        yield from self._by_value(values, field, pace, start, ascending=ascending)
        if field.kind == "metric" and field.reduction != "count":
            numbers = Comparison(field, "BETWEEN", (-math.inf, math.inf))
            yield Group(And((Comparison(field, "IS NOT NULL", ()), Not(numbers))))
        if field.kind != "attribute" or field.key in _OPTIONAL:
            yield Group(Comparison(field, "IS NULL", ()))

    def is_indexed(self, orders: Sequence[Order]) -> bool:
        """Whether a walk can stop early; without an index it costs a look at all runs."""
        return not orders or orders[0].field == STATUS or self._values_of(orders[0].field).indexed

    def start_at(self, orders: Sequence[Order], skip: int) -> Start:
        """A start that passes over up to ``skip`` runs without reading them, where an index can do that."""
        matching = self._matching
        if len(matching.experiments) > 1 or len(matching.stages) > 1 or skip < self._effort.jump:
            return Start(0)
        if not orders:
            return self._latest_start(skip)
        field, ascending = orders[0].field, orders[0].ascending
        values = None if field == STATUS else self._values_of(field)
        if values is None or not values.parts or not values.indexed:
            return Start(0)
        if not (values.staged or matching.all_staged()):
            return Start(0)
        way, before = ("ASC", "<") if ascending else ("DESC", ">")
        rows = f"FROM {values.source.text} AS t WHERE {values.parts[0]}"
        at = f"SELECT {values.column} {rows} ORDER BY {values.column} {way} LIMIT 1 OFFSET {skip:d}"
        found = self._phrases.fetch(Sql(at))
        if not found:
            return Start(0)
        passed = f"SELECT COUNT(*) {rows} AND {values.column} {before} ?"
        return Start(self._phrases.fetch(Sql(passed, found[0]))[0][0], found[0][0])

    # By value

    def _values_of(self, field: Field) -> "_Values":
        if field.kind == "attribute":
            return self._attribute_values(field)
        key = self._matching.key(field.key)
        source = Sql(TABLES[field.kind])
        column = _column(field)
        if key is None:
            return _Values(source, "t.run", column, [], indexed=True)
        parts = [
            f'{experiments} AND t."key" = {key:d} AND {column} IS NOT NULL'
            for experiments in self._experiments(indexed=field.reduction == "last")
        ]
        return _Values(source, "t.run", column, parts, indexed=field.reduction == "last")

    def _attribute_values(self, field: Field) -> "_Values":
        matching, indexed = self._matching, field.key == "start_time"
        stages = [(stage,) for stage in matching.stages] if indexed else [matching.stages]
        column = matching.attribute_column(field.key)
        parts = [
            f"{experiments} AND {in_numbers('t.deleted', some)} AND {column} IS NOT NULL"
            for experiments in self._experiments(indexed=indexed)
            for some in stages
        ]
        source = matching.source_of_runs(field.key)
        return _Values(source, "t.id", column, parts, indexed=indexed, staged=True)

    def _experiments(self, *, indexed: bool) -> list[str]:
        """Conditions that together are all experiments: one for each, where an index has it in order."""
        numbers = self._matching.experiments
        if indexed and len(numbers) <= self._effort.most_parts:
            return [in_numbers("t.experiment", [number]) for number in numbers]
        return [in_numbers("t.experiment", numbers)]

    def _by_value(
        self, values: "_Values", field: Field, pace: Pace, start: Start | None, *, ascending: bool
    ) -> Iterator[Stretch | Group]:
        bound, after = (None, "") if start is None else (start.value, "=")
        while values.parts:
            size, way = pace.taken(), f"{'>' if ascending else '<'}{after}"
            found = [self._rows(values, part, way, bound, size) for part in values.parts]
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
            yield _stretch(whole) if whole else self._group(values, field, end)
            bound, after = whole[-1][1] if whole else end, ""

    def _rows(self, values: "_Values", part: str, way: str, bound: Any, size: int) -> list[Row]:
        column = values.column
        text = f"SELECT {values.run}, {column} FROM {values.source.text} AS t WHERE {part}"
        beyond = "" if bound is None else f" AND {column} {way} ?"
        limit = f" ORDER BY {column} {'ASC' if way[0] == '>' else 'DESC'} LIMIT {size:d}"
        arguments = values.source.arguments if bound is None else (*values.source.arguments, bound)
        return self._phrases.fetch(Sql(text + beyond + limit, arguments))

    def _group(self, values: "_Values", field: Field, value: Any) -> Stretch | Group:
        if values.column != "t.value" or len(value) < PREFIX:
            return Group(Comparison(field, "=", (value,)))
        # Texts that begin alike tie here, and only here.
        same = [
            f"SELECT {values.run}, 0 FROM {values.source.text} AS t WHERE {part} AND t.value = ?"
            for part in values.parts
        ]
        return _stretch([row for text in same for row in self._phrases.fetch(Sql(text, (value,)))])

    # By start time

    def _latest_start(self, skip: int) -> Start:
        where = f"{self._experiments(indexed=True)[0]} AND t.deleted = {self._matching.stages[0]:d}"
        found = self._phrases.fetch(
            Sql(
                f"SELECT t.start_time, t.run_id FROM runs AS t WHERE {where} "
                f"ORDER BY t.start_time DESC, t.run_id LIMIT 1 OFFSET {skip - 1:d}"
            )
        )
        return Start(skip, *(found[0] if found else (-(2**63), "")))

    def _latest(self, pace: Pace, start: Start | None) -> Iterator[Stretch]:
        matching = self._matching
        parts = [
            f"{experiments} AND t.deleted = {stage:d}"
            for experiments in self._experiments(indexed=True)
            for stage in matching.stages
        ]
        place = None if start is None or start.run_id is None else (start.value, start.run_id)
        while True:
            size = pace.taken()
            found = [self._latest_rows(part, place, size) for part in parts]
            ends = [_by_time(rows[-1]) for rows in found if len(rows) == size]
            rows = [row for rows in found for row in rows]
            if len(found) > 1:
                rows.sort(key=_by_time)
                rows = [row for row in rows if _by_time(row) <= min(ends)] if ends else rows
            yield Stretch(_ids(rows), np.arange(len(rows)))
            if not ends:
                return
            place = rows[-1][1:]

    def _latest_rows(self, part: str, place: tuple[Any, ...] | None, size: int) -> list[Row]:
        beyond, arguments = "", ()
        if place is not None:
            # The first condition is what the index is read from.
            beyond = " AND t.start_time <= ? AND (t.start_time < ? OR t.run_id > ?)"
            arguments = (place[0], *place)
        text = f"SELECT t.id, t.start_time, t.run_id FROM runs AS t WHERE {part}{beyond}"
        order = f" ORDER BY t.start_time DESC, t.run_id LIMIT {size:d}"
        return self._phrases.fetch(Sql(text + order, arguments))

    # A few runs

    def chosen(self, ids: Ids, orders: Sequence[Order], first: int, last: int) -> list[int]:
        """Those of some runs that are from ``first`` to before ``last`` in order; the runs are looked up."""
        if not len(ids) or first >= len(ids):
            return []
        if not orders:
            rows = self._look_up(Sql("runs"), "t.id, t.start_time, t.run_id", "t.id", TRUE, ids)
            return [row[0] for row in sorted(rows, key=_by_time)[first:last]]
        ranked = _ranked(ids, self._values_for(orders[0].field, ids), orders[0])
        return self.untied(ranked.ids, ranked.ranks, orders[1:], first, last)

    def untied(
        self, ids: Ids, ranks: Ranks, rest: Sequence[Order], first: int, last: int
    ) -> list[int]:
        """The same for runs of which only those of one rank may be in the wrong order."""
        last = min(last, len(ids))
        if first >= last:
            return []
        start = int(np.searchsorted(ranks, ranks[first], "left"))
        end = int(np.searchsorted(ranks, ranks[last - 1], "right"))
        ids, ranks = ids[start:end], ranks[start:end]
        # Most are alone in their rank; only the others are looked up.
        _, counts = np.unique(ranks, return_counts=True)
        tied = ids[np.repeat(counts > 1, counts)]
        places = {run: place for place, run in enumerate(self.chosen(tied, rest, 0, len(tied)))}
        runs: list[int] = ids.tolist()
        if places:
            rank_of = dict(zip(runs, ranks.tolist(), strict=True))
            runs.sort(key=lambda run: (rank_of[run], places.get(run, 0)))
        return runs[first - start : last - start]

    def _values_for(self, field: Field, ids: Ids) -> dict[int, Any]:
        """The values of a field that some runs have; ``None`` is NaN for a metric, else nothing."""
        matching = self._matching
        if field.kind == "attribute":
            column = "t.status" if field == STATUS else matching.attribute_column(field.key)
            source = matching.source_of_runs(field.key)
            rows = self._look_up(source, f"t.id, {column}", "t.id", TRUE, ids)
            return {run: STATUS_NAME[value] if field == STATUS else value for run, value in rows}
        key = matching.key(field.key)
        if key is None:
            return {}
        source, by_key = Sql(TABLES[field.kind]), Sql(f't."key" = {key:d}')
        if field.numeric:
            return dict(self._look_up(source, f"t.run, {_column(field)}", "t.run", by_key, ids))
        rows = self._look_up(source, "t.run, t.value, t.tail", "t.run", by_key, ids)
        return {run: value + (tail or "") for run, value, tail in rows}

    def _look_up(self, source: Sql, columns: str, run: str, where: Sql, ids: Ids) -> list[Row]:
        rest = self._phrases.looked_up(source, run, where, ids)
        return self._phrases.fetch(Sql(f"SELECT {columns} {rest.text}", rest.arguments))


@dataclass(frozen=True)
class _Values:
    """The values of one field, none of them NULL."""

    source: Sql
    run: str
    column: str
    parts: list[str]
    """Conditions of which each has its rows in order, if there is an index."""
    indexed: bool
    staged: bool = False
    """Whether the conditions leave out runs of other stages."""


def _column(field: Field) -> str:
    if field.kind == "metric":
        return REDUCED[field.reduction]
    return "t.number" if field.numeric else "t.value"


def _ids(rows: Sequence[Row]) -> Ids:
    return np.array([row[0] for row in rows], np.int64)


def _value(row: tuple[Any, ...]) -> Any:
    return row[1]


def _by_time(row: tuple[Any, ...]) -> tuple[int, str]:
    return (-row[1], row[2])


def _stretch(rows: Sequence[Row]) -> Stretch:
    values = [row[1] for row in rows]
    changes = [False, *map(operator.ne, values[1:], values)]
    return Stretch(_ids(rows), np.cumsum(changes[: len(rows)]))


def _ranked(ids: Ids, values: dict[int, Any], order: Order) -> Stretch:
    """The runs by value: numbers and texts first, then NaN, then what has no value."""
    rows = [(run, value) for run, value in values.items() if value is not None]
    rows.sort(key=_value, reverse=not order.ascending)
    stretch = _stretch(rows)
    numbers = int(stretch.ranks[-1]) + 1 if rows else 0
    nan = [run for run, value in values.items() if value is None]
    missing = [run for run in ids.tolist() if run not in values]
    if order.field.kind != "metric":
        nan, missing = [], nan + missing
    ranks = [np.full(len(nan), numbers, np.int64), np.full(len(missing), numbers + 1, np.int64)]
    some = [np.array(part, np.int64) for part in (nan, missing)]
    return Stretch(np.concatenate([stretch.ids, *some]), np.concatenate([stretch.ranks, *ranks]))
