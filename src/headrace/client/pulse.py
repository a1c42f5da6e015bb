"""Looks at things now and then: one thread that calls what it is given, each at its own interval."""

import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_log = logging.getLogger(__name__)


class Beat:
    """Something that is called now and then, until `stop`, or until it fails, which is told."""

    def __init__(self, interval_s: float, act: Callable[[], object]) -> None:
        self.interval_s, self.act = interval_s, act
        self._lock = threading.Lock()
        self._stopped = False

    def stop(self) -> None:
        """Never call it again; one call that is under way is waited for, a second at most."""
        self._stopped = True
        if self._lock.acquire(timeout=1):
            self._lock.release()

    def beat(self) -> bool:
        """Call it; whether it goes on."""
        with self._lock:
            if self._stopped:
                return False
            try:
                self.act()
            except Exception as error:  # noqa: BLE001  (as in the writer's thread: training goes on, whatever it is)
                self._stopped = True
                _log.warning("What a run records of itself is incomplete: %s", error)
        return not self._stopped


class Pulse:
    """One daemon thread for all beats, so each must be quick: what may take long is a chore."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start anew, as in a forked child, which has no such thread."""
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Beat]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def every(
        self, interval_s: float, act: Callable[[], object], *, first_s: float | None = None
    ) -> Beat:
        """Call ``act`` at this interval, for the first time after ``first_s``."""
        beat = Beat(interval_s, act)
        due = time.monotonic() + (interval_s if first_s is None else first_s)
        with self._changed:
            heapq.heappush(self._due, (due, next(self._numbers), beat))
            if self._thread is None:
                self._start()
            elif self._due[0][2] is beat:
                self._changed.notify_all()
        return beat

    def _start(self) -> None:
        thread = threading.Thread(target=self._go, name="headrace-pulse", daemon=True)
        with suppress(RuntimeError):  # a program that is ending gets no thread any more
            thread.start()
            self._thread = thread

    def _go(self) -> None:
        while True:
            beat = self._next()
            if beat.beat():
                with self._changed:
                    due = time.monotonic() + beat.interval_s
                    heapq.heappush(self._due, (due, next(self._numbers), beat))

    def _next(self) -> Beat:
        """The one that is due, when it is."""
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)


pulse = Pulse()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pulse.forget)
