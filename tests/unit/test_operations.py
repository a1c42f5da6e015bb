"""A write that the store does not answer is given up, and its client told so."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from headrace.errors import UnavailableError
from headrace.server import operations
from headrace.stores.base import Done
from headrace.wire.operations import BY_METHOD
from headrace.wire.tracking import Nothing


class Silent:
    """Takes every write, and says when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Done] = []

    def submit(self, _method: str, _question: Any, done: Done) -> bool:
        self.waiting.append(done)
        return True

    def set_tag(self, _question: Any) -> Nothing:
        raise AssertionError("a write is submitted")


async def ask(handler: operations.Handler, sent: list[Any]) -> None:
    async def receive() -> dict[str, Any]:
        body = {"run_id": "r", "key": "k", "value": "v"}
        return {"type": "http.request", "body": json.dumps(body).encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }  # fmt: skip
    await handler(scope, receive, send, {})


def test_a_write_without_an_answer_is_given_up_and_the_others_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(operations, "_DEADLINE_S", 0.2)
    monkeypatch.setattr(operations, "_SWEEP_S", 0.01)
    store, sent = Silent(), list[Any]()
    operation = BY_METHOD["set_tag"]

    async def both() -> list[BaseException | None]:
        handler = operations.handlers(store, threads, [operation])[operation.urls[0]]["POST"]
        asked = [asyncio.create_task(ask(handler, sent)) for _ in range(2)]
        await asyncio.sleep(0)  # each gets as far as it gets without an answer
        store.waiting[1](Nothing(), None)
        found = await asyncio.gather(*asked, return_exceptions=True)
        store.waiting[0](Nothing(), None)  # too late: nobody is there any more
        await asyncio.sleep(0)
        return found

    # On a thread of its own: the browser's tests leave a loop running on the main one.
    with ThreadPoolExecutor(1) as threads, ThreadPoolExecutor(1) as loops:
        given_up, answered = loops.submit(lambda: asyncio.run(both())).result()
    assert isinstance(given_up, UnavailableError)
    assert "has not answered" in given_up.message
    assert answered is None
    assert [message.get("status") for message in sent] == [200, None]
