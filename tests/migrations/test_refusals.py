"""A database that cannot be used is refused, untouched, with words that say why."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text

from databases import Databases, Kind
from ddl import tables
from headrace.errors import (
    BadRequestError,
    CorruptDataError,
    InvalidStateError,
    InvalidValueError,
    PermissionDeniedError,
    UnavailableError,
)
from headrace.stores.sql import connect, schema
from headrace.stores.sql.database import Database
from opening import prepare, prepare_as_a_guest
from processes import alone

MLFLOW = ("alembic_version", "experiments", "metrics", "params", "runs", "tags")


def filled(url: str, names: tuple[str, ...]) -> dict[str, list[str]]:
    """Make tables of another application; what the database is then."""
    with closing(Database(url)) as database:
        for name in names:
            with database.engine.begin() as connection:
                connection.execute(text(f"CREATE TABLE {name} (version_num VARCHAR(32))"))
        return database.read(tables)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (MLFLOW, "made by MLflow"),
        (("customers", "runs", "tags"), r"another application \(runs, tags\)"),
    ],
)
def test_a_database_of_another_application_is_refused_and_left_as_it_is(
    url: str, names: tuple[str, ...], words: str
) -> None:
    before = filled(url, names)
    with pytest.raises(BadRequestError, match=words):
        connect(url)
    with closing(Database(url)) as database:
        assert database.read(tables) == before


def test_a_database_with_tables_that_are_in_nobodys_way_is_shared(url: str) -> None:
    filled(url, ("customers",))
    assert prepare(url) != []


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(url: str) -> None:
    prepare(url)
    with closing(Database(url)) as database:
        with database.engine.begin() as connection:
            connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
        before = database.read(tables)
        with pytest.raises(InvalidStateError, match=r"9999, which is newer.*Upgrade Headrace"):
            connect(url)
        assert database.read(tables) == before


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another process is changing the tables."""
    with (
        closing(Database(url)) as database,
        database.engine.connect() as connection,
        schema._locked(connection, database),
    ):
        yield


def test_who_waits_too_long_for_another_process_is_told_so(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_LOCK_WAIT_S", 1)
    with held(url), closing(Database(url)) as database:

        @event.listens_for(database.engine, "connect")
        def _impatient(connection: sqlite3.Connection, _record: object) -> None:
            if database.is_sqlite:
                connection.execute("PRAGMA busy_timeout = 100")

        with pytest.raises(UnavailableError, match=r"Another process has been changing .* for 1 s"):
            schema.prepare(database)
    prepare(url)


def test_databases_of_one_server_do_not_wait_for_each_other(
    databases: Databases, kind: Kind
) -> None:
    with held(databases.new(kind)):
        prepare(databases.new(kind))


# Files


def refused(path: Path, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        connect(f"sqlite:///{path}")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "runs.db"
    refused(path, InvalidValueError, f"'{re.escape(str(path.parent))}', does not exist")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    refused(tmp_path, InvalidValueError, "is a folder")


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true"])
def test_a_database_in_memory_is_none(uri: str) -> None:
    with pytest.raises(InvalidValueError, match="names no file"):
        connect(uri)


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + bytes(4000)])
def test_a_file_that_is_no_database_is_named_and_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(content)
    refused(path, CorruptDataError, f"{re.escape(str(path))}: .* damaged or not a database")
    assert path.read_bytes() == content


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    prepare(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    refused(path, CorruptDataError, re.escape(str(path)))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any account can reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs accounts")
@pytest.mark.parametrize("spoil", ["folder", "file"])
def test_a_place_that_may_only_be_read_is_named(open_folder: Path, spoil: str) -> None:
    path = open_folder / "runs.db"
    prepare(f"sqlite:///{path}")
    path.chmod(0o444 if spoil == "file" else 0o666)
    open_folder.chmod(0o555 if spoil == "folder" else 0o777)
    answer = alone(prepare_as_a_guest, f"sqlite:///{path}")
    assert isinstance(answer, PermissionDeniedError)
    assert f"'{path if spoil == 'file' else open_folder}' cannot be written" in str(answer)


# What a first run costs


def test_a_first_run_makes_its_database_with_little_work_and_without_alembic(
    tmp_path: Path,
) -> None:
    code = """
import sys
from pathlib import Path
from headrace.stores.sql import open_folder
calls = 0
def count(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")
sys.setprofile(count)
open_folder(Path(sys.argv[1])).close()
sys.setprofile(None)
print(calls, "alembic" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    calls, loaded = done.stdout.split()
    assert int(calls) < 60_000  # a few hundredths of a second
    assert loaded == "False"
