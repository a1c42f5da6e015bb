"""Which runs match a filter, as sets of their numbers.

A query asks one table about one comparison, by a range of a covering index or by look-ups of primary
keys: no query leaves the database a choice. Sets are put together here. Which of the two ways is taken
follows from sizes that are counted first, up to a bound.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.search.tree import And, Comparison, Field, Node, Not, Or
from headrace.stores.sql import filters
from headrace.stores.sql.phrases import (
    NO_IDS,
    TRUE,
    Ids,
    Sql,
    all_of,
    in_numbers,
    phrases_of,
)
from headrace.stores.sql.tables import PREFIX, STATUS_NUMBER
from headrace.stores.sql.view import View

COUNTED = 16_000
"""How far the size of a range is counted before it is called large."""


class Effort(NamedTuple):
    """When runs are looked for in another way; whatever these are, the same runs are found."""

    few_entries: int = COUNTED
    """So many entries of indexes are read before anything cleverer is tried."""
    look_ups: int = 4_000
    """So many look-ups a walk along an order may cost before the filter is answered as a whole."""
    first_stretch: int = 500
    """So many runs are read first on a walk with a filter."""
    sorted_stretch: int = 5_000
    """The same where no index has the order, so that each stretch costs a look at all rows."""
    jump: int = 2_000
    """So many runs to pass over are worth the queries that tell where they end."""
    most_parts: int = 32
    """So many parts of an index are read side by side, one for each experiment (and stage)."""


_SLICE = 20_000
TABLES = {"param": "params", "tag": "tags", "metric": "metric_series"}
REDUCED = {
    "last": "t.last_value",
    "first": "t.first_value",
    "min": "t.min_value",
    "max": "t.max_value",
    "mean": "(t.finite_sum / NULLIF(t.finite_count, 0))",
    "count": "t.count",
}


@dataclass(frozen=True)
class Leaf:
    """One comparison: the rows (as ``t``) that stand for its matches."""

    source: Sql
    within: str
    """The rows of the searched experiments (and of the key): the start of an index."""
    key: Sql
    """What besides the run's number its rows are looked up by."""
    match: Sql
    range: Sql = TRUE
    """What of ``match`` narrows the rows down by an index."""
    run: str = "t.run"
    in_prefix: Sql | None = None
    """For LIKE, ``match`` of the rows that are whole in the index; the others are looked up."""


@dataclass(frozen=True)
class AllOf:
    """What is in each part and in none of the others."""

    parts: tuple["Part", ...]
    without: tuple["Part", ...]


@dataclass(frozen=True)
class AnyOf:
    """What is in at least one part."""

    parts: tuple["Part", ...]


Part = Leaf | AllOf | AnyOf
NOTHING = AnyOf(())
EVERYTHING = AllOf((), ())


class Matching:
    """The runs of some experiments, and which of them match a filter."""

    def __init__(self, view: View, experiments: Sequence[int], stages: Sequence[int]) -> None:
        self.view = view
        self.phrases = phrases_of(view)
        self.experiments = sorted(set(experiments))
        self.stages = sorted(set(stages))
        self._sizes: dict[Leaf, tuple[int, int]] = {}  # the size, and how far it was counted
        self._members: dict[Leaf, Ids] = {}
        self._asked: dict[Leaf, tuple[int, int]] = {}  # runs that were asked about, and those found
        self._deleted: Ids | None = None
        self._highest: int | None = None

    # From the tree to parts

    def part(self, node: Node | None) -> Part:
        """The filter as parts that the database can be asked about."""
        match node:
            case None:
                return EVERYTHING
            case And(parts):
                return AllOf(
                    tuple(self.part(each) for each in parts if not _is_negative(each)),
                    tuple(self.part(_positive(each)) for each in parts if _is_negative(each)),
                )
            case Or(parts):
                return AnyOf(tuple(self.part(each) for each in parts))
            case Comparison() if not _is_negative(node):
                return self._leaf(node)
            case _:
                return AllOf((), (self.part(_positive(node)),))

    def _leaf(self, comparison: Comparison) -> Part:
        kind = comparison.field.kind
        if kind == "attribute":
            return self._attribute(comparison)
        if kind == "dataset":
            return self._dataset(comparison)
        key = self.key(comparison.field.key)
        if key is None:
            return NOTHING
        by_key = Sql(f't."key" = {key:d}')
        source, within = Sql(TABLES[kind]), self.within(key)
        if comparison.field.numeric:
            match = self._number(comparison)
            return Leaf(source, within, by_key, match, match if _is_range(comparison) else TRUE)
        ranged = filters.value_range(self.phrases, comparison)
        if not comparison.op.endswith("LIKE"):
            match = filters.split_text_matches(self.phrases, comparison)
            return Leaf(source, within, by_key, match, ranged)
        match = filters.long_like(self.phrases, comparison)
        short = filters.short_like(self.phrases, comparison)
        return Leaf(source, within, by_key, match, ranged, in_prefix=short)

    def _number(self, comparison: Comparison) -> Sql:
        if comparison.field.kind != "metric":
            return filters.present_number_matches("t.number", comparison)
        return filters.number_matches(REDUCED[comparison.field.reduction], comparison)

    def _attribute(self, comparison: Comparison) -> Leaf:
        name, within = comparison.field.key, self.within_runs()
        match = self._attribute_matches(name, comparison)
        # What an index of ``runs`` has as a range.
        indexed = name in ("start_time", "status", "experiment_id") or (
            name == "run_id" and comparison.op in ("=", "IN")
        )
        ranged = match if indexed and comparison.op != "IS NOT NULL" else TRUE
        return Leaf(self.source_of_runs(name), within, TRUE, match, ranged, run="t.id")

    def _attribute_matches(self, name: str, comparison: Comparison) -> Sql:
        if comparison.field.numeric:
            return filters.present_number_matches(self.attribute_column(name), comparison)
        if name == "status":
            chosen = filters.chosen(list(STATUS_NUMBER), comparison)
            return Sql(in_numbers("t.status", [STATUS_NUMBER[each] for each in chosen]))
        if name == "experiment_id":  # of a few, which leaves an index its use
            names = filters.chosen([str(number) for number in self.experiments], comparison)
            return Sql(in_numbers("t.experiment", [int(each) for each in names]))
        return filters.text_matches(self.phrases, self.attribute_column(name), comparison)

    def attribute_column(self, name: str) -> str:
        """Where an attribute is in ``t``, which `source_of_runs` gives; none for the status."""
        if name == "duration":
            as_double = self.phrases.as_double  # the difference might not fit 64 bits
            return f"({as_double('t.end_time')} - {as_double('t.start_time')})"
        if name == "experiment_id":
            return self.phrases.as_text("t.experiment")
        if name == "run_name":
            return self.phrases.exact("t.name")
        return "t.uri" if name == "artifact_uri" else f"t.{name}"

    def source_of_runs(self, attribute: str) -> Sql:
        """The runs; where the place of their artifacts is asked for, with this, which is derived."""
        if attribute != "artifact_uri":
            return Sql("runs")
        where = in_numbers("t.id", self.experiments)
        rows = self.phrases.fetch(
            Sql(f"SELECT t.id, t.artifact_location FROM experiments AS t WHERE {where}")
        )
        cases = "".join(f" WHEN {number:d} THEN ?" for number, _ in rows) or " WHEN -1 THEN ?"
        folders = [self.view.place.of_experiment(number, given) for number, given in rows] or [""]
        folder = f"CASE t.experiment{cases} END"
        uri = self.phrases.joined(folder, "'/'", "t.run_id", "'/artifacts'")
        return Sql(f"(SELECT t.*, {uri} AS uri FROM runs AS t)", tuple(folders))

    def _dataset(self, comparison: Comparison) -> Leaf:
        source = Sql(
            "(SELECT l.run, l.context, d.name, d.digest, d.experiment FROM datasets AS d "
            "JOIN run_datasets AS l ON l.dataset = d.id)"
        )
        match = filters.text_matches(self.phrases, f"t.{comparison.field.key}", comparison)
        return Leaf(source, in_numbers("t.experiment", self.experiments), TRUE, match)

    def key(self, name: str) -> int | None:
        """The number of a param's, tag's or metric's name, if any run has it."""
        return self.view.names.numbers_of(self.view.connection, [name]).get(name)

    def within(self, key: int) -> str:
        """The rows of a key in a table of params, tags or series."""
        return f'{in_numbers("t.experiment", self.experiments)} AND t."key" = {key:d}'

    def within_runs(self) -> str:
        """The rows of ``runs``."""
        experiments = in_numbers("t.experiment", self.experiments)
        return f"{experiments} AND {in_numbers('t.deleted', self.stages)}"

    # Sets

    def members(self, part: Part) -> Ids:
        """All runs in a part."""
        if isinstance(part, Leaf):
            return self.staged(self._scan(part))
        if isinstance(part, AnyOf):
            return union(self.members(each) for each in part.parts)
        ordered = sorted(part.parts, key=self.size)
        ids = self.members(ordered[0]) if ordered else self._everything()
        for each in ordered[1:]:
            ids = self.narrowed(ids, each)
        for each in part.without:
            ids = self.narrowed(ids, each, keep=False)
        return ids

    def among(self, part: Part, ids: Ids) -> Ids:
        """Those of some runs that are in a part, in the same order; what was not read is looked up."""
        if not len(ids):
            return ids
        if isinstance(part, Leaf):
            return self._among_leaf(part, ids)
        if isinstance(part, AnyOf):
            found = union(self.among(each, ids) for each in part.parts)
            return ids[is_in(ids, found)]
        for each in sorted(part.parts, key=self._turn):
            ids = self.among(each, ids)
        for each in part.without:
            ids = ids[~is_in(ids, self.among(each, ids))]
        return ids

    def _among_leaf(self, leaf: Leaf, ids: Ids) -> Ids:
        known = self._members.get(leaf)
        found = ids[is_in(ids, self._look_up(leaf, ids) if known is None else known)]
        asked, hits = self._asked.get(leaf, (0, 0))
        self._asked[leaf] = asked + len(ids), hits + len(found)
        return found

    # Walks

    def look_ups(self, part: Part) -> float:
        """How many look-ups `among` makes for each run, as far as those before tell."""
        if isinstance(part, Leaf):
            return 0.0 if part in self._members else 1.0
        if isinstance(part, AnyOf):
            return sum(self.look_ups(each) for each in part.parts)
        share, found = 1.0, 0.0
        for each in sorted(part.parts, key=self._turn):
            found += share * self.look_ups(each)
            share *= self._rate(each)
        return found + share * sum(self.look_ups(each) for each in part.without)

    def entries(self, part: Part) -> float:
        """How many entries of indexes would be read first instead of all look-ups, by those before."""
        if isinstance(part, AllOf):
            sizes = [self.entries(each) for each in (part.parts or part.without)]
            return min((size for size in sizes if size), default=0.0)
        if isinstance(part, AnyOf):
            return sum(self.entries(each) for each in part.parts)
        if part in self._members:
            return 0.0
        return self.highest_run() * (self._rate(part) if part.match == part.range else 1.0)

    def prepare(self, part: Part, wanted: int) -> int:
        """How far a walk over all runs goes until it meets so many in a part.

        What costs less to read whole than to look up along that way is read. Both go by the look-ups
        that were made before.
        """
        parts = part.parts if isinstance(part, AllOf) else (part,)
        share = math.prod(self._rate(each) for each in parts)
        way = min(float(self.highest_run()), wanted / share)
        passing = way
        for each in sorted(parts, key=self._turn):
            if isinstance(each, Leaf) and 0 < self.entries(each) <= passing * self.phrases.look_up:
                self._members[each] = self._scan(each)
            passing *= self._rate(each)
        return math.ceil(way)

    def _turn(self, part: Part) -> tuple[bool, float]:
        """The order in which parts narrow runs down: those that cost nothing first."""
        return (part not in self._members, self._rate(part))

    def _rate(self, part: Part) -> float:
        """Which share of the runs is in a part, by what was asked so far; 1 where nothing was."""
        asked, hits = self._asked.get(part, (0, 0)) if isinstance(part, Leaf) else (0, 0)
        return (hits + 1) / (asked + 1)

    def count(self, part: Part) -> int:
        """How many runs are in a part."""
        if part == EVERYTHING:
            return self._number_of(
                Sql(f"SELECT COUNT(*) FROM runs AS t WHERE {self.within_runs()}")
            )
        if isinstance(part, Leaf) and part.in_prefix is None and self._counts_runs(part):
            where = all_of((Sql(part.within), part.match))
            arguments = (*part.source.arguments, *where.arguments)
            return self._number_of(
                Sql(f"SELECT COUNT(*) FROM {part.source.text} AS t WHERE {where.text}", arguments)
            )
        if isinstance(part, AllOf) and not part.parts:
            return self.count(EVERYTHING) - self.count(AnyOf(part.without))
        if isinstance(part, AnyOf) and len(part.parts) == 1:
            return self.count(part.parts[0])
        return len(self.members(part))

    def _counts_runs(self, leaf: Leaf) -> bool:
        if leaf.run == "t.id":
            return True
        return leaf.source.text in TABLES.values() and self.all_staged()

    def narrowed(self, ids: Ids, part: Part, *, keep: bool = True) -> Ids:
        """Those of some runs that are in a part (or are not), found in the cheaper way."""
        if not len(ids):
            return ids
        looked_up = len(ids) * self.phrases.look_up
        is_small = looked_up >= self.highest_run() or self.size(part, looked_up) < looked_up
        found = is_in(ids, self.members(part) if is_small else self.among(part, ids))
        return ids[found if keep else ~found]

    # Sizes

    def size(self, part: Part, bound: int = COUNTED) -> int:
        """How many entries of indexes the members of a part are read from, counted up to a bound."""
        if isinstance(part, Leaf):
            return self._size(part, bound)
        if isinstance(part, AnyOf):
            return min(bound, sum(self.size(each, bound) for each in part.parts))
        if not part.parts:
            return self._size(self._all_runs(), bound)
        return min(self.size(each, bound) for each in part.parts)

    def _size(self, leaf: Leaf, bound: int) -> int:
        known = self._members.get(leaf)
        if known is not None:
            return min(bound, len(known))
        size, counted_to = self._sizes.get(leaf, (0, 0))
        if size == counted_to < bound:
            is_range = leaf.match == leaf.range
            count = self._peeked if is_range and bound <= COUNTED else self._counted
            size, counted_to = self._sizes[leaf] = (count(leaf, bound), bound)
        return min(size, bound)

    def _peeked(self, leaf: Leaf, bound: int) -> int:
        """The size of a leaf that is all of a range; its members are kept if these are all."""
        inner = self._rows_of(leaf, all_of((Sql(leaf.within), leaf.match)), bound)
        packed = self.phrases.packed("c.run", f"FROM ({inner.text}) AS c")
        ids = self.phrases.unpacked(self.phrases.fetch(Sql(packed, inner.arguments)))
        if len(ids) < bound:
            self._members[leaf] = self._distinct(leaf, ids)
        return len(ids)

    def _counted(self, leaf: Leaf, bound: int) -> int:
        inner = self._rows_of(leaf, all_of((Sql(leaf.within), leaf.range)), bound)
        return self._number_of(Sql(f"SELECT COUNT(*) FROM ({inner.text}) AS c", inner.arguments))

    def _rows_of(self, leaf: Leaf, where: Sql, bound: int) -> Sql:
        text = f"SELECT {leaf.run} AS run FROM {leaf.source.text} AS t WHERE {where.text} LIMIT {bound:d}"
        return Sql(text, (*leaf.source.arguments, *where.arguments))

    def highest_run(self) -> int:
        """A bound of how many runs there are in the store."""
        if self._highest is None:
            self._highest = self._number_of(Sql("SELECT COALESCE(MAX(id), 0) FROM runs"))
        return self._highest

    def _number_of(self, query: Sql) -> int:
        return int(self.phrases.fetch(query)[0][0])

    # Queries

    def _all_runs(self) -> Leaf:
        return Leaf(Sql("runs"), self.within_runs(), TRUE, TRUE, run="t.id")

    def _everything(self) -> Ids:
        return self._scan(self._all_runs())

    def _scan(self, leaf: Leaf) -> Ids:
        known = self._members.get(leaf)
        if known is not None:
            return known
        if leaf.in_prefix is None:
            return self._distinct(leaf, self._packed(leaf, all_of((Sql(leaf.within), leaf.match))))
        short = all_of((Sql(leaf.within), leaf.range, leaf.in_prefix))
        length = self.phrases.length("t.value")
        long = self._packed(
            leaf, all_of((Sql(leaf.within), leaf.range, Sql(f"{length} >= {PREFIX}")))
        )
        return np.concatenate([self._packed(leaf, short), self._look_up(leaf, long)])

    def _packed(self, leaf: Leaf, where: Sql) -> Ids:
        rest = f"FROM {leaf.source.text} AS t WHERE {where.text}"
        arguments = (*leaf.source.arguments, *where.arguments)
        return self.phrases.unpacked(
            self.phrases.fetch(Sql(self.phrases.packed(leaf.run, rest), arguments))
        )

    def _look_up(self, leaf: Leaf, ids: Ids) -> Ids:
        found = [NO_IDS]
        where = all_of((leaf.key, leaf.match))
        for start in range(0, len(ids), _SLICE):
            rest = self.phrases.looked_up(leaf.source, leaf.run, where, ids[start : start + _SLICE])
            query = Sql(self.phrases.packed(leaf.run, rest.text), rest.arguments)
            found.append(self.phrases.unpacked(self.phrases.fetch(query)))
        return np.concatenate(found)

    def _distinct(self, leaf: Leaf, ids: Ids) -> Ids:
        return ids if leaf.run == "t.id" or leaf.source.text in TABLES.values() else np.unique(ids)

    # Stages

    def staged(self, ids: Ids) -> Ids:
        """Those of some runs that are in the searched stages."""
        if len(self.stages) == 2 or not len(ids):
            return ids
        if not self.stages:
            return NO_IDS
        deleted = self._deleted_ids()
        if not len(deleted):
            return ids if self.stages == [0] else NO_IDS
        are_deleted = is_in(ids, deleted)
        return ids[are_deleted if self.stages == [1] else ~are_deleted]

    def all_staged(self) -> bool:
        """Whether all runs of the experiments are in the searched stages."""
        return len(self.stages) == 2 or (self.stages == [0] and not len(self._deleted_ids()))

    def _deleted_ids(self) -> Ids:
        if self._deleted is None:
            rest = f"FROM runs AS t WHERE {in_numbers('t.experiment', self.experiments)} AND t.deleted >= 1"
            self._deleted = self.phrases.unpacked(
                self.phrases.fetch(Sql(self.phrases.packed("t.id", rest)))
            )
        return self._deleted


def union(parts: Iterable[Ids]) -> Ids:
    """The runs of several sets, each once; no more than two sets are held at a time."""
    found = NO_IDS
    for ids in parts:
        found = np.concatenate([found, ids[~is_in(ids, found)]])
    return found


def is_in(ids: Ids, others: Ids) -> npt.NDArray[np.bool_]:
    """For each of some runs whether it is among others."""
    if not len(ids) or not len(others):
        return np.zeros(len(ids), np.bool_)
    highest = int(max(ids.max(), others.max()))
    if highest > 8 * (len(ids) + len(others)) + 1_000_000:
        return np.isin(ids, others, kind="sort")
    table = np.zeros(highest + 1, np.bool_)
    table[others] = True
    return table[ids]


def _is_negative(node: Node) -> bool:
    return isinstance(node, Not) or (isinstance(node, Comparison) and node.op == "IS NULL")


def _positive(node: Node) -> Node:
    if isinstance(node, Not):
        return node.part
    assert isinstance(node, Comparison)
    return Comparison(node.field, "IS NOT NULL", ())


def _is_range(comparison: Comparison) -> bool:
    """Whether an index of numbers narrows the comparison down."""
    field: Field = comparison.field
    plain = comparison.op in ("=", "<", "<=", ">", ">=", "BETWEEN", "IN")
    return plain and (field.kind != "metric" or field.reduction == "last")
