"""A database as the store sees it: connections with the right settings, and errors with a name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from headrace import plugins
from headrace.errors import (
    ConflictError,
    CorruptDataError,
    HeadraceError,
    InternalError,
    InvalidValueError,
    StorageFullError,
    UnavailableError,
)
from headrace.stores.sql.deadlines import Deadlines
from headrace.stores.sql.dialects import DIALECTS, Dialect

T = TypeVar("T")
Durability = Literal["NORMAL", "FULL"]
"""What SQLite does at a commit: FULL survives a power cut, NORMAL a killed process."""

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
_EXTRAS = {"psycopg": "postgres", "psycopg2": "postgres", "pymysql": "mysql", "MySQLdb": "mysql"}
_POOL_WAIT_S = 5
# How long a database that does not answer is waited for, in the drivers' own words and units.
_PATIENCE: dict[str, dict[str, Any]] = {
    "psycopg": {"connect_timeout": 10, "tcp_user_timeout": 15_000},
    "pymysql": {"connect_timeout": 10, "read_timeout": 60, "write_timeout": 60},
}
_PAGES_AT_ONCE = 2_000
_FEW_PAGES = 2_000
_SERIES_PAGES = "SELECT pg_relation_size('metric_series') / current_setting('block_size')::int"
IMMEDIATE = "headrace_immediate"
"""Execution option: take SQLite's write lock when the transaction begins."""
_BEGUN = "headrace_begun"


class TakenBackError(Exception):
    """Raised in a transaction by who began it: it is rolled back, and its connection stays."""


class Database:
    """Connections to one database, for readers and for the one writer.

    Every `sqlalchemy` or driver error that leaves it is a `HeadraceError`.
    """

    def __init__(
        self, uri: str, *, durability: Durability = "NORMAL", read_timeout_s: float | None = None
    ) -> None:
        """Raises `InvalidValueError` for a URI that cannot be one of a database.

        ``read_timeout_s`` is what one `read` may take.
        """
        self.url = database_url(uri)
        self.engine = _engine(self.url, durability)
        self.dialect: Dialect = DIALECTS[self.engine.dialect.name]()
        driver: Any = self.engine.dialect.loaded_dbapi
        self.driver_errors: type[Exception] = driver.Error
        cancel = partial(self.dialect.cancel, engine=self.engine)
        self._deadlines = Deadlines(read_timeout_s, cancel, self.driver_errors)
        self._writer: Connection | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def read(self, act: Callable[[Connection], T], *, steady: bool = False) -> T:
        """What ``act`` finds; tried again once if the connection was dead.

        `TooSlowError` if that takes longer than it may. ``steady`` makes all its statements see one state
        of the database, as they always do on SQLite.
        """
        try:
            return self._read_once(act, steady=steady)
        except UnavailableError:
            if self.is_sqlite:
                raise
            return self._read_once(act, steady=steady)

    def _read_once(self, act: Callable[[Connection], T], *, steady: bool) -> T:
        with named_errors(), self.engine.connect() as connection:
            try:
                if self.is_sqlite:
                    connection.begin()  # SQLAlchemy begins by itself only where it runs a statement itself
                elif steady:
                    connection.execution_options(isolation_level="REPEATABLE READ")
                with self._deadlines.over(connection):
                    found = act(connection)
            except self.driver_errors as error:  # of a statement that went past SQLAlchemy
                named = _named(error)
                if isinstance(named, UnavailableError) and not self.is_sqlite:
                    connection.invalidate()
                raise named from error
            if steady:
                connection.commit()  # psycopg forgets its prepared statements at a rollback
            return found

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The writer's own connection for one transaction, committed at the end of the block.

        It is kept open from one transaction to the next, and only one thread may use it.
        """
        with named_errors():
            connection = self._writer = self._writer or self._open_writer()
            driver: Any = connection.connection
            try:
                if self.is_sqlite:
                    driver.execute("BEGIN IMMEDIATE")
                yield connection
                driver.commit()
            except TakenBackError:
                driver.rollback()
                raise
            except BaseException:
                self._drop_writer(connection)
                raise
            finally:
                if not connection.closed and connection.in_transaction():
                    connection.commit()  # there is nothing left to commit; SQLAlchemy has to know

    def _open_writer(self) -> Connection:
        options: dict[str, Any] = (
            {_BEGUN: True} if self.is_sqlite else {"isolation_level": "READ COMMITTED"}
        )
        return self.engine.connect().execution_options(**options)

    def _drop_writer(self, connection: Connection) -> None:
        """After a failure: roll back by closing, and start afresh next time."""
        self._writer = None
        if self.is_sqlite:
            connection.close()  # which rolls back
        else:
            connection.invalidate()
            connection.close()

    @property
    def reclaim_bytes(self) -> int:
        """After how many bytes that were removed `reclaim` is worth its time."""
        return 2**18 if self.is_sqlite else 2**22

    def reclaim(self) -> None:
        """Have the room of rows that were removed used again, or given back to the disk."""
        if self.is_sqlite:
            with named_errors(), self.engine.connect() as connection:
                driver: Any = connection.connection
                # It frees a page a step, and only a script is stepped to its end.
                driver.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
        elif self.dialect.name == "postgresql":
            with named_errors(), self.engine.connect() as connection:
                pages = connection.exec_driver_sql(_SERIES_PAGES).scalar_one()
                small = (
                    ", metric_series" if pages < _FEW_PAGES else ""
                )  # a large one is autovacuum's
                connection.exec_driver_sql(
                    f"VACUUM (SKIP_LOCKED) metric_batches, metric_chunks{small}"
                )

    def close(self) -> None:
        """Let go of all connections."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._deadlines.close()
        self.engine.dispose()


def database_url(uri: str) -> URL:
    """A URI with the driver that is meant; `InvalidValueError` for one that names no lasting database."""
    try:
        url = make_url(uri)
    except ArgumentError as error:
        raise InvalidValueError(
            f"'{uri}' is no database URI. Examples: sqlite:///runs.db, postgresql://user@host/name, "
            "mysql://user@host/name."
        ) from error
    if url.get_backend_name() == "sqlite" and _is_in_memory(url):
        raise InvalidValueError(
            f"'{uri}' names no file, and a store outlives its process: sqlite:///runs.db, or a folder."
        )
    if "+" not in url.drivername:
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    return url


def _is_in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:") or "uri" in url.query


def _engine(url: URL, durability: Durability) -> Engine:
    sqlite = url.get_backend_name() == "sqlite"
    settings: dict[str, Any] = {"pool_timeout": _POOL_WAIT_S, "pool_size": 20, "max_overflow": 20}
    if not sqlite:
        # A reader sends single statements; a transaction around them would cost two round trips more.
        settings["isolation_level"] = "AUTOCOMMIT"
        settings["pool_recycle"] = 1800
        settings["pool_use_lifo"] = True  # a connection knows the statements that it ran lately
        settings["connect_args"] = _PATIENCE.get(url.get_driver_name(), {})
    engine = created(url, **settings)
    if engine.dialect.name not in DIALECTS:
        raise InvalidValueError(f"'{engine.dialect.name}' is no database that Headrace knows.")
    if sqlite:
        _tune_sqlite(engine, durability)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", plugins.load("headrace.stores.sql.pg_arrays:register"))
        event.listen(engine, "connect", _tune_postgresql)
    return engine


def created(url: URL, **settings: Any) -> Engine:
    """An engine; `InvalidValueError` for a database that nobody knows, or whose driver is missing."""
    try:
        return create_engine(url, **settings)
    except NoSuchModuleError as error:
        raise InvalidValueError(
            f"'{url.drivername}' is no database that Headrace knows: {error}"
        ) from error
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "", "postgres")
        raise InvalidValueError(
            f"The driver '{error.name}' for {url.get_backend_name()} is not installed: "
            f"pip install 'headrace[{extra}]'"
        ) from error


def _tune_postgresql(connection: Any, _record: Any) -> None:
    # Compiling a statement takes longer than any of ours would gain by it.
    connection.execute("SET jit = off")
    connection.commit()


def _tune_sqlite(engine: Engine, durability: Durability) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun by us, below
        connection.execute("PRAGMA busy_timeout = 60000")  # another process may hold the write lock
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        # Only a new file takes it; on another one it would wait for the write lock.
        if not pages:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {durability}",
            "cache_size = -16000",
            "mmap_size = 1073741824",
            "temp_store = MEMORY",
            "foreign_keys = ON",
            "journal_size_limit = 67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(_BEGUN):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(IMMEDIATE) else "BEGIN")


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn what SQLAlchemy or a driver raises into the error that a user can act on."""
    try:
        yield
    except DBAPIError as error:
        raise _named(error.orig or error) from error
    except PoolTimeoutError as error:
        raise UnavailableError("All connections to the database are in use; try again.") from error
    except OSError as error:
        raise UnavailableError(f"The database cannot be reached: {error}") from error


def driver_error(error: Exception) -> HeadraceError | None:
    """The named form of a driver's own exception; ``None`` if it is none of a driver's."""
    if any(
        kind.__name__ == "Error" and kind.__module__.split(".")[0] in _MODULES
        for kind in type(error).__mro__
    ):
        return _named(error)
    return None


_MODULES = {"sqlite3", "psycopg", "pymysql", "MySQLdb"}
_FULL = ("disk is full", "no space left", "is full", "could not extend file")
_TEMPORARY = {"OperationalError", "InterfaceError", "InternalError", "AdminShutdown"}


def _named(error: BaseException) -> HeadraceError:
    text = str(error).strip()
    lowered = text.lower()
    if any(sign in lowered for sign in _FULL):
        return StorageFullError(f"The database has no space left: {text}")
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "malformed" in lowered or "not a database" in lowered:
        return CorruptDataError(f"The database file is damaged or not a database: {text}")
    if "IntegrityError" in kinds:
        return ConflictError(f"Another change came in between: {text}")
    if kinds & _TEMPORARY:
        return UnavailableError(f"The database cannot answer now: {text}")
    return InternalError(f"The database refused a statement: {text}")
