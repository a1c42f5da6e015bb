"""How a command becomes a server: its socket, its worker processes, its end."""

import gc
import socket
from collections.abc import Callable
from typing import Any

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from headrace.errors import InvalidValueError

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_OPTIONS: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,
    "lifespan": "on",
    "timeout_keep_alive": 75,
    "server_header": False,
    "proxy_headers": False,  # nothing here depends on where a request says that it comes from
}


def serve(
    build: Callable[[], Any], host: str, port: int, workers: int, said: str, prefix: str = ""
) -> None:
    """Serve what ``build`` makes, in this process or in several, until the process is told to stop.

    ``build`` can be pickled: each worker calls it.
    """
    listener = listen(host, port)
    name, number = listener.getsockname()[:2]
    shown = f"[{name}]" if ":" in name else name
    click.echo(f"{said} http://{shown}:{number}{prefix}", err=True)
    if workers <= 1:
        uvicorn.Server(uvicorn.Config(build(), **_OPTIONS)).run(sockets=[listener])
        return
    config = uvicorn.Config(build, factory=True, workers=workers, **_OPTIONS)
    Multiprocess(config, sockets=[listener]).run()


def settle() -> None:
    """Keep what is there now for good.

    Looking through it again and again for garbage costs a quarter of the time of a small request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose connections answer at once.

    Made here because uvicorn's own, with several workers, leaves TCP_NODELAY off, and each request of
    a kept connection then waits 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise InvalidValueError(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --port."
        ) from error
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener
