"""Small work beside the training: one thread does it in order, and nobody waits for it without a bound."""

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable

_log = logging.getLogger(__name__)

LATER_S = 0.3

BOUND_S = 5.0
"""How long the end of a run, and of the program, waits for what is still to be done."""


class Chores:
    """Does what it is given, one after the other. A chore that fails is told, and the next one is done.

    It begins a moment later, or when someone waits for it, so that the start of a training and many
    short runs are left alone. The thread is a daemon: a program ends although a chore hangs, after
    `BOUND_S` at the latest.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start anew, as in a forked child, which has no such thread; its parent does what was given to it."""
        self._changed = threading.Condition()
        self._waiting: deque[tuple[float, str, Callable[[], object]]] = deque()
        self._given = self._done = self._wanted = 0
        self._thread: threading.Thread | None = None
        self._told: set[str] = set()

    def add(self, what: str, act: Callable[[], object], after_s: float = LATER_S) -> int:
        """Do it soon; the answer is its number. ``what`` names it in the warning if it fails."""
        with self._changed:
            self._waiting.append((time.monotonic() + after_s, what, act))
            self._given += 1
            if self._thread is None and not self._start():
                self._do(*self._waiting.popleft()[1:])
            elif len(self._waiting) == 1:
                self._changed.notify_all()
            return self._given

    def wait(self, number: int | None = None, bound_s: float = BOUND_S) -> bool:
        """Return when the chore of this number and all before it are done, or after the bound: whether they are."""
        with self._changed:
            goal = self._given if number is None else number
            if goal > max(self._done, self._wanted) and bound_s > 0:
                self._wanted = goal
                self._changed.notify_all()
            return self._changed.wait_for(lambda: self._done >= goal, bound_s)

    def _work(self) -> None:
        while True:
            self._do(*self._next())

    def _start(self) -> bool:
        """Have a thread; whether there is one. A program that is ending gets none any more."""
        thread = threading.Thread(target=self._work, name="headrace-chores", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return False
        self._thread = thread
        return True

    def _do(self, what: str, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  (as in the writer's thread: training goes on, whatever it is)
            self._tell(what, error)
        with self._changed:
            self._done += 1
            self._changed.notify_all()

    def _next(self) -> tuple[str, Callable[[], object]]:
        with self._changed:
            while True:
                pause = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if pause is not None and (pause <= 0 or self._done < self._wanted):
                    _, what, act = self._waiting.popleft()
                    return what, act
                self._changed.wait(pause)

    def _tell(self, what: str, error: Exception) -> None:
        if what not in self._told:
            self._told.add(what)
            _log.warning("%s could not be recorded: %s", what, error)


chores = Chores()
atexit.register(chores.wait)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=chores.forget)
