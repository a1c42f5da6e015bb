"""Points of waiting requests in one statement, where nothing has to be looked up first (PostgreSQL).

Clients wait for each answer, so every round trip to the database counts: the usual way takes six, this
one. It is tried when a transaction would hold nothing but new points of known keys. Should a point not
be new, or a run be gone, the statement divides by zero, changes nothing, and the usual way finds out
what to do.
"""

from collections.abc import Sequence
from typing import Any

from headrace.entities import Metric
from headrace.stores.sql import metrics
from headrace.stores.sql.database import Database, driver_error
from headrace.stores.sql.dialects import bytes_array, number_array
from headrace.stores.sql.tables import METRIC_KIND, metric_series
from headrace.stores.sql.view import Shared

_COLUMNS = [column.name for column in metric_series.columns]
_TYPES = {"BigInteger": "bigint", "Integer": "int", "Double": "float8"}
_GIVEN = [column for column in metric_series.columns if column.name not in ("run", "experiment")]
_ARRAYS = ", ".join(f"%s::{_TYPES[type(column.type).__name__]}[]" for column in _GIVEN)
_NAMES = ", ".join(f'"{column.name}"' for column in _GIVEN)
_REPLACED = ("last_value", "last_bits", "last_step", "last_time")

# The newcomers are later than all that is there, so the first point stays and the last is theirs. The
# runs are locked against the usual way in another process, which reads a series before it writes it.
_TEXT = f"""
WITH r AS (
  SELECT run_id, id, experiment FROM runs WHERE run_id = ANY(%s) AND deleted = 0
  ORDER BY id FOR KEY SHARE
),
up AS (
  INSERT INTO metric_series AS t (run, experiment, {_NAMES})
  SELECT r.id, r.experiment, {", ".join(f'u."{column.name}"' for column in _GIVEN)}
  FROM unnest(%s::text[], {_ARRAYS}) AS u(run_id, {_NAMES}) JOIN r ON r.run_id = u.run_id
  ON CONFLICT (run, key) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _REPLACED)},
    min_value = LEAST(t.min_value, excluded.min_value),
    max_value = GREATEST(t.max_value, excluded.max_value),
    max_time = GREATEST(t.max_time, excluded.max_time),
    count = t.count + excluded.count,
    finite_count = t.finite_count + excluded.finite_count,
    finite_sum = t.finite_sum + excluded.finite_sum
  WHERE excluded.first_step > t.last_step
  RETURNING 1
)
INSERT INTO metric_batches (run, points, data)
SELECT r.id, b.points, b.data
FROM unnest(%s::text[], %s::int[], %s::bytea[]) AS b(run_id, points, data) JOIN r ON r.run_id = b.run_id
WHERE 1 / (CASE (SELECT count(*) FROM up) WHEN %s THEN 1 ELSE 0 END) = 1
RETURNING run, points
"""


class Shortcut:
    """Stores points in a single statement on a connection of its own; for the writer's thread only."""

    def __init__(self, database: Database, shared: Shared) -> None:
        self._database = database
        self._shared = shared
        self._connection: Any = None
        self._experiments: dict[str, int] = {}

    @classmethod
    def of(cls, database: Database, shared: Shared) -> "Shortcut | None":
        """The shortcut of a database that has one."""
        return cls(database, shared) if database.dialect.name == "postgresql" else None

    def learn(self, run_id: str, experiment: int) -> None:
        """The usual way has stored points of this run, so the next ones may go this way."""
        if len(self._experiments) > _MOST_KNOWN:
            self._experiments.clear()
        self._experiments[run_id] = experiment

    def append(
        self, wanted: Sequence[tuple[str, Sequence[Metric]]]
    ) -> list[tuple[int, int]] | None:
        """Store points of runs durably; the numbers of the runs, and how many points each got.

        ``None`` if this way is barred: then everything is as it was.
        """
        run_ids = sorted({run_id for run_id, _ in wanted})
        places = {run_id: place for place, run_id in enumerate(run_ids)}
        gathered = metrics.Gathered()
        for run_id, points in wanted:
            numbers = self._known(run_id, points)
            if numbers is None:
                return None
            gathered.add(places[run_id], self._experiments[run_id], numbers, points)
        batch = gathered.sorted()
        rows = list(metrics.summaries(batch, gathered.experiments))
        columns = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
        batches = metrics.by_run(batch)
        return self._run(
            [
                run_ids,
                [run_ids[place] for place in columns["run"]],
                *(number_array(columns[column.name]) for column in _GIVEN),
                [run_ids[place] for place, _, _ in batches],
                number_array([points for _, points, _ in batches]),
                bytes_array([data for _, _, data in batches]),
                len(rows),
            ],
            len(batches),
        )

    def _known(self, run_id: str, points: Sequence[Metric]) -> dict[str, int] | None:
        """The numbers of the points' keys, if the run has been met and nothing about them is new."""
        experiment = self._experiments.get(run_id)
        numbers = {point.key: self._shared.names.number(point.key) or 0 for point in points}
        if experiment is None or not all(numbers.values()):
            return None
        uses = ((experiment, METRIC_KIND, key) for key in numbers.values())
        return None if self._shared.names.unseen(uses) else numbers

    def _run(self, arguments: list[Any], expected: int) -> list[tuple[int, int]] | None:
        """Run the statement; where it fails the usual way is taken, which says why or succeeds."""
        try:
            if self._connection is None:
                self._connection = self._database.engine.raw_connection()
            found = self._connection.cursor().execute(_TEXT, arguments).fetchall()
        except Exception as error:
            if driver_error(error) is None:
                raise
            self.close()
            return None
        return found if len(found) == expected else None

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()


_MOST_KNOWN = 100_000
