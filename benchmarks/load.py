"""A load generator for HTTP/1.1 that costs little beside the server it drives.

One thread, one epoll, raw sockets and requests built beforehand: about 10 µs of CPU a request, so
that on a small machine the server, not the generator, is what is measured. ``python load.py``
drives a trivial server and prints the generator's own ceiling.
"""

import asyncio
import itertools
import re
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from typing import cast

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_READ_BYTES = 1 << 20
_BUSY = {429, 503}
_PAUSE_S = 0.05
"""How long a lane waits after a server said that it is busy."""


def request(verb: str, path: str, body: bytes = b"") -> bytes:
    """One HTTP/1.1 request as it goes over the wire."""
    return (
        b"%b %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (verb.encode(), path.encode(), len(body), body)
    )


@dataclass
class Lane:
    """One keep-alive connection with at most one request under way, and what came of it."""

    requests: Iterator[bytes]
    every_s: float = 0.0
    """Seconds from one send to the next; 0 sends as soon as the last answer is in."""
    keep_bodies: bool = False
    statuses: list[int] = field(default_factory=list)
    """The status of each answered request, in order."""
    latencies_s: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    broken: bool = False
    """The connection ended with a request unanswered."""

    @property
    def acknowledged(self) -> list[int]:
        """The numbers of the requests that were answered with 200."""
        return [number for number, status in enumerate(self.statuses) if status == 200]


@dataclass(frozen=True)
class Load:
    """What a drive came to."""

    lanes: list[Lane]
    elapsed_s: float
    generator_cpu_s: float

    @property
    def acknowledged(self) -> int:
        """How many requests were answered with 200."""
        return sum(lane.statuses.count(200) for lane in self.lanes)

    @property
    def refused(self) -> int:
        """How many requests were answered with something else."""
        return sum(len(lane.statuses) for lane in self.lanes) - self.acknowledged

    @property
    def broken(self) -> int:
        """How many connections ended with a request unanswered."""
        return sum(lane.broken for lane in self.lanes)

    @property
    def rate(self) -> float:
        """Acknowledged requests a second."""
        return self.acknowledged / self.elapsed_s


def drive(port: int, lanes: Sequence[Lane], seconds: float | None = None) -> Load:
    """Send the lanes' requests until they run out or ``seconds`` have passed, and await all answers."""
    driver = _Driver(port, lanes, seconds)
    cpu = time.process_time()
    start = time.perf_counter()
    try:
        driver.run(start)
    finally:
        driver.close()
    elapsed = time.perf_counter() - start
    return Load(list(lanes), elapsed, time.process_time() - cpu)


@dataclass
class _Channel:
    """The socket of a lane and the request under way on it."""

    lane: Lane
    socket: socket.socket
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    blocked: bool = False
    """The kernel took only part of the request; the rest waits for room."""
    received: bytearray = field(default_factory=bytearray)
    body_start: int = 0
    expected: int = -1
    """Bytes of the whole answer; -1 until its head is in, -2 when it comes in chunks."""
    waiting: bool = False
    """A request is under way."""
    sent_at: float = 0.0
    due: float = 0.0


class _Driver:
    """The epoll loop of one drive."""

    def __init__(self, port: int, lanes: Sequence[Lane], seconds: float | None) -> None:
        self._seconds = seconds
        self._epoll = select.epoll()
        self._channels: dict[int, _Channel] = {}
        self._idle: list[_Channel] = []
        self._open = 0
        for lane in lanes:
            sock = socket.create_connection(("127.0.0.1", port), timeout=10)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(0)
            self._channels[sock.fileno()] = channel = _Channel(lane, sock)
            self._epoll.register(sock.fileno(), select.EPOLLIN)
            self._idle.append(channel)

    def run(self, start: float) -> None:
        """Loop until no request is under way and none is to come."""
        end = start + self._seconds if self._seconds is not None else float("inf")
        while True:
            self._start_due(end)
            if not self._open and not self._idle:
                return
            for descriptor, events in self._epoll.poll(self._timeout(end)):
                channel = self._channels[descriptor]
                if events & select.EPOLLOUT:
                    self._send(channel)
                if events & ~select.EPOLLOUT:
                    self._receive(channel)

    def close(self) -> None:
        """Close every socket."""
        for channel in self._channels.values():
            channel.socket.close()
        self._epoll.close()

    def _timeout(self, end: float) -> float:
        if not self._idle:
            return 60.0
        nearest = min(channel.due for channel in self._idle)
        return max(0.0, min(nearest, end) - time.perf_counter())

    def _start_due(self, end: float) -> None:
        if not self._idle:
            return
        now = time.perf_counter()
        if now >= end:
            self._idle.clear()
            return
        waiting, self._idle = self._idle, []
        for channel in waiting:
            if channel.due > now:
                self._idle.append(channel)
            else:
                self._start(channel, now)

    def _start(self, channel: _Channel, now: float) -> None:
        data = next(channel.lane.requests, None)
        if data is None:
            return
        self._open += 1
        channel.waiting = True
        channel.sent_at = now
        channel.due = now + channel.lane.every_s
        channel.unsent = memoryview(data)
        self._send(channel)

    def _send(self, channel: _Channel) -> None:
        try:
            sent = channel.socket.send(channel.unsent)
        except BlockingIOError:
            sent = 0
        except (BrokenPipeError, ConnectionResetError):
            self._break(channel)
            return
        channel.unsent = channel.unsent[sent:]
        if bool(channel.unsent) is not channel.blocked:
            channel.blocked = not channel.blocked
            wanted = select.EPOLLIN | (select.EPOLLOUT if channel.blocked else 0)
            self._epoll.modify(channel.socket.fileno(), wanted)

    def _receive(self, channel: _Channel) -> None:
        try:
            data = channel.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            self._break(channel)
            return
        channel.received += data
        if channel.expected == -1:
            _read_head(channel)
        if len(channel.received) == channel.expected or (
            channel.expected == -2 and channel.received.endswith(b"\r\n0\r\n\r\n")
        ):
            self._finish(channel)

    def _finish(self, channel: _Channel) -> None:
        now = time.perf_counter()
        lane, answer = channel.lane, channel.received
        status = int(answer[9:12])
        lane.statuses.append(status)
        lane.latencies_s.append(now - channel.sent_at)
        if lane.keep_bodies:
            lane.bodies.append(_body(answer, channel))
        channel.received = bytearray()
        channel.expected = -1
        channel.waiting = False
        self._open -= 1
        if status in _BUSY:
            channel.due = max(channel.due, now + _PAUSE_S)
        self._idle.append(channel)

    def _break(self, channel: _Channel) -> None:
        # Servers also close connections that have nothing to do any more, which breaks nothing.
        if channel.waiting:
            self._open -= 1
            channel.waiting = False
            channel.lane.broken = True
        elif channel in self._idle:
            self._idle.remove(channel)
        self._epoll.unregister(channel.socket.fileno())


def _read_head(channel: _Channel) -> None:
    head_end = channel.received.find(b"\r\n\r\n")
    if head_end < 0:
        return
    channel.body_start = head_end + 4
    if match := _LENGTH.search(channel.received, 0, head_end):
        channel.expected = channel.body_start + int(match[1])
    elif _CHUNKED.search(channel.received, 0, head_end):
        channel.expected = -2
    else:
        channel.expected = channel.body_start


def _body(answer: bytearray, channel: _Channel) -> bytes:
    if channel.expected != -2:
        return bytes(answer[channel.body_start :])
    parts: list[bytes] = []
    at = channel.body_start
    while True:
        line_end = answer.index(b"\r\n", at)
        size = int(answer[at:line_end], 16)
        if not size:
            return b"".join(parts)
        parts.append(bytes(answer[line_end + 2 : line_end + 2 + size]))
        at = line_end + 2 + size + 2


class _Trivial(asyncio.Protocol):
    """Answers each request with an empty object as soon as its declared length is in."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        match = _LENGTH.search(self._received)
        if head_end >= 0 and match and len(self._received) >= head_end + 4 + int(match[1]):
            self._received = b""
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def _serve_trivially(ready: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Trivial, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


def main() -> None:
    """Print how fast the generator drives a server that does nothing."""
    here, there = Pipe()
    server = Process(target=_serve_trivially, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    for size in (150, 90_000):
        for connections in (1, 8, 32):
            message = request("POST", "/", b"x" * size)
            lanes = [Lane(itertools.repeat(message)) for _ in range(connections)]
            load = drive(port, lanes, 1.0)
            print(
                f"{size:>6} B, {connections:>2} connections: {load.rate:>9,.0f} requests/s, "
                f"generator {load.generator_cpu_s / load.acknowledged * 1e6:.1f} µs CPU a request"
            )
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
