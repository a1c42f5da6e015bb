"""The way from one version of the tables to the next: ``versions/v<number>.py``, run by Alembic.

A script changes the tables of the version before it, and is never edited after its release. It takes
its types from `headrace.stores.sql.column_types`, nothing from the tables of today.

PostgreSQL and SQLite run an upgrade as one transaction. MariaDB and MySQL commit each statement that
changes a table, so there a killed upgrade is run again from the script where it stopped: every
statement of a script looks first whether it was done (``if_not_exists``, an inspection).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, scripts: Path, version_table: str) -> None:
    """Run the scripts that the database has not seen, on a connection whose owner holds the lock."""
    config = Config(attributes={"connection": connection, "version_table": version_table})
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    command.upgrade(config, "head")
