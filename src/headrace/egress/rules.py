"""Which addresses a server may call for a user."""

import ipaddress
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from headrace import plugins
from headrace.errors import InvalidValueError

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_V4_COMPATIBLE = ipaddress.ip_network("::/96")


class RefusedAddressError(InvalidValueError):
    """An address that the server does not call."""


@dataclass(frozen=True)
class Egress:
    """What may be called, and for how long."""

    schemes: tuple[str, ...] = ("https",)
    allow_private: bool = False
    """Addresses of private networks and of this machine too."""
    timeout_s: float = 30.0
    """For all of a call: name, connection, sending, the head of the answer."""
    trusted: ssl.SSLContext | None = field(default=None, compare=False)
    """Whose certificates are believed, where it is not those of `certifi`."""

    def check(self, url: str) -> None:
        """Raise `RefusedAddressError` for a URL that is never called, whatever its host's name leads to."""
        host = self.host_of(url)
        if _is_address(host):
            self.look_at(host)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The HTTP status of the answer.

        Raises `RefusedAddressError`, and `UnavailableError` where no answer came in time.
        """
        self.check(url)
        status: int = plugins.load("headrace.egress.calls:post")(self, url, body, headers)
        return status

    def host_of(self, url: str) -> str:
        """The host of a URL that may be called, whatever it leads to."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise RefusedAddressError(f"This is no URL: {error}") from error
        if parts.scheme not in self.schemes:
            allowed = ", ".join(self.schemes)
            raise RefusedAddressError(
                f"The URL must begin with one of: {allowed} (not '{parts.scheme}')."
            )
        if not host:
            raise RefusedAddressError("The URL names no host.")
        if parts.username is not None or parts.password is not None:
            raise RefusedAddressError("The URL must hold no user name and no password.")
        return host

    def look_at(self, address: str) -> None:
        """Raise `RefusedAddressError` for a numeric address that must not be called."""
        if not self.allow_private and not is_public(address):
            raise RefusedAddressError(
                f"The URL leads to {address}, which is no address of the public Internet."
            )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public Internet, and so is each that is hidden in it."""
    one = ipaddress.ip_address(address.partition("%")[0])
    return all(ip.is_global and not ip.is_multicast for ip in (one, *_hidden(one)))


def _hidden(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> Iterable[ipaddress.IPv4Address]:
    """Addresses of the old kind inside one of the new kind, that a gateway may send it on to."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if any(address in network for network in (*_NAT64, _V4_COMPATIBLE)):
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
