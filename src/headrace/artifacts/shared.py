"""What is made once in a process for all that ask for the same: connections to a server."""

import os
import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 64


class Shared(Generic[T]):
    """Calls ``make`` once for each set of arguments, however many threads ask at the same time.

    A forked child makes its own: it must not talk on its parent's connections.
    """

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def __call__(self, *given: Hashable) -> T:
        with self._lock:
            if given not in self._known:
                if len(self._known) >= _MOST:
                    # Whoever uses it still holds it; it ends with its last user.
                    self._known.pop(next(iter(self._known)))
                self._known[given] = self._make(*given)
            return self._known[given]

    def _forget(self) -> None:
        # In a child the lock may be held for ever, by a thread that is not there.
        self._lock = threading.Lock()
        self._known: dict[tuple[Hashable, ...], T] = {}
