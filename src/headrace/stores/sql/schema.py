"""Bringing a database to this version's tables: once, by one process, never downwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError

from headrace import plugins
from headrace.clock import now_ms
from headrace.errors import (
    BadRequestError,
    CorruptDataError,
    InvalidStateError,
    InvalidValueError,
    PermissionDeniedError,
    UnavailableError,
)
from headrace.stores.sql.copying import copy_file
from headrace.stores.sql.database import IMMEDIATE, Database, named_errors
from headrace.stores.sql.registry.review_tables import metadata
from headrace.stores.sql.tables import experiments

SCRIPTS = Path(__file__).parent / "migrations"
VERSION_TABLE = "headrace_version"

_LOCK_NUMBER = 4_773_110_221  # any number that no other application picks for its advisory lock
_LOCK_NAME = "CONCAT('headrace-', MD5(DATABASE()))"  # names of locks are those of the whole server
_LOCK_WAIT_S = 60
_LOCK_SIGNS = ("database is locked", "lock timeout")


def prepare(database: Database, scripts: Path = SCRIPTS) -> None:
    """Make the tables of an empty database, or upgrade those of an older version.

    Safe to call from any number of processes at once: one of them works, the others wait. A SQLite
    file is copied to ``<file>.<version>.backup`` before it is upgraded. Raises `InvalidStateError` for
    a database of a newer version, `BadRequestError` for one that is not Headrace's, and for a SQLite
    file that cannot be used the error that says why.
    """
    versions = versions_of(scripts)
    with _explained(database.file):
        if database.read(lambda connection: version_in(connection, versions)) == versions[-1]:
            return
        with named_errors(), database.engine.connect() as connection, _locked(connection, database):
            found = version_in(connection, versions)
            if found is None:
                _create(connection, versions[-1])
            elif found != versions[-1]:
                _upgrade(connection, database, found, scripts)


def versions_of(scripts: Path) -> tuple[str, ...]:
    """All versions that the scripts know, oldest first; the last is the one that this code works with."""
    return tuple(sorted(path.stem[1:] for path in (scripts / "versions").glob("v*.py")))


def version_in(connection: Connection, versions: tuple[str, ...]) -> str | None:
    """The version of a database's tables, ``None`` for an empty one."""
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in names:
        _refuse_foreign(names)
        return None
    rows = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    found: str | None = rows.scalar_one_or_none()
    if found is not None and found not in versions:
        raise InvalidStateError(
            f"This database has schema version {found}, which is newer than this Headrace knows "
            f"({versions[-1]}). Upgrade Headrace: pip install --upgrade headrace"
        )
    return found


def _refuse_foreign(names: set[str]) -> None:
    taken = sorted(names.intersection(metadata.tables))
    if taken and "alembic_version" in names and "experiments" in names:
        raise BadRequestError(
            "This database was made by MLflow. Give Headrace a database of its own."
        )
    if taken:
        raise BadRequestError(
            f"This database holds tables of another application ({', '.join(taken)}). "
            "Give Headrace one of its own."
        )


def _create(connection: Connection, version: str) -> None:
    """Make the tables; the version is written last, so that half of them count as none."""
    begun = inspect(connection).has_table(VERSION_TABLE)
    if not begun:
        connection.execute(
            text(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        )
    metadata.create_all(connection, checkfirst=begun)
    if (
        begun
    ):  # by a process that was killed where a transaction does not cover the making of tables
        for table in metadata.sorted_tables:
            for index in table.indexes:
                index.create(connection, checkfirst=True)
    if not connection.execute(select(experiments.c.id).where(experiments.c.id == 0)).first():
        now = now_ms()
        default = {"id": 0, "name": "Default", "deleted": 0, "created": now, "updated": now}
        connection.execute(experiments.insert(), default)
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES (:version)"), {"version": version})


def _upgrade(connection: Connection, database: Database, found: str, scripts: Path) -> None:
    if database.file is not None:
        # The caller holds the write lock, so nothing changes under it.
        copy_file(database.file, database.file.with_name(f"{database.file.name}.{found}.backup"))
    upgrade: Any = plugins.load("headrace.stores.sql.migrations:upgrade")
    upgrade(connection, scripts, VERSION_TABLE)
    if database.is_sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise CorruptDataError("An upgrade of the database left rows that refer to nothing.")


# One at a time


@contextmanager
def _locked(connection: Connection, database: Database) -> Iterator[None]:
    """Hold the one lock under which the schema is changed, in one transaction where the database can."""
    lock = {"sqlite": _sqlite_lock, "postgresql": _postgresql_lock}.get(
        database.dialect.name, _mysql_lock
    )
    with lock(connection):
        yield


@contextmanager
def _sqlite_lock(connection: Connection) -> Iterator[None]:
    # A script may make a table anew, which must not count as the deletion of what refers to its rows.
    driver: Any = connection.connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with _in_time():
            transaction = connection.execution_options(**{IMMEDIATE: True}).begin()
        with transaction:
            yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def _postgresql_lock(connection: Connection) -> Iterator[None]:
    with connection.execution_options(isolation_level="READ COMMITTED").begin():
        with _in_time():
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT_S}s'"))
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER}
            )
        yield


@contextmanager
def _mysql_lock(connection: Connection) -> Iterator[None]:
    query = text(f"SELECT GET_LOCK({_LOCK_NAME}, :wait)")
    if not connection.execute(query, {"wait": _LOCK_WAIT_S}).scalar_one():
        raise _held_too_long()
    try:
        yield
    finally:
        connection.execute(text(f"DO RELEASE_LOCK({_LOCK_NAME})"))


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if any(sign in str(error.orig) for sign in _LOCK_SIGNS):
            raise _held_too_long() from error
        raise


def _held_too_long() -> UnavailableError:
    return UnavailableError(
        f"Another process has been changing this database for {_LOCK_WAIT_S} s; try again when it is done."
    )


# What can be wrong with a file


@contextmanager
def _explained(file: Path | None) -> Iterator[None]:
    if file is not None:
        _check_place(file)
    try:
        yield
    except CorruptDataError as error:
        raise CorruptDataError(f"{file}: {error.message}") from error


def _check_place(file: Path) -> None:
    """Tell what SQLite would only call a file that it cannot open."""
    folder = file.parent
    if not folder.is_dir():
        raise InvalidValueError(
            f"The folder of the database, '{folder}', does not exist. Make it first."
        )
    if file.is_dir():
        raise InvalidValueError(f"'{file}' is a folder; the URI of a database names a file.")
    for path in (folder, file):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise PermissionDeniedError(
                f"'{path}' cannot be written by this account. SQLite writes the database and a journal beside it."
            )
