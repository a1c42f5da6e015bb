"""What was found a moment ago, and need not be looked for again."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")


class Remembered(Generic[Asked, Found]):
    """A function whose latest answer is kept for some seconds: many short runs begin in one state of the world."""

    def __init__(self, find: Callable[[Asked], Found], keep_s: float = 5.0) -> None:
        self._find, self._keep_s = find, keep_s
        self._last: tuple[float, Asked, Found] | None = None

    def __call__(self, asked: Asked) -> Found:
        last = self._known(asked)
        if last is None:
            last = self._last = (time.monotonic(), asked, self._find(asked))
        return last[2]

    def known(self, asked: Asked) -> Found | None:
        """What was found, if that is still known."""
        last = self._known(asked)
        return None if last is None else last[2]

    def _known(self, asked: Asked) -> tuple[float, Asked, Found] | None:
        last = self._last
        fresh = last is not None and last[1] == asked and time.monotonic() - last[0] < self._keep_s
        return last if fresh else None
