"""What a URI says of a place: its scheme, and the local folder or the path on a server it names."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from headrace.errors import InvalidValueError

PROXIED = "mlflow-artifacts"

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+):")  # of two letters or more: one is a drive
_HERE = ("", "localhost")


def scheme_of(uri: str) -> str:
    """``file`` for a plain path."""
    found = _SCHEME.match(uri)
    return found.group(1).lower() if found else "file"


def local_path(uri: str) -> Path:
    """The absolute path that a plain path or a ``file:`` URI names."""
    if _SCHEME.match(uri) is None:
        return Path(uri).absolute()
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc.lower() not in _HERE or parts.query or parts.fragment:
        raise InvalidValueError(
            f"'{uri}' names no folder of this machine; expected file:///absolute/path, with '?' and "
            "'#' in it written as %3F and %23."
        )
    from urllib.request import url2pathname  # noqa: PLC0415  (brings HTTP and e-mail with it)

    return Path(url2pathname(parts.path)).absolute()


def proxied_path(uri: str) -> str:
    """The path below a server's artifacts that an ``mlflow-artifacts:`` URI names; not yet checked."""
    if scheme_of(uri) != PROXIED:
        raise InvalidValueError(f"'{uri}' is not served by a tracking server.")
    rest = uri.partition(":")[2]
    if rest.startswith("//"):
        rest = rest[2:].partition("/")[2]
    return rest.strip("/")
