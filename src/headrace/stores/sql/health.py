"""What can be told of a database before it is opened as a store."""

from headrace.errors import HeadraceError
from headrace.stores.keeping import Finding
from headrace.stores.sql import schema
from headrace.stores.sql.database import Database


def examine(uri: str) -> list[Finding]:
    """Whether the database can be opened by this version; it is not changed.

    An older schema is ``repairable``: opening the store upgrades it.
    """
    database = Database(uri)
    versions = schema.versions_of(schema.SCRIPTS)
    name = database.url.render_as_string(hide_password=True)
    try:
        found = database.read(lambda connection: schema.version_in(connection, versions))
    except HeadraceError as error:
        return [Finding("schema", name, error.message, "damaged")]
    finally:
        database.close()
    if found is None:
        return [Finding("schema", name, "there are no tables of Headrace in it", "damaged")]
    if found != versions[-1]:
        problem = f"the schema is of version {found}; this Headrace works with {versions[-1]}"
        return [Finding("schema", name, problem, "repairable")]
    return []
