"""What a read needs: an open connection and what this process knows of the store."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, Table

from headrace.clock import now_ms
from headrace.stores.sql.dialects import Dialect
from headrace.stores.sql.folding import Inboxes
from headrace.stores.sql.names import KeyNames
from headrace.stores.sql.place import Place


class Shared(NamedTuple):
    """What all views of one store have in common."""

    place: Place
    names: KeyNames
    inboxes: Inboxes


class View:
    """An open connection to read from."""

    def __init__(self, connection: Connection, dialect: Dialect, shared: Shared) -> None:
        self.connection = connection
        self.dialect = dialect
        self.place = shared.place
        self.names = shared.names
        self.cursor = dialect.cursor(connection.connection)
        self.now = now_ms()

    def close(self) -> None:
        """Let go of the cursor, in the thread that used it.

        An error keeps what it passed through alive, and may end in another thread. A cursor that is dropped
        there resets a statement that the next user of the connection may just be running.
        """
        self.cursor.close()

    def rows(self, statement: Executable) -> list[Any]:
        """The rows that a statement finds."""
        return list(self.connection.execute(statement).all())

    def fetch(self, text: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """The rows of a query in the driver's own words, without SQLAlchemy's cost a row."""
        self.cursor.execute(text, arguments)
        return list(self.cursor.fetchall())

    def columns(
        self, table: Table, columns: Sequence[str], numbers: Sequence[int]
    ) -> list[Sequence[Any]]:
        """The rows of some runs as columns, see `Dialect.read_columns`."""
        return self.dialect.read_columns(self.cursor, table, columns, numbers)
