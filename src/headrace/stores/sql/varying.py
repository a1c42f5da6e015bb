"""Which columns tell runs apart: those in which not all of them have the same value."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from headrace.search.fields import RUNS
from headrace.search.parser import parse_filter
from headrace.stores.sql import experiments
from headrace.stores.sql.matching import TABLES, Matching
from headrace.stores.sql.phrases import TRUE, Ids, Sql, in_numbers
from headrace.stores.sql.stages import STAGES
from headrace.stores.sql.tables import PREFIX
from headrace.stores.sql.view import View
from headrace.wire.tables import FindVariation, Variation
from headrace.wire.tracking import Columns

_SLICE = 20_000


class _Extent(NamedTuple):
    """The values of a key in some rows: how many rows, how many with a value, the least and the greatest."""

    rows: int
    valued: int
    least: Any
    greatest: Any

    def with_(self, other: "_Extent") -> "_Extent":
        ends = [one for one in (self.least, other.least) if one is not None]
        tops = [one for one in (self.greatest, other.greatest) if one is not None]
        return _Extent(
            self.rows + other.rows,
            self.valued + other.valued,
            min(ends, default=None),
            max(tops, default=None),
        )

    def is_constant(self, runs: int) -> bool:
        return self.rows == runs and self.valued in (0, runs) and self.least == self.greatest


def find_variation(view: View, question: FindVariation) -> Variation:
    """The keys in which the runs that match differ, and those in which all are alike."""
    matching = Matching(
        view, experiments.numbers_of(question.experiment_ids), STAGES[question.run_view_type]
    )
    ids = matching.members(matching.part(parse_filter(question.filter, RUNS)))
    among = None if question.filter is None and matching.all_staged() else ids
    varying: dict[str, list[str]] = {}
    constant: dict[str, list[str]] = {}
    for kind in TABLES:
        extents = _extents(matching, kind, among)
        names = view.names.of(view.connection, extents)
        alike = {key for key, extent in extents.items() if extent.is_constant(len(ids))}
        alike -= _long_and_different(matching, kind, among, {key: extents[key] for key in alike})
        varying[kind] = sorted(names[key] for key in extents.keys() - alike)
        constant[kind] = sorted(names[key] for key in alike)
    return Variation(_columns(varying), _columns(constant))


def _columns(keys: dict[str, list[str]]) -> Columns:
    return Columns(keys["metric"], keys["param"], keys["tag"])


def _extents(matching: Matching, kind: str, ids: Ids | None) -> dict[int, _Extent]:
    """By key, of some runs or of all that the experiments have."""
    value = "t.last_value" if kind == "metric" else "t.value"
    found: dict[int, _Extent] = {}
    for rest in _sources(matching, kind, ids, TRUE):
        text = (
            f'SELECT t."key", COUNT(*), COUNT({value}), MIN({value}), MAX({value}) {rest.text} '
            'GROUP BY t.experiment, t."key"'
        )
        for key, *numbers in matching.phrases.fetch(Sql(text, rest.arguments)):
            extent = _Extent(*numbers)
            found[key] = found[key].with_(extent) if key in found else extent
    return found


def _sources(matching: Matching, kind: str, ids: Ids | None, where: Sql) -> Iterator[Sql]:
    table = TABLES[kind]
    if ids is None:
        own = in_numbers("t.experiment", matching.experiments)
        yield Sql(f"FROM {table} AS t WHERE {own} AND {where.text}", where.arguments)
        return
    for start in range(0, len(ids), _SLICE):
        yield matching.phrases.looked_up(Sql(table), "t.run", where, ids[start : start + _SLICE])


def _long_and_different(
    matching: Matching, kind: str, ids: Ids | None, alike: dict[int, _Extent]
) -> set[int]:
    """Keys whose values begin alike, for as long as the index holds them, and go on differently."""
    if kind == "metric":
        return set()
    different = set()
    for key in (key for key, extent in alike.items() if len(extent.least) >= PREFIX):
        tails: set[str | None] = set()
        for rest in _sources(matching, kind, ids, Sql(f't."key" = {key:d}')):
            text = f"SELECT MIN(t.tail), MAX(t.tail), COUNT(*) - COUNT(t.tail) {rest.text}"
            least, greatest, without = matching.phrases.fetch(Sql(text, rest.arguments))[0]
            tails |= {least, greatest} | ({None} if without else set())
        if len(tails) > 1:
            different.add(key)
    return different
