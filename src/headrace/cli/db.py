"""``headrace db``: the database of a store."""

import click

from headrace import plugins
from headrace.config import settings
from headrace.stores.resolve import folder_of, prepared


@click.group()
def db() -> None:
    """Look after the database of a store."""


@db.command()
@click.argument("uri", required=False)
def upgrade(uri: str | None) -> None:
    """Bring the database at URI (a folder or a database URI) to the schema of this version.

    Opening a store does the same. A SQLite file is copied first, to <file>.<version>.backup.
    """
    uri = uri or settings().backend_store_uri
    folder = folder_of(uri)
    if folder is not None:
        store = plugins.load("headrace.stores.sql:open_folder")(prepared(folder))
    else:
        store = plugins.load("headrace.stores.sql:connect")(uri)
    store.close()
    click.echo("The database is up to date.")
