"""Locks on files: they say which journals have an owner. They go with the process, however it goes."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    _FAR = 2**62  # what is locked cannot be read by others, so it is a byte that nobody reads

    def _lock(fd: int) -> None:
        at = os.lseek(fd, 0, os.SEEK_CUR)
        try:
            os.lseek(fd, _FAR, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(fd, at, os.SEEK_SET)

else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def taken(fd: int) -> bool:
    """Take the lock of an open file until it is closed; false if another process has it.

    `OSError` where the file system knows no locks.
    """
    try:
        _lock(fd)
    except (BlockingIOError, PermissionError):
        return False
    return True


@contextmanager
def alone(path: Path, patience_s: float) -> Iterator[bool]:
    """Hold the lock of a file for the block, once others have let go; false if they have not."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        waited, pause = 0.0, 0.002
        while not (mine := taken(fd)) and waited < patience_s:
            time.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, 0.1)
        yield mine
    finally:
        os.close(fd)
