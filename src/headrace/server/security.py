"""Who may talk to the server at all: checks of Host and Origin, before anything else is looked at."""

import ipaddress
import socket
from collections.abc import Sequence

from msgspec import Struct
from starlette.types import Scope

from headrace.errors import BadRequestError, PermissionDeniedError
from headrace.server.replies import header

_LOOPBACK = frozenset(("localhost", "127.0.0.1", "[::1]", "::1"))
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_OPEN_PATHS = frozenset(("/health", "/version"))


class Guard(Struct, frozen=True):
    """The names that the server answers to, and the sites whose pages may call it."""

    hosts: frozenset[str]
    origins: frozenset[str]
    any_address: bool
    """Listening on all addresses: each may be used, as an address (a name could be anyone's)."""

    @classmethod
    def of(cls, host: str, allowed_hosts: Sequence[str], origins: Sequence[str]) -> "Guard":
        """The guard of a server that listens on ``host``."""
        wildcard = host in ("0.0.0.0", "::", "")  # noqa: S104
        own = {host.lower(), f"[{host}]"} | ({socket.gethostname().lower()} if wildcard else set())
        hosts = frozenset(_LOOPBACK | own | {name.lower() for name in allowed_hosts})
        return cls(hosts, frozenset(origin.rstrip("/").lower() for origin in origins), wildcard)

    def check(self, scope: Scope) -> None:
        """Refuse a request that was not meant for this server, or that another site's page sends."""
        given = [value for name, value in scope["headers"] if name == b"host"]
        if len(given) > 1:
            # Whoever stands between may have looked at another one than we would.
            raise BadRequestError("A request names one host; this one names several.")
        host = (given[0] if given else b"").decode("latin-1").lower()
        if not self._knows(host) and scope["path"] not in _OPEN_PATHS:
            raise BadRequestError(
                f"This server does not answer to the host name '{host[:100]}'. Start it with "
                "--allowed-hosts to add names."
            )
        if scope["method"] not in _SAFE_METHODS:
            self._check_origin(scope, host)

    def _knows(self, host: str) -> bool:
        name = _without_port(host)
        if name in self.hosts or host in self.hosts or "*" in self.hosts:
            return True
        return self.any_address and _is_address(name)

    def _check_origin(self, scope: Scope, host: str) -> None:
        """Let pages change something only from the server's own address, or from an allowed one."""
        origin = (header(scope, b"origin") or b"").decode("latin-1").lower()
        if origin:
            if origin not in self.origins and origin.partition("://")[2] != host:
                raise PermissionDeniedError(
                    f"Pages of '{origin[:100]}' may not change anything here."
                )
            return
        site = header(scope, b"sec-fetch-site")
        if site not in (None, b"same-origin", b"none"):
            raise PermissionDeniedError("Pages of other sites may not change anything here.")


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
