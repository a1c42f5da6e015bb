"""Processes of their own for tests: started from one that has the store loaded, so they cost little."""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

TIMEOUT_S = 120


class DiedError(Exception):
    """A process ended without an answer."""


def together(act: Callable[..., Any], *given: Sequence[Any]) -> list[Any]:
    """Call ``act`` once with each of the arguments, in as many processes, let go at the same moment.

    An answer may be an exception that the call raised, or `DiedError`. ``act`` is a function of a module
    that can be imported by its name.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["headrace.stores.sql", "headrace.stores.sql.migrations"])
    barrier = context.Barrier(len(given))
    started = []
    for arguments in given:
        ours, theirs = context.Pipe()
        process = context.Process(target=_run, args=(act, arguments, barrier, theirs), daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    answers = [_answer(ours) for _, ours in started]
    for process, ours in started:
        process.join(TIMEOUT_S)
        process.kill()
        ours.close()
    return answers


def alone(act: Callable[..., Any], *arguments: Any) -> Any:
    """Call ``act`` in a process of its own."""
    return together(act, arguments)[0]


def _answer(ours: Connection) -> Any:
    try:
        return ours.recv() if ours.poll(TIMEOUT_S) else DiedError("no answer in time")
    except (EOFError, ConnectionResetError):
        return DiedError("killed")


def _run(
    act: Callable[..., Any], arguments: Sequence[Any], barrier: Any, theirs: Connection
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    barrier.wait(TIMEOUT_S)
    try:
        answer = act(*arguments)
    except Exception as error:  # noqa: BLE001  (whatever it is, the test is told)
        answer = error
    theirs.send(answer)
