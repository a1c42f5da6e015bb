"""The bytes of files on their way through the server, in either direction: never a whole file in memory."""

import asyncio
import io
import queue
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from typing import Any, TypeVar

from headrace.artifacts.base import ArtifactStore, Stat

T = TypeVar("T")

BLOCK_BYTES = 1 << 20
BLOCKS_AHEAD = 4
"""Of a body that arrives faster than it can be stored: so much waits in memory, the rest with the sender."""


async def on_thread(threads: Executor, act: Callable[..., T], *given: object) -> T:
    """What ``act`` gives, called on one of the threads."""
    return await asyncio.get_running_loop().run_in_executor(threads, act, *given)


async def store_body(
    threads: Executor, store: ArtifactStore, path: str, body: AsyncIterator[bytes]
) -> Stat:
    """Write a body while it arrives; if the sender breaks off, nothing is stored."""
    blocks = _blocks(body)
    nothing: list[bytes] = []
    first = await anext(blocks, nothing)
    second = await anext(blocks, None)
    if second is None:  # small: it occupies no thread while it arrives
        return await on_thread(threads, store.write, path, first)
    feed = _Feed()
    writing = asyncio.ensure_future(on_thread(threads, store.write, path, feed))
    writing.add_done_callback(feed.give_up)
    try:
        await feed.put(first)
        await feed.put(second)
        async for block in blocks:
            if writing.done():
                break  # it failed before it had read all
            await feed.put(block)
        feed.end(None)
    finally:
        feed.end(ConnectionAbortedError("The sender broke off."))
    return await writing


async def read_body(threads: Executor, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks of a file, each read on a thread while the one before it is sent."""
    reading = asyncio.ensure_future(on_thread(threads, next, chunks, None))
    try:
        while (chunk := await reading) is not None:
            reading = asyncio.ensure_future(on_thread(threads, next, chunks, None))
            yield chunk
    finally:
        # A generator cannot be closed while a thread is inside of it.
        reading.add_done_callback(lambda _: close(chunks))


async def _blocks(body: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """The pieces of a body, some of which together are a block."""
    block: list[bytes] = []
    size = 0
    async for piece in body:
        block.append(piece)
        size += len(piece)
        if size >= BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


class _Feed:
    """Blocks that the event loop puts in and one thread takes out."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(BLOCKS_AHEAD)
        self._blocks: queue.SimpleQueue[list[bytes] | BaseException | None] = queue.SimpleQueue()

    async def put(self, block: list[bytes]) -> None:
        """Wait until there is room."""
        await self._room.acquire()
        self._blocks.put(block)

    def end(self, reason: BaseException | None) -> None:
        """No more comes; with a reason, the taker gets it raised. The first call counts."""
        self._blocks.put(reason)

    def give_up(self, writing: "asyncio.Future[Stat]") -> None:
        """Nobody takes any more: whoever waits for room need not."""
        self._room.release()
        if not writing.cancelled():
            writing.exception()  # looked at: nobody is left to tell if the sender broke off

    def __iter__(self) -> Iterator[bytes]:
        while (block := self._blocks.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            self._loop.call_soon_threadsafe(self._room.release)
            yield from block


class Sink(io.RawIOBase):
    """A file to be written, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def close(chunks: Iterator[bytes]) -> None:
    """Give up what ``chunks`` would be read from, where there is something to give up."""
    closing = getattr(chunks, "close", None)
    if closing is not None:
        closing()
