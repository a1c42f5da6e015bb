"""Connections are made once for each set of arguments and process."""

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace.artifacts.shared import Shared


def test_threads_that_ask_at_once_get_the_same() -> None:
    made: list[str] = []
    together = threading.Barrier(8)

    def make(name: str) -> object:
        made.append(name)
        return object()

    shared = Shared(make)

    def ask(_: int) -> object:
        together.wait()
        return shared("a")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1
    assert shared("b") is not shared("a")
    assert made == ["a", "b"]


def test_what_is_kept_is_bounded() -> None:
    shared = Shared(lambda n: [n])
    first = shared(0)
    for n in range(1, 100):
        shared(n)
    assert shared(0) is not first
    assert len(shared._known) <= 64


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is nothing to inherit without fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_makes_its_own() -> None:
    shared = Shared(lambda name: {name})
    shared("a").add("of the parent")

    def tell(answer: "multiprocessing.SimpleQueue[int]") -> None:
        answer.put(len(shared("a")))

    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()
    with shared._lock:  # as another thread may hold it at that moment
        child = context.Process(target=tell, args=(answer,))
        child.start()
        assert answer.get() == 1
        child.join()
