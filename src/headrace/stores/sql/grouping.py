"""Groups of runs, and the values of a column that there are to choose from."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.errors import InvalidValueError
from headrace.search.fields import RUNS
from headrace.search.parser import parse_field, parse_filter
from headrace.search.tree import Field
from headrace.stores.sql import experiments
from headrace.stores.sql.matching import REDUCED, TABLES, Matching
from headrace.stores.sql.phrases import TRUE, Ids, Sql
from headrace.stores.sql.stages import STAGES
from headrace.stores.sql.tables import PREFIX, STATUS_NAME, STATUS_NUMBER
from headrace.stores.sql.view import View
from headrace.wire.tables import (
    BandMetrics,
    GroupRuns,
    ListValues,
    RunGroup,
    RunGroups,
    Spread,
    Values,
)

Numbers = npt.NDArray[np.float64]

_SLICE = 20_000


# Groups


class Grouped(NamedTuple):
    """Runs by the values of some columns, the largest groups first."""

    matching: Matching
    ids: Ids
    """The runs that match, by number."""
    names: list[tuple[str | None, ...]]
    counts: list[int]
    """How many runs each of the named groups has."""
    group_of: Ids
    """For each run the place of its group in ``names``; -1 for one that is not among them."""
    total: int
    """How many groups there are."""


def group_runs(view: View, question: GroupRuns) -> RunGroups:
    """The runs that match, by the values of the columns that were asked for."""
    columns = [_number_field(column) for column in question.columns]
    found = grouped(view, question, question.max_results)
    spreads = [
        _spreads(numbers(found, field), found.group_of, len(found.names)) for field in columns
    ]
    groups = [
        RunGroup(count, list(name), [column[place] for column in spreads])
        for place, (name, count) in enumerate(zip(found.names, found.counts, strict=True))
    ]
    return RunGroups(groups, found.total, len(found.ids))


def grouped(view: View, question: GroupRuns | BandMetrics, most: int) -> Grouped:
    """The runs that match, and which of the ``most`` largest groups each belongs to."""
    by = [_text_field(column) for column in question.by]
    if not by:
        raise InvalidValueError("Say in 'by' what the runs are grouped by.")
    matching = Matching(
        view, experiments.numbers_of(question.experiment_ids), STAGES[question.run_view_type]
    )
    ids = np.sort(matching.members(matching.part(parse_filter(question.filter, RUNS))))
    cells = _Cells(matching, ids)
    values = list(zip(*(cells.texts(field) for field in by), strict=True))
    sizes = Counter(values)
    largest = sorted(sizes.items(), key=lambda item: (-item[1], _sorted_by(item[0])))[:most]
    places = {name: place for place, (name, _) in enumerate(largest)}
    group_of = np.array([places.get(value, -1) for value in values], np.int64)
    counts = [count for _, count in largest]
    return Grouped(matching, ids, list(places), counts, group_of, len(sizes))


def numbers(found: Grouped, field: Field) -> Numbers:
    """The number of each run that matches; NaN for one that has none."""
    return _Cells(found.matching, found.ids).numbers(field)


def _sorted_by(values: tuple[str | None, ...]) -> tuple[tuple[bool, str], ...]:
    """Values in their order, what is missing last."""
    return tuple((value is None, value or "") for value in values)


def _spreads(numbers: Numbers, group_of: Ids, groups: int) -> list[Spread | None]:
    """What the finite numbers of each group are like."""
    # An infinity is stored as the largest number there is, see `tables`.
    use = (np.abs(numbers) < np.finfo(np.float64).max) & (group_of >= 0)
    numbers, group_of = numbers[use], group_of[use]
    counts = np.bincount(group_of, minlength=groups)
    with np.errstate(invalid="ignore", over="ignore"):
        means = np.bincount(group_of, numbers, groups) / np.maximum(counts, 1)
        squares = np.bincount(group_of, (numbers - means[group_of]) ** 2, groups)
        deviations = np.sqrt(squares / np.maximum(counts - 1, 1))
    least, most = np.full(groups, np.inf), np.full(groups, -np.inf)
    np.minimum.at(least, group_of, numbers)
    np.maximum.at(most, group_of, numbers)
    return [
        Spread(int(count), float(mean), float(low), float(high), float(std) if count > 1 else None)
        if count
        else None
        for count, mean, low, high, std in zip(counts, means, least, most, deviations, strict=True)
    ]


def _text_field(column: str) -> Field:
    field = parse_field(column, RUNS)
    is_text = field.kind in ("param", "tag", "attribute") and not field.numeric
    if is_text and field.key != "artifact_uri":
        return field
    raise InvalidValueError(
        f"Runs cannot be grouped by '{column}'; by params, tags and attributes that are text they can."
    )


def _number_field(column: str) -> Field:
    field = parse_field(column, RUNS)
    if field.kind == "metric" or field.numeric:
        return field
    raise InvalidValueError(
        f"'{column}' is no number; a param is one when it is asked for as number({column})."
    )


class _Cells:
    """What some runs have in a column, in the order of their numbers."""

    def __init__(self, matching: Matching, ids: Ids) -> None:
        self._matching, self._ids = matching, ids

    def texts(self, field: Field) -> list[str | None]:
        found: list[str | None] = [None] * len(self._ids)
        if field.kind == "attribute":
            column = (
                "t.status" if field.key == "status" else self._matching.attribute_column(field.key)
            )
            for place, value in self._attribute(column):
                found[place] = STATUS_NAME[value] if field.key == "status" else value
            return found
        for place, value, tail in self._by_key(field, "t.value, t.tail"):
            found[place] = value + (tail or "")
        return found

    def numbers(self, field: Field) -> Numbers:
        found = np.full(len(self._ids), np.nan)
        if field.kind == "attribute":
            rows = self._attribute(self._matching.attribute_column(field.key))
        else:
            column = REDUCED[field.reduction] if field.kind == "metric" else "t.number"
            rows = self._by_key(field, column)
        for place, value in rows:
            if value is not None:
                found[place] = value
        return found

    def _attribute(self, column: str) -> Iterator[tuple[Any, ...]]:
        where = Sql(self._matching.within_runs())
        return self._rows(Sql("runs"), "t.id", column, where, TRUE)

    def _by_key(self, field: Field, columns: str) -> Iterator[tuple[Any, ...]]:
        key = self._matching.key(field.key)
        if key is None:
            return iter(())
        source, by_key = Sql(TABLES[field.kind]), Sql(f't."key" = {key:d}')
        return self._rows(source, "t.run", columns, Sql(self._matching.within(key)), by_key)

    def _rows(
        self, source: Sql, run: str, columns: str, within: Sql, looked_up: Sql
    ) -> Iterator[tuple[Any, ...]]:
        """The place of each run that has a row, and the row's columns: all rows are read, or a few looked up."""
        phrases, ids = self._matching.phrases, self._ids
        if len(ids) * phrases.look_up < self._matching.highest_run():
            parts = [ids[start : start + _SLICE] for start in range(0, len(ids), _SLICE)]
            rests = [phrases.looked_up(source, run, looked_up, part) for part in parts]
        else:
            rests = [Sql(f"FROM {source.text} AS t WHERE {within.text}")]
        for rest in rests:
            rows = phrases.fetch(Sql(f"SELECT {run}, {columns} {rest.text}", rest.arguments))
            runs = np.fromiter((row[0] for row in rows), np.int64, len(rows))
            places = np.searchsorted(ids, runs)
            for row, place in zip(rows, places.tolist(), strict=True):
                if place < len(ids) and ids[place] == row[0]:
                    yield place, *row[1:]


# Values


def list_values(view: View, question: ListValues) -> Values:
    """The values that begin with a prefix; what is longer than an index holds is left out."""
    field = parse_field(question.column, RUNS)
    matching = Matching(view, experiments.numbers_of(question.experiment_ids), [0])
    if field.key == "status" and field.kind == "attribute":
        names = [name for name in sorted(STATUS_NUMBER) if name.startswith(question.prefix)]
        return Values(names[: question.max_results])
    if not matching.experiments:
        return Values()
    if field.kind in ("param", "tag"):
        return Values(list(_by_index(matching, field, question)))
    if field.kind == "attribute" and field.key in ("run_name", "user_id"):
        return Values(_by_scan(matching, field, question))
    return Values()


def _by_index(matching: Matching, field: Field, question: ListValues) -> Iterator[str]:
    """Each value by a look for what follows the one before: as fast with many rows as with few."""
    key = matching.key(field.key)
    bound, way, left = question.prefix, ">=", question.max_results
    while left and key is not None:
        rows = f"FROM {TABLES[field.kind]} AS t WHERE {matching.within(key)} AND t.value {way} ?"
        value = matching.phrases.fetch(Sql(f"SELECT MIN(t.value) {rows}", (bound,)))[0][0]
        if value is None or not value.startswith(question.prefix):
            return
        if len(value) < PREFIX:
            yield value
            left -= 1
        bound, way = value, ">"


def _by_scan(matching: Matching, field: Field, question: ListValues) -> list[str]:
    column = matching.attribute_column(field.key)
    text = (
        f"SELECT DISTINCT {column} AS v FROM runs AS t WHERE {matching.within_runs()} "
        f"AND {column} >= ? ORDER BY v LIMIT {question.max_results:d}"
    )
    found = [row[0] for row in matching.phrases.fetch(Sql(text, (question.prefix,)))]
    return [value for value in found if value and value.startswith(question.prefix)]
