"""A real SFTP server on the loopback, for tests, in a thread of this process."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh


class _AnyUser(asyncssh.SSHServer):
    def __init__(self, connections: list[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return False


@contextlib.contextmanager
def sftp_server(folder: Path) -> Iterator[int]:
    """The port of a server whose root is ``folder``."""
    connections: list[asyncssh.SSHServerConnection] = []
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _AnyUser(connections),
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder)),
        )

    async def stop(server: asyncssh.SSHAcceptor) -> None:
        server.close()
        for connection in connections:
            connection.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        server = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        yield server.get_port()
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
