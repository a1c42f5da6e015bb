"""What processes do to databases while they are opened; a module, so that they can find it by name."""

import os
import resource
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event

from headrace.stores.sql import schema
from headrace.stores.sql.database import Database

CHANGES = ("CREATE TABLE", "ALTER TABLE", "DROP TABLE")


def prepare(url: str, scripts: str = str(schema.SCRIPTS)) -> list[str]:
    """Prepare a database, and give the statements with which this process changed its tables."""
    with closing(Database(url)) as database:
        seen: list[str] = []

        @event.listens_for(database.engine, "before_cursor_execute")
        def _before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.strip().upper().startswith(CHANGES):
                seen.append(statement)

        schema.prepare(database, Path(scripts))
        return seen


def prepare_until(url: str, number: int, scripts: str = str(schema.SCRIPTS)) -> bool:
    """Prepare a database and be killed just before its n-th statement; true if there are fewer."""
    with closing(Database(url)) as database:
        left = [number]

        @event.listens_for(database.engine, "before_cursor_execute")
        def _before(*_: Any) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        schema.prepare(database, Path(scripts))
        return True


def prepare_as_a_guest(url: str) -> list[str]:
    """Prepare a database by an account that owns nothing."""
    if os.geteuid() == 0:
        os.setuid(_NOBODY)
    return prepare(url)


def prepare_without_space(url: str, scripts: str) -> list[str]:
    """Prepare a database while no file may grow."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LITTLE, _LITTLE))
    return prepare(url, scripts)


_NOBODY = 65_534
_LITTLE = 40_000
