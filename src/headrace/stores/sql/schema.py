"""Bringing a database to this version's tables: once, by one process, never downwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from headrace import plugins
from headrace.clock import now_ms
from headrace.errors import BadRequestError, InvalidStateError, UnavailableError
from headrace.stores.sql.database import IMMEDIATE, Database, named_errors
from headrace.stores.sql.tables import experiments, metadata

VERSIONS = ("0001",)
"""All versions of the schema, oldest first; the last is the one that this code works with."""
CURRENT = VERSIONS[-1]
VERSION_TABLE = "headrace_version"

_LOCK_NUMBER = 4_773_110_221  # any number that no other application picks for its advisory lock
_LOCK_WAIT_S = 60


def prepare(database: Database) -> None:
    """Make the tables of an empty database, or upgrade those of an older version.

    Safe to call from any number of processes at once: one of them works, the others wait. A SQLite
    file is copied to ``<file>.<version>.backup`` before it is upgraded. Raises `InvalidStateError` for
    a database of a newer version, `BadRequestError` for one that is not Headrace's.
    """
    if database.read(version_of) == CURRENT:
        return
    with named_errors(), database.engine.connect() as connection, _locked(connection, database):
        found = version_of(connection)
        if found is None:
            _create(connection)
        elif found != CURRENT:
            _upgrade(connection, database, found)


def version_of(connection: Connection) -> str | None:
    """The version of a database's tables, ``None`` for an empty one."""
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in names:
        if "alembic_version" in names and "experiments" in names:
            raise BadRequestError(
                "This database was made by MLflow. Give Headrace one of its own; `headrace import` copies runs."
            )
        if "experiments" in names:
            raise BadRequestError(
                "This database holds tables of another application. Give Headrace one of its own."
            )
        return None
    found = connection.execute(
        text(f"SELECT version_num FROM {VERSION_TABLE}")
    ).scalar_one_or_none()
    if found is not None and found not in VERSIONS:
        raise InvalidStateError(
            f"This database has schema version {found}, which is newer than this Headrace knows "
            f"({CURRENT}). Upgrade Headrace: pip install --upgrade headrace"
        )
    return found


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    now = now_ms()
    default = {"id": 0, "name": "Default", "deleted": 0, "created": now, "updated": now}
    connection.execute(experiments.insert(), default)
    connection.execute(
        text(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    )
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES ('{CURRENT}')"))


def _upgrade(connection: Connection, database: Database, found: str) -> None:
    if database.file is not None:
        _copy(database.file, found)
    upgrade: Any = plugins.load("headrace.stores.sql.migrations:upgrade")
    upgrade(connection)


def _copy(file: Path, version: str) -> None:
    """Copy a database file as it is now; the caller holds the write lock, so nothing changes under it."""
    target = file.with_name(f"{file.name}.{version}.backup")
    if target.exists():
        return
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    partial.replace(target)


@contextmanager
def _locked(connection: Connection, database: Database) -> Iterator[None]:
    """Hold the one lock under which the schema is changed, in one transaction where the database can."""
    if database.dialect.name == "sqlite":
        with _sqlite_lock(connection):
            yield
    elif database.dialect.name == "postgresql":
        connection.rollback()
        with connection.execution_options(isolation_level="READ COMMITTED").begin():
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT_S}s'"))
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER}
            )
            yield
    else:
        taken = connection.execute(
            text("SELECT GET_LOCK('headrace-schema', :wait)"), {"wait": _LOCK_WAIT_S}
        )
        if not taken.scalar_one():
            raise UnavailableError(
                f"Another process has been upgrading the database for {_LOCK_WAIT_S} s."
            )
        try:
            yield
        finally:
            connection.execute(text("DO RELEASE_LOCK('headrace-schema')"))


@contextmanager
def _sqlite_lock(connection: Connection) -> Iterator[None]:
    with connection.execution_options(**{IMMEDIATE: True}).begin():
        yield
