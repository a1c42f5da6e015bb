"""How a program ends: what it leaves with, and that it is told to stop."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from headrace.entities import RunStatus

HowItEnded = tuple[RunStatus, str | None]
"""The status of a run, and why it is not FINISHED."""

_LONGEST_REASON = 1_000

_left_with: list[SystemExit] = []
_watched: list[Callable[[HowItEnded], None]] = []
_plain_exit = sys.exit


def of(error: BaseException | None) -> HowItEnded:
    """How a run ended that ``error`` left; a program that exits without complaint has finished."""
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return "FINISHED", None
    reason = traceback.format_exception_only(error)[-1].strip()[:_LONGEST_REASON]
    return "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED", reason


def of_program() -> HowItEnded:
    """How the program ended, asked when it does: by an exception, by `sys.exit`, or by itself."""
    error = getattr(sys, "last_value", None)
    return of(error if error is not None else next(iter(_left_with), None))


def watch(end_all: Callable[[HowItEnded], None]) -> None:
    """Notice `sys.exit` and SIGTERM from now on; the latter calls ``end_all`` before it ends the process.

    A program, or a library, that handles SIGTERM itself is left alone.
    """
    _left_with.clear()  # one that was caught was not the end
    if _watched:
        return
    _watched.append(end_all)
    sys.exit = _exit
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminated)


def _exit(status: Any = None, /) -> NoReturn:
    """Exit the interpreter by raising SystemExit(status)."""
    try:
        _plain_exit(status)
    except SystemExit as error:
        _left_with[:] = [error.with_traceback(None)]
        raise


def _terminated(number: int, _frame: FrameType | None) -> None:
    try:
        for end_all in _watched:
            end_all(("KILLED", "The process was told to stop (SIGTERM)."))
    finally:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
