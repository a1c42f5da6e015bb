"""A call of an address that a user named (promises N1 to N3).

No redirects, no proxies of the environment; addresses are looked at before a connection is tried, and the
peer's once more after it is made and before a byte is sent, whatever the name leads to by then; time
and size of an answer are bounded, and nothing of it but its status is given to anyone.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any

import certifi
import httpcore

from headrace.egress.rules import Egress, RefusedAddressError
from headrace.errors import UnavailableError


def post(egress: Egress, url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """See `Egress.post`."""
    limits = dict.fromkeys(("connect", "read", "write", "pool"), egress.timeout_s)
    with httpcore.ConnectionPool(
        ssl_context=egress.trusted or ssl.create_default_context(cafile=certifi.where()),
        network_backend=_Looking(egress, time.monotonic() + egress.timeout_s),
    ) as pool:
        try:
            with pool.stream(
                "POST",
                url,
                headers=list(headers.items()),
                content=body,
                extensions={"timeout": limits},
            ) as answer:
                return answer.status
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise UnavailableError(f"No answer: {error or type(error).__name__}") from error


class _Looking(httpcore.NetworkBackend):
    """Makes connections, looks at who is at the other end, and ends with its time."""

    def __init__(self, egress: Egress, end: float) -> None:
        self._egress, self._end = egress, end
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  (what is left of the whole time counts)
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        addresses = self._found(host, port)
        for address in addresses:
            self._egress.look_at(
                address
            )  # before: a refusal must not tell which inner ports are open
        stream = self._connected(addresses, port, local_address, socket_options)
        try:
            self._egress.look_at(str(stream.get_extra_info("server_addr")[0]))
        except RefusedAddressError:
            stream.close()
            raise
        return _Timed(stream, self._end)

    @staticmethod
    def _found(host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the host '{host}' is not found") from error
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def _connected(
        self, addresses: list[str], port: int, local_address: str | None, options: Any
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("nobody is there")
        for address in addresses:
            try:
                return self._sockets.connect_tcp(
                    address, port, _left(self._end), local_address, options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        raise RefusedAddressError("Sockets of this machine are not called.")


class _Timed(httpcore.NetworkStream):
    """A connection that ends at one moment, however slowly the other side sends."""

    def __init__(self, stream: httpcore.NetworkStream, end: float) -> None:
        self._stream, self._end = stream, end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._end, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._end, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, _left(self._end))
        return _Timed(inner, self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(end: float, over: type[Exception] = httpcore.ConnectTimeout) -> float:
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise over("its time is over")
    return seconds
