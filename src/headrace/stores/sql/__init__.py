"""The store on SQLite, PostgreSQL and MariaDB/MySQL."""

from pathlib import Path

from headrace.egress import Egress
from headrace.journal.folder import ARTIFACTS, DATABASE_FILE, JOURNALS
from headrace.stores.sql.courier import Courier
from headrace.stores.sql.database import Database, Durability
from headrace.stores.sql.embedded import EmbeddedStore
from headrace.stores.sql.place import Place
from headrace.stores.sql.sealing import Seal
from headrace.stores.sql.store import SqlStore

__all__ = ["Durability", "Place", "SqlStore", "connect", "open_folder"]


def connect(
    uri: str,
    *,
    place: Place | None = None,
    durability: Durability = "NORMAL",
    read_timeout_s: float | None = None,
    egress: Egress | None = None,
    secret_key: str | None = None,
) -> SqlStore:
    """The store in the database of a URI; its artifacts are in ``./mlartifacts`` unless ``place`` says so.

    A read that takes longer than ``read_timeout_s`` is a `TooSlowError`. ``egress`` says which addresses
    webhooks may call, ``secret_key`` encrypts their secrets.
    """
    database = Database(uri, durability=durability, read_timeout_s=read_timeout_s)
    seal = Seal(secret_key, database.file and database.file.absolute().parent)
    return SqlStore(
        database,
        place or Place(str(Path("mlartifacts").absolute())),
        Courier(egress or Egress(), seal),
    )


def open_folder(
    folder: Path,
    *,
    place: Place | None = None,
    durability: Durability = "NORMAL",
    read_timeout_s: float | None = None,
    egress: Egress | None = None,
    secret_key: str | None = None,
) -> SqlStore:
    """The embedded store of a folder that exists."""
    return EmbeddedStore(
        Database(
            f"sqlite:///{folder / DATABASE_FILE}",
            durability=durability,
            read_timeout_s=read_timeout_s,
        ),
        place or Place(str(folder / ARTIFACTS)),
        folder / JOURNALS,
        Courier(egress or Egress(), Seal(secret_key, folder)),
    )
