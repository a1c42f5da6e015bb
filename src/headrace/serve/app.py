"""The scoring server as an ASGI application."""

import asyncio
import functools
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from headrace.serve import formats, refusals
from headrace.serve.openapi import describe
from headrace.serve.served import Loaded, Served
from headrace.server.replies import JSON, header, reply, whole_body
from headrace.server.telemetry import Telemetry

_KINDS: Mapping[str, Callable[[Any], bytes]] = {
    formats.ARROW: formats.write_arrow,
    formats.PARQUET: formats.write_parquet,
}


class Limits(msgspec.Struct, frozen=True):
    """What a server bears."""

    timeout_s: float = 60.0
    """For a request, from its first byte to its answer."""
    most_bytes: int = 64 * 2**20
    """Of a request's body."""
    most_waiting: int = 1024
    """Requests for one model that may wait at once."""
    reload_s: float = 5.0
    """Between two looks whether an alias has moved."""


class Application:
    """Answers for one model, or several by name: the first of them also without its name."""

    def __init__(self, models: Sequence[Served], limits: Limits, release: str) -> None:
        self._limits, self._release = limits, release
        self._telemetry = Telemetry()
        self._stop = threading.Event()
        self._models = list(models)
        self._routes: dict[str, tuple[str, Callable[[Scope, Receive, Send], Awaitable[int]]]] = {
            "/ping": ("GET", self._ping),
            "/health": ("GET", self._ping),
            "/version": ("GET", self._version),
            "/metrics": ("GET", self._metrics),
            "/openapi.json": ("GET", self._openapi),
            "/invocations": ("POST", functools.partial(self._invoke, self._models[0])),
        }
        for served in self._models:
            path = f"/models/{served.name}/invocations"
            self._routes[path] = ("POST", functools.partial(self._invoke, served))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            began = time.perf_counter()
            path, method = scope["path"], scope["method"]
            known = self._routes.get(path)
            if known is None:
                status = await _detail(send, 404, "Not Found")
            elif method != known[0]:
                status = await _detail(send, 405, "Method Not Allowed")
            else:
                status = await known[1](scope, receive, send)
            route = path if known else "none"
            self._telemetry.count(method, route, status, time.perf_counter() - began)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        for served in self._models:
            served.keep_fresh(self._limits.reload_s, self._stop)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._stop.set()
        for served in self._models:
            served.current.line.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _ping(self, _scope: Scope, _receive: Receive, send: Send) -> int:
        return await _sent(send, 200, b"\n")

    async def _version(self, _scope: Scope, _receive: Receive, send: Send) -> int:
        return await _sent(send, 200, self._release.encode())

    async def _metrics(self, _scope: Scope, _receive: Receive, send: Send) -> int:
        return await _sent(send, 200, self._telemetry.page(), Telemetry.content_type)

    async def _openapi(self, _scope: Scope, _receive: Receive, send: Send) -> int:
        models = {one.name: one.current.model.metadata for one in self._models}
        return await _sent(send, 200, msgspec.json.encode(describe(models, self._release)))

    async def _invoke(self, served: Served, scope: Scope, receive: Receive, send: Send) -> int:
        try:
            body = await self._body(scope, receive)
            async with asyncio.timeout(self._limits.timeout_s):
                answer, kind = await self._answered(served, scope, body)
        except Exception as error:  # noqa: BLE001  (whatever the model raises is told to who asked)
            return await _sent(send, *refusals.of(error))
        return await _sent(send, 200, answer, kind)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                return await whole_body(scope, receive, self._limits.most_bytes)
        except TimeoutError as error:
            raise refusals.SlowBodyError(
                f"The request's body did not arrive within {self._limits.timeout_s:g} s."
            ) from error

    async def _answered(self, served: Served, scope: Scope, body: bytes) -> tuple[bytes, bytes]:
        kind = (header(scope, b"content-type") or b"").decode("latin-1")
        write = _KINDS.get((header(scope, b"accept") or b"").decode("latin-1").lower())
        loaded = served.current
        rows = loaded.rows.read(body) if loaded.rows and kind == formats.JSON else None
        if rows is not None:
            found, wrapped = await loaded.line.predicted(rows), True
        else:
            question = formats.read(body, kind, loaded.model.metadata)
            found = await loaded.line.asked(lambda: _ask(loaded, question))
            wrapped = question.wrapped
        if write is not None:
            return write(found), (header(scope, b"accept") or b"")
        return formats.write_json(found, wrapped=wrapped), JSON


def _ask(loaded: Loaded, question: formats.Question) -> Any:
    return loaded.model.predict(question.data, question.params)


async def _detail(send: Send, status: int, text: str) -> int:
    return await _sent(send, status, msgspec.json.encode({"detail": text}))


async def _sent(send: Send, status: int, body: bytes, kind: bytes = JSON) -> int:
    await reply(send, status, body, kind)
    return status
