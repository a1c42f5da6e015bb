"""Every row of the operations table as a handler: decode, call the store, encode."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.types import Receive, Scope, Send

from headrace.errors import InvalidValueError, UnavailableError
from headrace.server.replies import header, reply, whole_body
from headrace.stores.base import Done, QueueingStore
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
    mailbox = _Mailbox()
    found: dict[str, dict[str, Handler]] = {}
    for operation in table:
        handler = _handler(operation, store, threads, mailbox)
        for url in operation.urls:
            for verb in operation.verbs:
                found.setdefault(url, {})[verb] = handler
    return found


def _handler(
    operation: Operation[Any, Any], store: object, threads: ThreadPoolExecutor, mailbox: "_Mailbox"
) -> Handler:
    act = getattr(store, operation.method)
    submit = store.submit if isinstance(store, QueueingStore) else _never_queued

    async def handle(scope: Scope, receive: Receive, send: Send, named: Mapping[str, str]) -> None:
        question = await _question(operation, scope, receive, named)
        loop = asyncio.get_running_loop()
        future, done = mailbox.slot(loop)
        if submit(operation.method, question, done):
            mailbox.watch(loop, future)
            body = codec.encode(await future)
        else:
            # Large answers take a while to write as JSON: that is done on the thread, too.
            answered = loop.run_in_executor(threads, lambda: codec.encode(act(question)))
            try:
                body = await asyncio.wait_for(answered, _DEADLINE_S)
            except TimeoutError as error:
                raise _too_late() from error
        await reply(send, 200, body)

    return handle


_DEADLINE_S = 60
_SWEEP_S = 1


def _too_late() -> UnavailableError:
    return UnavailableError(f"The store has not answered for {_DEADLINE_S} s; try again later.")


class _Mailbox:
    """Brings the outcomes of queued writes back to the event loop, many with one wake-up.

    What takes too long is given up, looked for now and then: a timer for each write would cost more
    than handing it over.
    """

    def __init__(self) -> None:
        self._arrived: deque[tuple[asyncio.Future[Any], Any, Exception | None]] = deque()
        self._woken = False
        self._waiting: list[tuple[float, asyncio.Future[Any]]] = []
        self._watching = False

    def slot(self, loop: asyncio.AbstractEventLoop) -> tuple[asyncio.Future[Any], Done]:
        """A future of the loop, and what settles it from another thread."""
        future = loop.create_future()

        def done(answer: Any, error: Exception | None) -> None:
            self._arrived.append((future, answer, error))
            if not self._woken:
                self._woken = True
                loop.call_soon_threadsafe(self._deliver)

        return future, done

    def watch(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any]) -> None:
        """Give up waiting for ``future`` when its time is over."""
        self._waiting.append((loop.time() + _DEADLINE_S, future))
        if not self._watching:
            self._watching = True
            loop.call_later(_SWEEP_S, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._waiting = [one for one in self._waiting if not one[1].done()]
        for end, future in self._waiting:
            if end <= now:
                future.set_exception(_too_late())
        self._watching = bool(self._waiting)
        if self._watching:
            loop.call_later(_SWEEP_S, self._sweep, loop)

    def _deliver(self) -> None:
        self._woken = False
        while self._arrived:
            future, answer, error = self._arrived.popleft()
            if future.done():  # its request was given up
                continue
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)


def _never_queued(_method: str, _question: Any, _done: Done) -> bool:
    return False


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
