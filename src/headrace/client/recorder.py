"""Where logged values go: the seam between the calls of a training loop and the store.

A `Recorder` takes what a run logs. The one here writes through to the store at once.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from headrace.entities import Metric, Param, RunTag
from headrace.errors import (
    HeadraceError,
    InternalError,
    PermissionDeniedError,
    RequestLimitError,
    StorageFullError,
    UnauthenticatedError,
    UnavailableError,
)
from headrace.stores.base import TrackingStore
from headrace.wire.limits import MAX_BATCH, MAX_PARAMS, MAX_TAGS, check
from headrace.wire.tracking import LogBatch

_log = logging.getLogger(__name__)

AWAY: tuple[type[Exception], ...] = (
    UnavailableError,
    StorageFullError,
    RequestLimitError,
    UnauthenticatedError,
    PermissionDeniedError,
)
"""What the world does to a store; nothing that the caller did wrong."""
_LATER: tuple[type[Exception], ...] = (*AWAY, OSError)
_TROUBLE: tuple[type[Exception], ...] = (*_LATER, InternalError)

MAX_WAITING = 200_000
_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 300.0


class Recorder(Protocol):
    """Takes what runs log.

    Safe to share between threads. A value that no store would keep is refused at the call
    (`InvalidValueError`). That the store is away or full never is: the values wait, the user gets one
    warning, and memory use is bounded.
    """

    def log(self, batch: LogBatch) -> None:
        """Take metrics, params and tags of one run."""
        ...

    def flush(self, *, final: bool = False) -> None:
        """Hand over what waits; with ``final``, say what could not be handed over."""
        ...


class StoreRecorder:
    """Writes each batch through to the store."""

    def __init__(
        self, store: TrackingStore, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.RLock()
        self._waiting: deque[LogBatch] = deque()
        self._count = self._lost = 0
        self._pause_s, self._next_try = _FIRST_PAUSE_S, 0.0

    def log(self, batch: LogBatch) -> None:
        check(batch)
        if self._waiting:
            with self._lock:
                if self._waiting and not self._catch_up():
                    self._keep(batch)
                    return
        try:
            self._store.log_batch(batch)
        except _TROUBLE as error:
            with self._lock:
                self._warn(error)
                self._keep(batch)

    def flush(self, *, final: bool = False) -> None:
        with self._lock:
            self._next_try = 0.0
            self._catch_up()
            if final and self._count + self._lost:
                _log.error(
                    "%d logged values were not stored: the store did not take them.",
                    self._count + self._lost,
                )
                self._lost = 0

    def _catch_up(self) -> bool:
        """Write what waits, oldest first; whether nothing waits any more."""
        if self._clock() < self._next_try:
            return False
        while self._waiting:
            batch = self._waiting[0]
            try:
                self._store.log_batch(batch)
            except _LATER:
                self._pause()
                return False
            except HeadraceError as error:
                # One that the store cannot take, now or ever, must not hold up the rest.
                _log.warning("Logged values of run %s were refused: %s", batch.run_id, error)
                self._lost += _size(batch)
            self._waiting.popleft()
            self._count -= _size(batch)
        self._pause_s = _FIRST_PAUSE_S
        return True

    def _keep(self, batch: LogBatch) -> None:
        if self._count + _size(batch) > MAX_WAITING:
            self._lost += _size(batch)
            return
        self._waiting.append(batch)
        self._count += _size(batch)

    def _warn(self, error: Exception) -> None:
        _log.warning(
            "The store cannot be written now: %s Training goes on; up to %d logged values wait in "
            "memory and are sent when it is back.",
            error,
            MAX_WAITING,
        )
        self._pause()

    def _pause(self) -> None:
        self._next_try = self._clock() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)


def batches(
    run_id: str,
    metrics: Sequence[Metric] = (),
    params: Sequence[Param] = (),
    tags: Sequence[RunTag] = (),
) -> Iterator[LogBatch]:
    """Any number of values as batches of the size that a store takes."""
    metric, param, tag = 0, 0, 0
    while True:
        some_params = list(params[param : param + MAX_PARAMS])
        some_tags = list(tags[tag : tag + MAX_TAGS])
        room = MAX_BATCH - len(some_params) - len(some_tags)
        some_metrics = list(metrics[metric : metric + room])
        yield LogBatch(run_id, some_metrics, some_params, some_tags)
        param, tag, metric = param + MAX_PARAMS, tag + MAX_TAGS, metric + room
        if metric >= len(metrics) and param >= len(params) and tag >= len(tags):
            return


def _size(batch: LogBatch) -> int:
    return len(batch.metrics) + len(batch.params) + len(batch.tags)
