"""Reads that take longer than they may are ended in the database, so that one question stops no server."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from headrace.errors import TooSlowError

log = logging.getLogger(__name__)

_LOOKS = 8
"""How often a read is looked after in the time that it has, though not more than once a second."""


@dataclass
class _Read:
    """A read that goes on."""

    driver: Any
    end: float
    expired: bool = False
    over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while the statement is cancelled: the connection must not have another user by then."""


class Deadlines:
    """The time that each read of one database has; ``None`` seconds are as many as it takes."""

    def __init__(
        self, seconds: float | None, cancel: Callable[[Any], None], errors: type[Exception]
    ) -> None:
        """``cancel`` ends the statement that a driver's connection runs, from another thread.

        ``errors`` are those that the driver raises.
        """
        self._seconds, self._cancel, self._errors = seconds, cancel, errors
        self._reads: dict[int, _Read] = {}
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None
        self._starting = threading.Lock()

    @contextmanager
    def over(self, connection: Connection) -> Iterator[None]:
        """A block that reads; `TooSlowError` if its time is up before it is through."""
        if self._seconds is None:
            yield
            return
        self._watch()
        driver = connection.connection.driver_connection
        read = _Read(driver, monotonic() + self._seconds)
        self._reads[id(read)] = read
        try:
            yield
        except (SQLAlchemyError, self._errors) as error:
            if read.expired:
                raise TooSlowError(
                    f"The answer was not found within {self._seconds:g} s, the most that a question may "
                    "take here. Ask for less: fewer comparisons, a narrower filter, a smaller page."
                ) from error
            raise
        finally:
            del self._reads[id(read)]
            with read.lock:
                read.over = True
            if read.expired:  # a cancellation may still be on its way to it
                connection.invalidate()

    def close(self) -> None:
        """Stop looking."""
        self._closed.set()

    def _watch(self) -> None:
        if self._watcher is None:
            with self._starting:
                if self._watcher is None:
                    self._watcher = threading.Thread(
                        target=self._look, name="headrace-deadlines", daemon=True
                    )
                    self._watcher.start()

    def _look(self) -> None:
        pause_s = min(1.0, (self._seconds or 0) / _LOOKS)
        while not self._closed.wait(pause_s):
            now = monotonic()
            for read in list(self._reads.values()):
                if read.end <= now:
                    self._end(read)

    def _end(self, read: _Read) -> None:
        """Cancel what it runs now; it is called again for the statements that may follow."""
        with read.lock:
            if read.over:
                return
            read.expired = True
            try:
                self._cancel(read.driver)
            except (SQLAlchemyError, self._errors) as error:
                log.warning("A statement that takes too long could not be cancelled: %s", error)
