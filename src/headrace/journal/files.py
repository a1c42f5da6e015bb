"""A file that is only ever appended to: through a memory map on local disks, else by plain writes."""

import mmap
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from headrace.wire.journal import SLOT, length_at

RESERVE = 4096
"""Bytes behind all others that are kept for a run's last words on a disk that is full."""

_SMALLEST, _LARGEST = 2**16, 2**21
_MAPPABLE = frozenset(
    {"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"}
)


class AppendedFile(Protocol):
    """Takes bytes one after the other, from any thread.

    What it has taken outlives the process, killed or not. A write that raises has left nothing.
    """

    path: Path
    write: Callable[[bytes], object]
    """Append, in a single step that no signal handler or other thread gets into.

    `ValueError` says that there is no room: `write_more` makes some.
    """

    def write_more(self, data: bytes, *, last: bool = False) -> None:
        """Append, with all that it takes; ``last`` may use the reserve. `OSError` where it cannot be."""
        ...

    def size(self) -> int:
        """How many bytes it has taken."""
        ...

    def sync(self) -> None:
        """Have what was written survive a power cut."""
        ...

    def close(self) -> None:
        """Give back what was allocated and not used. A lock on the file goes with it."""
        ...

    def abandon(self) -> None:
        """Let go of it in a forked child: it stays its parent's."""
        ...

    def fileno(self) -> int:
        """The open file, for its lock."""
        ...


def open_new(path: Path) -> AppendedFile:
    """A new file, of the kind that suits its file system; `OSError` where there can be none."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    fd = os.open(path, flags, 0o644)
    try:
        return MappedFile(path, fd) if maps_well(path.parent) else PlainFile(path, fd)
    except BaseException:
        os.close(fd)
        path.unlink(missing_ok=True)
        raise


class MappedFile:
    """Writes into a map of the file's end; the page cache keeps it when the process dies.

    `mmap.write` copies the bytes and moves the position in one step of the interpreter. All room is
    allocated before it is mapped, so a full disk is an error when the file grows, never a fault later.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self.path, self._fd = path, fd
        self._lock = threading.RLock()
        self._base = self._used = self._allocated = 0
        self._step = _SMALLEST
        self._closed = self._growing = False
        self._late: deque[bytes] = deque()
        self._map = self._grown(0)
        self.write: Callable[[bytes], object] = self._map.write

    def write_more(self, data: bytes, *, last: bool = False) -> None:
        with self._lock:
            if self._closed:
                raise ValueError("The journal is closed.")
            if self._growing:  # a signal handler that came in between: the call below it goes on
                self._late.append(data)
                return
            self._growing = True
            try:
                self._write_growing(data, last=last)
            finally:
                self._growing = False
                while self._late:
                    self.write_more(self._late.popleft())

    def _write_growing(self, data: bytes, *, last: bool) -> None:
        while True:
            try:
                self.write(data)
            except ValueError:
                self._next_window(len(data), last=last)
            else:
                return

    def _next_window(self, needed: int, *, last: bool) -> None:
        """Map what follows. The old map goes first, so that nobody writes there any more."""
        self._leave_window()
        if last and self._used + needed <= self._allocated:
            self._map = self._window(self._allocated)
        else:
            self._map = self._grown(needed)
        self.write = self._map.write

    def _leave_window(self) -> None:
        if not self._map.closed:
            self._used = self._base + self._map.tell()
            self._map.close()
        # Another thread may have written between these two steps.
        while length := length_at(os.pread(self._fd, SLOT, self._used), 0):
            self._used += length

    def _grown(self, needed: int) -> mmap.mmap:
        end = self._used + max(self._step, needed)
        end += -end % mmap.ALLOCATIONGRANULARITY
        more = end + RESERVE - self._allocated
        if more > 0:
            os.posix_fallocate(self._fd, self._allocated, more)
            self._allocated += more
        self._step = min(2 * self._step, _LARGEST)
        return self._window(end)

    def _window(self, end: int) -> mmap.mmap:
        self._base = self._used - self._used % mmap.ALLOCATIONGRANULARITY
        window = mmap.mmap(self._fd, end - self._base, offset=self._base)
        window.seek(self._used - self._base)
        return window

    def size(self) -> int:
        with self._lock:
            return self._used if self._map.closed else self._base + self._map.tell()

    def sync(self) -> None:
        _sync(self._lock, None if self._closed else self._fd)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._leave_window()
            os.ftruncate(self._fd, self._used)
            os.close(self._fd)

    def abandon(self) -> None:
        self._closed = True
        self._map.close()
        os.close(self._fd)

    def fileno(self) -> int:
        return self._fd


class PlainFile:
    """Writes with system calls: on network file systems, and where a file cannot be allocated ahead."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path, self._fd = path, fd
        self._lock = threading.RLock()
        self._size = 0
        self._closed = False
        self.write: Callable[[bytes], object] = self.write_more

    def write_more(self, data: bytes, *, last: bool = False) -> None:  # noqa: ARG002  (no reserve)
        with self._lock:
            if self._closed:
                raise ValueError("The journal is closed.")
            start = done = self._at()
            try:
                while done < start + len(data):
                    os.write(self._fd, data[done - start :])
                    done = self._at()
            finally:
                if self._at() < start + len(data):
                    os.ftruncate(self._fd, start)
                    os.lseek(self._fd, start, os.SEEK_SET)

    def _at(self) -> int:
        return os.lseek(self._fd, 0, os.SEEK_CUR)

    def size(self) -> int:
        with self._lock:
            return self._size if self._closed else self._at()

    def sync(self) -> None:
        _sync(self._lock, None if self._closed else self._fd)

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._size = self._at()
                self._closed = True
                os.close(self._fd)

    def abandon(self) -> None:
        self._closed = True
        os.close(self._fd)

    def fileno(self) -> int:
        return self._fd


def _sync(lock: threading.RLock, fd: int | None) -> None:
    """Wait for the disk without the lock, and without the interpreter's."""
    with lock:
        own = None if fd is None else os.dup(fd)
    if own is not None:
        try:
            os.fsync(own)
        finally:
            os.close(own)


def maps_well(folder: Path) -> bool:
    """Whether files there can be allocated ahead and mapped: on local disks of Linux."""
    if not hasattr(os, "posix_fallocate"):
        return False
    return _file_system(folder.stat().st_dev, str(folder.resolve())) in _MAPPABLE


def _file_system(device: int, path: str) -> str | None:
    """The kind of file system that holds a path, as the kernel lists it."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as listed:  # noqa: PTH123
            mounts = [line.split(" ") for line in listed]
    except OSError:
        return None
    number = f"{os.major(device)}:{os.minor(device)}"
    exact = [fields for fields in mounts if fields[2] == number]
    # Some give each folder a device number of its own; then the longest mount point above it counts.
    above = exact or [f for f in mounts if path == f[4] or path.startswith(f[4].rstrip("/") + "/")]
    chosen = max(above, key=lambda fields: len(fields[4]), default=None)
    return None if chosen is None else chosen[chosen.index("-") + 1]
