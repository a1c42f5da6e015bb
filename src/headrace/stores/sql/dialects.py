"""What differs between the databases on the hot path, as SQL text built once from the tables.

Elsewhere the store speaks SQLAlchemy Core. Here, where a statement runs for every request, compiling
and binding through it would cost more than the database does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np
from sqlalchemy import Engine, Table

from headrace.stores.sql.binary_arrays import binary_array
from headrace.stores.sql.tables import keys as key_table

Row = tuple[Any, ...]
Pair = tuple[int, int]
"""A run's and a key's number."""

_RUNS_A_TEXT = 100
_CANCEL_S = 5


class Dialect:
    """SQL of one database; a ``cursor`` is the driver's own, inside an open transaction."""

    name: ClassVar[str]
    mark: ClassVar[str] = "%s"
    quote: ClassVar[str] = '"'

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}

    def cursor(self, driver: Any) -> Any:
        """A cursor of the driver's connection."""
        return driver.cursor()

    def cancel(self, driver: Any, engine: Engine) -> None:
        """End the statement that a connection of the driver runs now, from another thread."""
        raise NotImplementedError  # pragma: no cover

    def lock_runs(self, cursor: Any, run_ids: Sequence[str]) -> list[Row]:
        """``(run_id, id, experiment, deleted)`` of the runs there are, locked against other writers."""
        raise NotImplementedError  # pragma: no cover

    def select_pairs(self, cursor: Any, table: Table, pairs: Sequence[Pair]) -> list[Row]:
        """Whole rows of a table with primary key (run, key)."""
        raise NotImplementedError  # pragma: no cover

    def select_by(self, table: Table, columns: Iterable[str], by: str) -> str:
        """Text of a query for the rows whose column ``by`` is in a list, see `list_argument`."""
        raise NotImplementedError  # pragma: no cover

    def read_columns(
        self, cursor: Any, table: Table, columns: Sequence[str], numbers: Sequence[int]
    ) -> list[Sequence[Any]]:
        """The rows of some runs (column ``run``) as columns of equal length."""
        cursor.execute(self.select_by(table, columns, "run"), (self.list_argument(numbers),))
        return list(zip(*cursor.fetchall(), strict=True)) or [()] * len(columns)

    def select_grid(self, table: Table, columns: Iterable[str]) -> str:
        """Text of a query for some keys of some runs; its arguments are two lists."""
        raise NotImplementedError  # pragma: no cover

    def list_argument(self, numbers: Sequence[int]) -> Any:
        """The argument that stands for a list of numbers."""
        return list(numbers)

    def select_texts(self, cursor: Any, table: Table, by: str, texts: Sequence[str]) -> list[Row]:
        """Whole rows whose column ``by`` is one of some texts."""
        marks = ", ".join([self.mark] * len(texts))
        cursor.execute(f"SELECT * FROM {table.name} WHERE {by} IN ({marks})", list(texts))
        return list(cursor.fetchall())

    def upsert(self, cursor: Any, table: Table, rows: Sequence[Row]) -> None:
        """Write whole rows; one with the same primary key is replaced."""
        cursor.executemany(self.text("upsert", table), rows)

    def insert(self, cursor: Any, table: Table, columns: str, rows: Sequence[Row]) -> None:
        """Add rows of the given columns (names separated by blanks)."""
        names = columns.split()
        marks = ", ".join([self.mark] * len(names))
        text = f"INSERT INTO {table.name} ({self.names(names)}) VALUES ({marks})"
        cursor.executemany(text, rows)

    def insert_one(self, cursor: Any, table: Table, row: Mapping[str, Any]) -> int:
        """Add one row; its number."""
        cursor.execute(self._insert_one_text(table, row), list(row.values()))
        return int(cursor.lastrowid)

    def insert_numbered(
        self, cursor: Any, table: Table, rows: Sequence[Mapping[str, Any]], by: str
    ) -> dict[Any, int]:
        """Add rows of the same columns; their numbers by what is unique in column ``by``."""
        return {row[by]: self.insert_one(cursor, table, row) for row in rows}

    def _insert_one_text(self, table: Table, row: Mapping[str, Any]) -> str:
        marks = ", ".join([self.mark] * len(row))
        return f"INSERT INTO {table.name} ({self.names(row)}) VALUES ({marks})"

    def experiment(self, cursor: Any, number: int) -> Row | None:
        """``(deleted, artifact_location)`` of an experiment, if there is one."""
        cursor.execute(
            f"SELECT deleted, artifact_location FROM experiments WHERE id = {self.mark}", (number,)
        )
        found: Row | None = cursor.fetchone()
        return found

    def insert_missing(self, cursor: Any, table: Table, columns: str, rows: Sequence[Row]) -> None:
        """Add the rows that are not there yet."""
        names = columns.split()
        marks = ", ".join([self.mark] * len(names))
        cursor.executemany(self._insert_ignore(table.name, self.names(names), marks), rows)

    def intern(self, cursor: Any, names: Iterable[str]) -> dict[str, int]:
        """The numbers of names, which are added where they are new."""
        wanted = sorted(names)  # one order for all writers: no deadlock
        self.insert_missing(cursor, key_table, "name", [(name,) for name in wanted])
        return {name: number for number, name in self._key_rows(cursor, wanted)}

    def names(self, columns: Iterable[str]) -> str:
        """Quoted column names, separated by commas."""
        return ", ".join(f"{self.quote}{column}{self.quote}" for column in columns)

    def text(self, kind: str, table: Table) -> str:
        """The SQL of one kind for one table, built when first asked for."""
        found = self._texts.get((kind, table.name))
        if found is None:
            found = self._texts[kind, table.name] = getattr(self, f"_{kind}_text")(table)
        return found

    def _upsert_text(self, table: Table) -> str:
        columns = [column.name for column in table.columns]
        marks = ", ".join([self.mark] * len(columns))
        return (
            f"INSERT INTO {table.name} ({self.names(columns)}) VALUES ({marks}) "
            + self._on_conflict(table)
        )

    def _on_conflict(self, table: Table) -> str:
        primary = [column.name for column in table.primary_key]
        rest = [column.name for column in table.columns if column.name not in primary]
        changes = ", ".join(
            f"{self.names([name])} = excluded.{self.names([name])}" for name in rest
        )
        return f"ON CONFLICT ({self.names(primary)}) DO UPDATE SET {changes}"

    def _insert_ignore(self, table: str, names: str, marks: str) -> str:
        return f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"

    def _key_rows(self, cursor: Any, names: Sequence[str]) -> list[tuple[int, str]]:
        raise NotImplementedError  # pragma: no cover


class SQLite(Dialect):
    """One writer at a time: the transaction is the lock."""

    name = "sqlite"
    mark = "?"

    def cancel(self, driver: Any, engine: Engine) -> None:  # noqa: ARG002
        driver.interrupt()

    def lock_runs(self, cursor: Any, run_ids: Sequence[str]) -> list[Row]:
        text = "SELECT run_id, id, experiment, deleted FROM runs WHERE run_id = ?"
        found = (cursor.execute(text, (run_id,)).fetchone() for run_id in run_ids)
        return [row for row in found if row is not None]

    def select_pairs(self, cursor: Any, table: Table, pairs: Sequence[Pair]) -> list[Row]:
        if len(pairs) == 1:
            return list(cursor.execute(self.text("select_pair", table), pairs[0]).fetchall())
        by_run: dict[int, list[int]] = {}
        for run, key in pairs:
            by_run.setdefault(run, []).append(key)
        text = self.text("select_keys", table)
        rows: list[Row] = []
        for run, keys in by_run.items():
            rows += cursor.execute(text, (_json(keys), run)).fetchall()
        return rows

    def select_by(self, table: Table, columns: Iterable[str], by: str) -> str:
        names = ", ".join(f't."{column}"' for column in columns)
        return f"SELECT {names} FROM json_each(?) AS j CROSS JOIN {table.name} AS t ON t.{by} = j.value"

    def read_columns(
        self, cursor: Any, table: Table, columns: Sequence[str], numbers: Sequence[int]
    ) -> list[Sequence[Any]]:
        # Each value that the driver hands over costs more than the database's work for it, so a column
        # comes as one text; of few runs at a time, for a text has a bound.
        arrays = ", ".join(f'json_group_array(t."{column}")' for column in columns)
        text = f"SELECT {arrays} FROM json_each(?) AS j CROSS JOIN {table.name} AS t ON t.run = j.value"
        found: list[list[Any]] = [[] for _ in columns]
        for start in range(0, len(numbers), _RUNS_A_TEXT):
            some = _json(list(numbers[start : start + _RUNS_A_TEXT]))
            for column, values in zip(found, cursor.execute(text, (some,)).fetchone(), strict=True):
                column.extend(msgspec.json.decode(values))
        return list(found)

    def select_grid(self, table: Table, columns: Iterable[str]) -> str:
        return (
            self.select_by(table, columns, "run")
            + " WHERE t.key IN (SELECT value FROM json_each(?))"
        )

    def list_argument(self, numbers: Sequence[int]) -> Any:
        return _json(list(numbers))

    def _select_pair_text(self, table: Table) -> str:
        return f"SELECT * FROM {table.name} WHERE run = ? AND key = ?"

    def _select_keys_text(self, table: Table) -> str:
        return (
            f"SELECT t.* FROM json_each(?) AS j CROSS JOIN {table.name} AS t "
            "ON t.run = ? AND t.key = j.value"
        )

    def _key_rows(self, cursor: Any, names: Sequence[str]) -> list[tuple[int, str]]:
        text = "SELECT k.id, k.name FROM json_each(?) AS j CROSS JOIN key_names AS k ON k.name = j.value"
        return list(cursor.execute(text, (_json(list(names)),)).fetchall())


class PostgreSQL(Dialect):
    """Many rows travel as one array a column: one round trip a statement, and little work to bind."""

    name = "postgresql"

    def cursor(self, driver: Any) -> Any:
        return driver.cursor(binary=True)  # numbers and bytes arrive as they are, not as digits

    def cancel(self, driver: Any, engine: Engine) -> None:  # noqa: ARG002
        driver.cancel_safe(timeout=_CANCEL_S)

    def lock_runs(self, cursor: Any, run_ids: Sequence[str]) -> list[Row]:
        text = "SELECT run_id, id, experiment, deleted FROM runs WHERE run_id = ANY(%s) ORDER BY id FOR UPDATE"
        return list(cursor.execute(text, (list(run_ids),)).fetchall())

    def select_pairs(self, cursor: Any, table: Table, pairs: Sequence[Pair]) -> list[Row]:
        if len(pairs) == 1:
            return list(cursor.execute(self.text("select_pair", table), pairs[0]).fetchall())
        arrays = [number_array(column) for column in zip(*pairs, strict=True)]
        return list(cursor.execute(self.text("select_pairs", table), arrays).fetchall())

    def select_by(self, table: Table, columns: Iterable[str], by: str) -> str:
        names = self.names(columns)
        return f"SELECT {names} FROM {table.name} WHERE {by} = ANY(%s::bigint[])"

    def select_grid(self, table: Table, columns: Iterable[str]) -> str:
        return self.select_by(table, columns, "run") + " AND key = ANY(%s::bigint[])"

    def list_argument(self, numbers: Sequence[int]) -> Any:
        return number_array(numbers)

    def select_texts(self, cursor: Any, table: Table, by: str, texts: Sequence[str]) -> list[Row]:
        # A join, for a plan from when the table was empty compares each item of an ANY with each row.
        text = f"SELECT t.* FROM unnest(%s::text[]) AS u(item) JOIN {table.name} AS t ON t.{by} = u.item"
        return list(cursor.execute(text, (list(texts),)).fetchall())

    def upsert(self, cursor: Any, table: Table, rows: Sequence[Row]) -> None:
        if len(rows) == 1:
            cursor.execute(self.text("upsert", table), rows[0])
            return
        arrays = [
            array_argument(array_type(column), values)
            for column, values in zip(table.columns, zip(*rows, strict=True), strict=True)
        ]
        cursor.execute(self.text("upsert_arrays", table), arrays)

    def insert(self, cursor: Any, table: Table, columns: str, rows: Sequence[Row]) -> None:
        # The driver's executemany sets up a pipeline, which costs more than all this.
        names = columns.split()
        kinds = [array_type(table.c[name]) for name in names]
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
        text = f"INSERT INTO {table.name} ({self.names(names)}) SELECT * FROM unnest({arrays})"
        given = [
            array_argument(kind, values)
            for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)
        ]
        cursor.execute(text, given)

    def insert_one(self, cursor: Any, table: Table, row: Mapping[str, Any]) -> int:
        text = self._insert_one_text(table, row) + " RETURNING id"
        return int(cursor.execute(text, list(row.values())).fetchone()[0])

    def insert_numbered(
        self, cursor: Any, table: Table, rows: Sequence[Mapping[str, Any]], by: str
    ) -> dict[Any, int]:
        marks = f"({', '.join(['%s'] * len(rows[0]))})"
        text = (
            f"INSERT INTO {table.name} ({self.names(rows[0])}) "
            f"VALUES {', '.join([marks] * len(rows))} RETURNING {by}, id"
        )
        values = [value for row in rows for value in row.values()]
        return dict(cursor.execute(text, values).fetchall())

    def _select_pair_text(self, table: Table) -> str:
        return f"SELECT * FROM {table.name} WHERE run = %s AND key = %s"

    def _select_pairs_text(self, table: Table) -> str:
        return (
            "SELECT t.* FROM unnest(%s::bigint[], %s::int[]) AS u(run, key) "
            f"JOIN {table.name} AS t ON t.run = u.run AND t.key = u.key"
        )

    def _upsert_arrays_text(self, table: Table) -> str:
        arrays = ", ".join(f"%s::{array_type(column)}[]" for column in table.columns)
        names = self.names(column.name for column in table.columns)
        return (
            f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) "
            + self._on_conflict(table)
        )

    def _key_rows(self, cursor: Any, names: Sequence[str]) -> list[tuple[int, str]]:
        text = "SELECT id, name FROM key_names WHERE name = ANY(%s)"
        return list(cursor.execute(text, (list(names),)).fetchall())


class MySQL(Dialect):
    """MariaDB and MySQL; the driver turns ``executemany`` into one statement of many rows."""

    name = "mysql"
    quote = "`"

    def cancel(self, driver: Any, engine: Engine) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"KILL QUERY {driver.thread_id():d}")

    def lock_runs(self, cursor: Any, run_ids: Sequence[str]) -> list[Row]:
        marks = ", ".join(["%s"] * len(run_ids))
        cursor.execute(
            f"SELECT run_id, id, experiment, deleted FROM runs WHERE run_id IN ({marks}) ORDER BY id FOR UPDATE",
            list(run_ids),
        )
        return list(cursor.fetchall())

    def select_pairs(self, cursor: Any, table: Table, pairs: Sequence[Pair]) -> list[Row]:
        cursor.execute(self.text("select_pairs", table), (_json(list(pairs)),))
        return list(cursor.fetchall())

    def select_by(self, table: Table, columns: Iterable[str], by: str) -> str:
        names = ", ".join(f"t.`{column}`" for column in columns)
        return (
            f"SELECT {names} FROM JSON_TABLE(%s, '$[*]' COLUMNS (n BIGINT PATH '$')) AS j "
            f"STRAIGHT_JOIN {table.name} AS t ON t.{by} = j.n"
        )

    def select_grid(self, table: Table, columns: Iterable[str]) -> str:
        listed = "SELECT k.n FROM JSON_TABLE(%s, '$[*]' COLUMNS (n INT PATH '$')) AS k"
        return f"{self.select_by(table, columns, 'run')} WHERE t.`key` IN ({listed})"

    def list_argument(self, numbers: Sequence[int]) -> Any:
        return _json(list(numbers))

    def _select_pairs_text(self, table: Table) -> str:
        return (
            "SELECT t.* FROM JSON_TABLE(%s, '$[*]' COLUMNS "
            "(run BIGINT PATH '$[0]', k INT PATH '$[1]')) AS j "
            f"STRAIGHT_JOIN {table.name} AS t ON t.run = j.run AND t.`key` = j.k"
        )

    def _on_conflict(self, table: Table) -> str:
        primary = {column.name for column in table.primary_key}
        rest = [column.name for column in table.columns if column.name not in primary]
        return "ON DUPLICATE KEY UPDATE " + ", ".join(
            f"`{name}` = VALUES(`{name}`)" for name in rest
        )

    def _insert_ignore(self, table: str, names: str, marks: str) -> str:
        return f"INSERT IGNORE INTO {table} ({names}) VALUES ({marks})"

    def _key_rows(self, cursor: Any, names: Sequence[str]) -> list[tuple[int, str]]:
        marks = ", ".join(["%s"] * len(names))
        cursor.execute(f"SELECT id, name FROM key_names WHERE name IN ({marks})", list(names))
        return list(cursor.fetchall())


def number_array(column: Sequence[Any]) -> str:
    """A column of numbers as PostgreSQL's text of an array: far quicker than the driver's own."""
    return "{" + str(list(column))[1:-1].replace("None", "NULL") + "}"


def bytes_array(column: Sequence[bytes | None]) -> str:
    """A column of bytes as PostgreSQL's text of an array."""
    return (
        "{" + ",".join("NULL" if data is None else f'"\\\\x{data.hex()}"' for data in column) + "}"
    )


def _json(value: list[Any]) -> str:
    return msgspec.json.encode(value).decode()


def array_argument(kind: str, column: Any) -> Any:
    """A column as an argument for ``%s::<kind>[]``."""
    if isinstance(column, np.ndarray):
        return binary_array(kind, column)
    if kind == "text":
        return list(column)
    return bytes_array(column) if kind == "bytea" else number_array(column)


def array_type(column: Any) -> str:
    """What PostgreSQL calls the type of a table's column."""
    kind = type(column.type).__name__
    return {
        "BigInteger": "bigint",
        "Integer": "int",
        "SmallInteger": "smallint",
        "Double": "float8",
        "LargeBinary": "bytea",
    }.get(kind, "text")


DIALECTS: dict[str, type[Dialect]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "mysql": MySQL,
    "mariadb": MySQL,
}
