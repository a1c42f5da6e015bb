"""A file of a gigabyte passes through a real server process without being held in memory."""

import hashlib
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from servers import Server

GIB = 1 << 30
MOST_GROWTH = 64 << 20
BLOCK = hashlib.sha256(b"seed").digest() * (1 << 15)


@contextmanager
def growth_of(server: Server) -> Iterator[list[int]]:
    """Fills in by how many bytes the server's memory grew at most, looked at all the time."""
    start, peak, done = server.memory(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], server.memory() - start)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        done.set()
        watching.join()


@pytest.mark.slow
def test_a_gigabyte_goes_up_and_down_in_bounded_memory(
    headrace_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = headrace_server(f"sqlite:///{tmp_path}/store.db")
    address = urlsplit(server.url).netloc
    with closing(http.client.HTTPConnection(address, timeout=300)) as connection:
        grown = _there_and_back(server, connection)
    assert grown < MOST_GROWTH, f"grew by {grown >> 20} MiB"


@pytest.mark.slow
def test_a_server_that_is_killed_in_uploads_shows_and_leaves_nothing_of_them(
    headrace_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = headrace_server(f"sqlite:///{tmp_path}/store.db")
    folder = server.log.parent / "artifacts"
    for blocks in (1, 3, 17):
        with closing(http.client.HTTPConnection(urlsplit(server.url).netloc)) as connection:
            connection.putrequest("PUT", f"/api/2.0/mlflow-artifacts/artifacts/1/f{blocks}")
            connection.putheader("Content-Length", str(GIB))
            connection.endheaders()
            for _ in range(blocks):
                connection.send(BLOCK)
            server.kill()
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        server.restart()
        with closing(http.client.HTTPConnection(urlsplit(server.url).netloc)) as connection:
            connection.request("GET", "/api/2.0/mlflow-artifacts/artifacts?path=1")
            assert connection.getresponse().read() == b"{}"


def _there_and_back(server: Server, connection: http.client.HTTPConnection) -> int:
    """By how many bytes the server grew."""
    url = "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/large.bin"
    connection.request("PUT", url + ".small", body=BLOCK)
    connection.getresponse().read()
    with growth_of(server) as grown:
        connection.putrequest("PUT", url)
        connection.putheader("Content-Length", str(GIB))
        connection.endheaders()
        sent = hashlib.sha256()
        for _ in range(GIB // len(BLOCK)):
            connection.send(BLOCK)
            sent.update(BLOCK)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        connection.request("GET", url)
        answer = connection.getresponse()
        got, size = hashlib.sha256(), 0
        while chunk := answer.read(1 << 20):
            got.update(chunk)
            size += len(chunk)
    assert (size, got.digest()) == (GIB, sent.digest())
    return grown[0]
