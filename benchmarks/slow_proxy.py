"""A way to a server on which each answer waits, as on a bad line or behind a loaded gateway."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

DELAY_S = 1.0
"""How long each part of an answer is held back."""


@contextmanager
def slowly(url: str) -> Iterator[str]:
    """The address of a proxy in front of ``url``, for the time of the block."""
    target = urlsplit(url)
    with closing(asyncio.new_event_loop()) as loop:

        async def forward(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            far, there = await asyncio.open_connection(target.hostname, target.port)
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(near, there, 0))
                both.create_task(_pump(far, back, DELAY_S))

        server = loop.run_until_complete(asyncio.start_server(forward, "127.0.0.1", 0))
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            server.close()
            loop.run_until_complete(asyncio.sleep(0))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, delay_s: float) -> None:
    while data := await source.read(65_536):
        await asyncio.sleep(delay_s)
        sink.write(data)
        await sink.drain()
    sink.close()
