"""Small work beside the training: one thread does it in order, and nobody waits for it without a bound."""

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable

from headrace.errors import HeadraceError

_log = logging.getLogger(__name__)

BOUND_S = 5.0
"""How long the end of a run, and of the program, waits for what is still to be done."""


class Chores:
    """Does what it is given, one after the other. A chore that fails is told, and the next one is done.

    The thread is a daemon: a program ends although a chore hangs, after `BOUND_S` at the latest.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start anew, as in a forked child, which has no such thread; its parent does what was given to it."""
        self._changed = threading.Condition()
        self._waiting: deque[tuple[str, Callable[[], object]]] = deque()
        self._given = self._done = 0
        self._thread: threading.Thread | None = None
        self._told: set[str] = set()

    def add(self, what: str, act: Callable[[], object]) -> int:
        """Do it soon; the answer is its number. ``what`` names it in the warning if it fails."""
        with self._changed:
            self._waiting.append((what, act))
            self._given += 1
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="headrace-chores", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()
            return self._given

    def wait(self, number: int | None = None, bound_s: float = BOUND_S) -> bool:
        """Return when the chore of this number and all before it are done, or after the bound: whether they are."""
        with self._changed:
            goal = self._given if number is None else number
            return self._changed.wait_for(lambda: self._done >= goal, bound_s)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                what, act = self._waiting.popleft()
            try:
                act()
            except (HeadraceError, OSError, ValueError) as error:
                self._tell(what, error)
            finally:
                with self._changed:
                    self._done += 1
                    self._changed.notify_all()

    def _tell(self, what: str, error: Exception) -> None:
        if what not in self._told:
            self._told.add(what)
            _log.warning("%s could not be recorded: %s", what, error)


chores = Chores()
atexit.register(chores.wait)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=chores.forget)
