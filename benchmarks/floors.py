"""What this machine does at best: the floors under every other table.

The same code runs at twice the rate on a machine whose floors are half as high, so figures of two
machines are compared by these.
"""

import argparse
import asyncio
import itertools
import mmap
import os
import socket
import sqlite3
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import load
import msgspec
import report
import tracking
import uvicorn

from headrace.wire.tracking import LogBatch

_RECORD = struct.Struct("<IIqqd")


def per_call_us(call: Callable[[int], object], count: int) -> float:
    """The median of five loops, a call."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        for number in range(count):
            call(number)
        taken.append((time.perf_counter() - start) / count)
    return statistics.median(taken) * 1e6


def append_us() -> float:
    """A Python function that converts, takes the time and appends."""
    points: list[Any] = []

    def log(value: int) -> None:
        points.append((float(value), time.time_ns()))

    return per_call_us(log, 200_000)


def record_us(folder: Path) -> float:
    """The write of a 32-byte record to a memory map, with the key looked up and a lock held."""
    size, keys, lock = 32 * 1_200_000, {"loss": 1}, threading.Lock()
    with (folder / "map").open("w+b") as file:
        file.truncate(size)
        with mmap.mmap(file.fileno(), size) as area:
            offsets = itertools.count(0, _RECORD.size)

            def log(number: int) -> None:
                with lock:
                    _RECORD.pack_into(
                        area, next(offsets), 1, keys["loss"], number, time.time_ns(), float(number)
                    )

            return per_call_us(log, 200_000)


def fsync_us(folder: Path) -> float:
    """The write of a page and its way to the disk."""
    descriptor = os.open(folder / "synced", os.O_CREAT | os.O_RDWR)
    try:

        def sync(number: int) -> None:
            os.pwrite(descriptor, b"x" * 4096, number * 4096)
            os.fdatasync(descriptor)

        return per_call_us(sync, 200)
    finally:
        os.close(descriptor)


def commits_a_second(folder: Path) -> float:
    """Rows that SQLite commits one by one, in its WAL, safe from a power cut."""
    database = sqlite3.connect(folder / "rows.db", isolation_level=None)
    for text in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "CREATE TABLE t (a, b)"):
        database.execute(text)
    took = per_call_us(lambda n: database.execute("INSERT INTO t VALUES (?, ?)", (n, 0.5)), 500)
    database.close()
    return 1e6 / took


def decode_us() -> float:
    """The typed decoding of a ``log-batch`` body of 1,000 metrics."""
    body = next(tracking.log_batch_requests("r")).partition(b"\r\n\r\n")[2]
    decode = msgspec.json.Decoder(LogBatch).decode
    return per_call_us(lambda _: decode(body), 200)


def _serve(ready: Connection) -> None:
    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        msgspec.json.decode((await receive())["body"])
        headers = [(b"content-length", b"2"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    async def serve() -> None:
        config = uvicorn.Config(answer, log_level="error", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready.send(listener.getsockname()[1])
        await server.serve(sockets=[listener])

    asyncio.run(serve())


@contextmanager
def plain_server() -> Iterator[int]:
    """A uvicorn that decodes a small body and says nothing, at a port."""
    here, there = Pipe()
    process = Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def requests_a_second(port: int, connections: int) -> float:
    """POSTs of 150 bytes that are decoded and answered."""
    message = load.request("POST", "/", b'{"key": "%s"}' % (b"x" * 138))
    lanes = [load.Lane(itertools.repeat(message)) for _ in range(connections)]
    return load.drive(port, lanes, 1.5).rate


TARGETS_MACHINE = "machine of the targets"


def run() -> report.Table:
    """The whole table."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".floors-") as name,
        plain_server() as port,
    ):
        folder = Path(name)
        time.sleep(1)
        measured: list[tuple[str, str, report.Better, float, float]] = [
            ("Python call, float(), time_ns(), append", "µs", "less", append_us(), 0.123),
            ("32-byte record into a memory map", "µs", "less", record_us(folder), 0.6),
            ("page written and fdatasync", "µs", "less", fsync_us(folder), 153),
            ("SQLite WAL, FULL: rows committed one by one, a second", "", "more", commits_a_second(folder), 8_500),
            ("msgspec: typed log-batch body of 1,000 metrics", "µs", "less", decode_us(), 115),
            ("uvicorn: POST, body decoded, 1 connection, requests/s", "", "more", requests_a_second(port, 1), 13_500),
            ("uvicorn: the same, 32 connections", "", "more", requests_a_second(port, 32), 45_000),
        ]  # fmt: skip
    rows = [
        report.Row(what, unit, better, {"this machine": here, TARGETS_MACHINE: there})
        for what, unit, better, here, there in measured
    ]
    remarks = ["The targets of the other tables were set on a machine with the floors beside ours."]
    return report.Table(
        "0-floors", "Floors of this machine", "python benchmarks/floors.py", rows, remarks
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    report.publish(run(), parser.parse_args().json)


if __name__ == "__main__":
    main()
