"""A TCP proxy that a test can cut, to take a database away from a server that uses it."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from clusters import free_port


@dataclass
class Proxy:
    """Forwards connections to ``target`` until it is cut; ``port`` stays the same when it is mended."""

    target: tuple[str, int]
    port: int = field(default_factory=free_port)
    _listener: socket.socket | None = None
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mend(self) -> None:
        """Connections are taken and forwarded."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Open connections break, new ones are refused."""
        if self._listener is not None:
            # Only a shutdown wakes the thread that waits in accept.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with self._lock:
            self._open.add(source)
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()


@contextlib.contextmanager
def proxy(host: str, port: int) -> Iterator[Proxy]:
    """A mended proxy in front of a server."""
    between = Proxy((host, port))
    between.mend()
    try:
        yield between
    finally:
        between.cut()
