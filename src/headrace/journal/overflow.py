"""What a journal does when its file takes nothing more: wait in memory for a while, then count."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from headrace.clock import now_ms
from headrace.journal.files import AppendedFile
from headrace.wire import journal as wire

_log = logging.getLogger(__name__)

MOST_WAITING = 16 * 2**20
"""Bytes that wait in memory; of what comes on top only the number is kept."""
_PAUSE_S = 1.0


class Overflow:
    """The way into a journal's file, also while the disk is full or cannot be written.

    Nothing here raises `OSError`. What waits is written in its order as soon as there is room.
    """

    def __init__(self, make: Callable[[], AppendedFile], *, late: bool = False) -> None:
        """``late`` makes the file when the first record comes."""
        self._make, self._late = make, late
        self._lock = threading.RLock()
        self._real: AppendedFile | None = None
        self._waiting: deque[tuple[bytes, int]] = deque()
        self._bytes = self._dropped = 0
        self._next_try = 0.0
        self._warned = False
        self.file: AppendedFile = _Blocked()
        """Where records go; its `write` refuses all while something waits, so that order is kept."""
        if not late:
            self._try([])

    @property
    def path(self) -> Path | None:
        """The file, once there is one."""
        return None if self._real is None else self._real.path

    def write(self, data: bytes, values: int) -> None:
        """Append, now or later; ``values`` are what is lost if it never can be, 0 for what must stay."""
        with self._lock:
            if self._waiting or self._dropped:
                self._hold(data, values)
                self.retry()
            elif not self._try([data]):
                self._hold(data, values)

    def retry(self) -> None:
        """Write what waits, if there is room by now."""
        with self._lock:
            if not (self._waiting or self._dropped) or time.monotonic() < self._next_try:
                return
            while self._waiting:
                if not self._try([self._waiting[0][0]]):
                    return
                self._bytes -= len(self._waiting.popleft()[0])
            if self._try(self._told_dropped()):
                self._dropped = 0
                self.file = self._real or self.file

    def finish(self, last: bytes) -> None:
        """Write what waits and the last words, for which there is a reserve, and close the file."""
        with self._lock:
            if self._real is None and self._late and not self._waiting:
                return  # nothing was ever written
            self._next_try = 0.0
            self.retry()
            self._dropped += sum(values for _, values in self._waiting)
            self._waiting.clear()
            whole = self._try([*self._told_dropped(), last], last=True)
            if not whole or self._dropped:
                _log.error(
                    "%d logged values were not kept: there was no room for them.%s",
                    self._dropped,
                    "" if whole else " The end of the run could not be written, either.",
                )
            if self._real is not None:
                self._real.close()
                self.file = self._real

    def _try(self, records: list[bytes], *, last: bool = False) -> bool:
        try:
            if self._real is None:
                self._real = self._make()
            self._real.write_more(b"".join(records), last=last)
        except OSError as error:
            self._next_try = time.monotonic() + _PAUSE_S
            self.file = _Blocked()
            self._warn(error)
            return False
        if not (self._waiting or self._dropped):
            self.file = self._real
        return True

    def _hold(self, data: bytes, values: int) -> None:
        if values and self._bytes + len(data) > MOST_WAITING:
            self._dropped += values
            return
        self._waiting.append((data, values))
        self._bytes += len(data)

    def _told_dropped(self) -> list[bytes]:
        if not self._dropped:
            return []
        return [wire.record(wire.DROPPED, now_ms(), wire.Dropped(self._dropped))]

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            _log.warning(
                "What is logged cannot be written to the disk now: %s. Training goes on; up to %d MiB "
                "wait in memory and are written when there is room, further values are only counted.",
                error,
                MOST_WAITING // 2**20,
            )


class _Blocked:
    """A file that takes nothing."""

    def __init__(self) -> None:
        self.path = Path()
        self.write: Callable[[bytes], object] = _refuse

    def write_more(self, data: bytes, *, last: bool = False) -> None:  # noqa: ARG002
        raise OSError("There is no file.")

    def size(self) -> int:
        return 0

    def sync(self) -> None:
        """There is nothing."""

    def close(self) -> None:
        """There is nothing."""

    def abandon(self) -> None:
        """There is nothing."""

    def fileno(self) -> int:
        return -1


def _refuse(_data: bytes) -> object:
    raise ValueError("There is no room.")
