"""An open write transaction: what the writes of one commit share."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult, Executable, Table

from headrace.entities import Metric
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.points import Columns, Ints
from headrace.stores.sql import metrics
from headrace.stores.sql.dialects import Dialect
from headrace.stores.sql.names import UncommittedNames
from headrace.stores.sql.tables import PREFIX, TAG_KIND, experiment_keys, runs, tags
from headrace.stores.sql.view import Shared, View


class RunKey(NamedTuple):
    """A run as writes know it."""

    run_id: str
    id: int
    experiment: int
    deleted: int


class Transaction(View):
    """One write transaction of the writer thread.

    New runs and points are gathered while its writes run and stored together by `flush`, just before
    the commit, or as soon as a write asks for such a run.
    """

    def __init__(self, connection: Connection, dialect: Dialect, shared: Shared) -> None:
        super().__init__(connection, dialect, shared)
        self.names: UncommittedNames = UncommittedNames(shared.names)
        self.inboxes = shared.inboxes
        self.writes = 0
        """How often something was changed; the same before and after a write that failed means: no trace."""
        self.folded = 0
        """Bytes of batches that were folded, and whose room the database has yet to take back."""
        self._runs: dict[str, RunKey] = {}
        self._asked: set[str] = set()
        self._experiments: dict[int, tuple[Any, ...]] = {}
        self._new_runs: dict[str, tuple[Mapping[str, Any], Mapping[str, str]]] = {}
        self._points = metrics.Gathered()
        self.audited: list[tuple[Any, ...]] = []
        """Records of changes, which are written at the end."""
        self._at_end: dict[Callable[[Transaction], None], None] = {}

    def at_end(self, act: "Callable[[Transaction], None]") -> None:
        """Have something done just before the commit, once, however often it is asked for."""
        self._at_end[act] = None

    def change(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        """Run a statement that changes something."""
        self.writes += 1
        return self.connection.execute(statement, rows)

    # Runs

    def lock_runs(self, run_ids: Collection[str]) -> None:
        """Look up and lock several runs in one go; `run` then finds them."""
        if not self._new_runs.keys().isdisjoint(run_ids):
            self.settle_runs()
        wanted = [run_id for run_id in run_ids if run_id not in self._asked]
        if wanted:
            self._asked.update(wanted)
            for row in self.dialect.lock_runs(self.cursor, wanted):
                self._runs[row[0]] = RunKey(*row)

    def run(self, run_id: str) -> RunKey:
        """The run, deleted or not; `NotFoundError` without one."""
        self.lock_runs([run_id])
        found = self._runs.get(run_id)
        if found is None:
            raise NotFoundError(f"Run with id={run_id} not found")
        return found

    def active_run(self, run_id: str) -> RunKey:
        """The run, which must not be deleted."""
        found = self.run(run_id)
        if found.deleted:
            raise InvalidValueError(
                f"The run {run_id} must be in the 'active' state. Current state is deleted."
            )
        return found

    def has_run(self, run_id: str) -> bool:
        """Whether the run exists, deleted or not."""
        self.lock_runs([run_id])
        return run_id in self._runs

    def add_run(self, row: Mapping[str, Any], tag_values: Mapping[str, str]) -> None:
        """Have a run stored with this transaction; there must be none of its id."""
        self.writes += 1
        self._new_runs[row["run_id"]] = (row, tag_values)

    def settle_runs(self) -> None:
        """Store the runs gathered so far, so that what follows sees them."""
        if not self._new_runs:
            return
        new, self._new_runs = list(self._new_runs.values()), {}
        rows = [row for row, _ in new]
        numbers = self.dialect.insert_numbered(self.cursor, runs, rows, "run_id")
        values = []
        for row, given in new:
            run_id = row["run_id"]
            run = RunKey(run_id, numbers[run_id], row["experiment"], row["deleted"])
            self.changed_run(run)
            values.append((run, given))
        self._write_all_values(tags, TAG_KIND, values)

    def changed_run(self, run: RunKey) -> None:
        """The run is new or changed its stage in this transaction."""
        self._asked.add(run.run_id)
        self._runs[run.run_id] = run

    def known_runs(self) -> Iterable[RunKey]:
        """The runs that this transaction has seen."""
        return self._runs.values()

    def forget_runs(self) -> None:
        """An experiment and its runs change their stage: store what is new, then look again."""
        self.settle_runs()
        self._asked.clear()
        self._runs.clear()
        self._experiments.clear()

    def active_experiment(self, number: int) -> str | None:
        """The artifact location that an experiment was given; it must exist and not be deleted."""
        found = self._experiments.get(number)
        if found is None:
            found = self.dialect.experiment(self.cursor, number)
            if found is None:
                raise NotFoundError(f"No Experiment with id={number} exists")
            self._experiments[number] = found
        deleted, location = found
        if deleted:
            raise InvalidValueError(
                f"The experiment {number} must be in the 'active' state. Current state is deleted."
            )
        return None if location is None else str(location)

    # Names

    def numbers(self, names: Iterable[str]) -> Mapping[str, int]:
        """The numbers of names of params, tags or metrics, made where they are new."""
        found, missing = {}, []
        for name in set(names):
            number = self.names.number(name)
            if number is None:
                missing.append(name)
            else:
                found[name] = number
        if missing:
            self.writes += 1
            new = self.dialect.intern(self.cursor, missing)
            self.names.remember(new)
            found.update(new)
        return found

    def use(self, experiment: int, kind: int, keys: Iterable[int]) -> None:
        """Note that runs of the experiment have these keys."""
        new = self.names.unseen((experiment, kind, key) for key in keys)
        if new:
            self.names.remember_uses(new)
            self.dialect.insert_missing(
                self.cursor, experiment_keys, "experiment kind key", sorted(set(new))
            )

    # Values

    def write_values(self, table: Table, kind: int, run: RunKey, values: Mapping[str, str]) -> None:
        """Write params or tags of a run; those that are there are replaced."""
        self._write_all_values(table, kind, [(run, values)])

    def _write_all_values(
        self, table: Table, kind: int, given: Sequence[tuple[RunKey, Mapping[str, str]]]
    ) -> None:
        numbers = self.numbers({key for _, values in given for key in values})
        rows = [
            (run.id, numbers[key], run.experiment, *stored_value(value))
            for run, values in given
            for key, value in sorted(values.items())
        ]
        if not rows:
            return
        self.writes += 1
        self.dialect.upsert(self.cursor, table, rows)
        for experiment in {run.experiment for run, _ in given}:
            self.use(experiment, kind, (row[1] for row in rows if row[2] == experiment))

    # Points

    def add_points(self, run: RunKey, points: list[Metric]) -> None:
        """Have points of a run stored with this transaction."""
        self.writes += 1
        numbers = self.numbers({point.key for point in points})
        self._points.add(run.id, run.experiment, numbers, points)

    def add_columns(self, run: RunKey, keys: Ints, points: Columns) -> None:
        """Have points of a run stored with this transaction; ``keys`` are the numbers of their names."""
        self.writes += 1
        self._points.add_columns(run.id, run.experiment, keys, points)

    def flush(self) -> None:
        """Store the runs and points gathered so far, so that what follows sees them."""
        self.settle_runs()
        if self._points:
            gathered, self._points = self._points, metrics.Gathered()
            metrics.append(self, gathered)
        for act in self._at_end:
            act(self)

    def committed(self) -> None:
        """The transaction is durable: what it learned may be remembered."""
        self.names.commit()


def stored_value(value: str) -> tuple[str, float | None, str | None]:
    """What of a param's or tag's value goes into which column: its prefix, its number, its tail."""
    return value[:PREFIX], number_in(value), value[PREFIX:] or None


def number_in(text: str) -> float | None:
    """The finite number that a text spells, for search by value."""
    if not text or text[0] not in "0123456789+-." or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
