"""Fill a database with many runs, fast: the rows are made by the database itself.

    python benchmarks/seed_runs.py sqlite:////tmp/runs.db 100000
    python benchmarks/seed_runs.py postgresql+psycopg://postgres@127.0.0.1/bench 1000000

A run has 20 params, 20 metrics and 5 tags. The data are the same for the same number of runs, on each
database. Metrics ``m0`` to ``m15`` lie evenly in [0, 1), ``m16`` is a whole number below 10, ``m17`` is
constant, ``m18`` is there for every second run, ``m19`` is NaN for one run in ten. Params ``p0`` to
``p9`` have ten values each, ``p10`` to ``p14`` are numbers, ``p15`` has three values, ``p16`` is
constant, ``p17`` to ``p19`` have a hundred. Tag ``team`` has five values.
"""

import argparse
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Table, event, text

from headrace.naming import experiment_id_for
from headrace.stores.sql import tables as t
from headrace.stores.sql.database import Database
from headrace.stores.sql.schema import prepare

EXPERIMENT = int(experiment_id_for("bench"))
START = 1_700_000_000_000
_PRIME = 2_147_483_647
_TEXTS = (t.params, t.tags)
TAGS = ("mlflow.source.name", "mlflow.source.type", "mlflow.user", "team", "note")


def uniform(salt: int) -> str:
    """SQL of a whole number below `_PRIME`, spread evenly over the runs ``n``; salts are independent."""
    line = f"((n * {48271 * (salt * salt + 3 * salt + 7) + 12345} + {salt}) % {_PRIME})"
    return f"(({line} * {line} % {_PRIME} * 69621 + n * {salt + 1}) % {_PRIME})"


def below(limit: int, salt: int) -> str:
    """SQL of a whole number below the limit."""
    return f"(({uniform(salt)} / 1000) % {limit})"


def fraction(salt: int) -> str:
    """SQL of a number in [0, 1)."""
    return f"({uniform(salt)} / {_PRIME}.0)"


def param_value(number: int) -> str:
    """SQL of the text of a param."""
    if number < 10:
        return f"'v' || CAST({below(10, 100 + number)} AS VARCHAR(9))"
    if number < 15:
        return f"'0.' || CAST({uniform(100 + number)} AS VARCHAR(20))"
    if number == 15:
        return f"CASE {below(3, 115)} WHEN 0 THEN 'tree' WHEN 1 THEN 'forest' ELSE 'linear' END"
    return "'adam'" if number == 16 else f"CAST({below(100, 100 + number)} AS VARCHAR(9))"


def tag_value(key: str) -> str:
    """SQL of the text of a tag."""
    fixed = {"mlflow.source.name": "'train.py'", "mlflow.source.type": "'LOCAL'"}
    limits = {"mlflow.user": 20, "team": 5, "note": 1_000_000}
    return (
        fixed.get(key) or f"'{key[0]}' || CAST({below(limits[key], 200 + len(key))} AS VARCHAR(9))"
    )


def metric_value(number: int) -> str:
    """SQL of the last value of a metric; NULL for NaN."""
    if number < 16 or number == 18:
        return fraction(number)
    if number == 19:
        return f"CASE WHEN {below(10, 60)} = 0 THEN NULL ELSE {fraction(19)} END"
    return "7.0" if number == 17 else f"({below(10, 16)} * 1.0)"


def seed(connection: Connection, runs: int) -> None:
    """Fill the tables of an empty store; their secondary indexes are dropped before and built again."""
    filled = (t.runs, t.params, t.tags, t.metric_series)
    indexes = [
        index for table in filled for index in sorted(table.indexes, key=lambda one: str(one.name))
    ]
    for index in indexes:
        index.drop(connection)
    connection.execute(
        t.experiments.insert().values(
            id=EXPERIMENT, name="bench", deleted=0, created=START, updated=START
        )
    )
    connection.execute(text(f"CREATE TABLE numbers AS {_numbers(connection, runs)}"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE numbers"))
    _insert(connection, t.runs, _runs_query())
    _fill_keys(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT setval('runs_id_seq', {runs})"))
    connection.execute(text("DROP TABLE numbers"))
    for index in indexes:
        index.create(connection)


def _numbers(connection: Connection, runs: int) -> str:
    if connection.dialect.name == "postgresql":
        return f"SELECT CAST(n AS BIGINT) AS n FROM generate_series(1, {runs}) AS g(n)"
    return (
        f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {runs}) "
        "SELECT n FROM c"
    )


def _runs_query() -> str:
    # Ids in no order of time, as those of uuid4.
    id_ = f"'{'0' * 12}' || CAST({uniform(300)} + 1000000000 AS VARCHAR(20)) || CAST(n + 1000000000 AS VARCHAR(20))"
    failed = f"CASE WHEN {below(100, 301)} = 0 THEN 4 ELSE 3 END"
    return (
        f"SELECT n, {id_}, {EXPERIMENT}, 0, {failed}, {START} + n * 1000, "
        f"{START} + n * 1000 + {below(3600_000, 302)}, 'run-' || CAST(n AS VARCHAR(9)), 'ada', NULL, NULL "
        "FROM numbers ORDER BY n"
    )


def _fill_keys(connection: Connection) -> None:
    values = {
        "params": {f"p{i}": param_value(i) for i in range(20)},
        "tags": {key: tag_value(key) for key in TAGS},
        "metric_series": {f"m{i}": metric_value(i) for i in range(20)},
    }
    number = 0
    for table, kind in ((t.params, 0), (t.tags, 1), (t.metric_series, 2)):
        parts = []
        for key, value in values[table.name].items():
            number += 1
            connection.execute(t.keys.insert().values(id=number, name=key))
            connection.execute(
                t.experiment_keys.insert().values(experiment=EXPERIMENT, kind=kind, key=number)
            )
            where = " WHERE n % 2 = 0" if key == "m18" else ""
            parts.append(f"SELECT n, {number} AS k, {value} AS v FROM numbers{where}")
        rows = " UNION ALL ".join(parts)
        _insert(connection, table, _series_query(rows) if kind == 2 else _text_query(rows))


def _text_query(rows: str) -> str:
    number = "CASE WHEN v BETWEEN '0' AND '9z' THEN CAST(v AS DOUBLE PRECISION) END"
    return f"SELECT n, k, {EXPERIMENT}, v, {number}, NULL FROM ({rows}) AS r ORDER BY n, k"


def _series_query(rows: str) -> str:
    time = f"{START} + n * 1000"
    return (
        f"SELECT n, k, {EXPERIMENT}, v, 4607182418800017408, 99, {time}, v * 2, 0, {time}, v / 2, v * 2, "
        f"{time}, 100, 100, v * 100 FROM (SELECT n, k, v FROM ({rows}) AS r) AS s ORDER BY n, k"
    )


def _insert(connection: Connection, table: Table, query: str) -> None:
    if table is t.metric_series:
        # A series of NaN alone has a sum of 0.
        query = query.replace("v * 100 FROM", "COALESCE(v, 0) * 100 FROM")
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    connection.execute(text(f"INSERT INTO {table.name} ({names}) {query}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="SQLAlchemy URL of an empty database")
    parser.add_argument("runs", type=int)
    arguments = parser.parse_args()
    start = perf_counter()
    database = Database(arguments.url)
    prepare(database)
    sqlite = database.is_sqlite
    if sqlite:

        @event.listens_for(database.engine, "connect")
        def enlarge_cache(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA cache_size = -2000000")

    with database.writing() as connection:
        seed(connection, arguments.runs)
    if not sqlite:  # what autovacuum does; nobody analyses a SQLite store
        with database.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    database.close()
    print(f"{arguments.runs:,} runs in {perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
