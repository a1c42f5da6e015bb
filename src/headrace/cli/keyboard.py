"""Keys as they are pressed, where a terminal can tell them."""

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from headrace import plugins

_HAS_TERMIOS = find_spec("termios") is not None
_ARROWS = {b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[C": "right", b"\x1b[D": "left"}

NextKey = Callable[[float], str | None]
"""Waits so many seconds for a key; ``None`` if none was pressed."""


@contextmanager
def keys() -> Iterator[NextKey]:
    """Keys of standard input, without an Enter after each; where there are none, only the waiting."""
    if not (_HAS_TERMIOS and sys.stdin.isatty()):
        yield _only_wait
        return
    termios: Any = plugins.load("termios")
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    plugins.load("tty:setcbreak")(descriptor)
    try:
        yield _Pressed(descriptor).next
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


class _Pressed:
    """The keys that a terminal tells, one by one; several may come at once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting = b""

    def next(self, seconds: float) -> str | None:
        if not self._waiting:
            ready, _, _ = select.select([self._descriptor], [], [], seconds)
            if not ready:
                return None
            self._waiting = os.read(self._descriptor, 64)
            if not self._waiting:
                return "q"  # the terminal is gone
        if self._waiting.startswith(b"\x1b["):
            key, self._waiting = self._waiting[:3], self._waiting[3:]
            return _ARROWS.get(key, "")
        key, self._waiting = self._waiting[:1], self._waiting[1:]
        return "escape" if key == b"\x1b" else key.decode("ascii", "replace")


def _only_wait(seconds: float) -> None:
    time.sleep(seconds)
