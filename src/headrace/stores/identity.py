"""How a client shows a server who it is, and which servers it believes."""

import ssl
from base64 import b64encode
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import certifi

from headrace.config import Settings
from headrace.errors import InvalidValueError


def headers(uri: str, given: Settings) -> dict[str, str]:
    """What says who asks: a token, or the name and password of the URI or of the settings."""
    if given.tracking_token is not None:
        return {"Authorization": f"Bearer {given.tracking_token}"}
    parts = urlsplit(uri)
    name = unquote(parts.username or "") or given.tracking_username
    if not name:
        return {}
    password = unquote(parts.password or "") or given.tracking_password or ""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def address(uri: str) -> str:
    """The URI of a server without the name and the password in it."""
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    if not host:
        raise InvalidValueError(f"'{uri}' names no server.")
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def trust(uri: str, given: Settings) -> ssl.SSLContext | bool:
    """Which certificates count, and the client's own; the same object for the same settings."""
    if not uri.startswith("https:"):
        return False  # nothing to trust, and loading the certificates takes 20 ms
    return _context(
        given.tracking_server_cert_path or certifi.where(),
        given.tracking_client_cert_path,
        given.tracking_insecure_tls,
    )


@cache
def _context(authorities: str, own: str | None, insecure: bool) -> ssl.SSLContext:  # noqa: FBT001
    try:
        folder = Path(authorities).is_dir()
        context = (
            ssl.create_default_context(capath=authorities)
            if folder
            else ssl.create_default_context(cafile=authorities)
        )
        if own:
            context.load_cert_chain(own)
    except OSError as error:
        raise InvalidValueError(
            f"A certificate cannot be read ({authorities}, {own}): {error}."
        ) from error
    if insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
