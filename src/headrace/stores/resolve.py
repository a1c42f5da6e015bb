"""A tracking URI to the store that it names."""

import re
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore

GROUP = "headrace.stores"
DEFAULT_FOLDER = ".headrace"

_SQL = "headrace.stores.sql:connect"
BUILT_IN = {
    "http": "headrace.stores.http:connect",
    "https": "headrace.stores.http:connect",
    "offline": "headrace.stores.offline:connect",
    "sqlite": _SQL,
    "postgresql": _SQL,
    "postgres": _SQL,
    "mysql": _SQL,
    "mariadb": _SQL,
}
_OPEN_FOLDER = "headrace.stores.sql:open_folder"

# A scheme of one letter is a drive of Windows.
_SCHEME = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9.\-]+)(?:\+[\w.\-]+)?:")


def open_store(uri: str | None = None) -> TrackingStore:
    """The store that ``uri`` names: a folder, a database or a server; ``.headrace`` where there is none.

    Raises `InvalidValueError` for a scheme that nobody knows, and lists those that are known.
    """
    folder = folder_of(uri)
    if folder is not None:
        return cast("TrackingStore", plugins.load(_OPEN_FOLDER)(prepared(folder)))
    scheme = _scheme(uri or "")
    return cast("TrackingStore", plugins.find(GROUP, scheme or "", BUILT_IN)(uri))


def folder_of(uri: str | None) -> Path | None:
    """The folder that ``uri`` names, absolute; ``None`` where it names a database or a server."""
    if not uri:
        return Path(DEFAULT_FOLDER).absolute()
    scheme = _scheme(uri)
    if scheme is None:
        return Path(uri).expanduser().absolute()
    if scheme != "file":
        return None
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise InvalidValueError(f"'{uri}' names another machine; a folder must be of this one.")
    # /C:/data of Windows has a slash that its path has not.
    path = re.sub(r"^/(?=[a-zA-Z]:)", "", unquote(parts.path))
    return Path(path or DEFAULT_FOLDER).absolute()


def prepared(folder: Path) -> Path:
    """The folder, made if it is missing; a new one is never committed, by a ``.gitignore`` of its own."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if next(folder.iterdir(), None) is None:
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except (FileExistsError, NotADirectoryError) as error:
        raise InvalidValueError(f"'{folder}' is a file; a store needs a folder.") from error
    return folder


def _scheme(uri: str) -> str | None:
    match = _SCHEME.match(uri)
    return match["scheme"].lower() if match else None
