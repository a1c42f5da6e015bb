import os
import threading

import pytest

from headrace.client.chores import Chores


@pytest.fixture
def chores() -> Chores:
    return Chores()


def test_they_are_done_in_order_when_someone_waits(chores: Chores) -> None:
    done: list[int] = []
    for i in range(10):
        chores.add("something", lambda i=i: done.append(i))
    assert chores.wait()
    assert done == list(range(10))


def test_they_are_done_although_nobody_waits(chores: Chores) -> None:
    done = threading.Event()
    chores.add("something", done.set)
    assert done.wait(30)


def test_one_that_hangs_holds_nobody_up_for_longer_than_the_bound(chores: Chores) -> None:
    go_on = threading.Event()
    first = chores.add("a file", go_on.wait)
    second = chores.add("another", lambda: None)
    assert not chores.wait(first, bound_s=0.01)
    go_on.set()
    assert chores.wait(second)


def test_one_that_fails_is_told_once_and_the_next_one_is_done(chores: Chores, caplog) -> None:
    def fail() -> None:
        raise OSError("no space")

    for _ in range(3):
        chores.add("The environment", fail)
    done = threading.Event()
    chores.add("something", done.set)
    assert chores.wait()
    assert done.is_set()
    (record,) = caplog.records
    assert record.getMessage() == "The environment could not be recorded: no space"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_does_its_own_and_not_its_parents(chores: Chores) -> None:
    go_on = threading.Event()
    chores.add("a file", go_on.wait)
    pid = os.fork()
    if pid == 0:
        chores.forget()
        chores.add("something", lambda: None)
        os._exit(not chores.wait())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    go_on.set()
    assert chores.wait()


def test_a_fault_of_ours_stops_neither_the_program_nor_the_next_chore(
    chores: Chores, caplog
) -> None:
    chores.add("The code", lambda: {}["missing"])
    done = threading.Event()
    chores.add("something", done.set)
    assert chores.wait()
    assert done.is_set()
    assert "The code could not be recorded" in caplog.text


def test_a_program_that_is_ending_does_them_at_once(chores: Chores, monkeypatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done: list[int] = []
    chores.add("something", lambda: done.append(1))
    assert done == [1]
    assert chores.wait()
