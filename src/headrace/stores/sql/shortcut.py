"""A short way for points and new runs, where nothing has to be looked up first (SQLite and PostgreSQL).

Clients wait for each answer, so every statement and every round trip counts. The short way is tried when
a transaction would hold nothing but points of known runs and keys: the database itself merges them into
their series, without their rows being read first. Should a point not be later than all of its series,
or a run be gone, nothing is changed, and the usual way finds out what to do. In PostgreSQL, where the
round trips are what takes longest, it is also tried for new runs that have tags of known keys.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from headrace.entities import Metric
from headrace.errors import HeadraceError
from headrace.stores.sql import metrics
from headrace.stores.sql.database import Database, TakenBackError
from headrace.stores.sql.dialects import array_argument, array_type, bytes_array
from headrace.stores.sql.new_runs import NewRun
from headrace.stores.sql.tables import METRIC_KIND, TAG_KIND, metric_series, runs, tags
from headrace.stores.sql.transaction import RunKey, stored_value
from headrace.stores.sql.view import Shared
from headrace.wire import tracking as w

Stored = list[tuple[int, int]]
"""The numbers of runs, and how many points each got."""

Locations = Mapping[int, str | None]
"""The artifact locations of experiments that were given one."""

_MOST_KNOWN = 100_000


class Shortcut:
    """Stores points of known runs and keys; for the writer's thread only."""

    def __init__(self, database: Database, shared: Shared) -> None:
        self._database = database
        self._shared = shared
        self._runs: dict[str, RunKey] = {}

    @classmethod
    def of(cls, database: Database, shared: Shared) -> "Shortcut | None":
        """The shortcut of a database that has one."""
        kind = _KINDS.get(database.dialect.name)
        return None if kind is None else kind(database, shared)

    def learn(self, run: RunKey) -> None:
        """The usual way has met this run, so its points may go the short way."""
        if len(self._runs) > _MOST_KNOWN:
            self._runs.clear()
        self._runs[run.run_id] = run

    def append(self, wanted: Sequence[tuple[str, Sequence[Metric]]]) -> Stored | None:
        """Store points of runs durably; ``None`` if this way is barred: then everything is as it was."""
        gathered = metrics.Gathered()
        runs: dict[str, RunKey] = {}
        for run_id, points in wanted:
            run = runs[run_id] = self._runs.get(run_id) or _NONE
            numbers = self._known(run, points)
            if numbers is None:
                return None
            gathered.add(run.id, run.experiment, numbers, points)
        digest = gathered.digest()
        if not self._store(list(runs.values()), digest):
            return None
        return [(run, points) for run, points, _ in digest.batches]

    def _known(self, run: RunKey, points: Sequence[Metric]) -> dict[str, int] | None:
        """The numbers of the points' keys, if the run has been met and nothing about them is new."""
        names = self._shared.names
        numbers = {point.key: names.number(point.key) or 0 for point in points}
        if run is _NONE or not all(numbers.values()):
            return None
        uses = ((run.experiment, METRIC_KIND, key) for key in numbers.values())
        return None if names.unseen(uses) else numbers

    def create(self, questions: Sequence[w.CreateRun]) -> list[w.GotRun] | None:
        """Make new runs durably; ``None`` if this way is barred: then everything is as it was."""
        try:
            new = [NewRun.of(question) for question in questions]
        except HeadraceError:
            return None  # the usual way says so to who asked for it, and makes the others
        names = self._shared.names
        keys = {key: names.number(key) or 0 for run in new for key in run.tags}
        uses = {(run.row["experiment"], TAG_KIND, keys[key]) for run in new for key in run.tags}
        if not all(keys.values()) or names.unseen(uses):
            return None
        locations = self._create(new, keys)
        if locations is None:
            return None
        place = self._shared.place
        return [run.told(place, locations[run.row["experiment"]]) for run in new]

    def _create(self, new: Sequence[NewRun], keys: Mapping[str, int]) -> Locations | None:
        """Store new runs and their tags, all or none; the locations that their experiments were given."""
        del new, keys
        return None  # a database in this process has no round trips to save

    def _store(self, runs: Sequence[RunKey], digest: metrics.Digest) -> bool:
        """Whether all of it is stored; otherwise nothing is."""
        raise NotImplementedError  # pragma: no cover

    def close(self) -> None:
        """Let go of what is held open."""


_NONE = RunKey("", 0, 0, 0)

_COLUMNS = [column.name for column in metric_series.columns]
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
# The newcomers are later than all that is there, so the first point stays and the last is theirs.
_MERGED = """
    last_value = excluded.last_value, last_bits = excluded.last_bits,
    last_step = excluded.last_step, last_time = excluded.last_time,
    min_value = coalesce({least}(t.min_value, excluded.min_value), t.min_value, excluded.min_value),
    max_value = coalesce({greatest}(t.max_value, excluded.max_value), t.max_value, excluded.max_value),
    max_time = {greatest}(t.max_time, excluded.max_time),
    count = t.count + excluded.count,
    finite_count = t.finite_count + excluded.finite_count,
    finite_sum = t.finite_sum + excluded.finite_sum
  WHERE excluded.first_step > t.last_step"""


class _SQLite(Shortcut):
    """A transaction of four statements.

    Many rows go into one statement, for the driver lets other threads run at each, and getting its turn
    back from them takes longer than the statement itself.
    """

    _ROW = f"SELECT {', '.join('?' * len(_COLUMNS))} FROM runs WHERE id = ? AND run_id = ? AND deleted = 0"
    _MERGE = f"""
  ON CONFLICT (run, "key") DO UPDATE SET {_MERGED.format(least="min", greatest="max")}
  AND abs(t.finite_sum + excluded.finite_sum) < 1e308"""
    _ROWS_AT_ONCE = 64

    def _store(self, runs: Sequence[RunKey], digest: metrics.Digest) -> bool:
        names = {run.id: run.run_id for run in runs}
        series = [(*row, row[0], names[row[0]]) for row in digest.rows()]
        try:
            with self._database.writing() as connection:
                driver: Any = connection.connection
                self._insert(driver, self._series_text, series)
                self._insert(driver, self._batches_text, digest.batches)
        except (TakenBackError, self._database.driver_errors):
            return False
        return True

    def _insert(self, driver: Any, text: Callable[[int], str], rows: Sequence[Any]) -> None:
        """Put all rows in; `TakenBackError` where one is not as expected."""
        for start in range(0, len(rows), self._ROWS_AT_ONCE):
            some = rows[start : start + self._ROWS_AT_ONCE]
            done = driver.execute(text(len(some)), list(chain.from_iterable(some)))
            if done.rowcount < len(some):
                raise TakenBackError

    @classmethod
    @cache
    def _series_text(cls, count: int) -> str:
        rows = " UNION ALL ".join([cls._ROW] * count)
        return f"INSERT INTO metric_series AS t ({_NAMES}) {rows} {cls._MERGE}"

    @staticmethod
    @cache
    def _batches_text(count: int) -> str:
        rows = ", ".join(["(?, ?, ?)"] * count)
        return f"INSERT INTO metric_batches (run, points, data) VALUES {rows}"


_NEW_RUN = [
    "run_id",
    "experiment",
    "deleted",
    "status",
    "start_time",
    "name",
    "user_id",
    "parent_run_id",
]
_TAG = [column.name for column in tags.columns if column.name != "run"]
_RUN_TYPES = [array_type(runs.c[name]) for name in _NEW_RUN]
_TAG_TYPES = ["text", *(array_type(tags.c[name]) for name in _TAG)]


def _arrays(kinds: Iterable[str]) -> str:
    return ", ".join(f"%s::{kind}[]" for kind in kinds)


class _PostgreSQL(Shortcut):
    """A single statement, which takes one round trip.

    Of many rows all are stored or none: it divides by zero where one of them is not as expected.
    """

    _TYPES = tuple(array_type(column) for column in metric_series.columns)
    _MERGE = f"""
  ON CONFLICT (run, key) DO UPDATE SET {_MERGED.format(least="LEAST", greatest="GREATEST")}
  RETURNING 1"""
    # The runs are locked against the usual way in another process, which reads a series before it writes it.
    _MANY = f"""
WITH r AS (
  SELECT id FROM runs WHERE id = ANY(%s) AND run_id = ANY(%s) AND deleted = 0
  ORDER BY id FOR KEY SHARE
),
up AS (
  INSERT INTO metric_series AS t ({_NAMES})
  SELECT u.* FROM unnest({_arrays(_TYPES)}) AS u({_NAMES})
  JOIN r ON r.id = u.run {_MERGE}
)
INSERT INTO metric_batches (run, points, data)
SELECT r.id, b.points, b.data
FROM unnest(%s::bigint[], %s::int[], %s::bytea[]) AS b(run, points, data) JOIN r ON r.id = b.run
WHERE 1 / (CASE (SELECT count(*) FROM up) WHEN %s THEN 1 ELSE 0 END) = 1
RETURNING 1
"""
    # The same for one series, in little more than half the time.
    _ONE = f"""
WITH r AS (SELECT 1 FROM runs WHERE id = %s AND run_id = %s AND deleted = 0 FOR KEY SHARE),
up AS (
  INSERT INTO metric_series AS t ({_NAMES})
  SELECT {", ".join(f"%s::{kind}" for kind in _TYPES)} FROM r {_MERGE}
)
INSERT INTO metric_batches (run, points, data) SELECT %s, %s, %s FROM up RETURNING 1
"""

    _CREATE = f"""
WITH e AS (SELECT id, artifact_location FROM experiments WHERE id = ANY(%s) AND deleted = 0),
r AS (
  INSERT INTO runs ({", ".join(_NEW_RUN)})
  SELECT u.* FROM unnest({_arrays(_RUN_TYPES)}) AS u({", ".join(_NEW_RUN)})
  JOIN e ON e.id = u.experiment
  RETURNING id, run_id
),
g AS (
  INSERT INTO tags (run, {", ".join(_TAG)})
  SELECT r.id, {", ".join(f"u.{name}" for name in _TAG)}
  FROM unnest({_arrays(_TAG_TYPES)}) AS u(run_id, {", ".join(_TAG)}) JOIN r USING (run_id)
)
SELECT id, artifact_location FROM e
WHERE 1 / (CASE (SELECT count(*) FROM r) WHEN %s THEN 1 ELSE 0 END) = 1
"""

    def __init__(self, database: Database, shared: Shared) -> None:
        super().__init__(database, shared)
        self._connection: Any = None

    def _create(self, new: Sequence[NewRun], keys: Mapping[str, int]) -> Locations | None:
        rows = [[run.row[name] for name in _NEW_RUN] for run in new]
        values = [
            (run.row["run_id"], keys[key], run.row["experiment"], *stored_value(value))
            for run in new
            for key, value in run.tags.items()
        ]
        arguments = [
            list({run.row["experiment"] for run in new}),
            *_array_arguments(_RUN_TYPES, rows),
            *_array_arguments(_TAG_TYPES, values),
            len(new),
        ]
        found = self._run(self._CREATE, arguments)
        return None if found is None else dict(found)

    def _store(self, runs: Sequence[RunKey], digest: metrics.Digest) -> bool:
        if len(digest.columns[0]) == 1:
            ((run,), (row,), (batch,)) = runs, digest.rows(), digest.batches
            text, arguments = self._ONE, [run.id, run.run_id, *row, *batch]
        else:
            text, arguments = self._MANY, self._arguments(runs, digest)
        stored = self._run(text, arguments)
        return stored is not None and len(stored) == len(digest.batches)

    def _run(self, text: str, arguments: Sequence[Any]) -> list[Any] | None:
        """The rows that a statement gives; ``None`` if it failed."""
        try:
            if self._connection is None:
                self._connection = self._open()
            found: list[Any] = self._connection.cursor().execute(text, arguments).fetchall()
        except self._database.driver_errors:
            self.close()  # the usual way says why, or succeeds
            return None
        return found

    def _arguments(self, runs: Sequence[RunKey], digest: metrics.Digest) -> list[Any]:
        numbers, points, data = zip(*digest.batches, strict=True)
        columns = zip(self._TYPES, digest.columns, strict=True)
        return [
            [run.id for run in runs],
            [run.run_id for run in runs],
            *(array_argument(kind, values) for kind, values in columns),
            list(numbers),
            list(points),
            bytes_array(data),
            len(digest.columns[0]),
        ]

    def _open(self) -> Any:
        connection = self._database.engine.raw_connection()
        # There is one way to run it, found by its keys, whatever the numbers: planning it anew each time
        # costs as much as running it.
        connection.cursor().execute("SET plan_cache_mode = force_generic_plan")
        return connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()


def _array_arguments(kinds: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    columns = zip(kinds, zip(*rows, strict=True), strict=True)
    return [array_argument(kind, values) for kind, values in columns]


_KINDS: dict[str, type[Shortcut]] = {"sqlite": _SQLite, "postgresql": _PostgreSQL}
