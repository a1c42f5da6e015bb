"""The line of a model: what waits together is predicted together, and nobody pays for another."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from headrace.errors import RequestLimitError
from headrace.serve.batching import Line


def run(answers: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives, on a thread of its own: another test's browser may keep a loop running here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answers).result()


def _line(predict: Callable[[Any], Any], most_waiting: int = 100) -> Line:
    return Line(predict, np.concatenate, most_waiting)


def test_rows_that_wait_together_are_predicted_together_and_come_back_apart() -> None:
    sizes: list[int] = []

    def predict(rows: Any) -> Any:
        sizes.append(len(rows))
        return rows[:, 0] * 2

    async def ask() -> list[Any]:
        line = _line(predict)
        given = [np.full((count, 2), float(count)) for count in (1, 3, 2)]
        return await asyncio.gather(*(line.predicted(rows) for rows in given))

    found = run(ask())
    assert [one.tolist() for one in found] == [[2.0], [6.0] * 3, [4.0] * 2]
    assert sizes == [6]


def test_one_bad_row_fails_alone() -> None:
    def predict(rows: Any) -> Any:
        if (rows < 0).any():
            raise ValueError("negative")
        return rows[:, 0]

    async def ask() -> list[Any]:
        line = _line(predict)
        given = [np.array([[value]]) for value in (1.0, -1.0, 2.0)]
        return await asyncio.gather(*(line.predicted(r) for r in given), return_exceptions=True)

    good, bad, also_good = run(ask())
    assert (good.tolist(), also_good.tolist()) == ([1.0], [2.0])
    assert str(bad) == "negative"


def test_a_model_that_sums_its_rows_up_is_asked_for_each_request() -> None:
    async def ask() -> list[Any]:
        line = _line(lambda rows: [rows.sum()])
        return await asyncio.gather(*(line.predicted(np.array([[v], [v]])) for v in (1.0, 2.0)))

    assert run(ask()) == [[2.0], [4.0]]


def test_more_than_may_wait_are_sent_away_and_the_others_answered() -> None:
    async def ask() -> list[Any]:
        line = _line(lambda rows: rows[:, 0], most_waiting=2)
        given = [line.predicted(np.array([[float(n)]])) for n in range(3)]
        return await asyncio.gather(*given, return_exceptions=True)

    first, second, third = run(ask())
    assert (first.tolist(), second.tolist()) == ([0.0], [1.0])
    assert isinstance(third, RequestLimitError)


def test_a_request_given_up_while_it_waits_is_not_predicted() -> None:
    begun, go, asked = threading.Event(), threading.Event(), []

    def slow() -> str:
        begun.set()
        assert go.wait(20)
        return "slow"

    async def ask() -> tuple[str, str]:
        line = _line(lambda rows: rows)
        first = asyncio.create_task(line.asked(slow))
        await asyncio.to_thread(begun.wait, 20)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await line.asked(lambda: asked.append("given up"))
        last = asyncio.create_task(line.asked(lambda: "last"))
        go.set()
        return await first, await last

    assert run(ask()) == ("slow", "last")
    assert asked == []
