"""What a database has been told to be, as text that two of them can be compared by."""

from sqlalchemy import Connection, inspect, text


def tables(connection: Connection) -> dict[str, list[str]]:
    """The definition of each table, in the database's own words: columns, constraints, indexes."""
    describe = {"sqlite": _sqlite, "postgresql": _postgresql}.get(connection.dialect.name, _mysql)
    return {
        name: describe(connection, name) for name in sorted(inspect(connection).get_table_names())
    }


def _sqlite(connection: Connection, table: str) -> list[str]:
    query = text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL")
    return _column(connection, query, table)


def _postgresql(connection: Connection, table: str) -> list[str]:
    queries = (
        "SELECT concat_ws(' ', ordinal_position, column_name, data_type, character_maximum_length,"
        " collation_name, is_nullable, column_default)"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = :table",
        "SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint"
        " WHERE conrelid = to_regclass(:table)",
    )
    return [line for query in queries for line in _column(connection, text(query), table)]


def _mysql(connection: Connection, table: str) -> list[str]:
    (_, definition) = connection.execute(text(f"SHOW CREATE TABLE `{table}`")).one()
    return sorted(line.rstrip(",") for line in definition.splitlines())


def _column(connection: Connection, query: object, table: str) -> list[str]:
    return sorted(
        " ".join(line.split())
        for (line,) in connection.execute(query, {"table": table})  # type: ignore[call-overload]
    )
