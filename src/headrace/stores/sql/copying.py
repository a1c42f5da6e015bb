"""A SQLite file copied while it is written to, whole as of one moment."""

import sqlite3
from contextlib import closing
from pathlib import Path

from headrace.stores.sql.database import driver_error
from headrace.stores.sql.tables import metadata

_WAIT_S = 60.0


def copy_file(source: Path, target: Path) -> None:
    """Copy a database as it is now; other processes read and write it meanwhile.

    The copy has its name only when it is complete, and replaces a file that has it.
    """
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(source, timeout=_WAIT_S)) as opened,
            closing(sqlite3.connect(partial)) as copy,
        ):
            # All pages in one step: one view of the database, however much is written meanwhile.
            opened.backup(copy)
            # A file by itself, without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        partial.unlink(missing_ok=True)
        raise driver_error(error) or error from error
    partial.replace(target)


def contents(file: Path) -> tuple[dict[str, int], list[str]]:
    """How many rows each table of a copy has, and the places that experiments were given.

    The file is only read, so that a copy on a medium that cannot be written serves as well.
    """
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            rows = {
                name: opened.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in sorted(metadata.tables)
            }
            query = "SELECT DISTINCT artifact_location FROM experiments"
            places = [place for (place,) in opened.execute(query) if place is not None]
    except sqlite3.Error as error:
        raise driver_error(error) or error from error
    return rows, sorted(places)
