"""Requests for one model, in line: rows that wait together are predicted together.

Nothing waits for company. While a prediction runs, requests gather; whatever has gathered is the next
batch. With one client each request is its own batch, with many the batches grow by themselves.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from headrace.errors import RequestLimitError

_MOST_ROWS = 4096
"""Of a batch; a request with more of its own is one alone."""
_INLINE_S = 0.004
"""Predictions that take less than this are made where the requests are read: a thread costs more."""


class Waiting:
    """A request in line: its rows, and where the answer goes."""

    __slots__ = ("answer", "ask", "rows")

    def __init__(self, rows: Any, ask: Callable[[], Any] | None) -> None:
        self.rows, self.ask = rows, ask
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Line:
    """Requests are answered in the order in which they came, one batch after another."""

    def __init__(
        self, predict: Callable[[Any], Any], join: Callable[[list[Any]], Any], most_waiting: int
    ) -> None:
        self._predict, self._join, self._most = predict, join, most_waiting
        self._waiting: deque[Waiting] = deque()
        self._busy = False
        self._usual_s = 1.0  # until it is known better, predictions are slow
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="predict")
        self.batches = self.rows = 0

    async def predicted(self, rows: Any) -> Any:
        """The predictions for some rows, which may be made with those of others."""
        return await self._in_line(Waiting(rows, None))

    async def asked(self, ask: Callable[[], Any]) -> Any:
        """What ``ask`` gives, called alone."""
        return await self._in_line(Waiting(None, ask))

    def close(self) -> None:
        """Predict no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_line(self, one: Waiting) -> Any:
        if len(self._waiting) >= self._most:
            raise RequestLimitError(f"{self._most} requests wait already; try again later.")
        self._waiting.append(one)
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().call_soon(self._next)
        return await one.answer

    def _next(self) -> None:
        batch = self._batch()
        if not batch:
            self._busy = False
            return
        loop = asyncio.get_running_loop()
        if batch[0].ask is None and self._usual_s < _INLINE_S:
            self._settle(batch, self._outcomes(batch))
            loop.call_soon(self._next)
            return
        done = loop.run_in_executor(self._thread, self._outcomes, batch)
        done.add_done_callback(lambda found: self._after(batch, found))

    def _after(self, batch: list[Waiting], found: "asyncio.Future[list[Any]]") -> None:
        if not found.cancelled():
            self._settle(batch, found.result())
            self._next()

    def _batch(self) -> list[Waiting]:
        """The next requests that can be answered together; those given up meanwhile are left out."""
        batch: list[Waiting] = []
        rows = 0
        while self._waiting:
            one = self._waiting[0]
            if one.answer.done():
                self._waiting.popleft()
                continue
            more = 0 if one.rows is None else len(one.rows)
            if batch and (one.rows is None or rows + more > _MOST_ROWS):
                break
            batch.append(self._waiting.popleft())
            rows += more
            if one.rows is None:
                break
        return batch

    def _outcomes(self, batch: list[Waiting]) -> list[Any]:
        """An answer or an error for each of the batch."""
        began = time.perf_counter()
        try:
            return self._together(batch)
        except Exception as error:  # noqa: BLE001  (whatever a model raises belongs to the request that met it)
            if len(batch) == 1:
                return [error]
            # One of them is at fault, and the others shall not pay for it.
            return [self._outcomes([one])[0] for one in batch]
        finally:
            if batch[0].ask is None:
                self._usual_s = 0.8 * min(self._usual_s, 0.1) + 0.2 * (time.perf_counter() - began)

    def _together(self, batch: list[Waiting]) -> list[Any]:
        first = batch[0]
        self.batches += 1
        if first.ask is not None:
            return [first.ask()]
        sizes = [len(one.rows) for one in batch]
        self.rows += sum(sizes)
        rows = first.rows if len(batch) == 1 else self._join([one.rows for one in batch])
        predictions = self._predict(rows)
        if len(batch) == 1:
            return [predictions]
        if len(predictions) != sum(sizes):
            raise ValueError("The model does not give one prediction a row.")
        found, at = [], 0
        for size in sizes:
            found.append(predictions[at : at + size])
            at += size
        return found

    def _settle(self, batch: list[Waiting], outcomes: list[Any]) -> None:
        for one, outcome in zip(batch, outcomes, strict=True):
            if one.answer.done():
                continue
            if isinstance(outcome, Exception):
                one.answer.set_exception(outcome)
            else:
                one.answer.set_result(outcome)
