"""``headrace db``: the database of a store."""

import click
from msgspec import Struct

from headrace import plugins
from headrace.cli import output
from headrace.client.connection import shown
from headrace.config import settings
from headrace.stores.resolve import DEFAULT_FOLDER, folder_of, prepared


class Upgraded(Struct, frozen=True):
    """The database that is of this version now."""

    uri: str


@click.group()
def db() -> None:
    """Look after the database of a store."""


@db.command()
@click.argument("uri", required=False)
@output.gives(Upgraded, output.says("The database is up to date."))
def upgrade(*, uri: str | None) -> Upgraded:
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
    return Upgraded(shown(uri or DEFAULT_FOLDER))
