"""Every row of the operations table as a handler: decode, call the store, encode."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.types import Receive, Scope, Send

from headrace.errors import InvalidValueError
from headrace.server.replies import header, reply, whole_body
from headrace.stores.base import QueueingStore
from headrace.wire import codec
from headrace.wire.operations import TRACKING, Operation

Handler = Callable[[Scope, Receive, Send, Mapping[str, str]], Awaitable[None]]
_NO_BODY = frozenset(("GET", "HEAD"))


def handlers(
    store: object, threads: ThreadPoolExecutor, table: Sequence[Operation[Any, Any]] = TRACKING
) -> dict[str, dict[str, Handler]]:
    """By path (which may have ``{names}`` in it) and verb, what answers there.

    ``store`` has a method for each row of the table.
    """
    found: dict[str, dict[str, Handler]] = {}
    for operation in table:
        handler = _handler(operation, store, threads)
        for url in operation.urls:
            for verb in operation.verbs:
                found.setdefault(url, {})[verb] = handler
    return found


def _handler(operation: Operation[Any, Any], store: object, threads: ThreadPoolExecutor) -> Handler:
    act = getattr(store, operation.method)
    submit = store.submit if isinstance(store, QueueingStore) else _never_queued

    async def handle(scope: Scope, receive: Receive, send: Send, named: Mapping[str, str]) -> None:
        question = await _question(operation, scope, receive, named)
        future = submit(operation.method, question)
        if future is None:
            loop = asyncio.get_running_loop()
            # Large answers take a while to write as JSON: that is done on the thread, too.
            body = await loop.run_in_executor(threads, lambda: codec.encode(act(question)))
        else:
            body = codec.encode(await asyncio.wrap_future(future))
        await reply(send, 200, body)

    return handle


def _never_queued(_method: str, _question: Any) -> None:
    return None


async def _question(
    operation: Operation[Any, Any], scope: Scope, receive: Receive, named: Mapping[str, str]
) -> Any:
    if scope["method"] in _NO_BODY and scope["query_string"]:
        return codec.decode_query(operation, scope["query_string"], named)
    body = await whole_body(scope, receive)
    if body:
        _check_headers(scope)
    return codec.decode_body(operation, body, named)


def _check_headers(scope: Scope) -> None:
    kind = header(scope, b"content-type")
    if kind is None or not kind.lower().startswith(b"application/json"):
        # Also what keeps a page of another site from sending a plain form.
        shown = "none" if kind is None else kind.decode("latin-1")
        raise InvalidValueError(
            f"Bad Request. Content-Type must be 'application/json'; got {shown}."
        )
    encoding = header(scope, b"content-encoding")
    if encoding not in (None, b"identity"):
        raise InvalidValueError("A request's body must not be compressed (Content-Encoding).")
