"""The server calls nobody inside for somebody outside (promises N1 to N3)."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from headrace.egress import Egress, RefusedAddressError, is_public
from headrace.errors import UnavailableError

INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "::10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::10.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:c0a8:101::",
    "2001:0:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::1",
]
OUTSIDE = ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::200e"]
SPELLINGS = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::ffff:7f00:1]",
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_of_the_inside_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_outside_are_called(address: str) -> None:
    assert is_public(address)


@dataclass
class Listener:
    """A port of this machine that says what it was sent, and answers with ``answer``."""

    port: int
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    pause_s: float = 0.0
    """Between two bytes of the answer."""
    heard: list[bytes] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = socket.socket(socket.AF_INET6)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", 0))
    server.listen()
    found = Listener(server.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    found.heard.append(connection.recv(65_536))
                    for byte in found.answer:
                        connection.sendall(bytes([byte]))
                        time.sleep(found.pause_s)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65_536):
                        pass  # what is left unread would break the connection off
                except OSError:
                    pass
            found.called.set()

    threading.Thread(target=serve, daemon=True).start()
    yield found
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.mark.parametrize("host", SPELLINGS)
def test_however_this_machine_is_spelled_it_hears_nothing(listener: Listener, host: str) -> None:
    egress = Egress(("http",), timeout_s=5)
    with pytest.raises((RefusedAddressError, UnavailableError)):
        egress.post(f"http://{host}:{listener.port}/", b"body", {})
    listener.called.wait(0.2)
    assert set(listener.heard) <= {b""}


def test_a_name_that_moves_inside_after_it_was_looked_at_gains_nothing(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def moved(host: str, *rest: object, **more: object) -> object:
        return real("127.0.0.1" if host == "rebound.example" else host, *rest, **more)  # type: ignore[arg-type]

    egress = Egress(("http",), timeout_s=5)
    egress.check(f"http://rebound.example:{listener.port}/")
    monkeypatch.setattr(socket, "getaddrinfo", moved)
    with pytest.raises(RefusedAddressError, match=r"127\.0\.0\.1"):
        egress.post(f"http://rebound.example:{listener.port}/", b"body", {})
    assert set(listener.heard) <= {b""}


def test_a_refusal_does_not_tell_which_inner_ports_are_open(listener: Listener) -> None:
    told = set()
    for port in (listener.port, 9):
        with pytest.raises(RefusedAddressError) as raised:
            Egress(("http",), timeout_s=5).post(f"http://localhost:{port}/", b"", {})
        told.add(str(raised.value))
    assert len(told) == 1


def test_the_peer_is_looked_at_once_more_when_the_connection_is_made(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda *_, **__: real(("127.0.0.1", listener.port))
    )
    with pytest.raises(RefusedAddressError, match=r"127\.0\.0\.1"):
        Egress(("http",), timeout_s=5).post("http://8.8.8.8/", b"body", {})
    listener.called.wait(5)
    assert set(listener.heard) <= {b""}


def test_a_redirect_is_not_followed(listener: Listener) -> None:
    listener.answer = (
        f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{listener.port}/other\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()
    egress = Egress(("http",), allow_private=True, timeout_s=5)
    assert egress.post(f"http://127.0.0.1:{listener.port}/first", b"body", {}) == 302
    assert len(listener.heard) == 1


def test_proxies_of_the_environment_are_not_used(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.port}")
    egress = Egress(("http",), allow_private=True, timeout_s=5)
    with pytest.raises(UnavailableError):
        egress.post("http://127.0.0.1:9/", b"body", {})
    assert listener.heard == []


def test_an_answer_that_drips_is_cut_off(listener: Listener) -> None:
    listener.answer, listener.pause_s = b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 10_000, 0.05
    egress = Egress(("http",), allow_private=True, timeout_s=1)
    begun = time.monotonic()
    with pytest.raises(UnavailableError, match="No answer"):
        egress.post(f"http://127.0.0.1:{listener.port}/", b"body", {})
    assert time.monotonic() - begun < 30


def test_an_answer_without_end_is_not_read(listener: Listener) -> None:
    listener.answer = b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 200_000
    egress = Egress(("http",), allow_private=True, timeout_s=10)
    with pytest.raises(UnavailableError, match="No answer"):
        egress.post(f"http://127.0.0.1:{listener.port}/", b"body", {})


@pytest.mark.parametrize(
    "url",
    ["http://8.8.8.8/", "ftp://8.8.8.8/", "//8.8.8.8/", "https:/8.8.8.8", "https://a:b@8.8.8.8/"],
)
def test_other_schemes_and_credentials_are_refused(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        Egress().post(url, b"", {})
