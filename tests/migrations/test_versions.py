"""The scripts of all versions and the tables of this one say the same."""

from contextlib import closing

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from databases import Databases, Kind
from ddl import tables
from headrace.stores.sql import migrations, schema
from headrace.stores.sql.database import Database
from headrace.stores.sql.tables import metadata


def differences(connection: Connection) -> list[object]:
    """What Alembic would change to make the database that of the tables."""
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(
        connection, opts={**options, "version_table": schema.VERSION_TABLE}
    )
    return list(compare_metadata(context, metadata))


def test_a_new_database_and_one_that_went_through_every_script_are_the_same(
    databases: Databases, kind: Kind
) -> None:
    with (
        closing(Database(databases.new(kind))) as made,
        closing(Database(databases.new(kind))) as migrated,
    ):
        schema.prepare(made)
        with migrated.engine.begin() as connection:
            migrations.upgrade(connection, schema.SCRIPTS, schema.VERSION_TABLE)
        for database in (made, migrated):
            assert database.read(differences) == []
        found = [database.read(tables) for database in (made, migrated)]
        for each in found:  # its name of the key is Alembic's own
            each[schema.VERSION_TABLE] = []
        assert found[0] == found[1]
        versions = schema.versions_of(schema.SCRIPTS)
        assert migrated.read(lambda c: schema.version_in(c, versions)) == versions[-1]
