"""The application: one entry for every surface, with the checks and the handling of errors around it."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route, Router
from starlette.types import Message, Receive, Scope, Send

from headrace.errors import (
    EndpointNotFoundError,
    HeadraceError,
    InternalError,
    InvalidValueError,
    MethodNotAllowedError,
    UnavailableError,
)
from headrace.server.deliveries import keep_delivering
from headrace.server.leases import keep_leases
from headrace.server.operations import Handler, handlers
from headrace.server.replies import refuse, reply
from headrace.server.security import Guard
from headrace.server.telemetry import Telemetry
from headrace.stores.base import TrackingStore

log = logging.getLogger("headrace.server")

_THREADS = 16
_MOST_AT_ONCE = 1_000
"""Requests in work; one more is sent away with 503, to come again."""


class ServerInfo(msgspec.Struct, frozen=True):
    """What the server can do, as clients ask for it before they upload."""

    store_type: str = "SqlStore"
    workspaces_enabled: bool = False
    trace_archival_enabled: bool = False
    multipart_uploads_enabled: bool = False
    multipart_downloads_enabled: bool = False
    presigned_upload_run_id_supported: bool = False
    presigned_upload_model_id_supported: bool = False
    artifact_serving_enabled: bool = True
    features_enabled: dict[str, bool] = msgspec.field(default_factory=lambda: {"gateway": False})


class Application:
    """The ASGI application.

    Operations of the table are found by their exact path; what has a name in its path, and the
    ``routes`` of artifacts and pages, goes through Starlette's router.
    """

    def __init__(
        self,
        store: TrackingStore,
        guard: Guard,
        *,
        version: str,
        routes: Sequence[Route] = (),
        info: ServerInfo | None = None,
        prefix: str = "",
    ) -> None:
        self._store = store
        self._guard = guard
        self._prefix = prefix.rstrip("/")
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="headrace-read")
        self._telemetry = Telemetry()
        self._in_work = 0
        table = handlers(store, self._threads)
        self._exact = {path: verbs for path, verbs in table.items() if "{" not in path}
        self._exact |= self._fixed(version, info or ServerInfo())
        named = [_named_route(path, verbs) for path, verbs in table.items() if "{" in path]
        self._router = Router([*named, *routes], lifespan=self._lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        started = time.perf_counter()
        sent = _Sent(send)
        self._in_work += 1
        try:
            await self._answer(scope, receive, sent)
        except HeadraceError as error:
            await sent.refusal(error)
        except ClientDisconnect:
            pass  # nobody is left to be answered
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            await sent.refusal(InternalError("The server failed to answer; its log says why."))
        finally:
            self._in_work -= 1
            route = scope.get("headrace_route", "other")
            self._telemetry.count(
                scope["method"], route, sent.status, time.perf_counter() - started
            )

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard.check(scope)
        if self._in_work > _MOST_AT_ONCE:
            raise UnavailableError("The server has more requests in work than it takes; try again.")
        path = self._inner_path(scope)
        verbs = self._exact.get(path)
        if verbs is None:
            await self._routed(scope, receive, send)
            return
        scope["headrace_route"] = path
        handler = verbs.get(scope["method"])
        if handler is None:
            raise MethodNotAllowedError(
                f"{path} answers {', '.join(sorted(verbs))}, not {scope['method']}."
            )
        await handler(scope, receive, send, {})

    def _inner_path(self, scope: Scope) -> str:
        """The path below the static prefix; the rest of the application never sees the prefix."""
        path: str = scope["path"]
        if self._prefix and (path == self._prefix or path.startswith(self._prefix + "/")):
            path = path[len(self._prefix) :] or "/"
            scope["path"] = path
            raw = scope.get("raw_path")
            if raw is not None:
                scope["raw_path"] = raw[len(self._prefix) :] or b"/"
        return path

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        partial = None
        for route in self._router.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                scope["headrace_route"] = getattr(route, "path", "other")
                await route.handle(scope, receive, send)
                return
            if match is Match.PARTIAL:
                partial = route
        if partial is not None:
            raise MethodNotAllowedError(f"{scope['path']} does not answer {scope['method']}.")
        raise EndpointNotFoundError(f"No route {scope['method']} {scope['path'][:200]}.")

    def _fixed(self, version: str, info: ServerInfo) -> dict[str, dict[str, Handler]]:
        """Answers that need no store but for one: bulk reads of metrics, in bytes."""
        said = msgspec.json.encode(info)

        async def health(
            _scope: Scope, _receive: Receive, send: Send, _named: Mapping[str, str]
        ) -> None:
            await reply(send, 200, b"OK", b"text/plain; charset=utf-8")

        async def tell_version(
            _scope: Scope, _receive: Receive, send: Send, _named: Mapping[str, str]
        ) -> None:
            await reply(send, 200, version.encode(), b"text/html; charset=utf-8")

        async def server_info(
            _scope: Scope, _receive: Receive, send: Send, _named: Mapping[str, str]
        ) -> None:
            await reply(send, 200, said)

        async def metrics(
            _scope: Scope, _receive: Receive, send: Send, _named: Mapping[str, str]
        ) -> None:
            await reply(send, 200, self._telemetry.page(), self._telemetry.content_type)

        simple: dict[str, Handler] = {
            "/health": health,
            "/version": tell_version,
            "/metrics": metrics,
        }
        for surface in ("api", "ajax-api"):
            simple[f"/{surface}/3.0/mlflow/server-info"] = server_info
            simple[f"/{surface}/2.0/headrace/metrics/columns"] = self._metric_columns
        return {path: {"GET": handler} for path, handler in simple.items()}

    async def _metric_columns(
        self, scope: Scope, _receive: Receive, send: Send, _named: Mapping[str, str]
    ) -> None:
        query = parse_qs(scope["query_string"].decode("ascii", "replace"))
        try:
            run_id, key = query["run_id"][-1], query["metric_key"][-1]
        except KeyError as error:
            raise InvalidValueError(
                f"Missing value for required parameter {error}. See the API docs for more information "
                "about request parameters."
            ) from error
        body = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._store.get_metric_columns, run_id, key
        )
        await reply(send, 200, body, b"application/octet-stream")

    @asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        stop = threading.Event()
        keep_leases(self._store, stop)
        keep_delivering(self._store, stop)
        yield
        stop.set()
        self._threads.shutdown()
        self._store.close()


class _Sent:
    """The way out, which remembers how far an answer has got."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    async def refusal(self, error: HeadraceError) -> None:
        """Answer with an error, unless an answer has begun: then the connection just breaks off."""
        if self.status:
            raise error
        await refuse(self, error)


def _named_route(path: str, verbs: Mapping[str, Handler]) -> Route:
    """A route whose path has names in it, e.g. ``/logged-models/{model_id}``."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        await verbs[scope["method"]](scope, receive, send, scope["path_params"])

    route = Route(path, _Endpoint(endpoint), methods=list(verbs))
    route.methods = set(verbs)  # Starlette adds HEAD to GET, which no operation answers
    return route


class _Endpoint:
    """An ASGI application that Starlette does not take for a function of a request."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
