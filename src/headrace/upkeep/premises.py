"""A store and its artifacts, opened by whoever looks after them."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from headrace import plugins
from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.below import below
from headrace.artifacts.resolve import open_artifacts
from headrace.artifacts.uris import PROXIED, proxied_path, scheme_of
from headrace.config import Settings
from headrace.errors import InvalidValueError, NotFoundError, UnsupportedError
from headrace.journal.folder import ARTIFACTS, DATABASE_FILE, JOURNALS
from headrace.stores.keeping import KeptStore
from headrace.stores.resolve import DEFAULT_FOLDER, folder_of

ARTIFACT_FOLDER = ARTIFACTS
_SERVER_FOLDER = "mlartifacts"


class Address(NamedTuple):
    """Where a store's database and its artifacts are."""

    database_uri: str
    artifact_root: str


class Premises(NamedTuple):
    """An open store, and how the artifacts of its runs are reached."""

    store: KeptStore
    open_artifacts: Callable[[str], ArtifactStore]


def address_of(uri: str | None, destination: str | None, given: Settings) -> Address:
    """Where the store is that ``uri`` or the settings name.

    Raises `UnsupportedError` for a server, whose data is elsewhere, and `InvalidValueError` where a
    database's artifacts are not known: looked for in the wrong place they would count as gone.
    """
    uri = uri or given.backend_store_uri or given.tracking_uri or DEFAULT_FOLDER
    destination = destination or given.artifacts_destination
    folder = folder_of(uri)
    if folder is not None:
        database = f"sqlite:///{folder / DATABASE_FILE}"
        return Address(database, destination or str(folder / ARTIFACT_FOLDER))
    if scheme_of(uri) in ("http", "https"):
        raise UnsupportedError(
            f"'{uri}' is a server; this is done where its data lies: say --backend-store-uri with its "
            "database, and --artifacts-destination."
        )
    usual = Path(_SERVER_FOLDER).absolute()
    if destination is None and not usual.is_dir():
        raise InvalidValueError(
            f"Where are the artifacts of '{shown(uri)}'? There is no folder '{usual}'; say "
            "--artifacts-destination."
        )
    return Address(uri, destination or str(usual))


def open_premises(address: Address) -> Premises:
    """Open the store that is at an address, with what its journals hold; none is made where there is none."""
    file = file_of(address.database_uri)
    journals = None if file is None else file.parent / JOURNALS
    if file is not None and not file.is_file() and not (journals and journals.is_dir()):
        raise NotFoundError(f"There is no store at '{file}'.")
    place = plugins.load("headrace.stores.sql:Place")(address.artifact_root.rstrip("/"))
    if file is not None and file.name == DATABASE_FILE:
        store = plugins.load("headrace.stores.sql:open_folder")(file.parent, place=place)
    else:
        store = plugins.load("headrace.stores.sql:connect")(address.database_uri, place=place)
    return Premises(store, artifact_opener(address.artifact_root))


def file_of(database_uri: str) -> Path | None:
    """The file of a SQLite database."""
    scheme, _, path = database_uri.partition(":///")
    return Path(path) if scheme.partition("+")[0] == "sqlite" else None


def artifact_opener(root: str) -> Callable[[str], ArtifactStore]:
    """Opens the artifact URIs of a store; what a server would serve is found below ``root``."""

    def opened(uri: str) -> ArtifactStore:
        if scheme_of(uri) == PROXIED:
            return below(open_artifacts(root), proxied_path(uri))
        return open_artifacts(uri)

    return opened


def shown(uri: str) -> str:
    """The URI without a password."""
    before, at, after = uri.rpartition("@")
    return f"{before.partition('://')[0]}://{at}{after}" if at else uri
