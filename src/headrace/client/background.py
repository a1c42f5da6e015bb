"""Logging that does not wait: a thread that does it, and what its caller can wait for."""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Protocol

from headrace.errors import HeadraceError

_log = logging.getLogger(__name__)


class Outcome(Protocol):
    """What can be waited for."""

    def result(self) -> Any:
        """Return when it is done, or raise what it raised."""
        ...


class RunOperations:
    """Writes that were handed over."""

    def __init__(self, operation_futures: Sequence[Outcome]) -> None:
        self._futures = list(operation_futures)

    def wait(self) -> None:
        """Return when all are done; raise what the first that failed raised."""
        for future in self._futures:
            future.result()


class Background:
    """One thread, so that what is handed over is done in that order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._open: set[Future[Any]] = set()

    def submit(self, call: Callable[..., object], *args: Any) -> RunOperations:
        """Do it soon; what it raises is raised by ``wait()`` of the answer, and logged."""
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, thread_name_prefix="headrace-log")
            future = self._executor.submit(call, *args)
            self._open.add(future)
        future.add_done_callback(self._done)
        return RunOperations([future])

    def flush(self) -> None:
        """Return when all that was handed over is done, be it with an error."""
        with self._lock:
            waiting = list(self._open)
        wait(waiting)

    def _done(self, future: Future[Any]) -> None:
        with self._lock:
            self._open.discard(future)
        error = future.exception()
        if isinstance(error, HeadraceError):
            _log.warning("An asynchronous write failed: %s", error)

    def forget(self) -> None:
        """Start anew in a forked child, which has no such thread."""
        self._lock = threading.Lock()
        self._executor = None
        self._open = set()


background = Background()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=background.forget)
