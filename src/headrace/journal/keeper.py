"""All journals that this process writes: kept safe from power cuts, and from its forked children."""

import logging
import os
import threading
from weakref import WeakSet

from headrace.journal.writer import Journal

_log = logging.getLogger(__name__)

_INTERVAL_S = 1.0


class Keeper:
    """A thread that has the disk take what was logged, about every second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._journals: WeakSet[Journal] = WeakSet()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def keep(self, journal: Journal) -> Journal:
        """Look after a journal until it is closed."""
        with self._lock:
            self._journals.add(journal)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, args=(self._wake,), name="headrace-keeper", daemon=True
                )
                self._thread.start()
        return journal

    def open_journals(self) -> list[Journal]:
        """Those that are not closed."""
        with self._lock:
            return [journal for journal in self._journals if not journal.closed]

    def _work(self, wake: threading.Event) -> None:
        while True:
            wake.wait(_INTERVAL_S)
            for journal in self.open_journals():
                try:
                    journal.sync()
                except OSError as error:  # the next second tries it again
                    _log.debug("Run %s could not be synced: %s", journal.run_id, error)
            with self._lock:
                if all(journal.closed for journal in self._journals):
                    self._journals.clear()
                    self._thread = None
                    return

    def forget(self) -> None:
        """In a forked child: its journals are new ones."""
        self._lock, self._thread, self._wake = threading.Lock(), None, threading.Event()
        for journal in self._journals:
            journal.forget()


keeper = Keeper()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=keeper.forget)
