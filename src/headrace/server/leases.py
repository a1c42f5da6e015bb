"""Notices runs whose processes are gone, while a server runs."""

import logging
import threading

from headrace.errors import HeadraceError
from headrace.stores.base import LeasingStore

SILENT_MS = 60_000
"""Clients say a word every ten seconds."""
EVERY_S = 10.0

_log = logging.getLogger(__name__)


def keep_leases(
    store: object, stop: threading.Event, every_s: float = EVERY_S, silent_ms: int = SILENT_MS
) -> threading.Thread | None:
    """A thread that looks again and again until ``stop`` is set; none for a store that knows no leases."""
    if not isinstance(store, LeasingStore):
        return None
    thread = threading.Thread(
        target=_look, args=(store, stop, every_s, silent_ms), name="headrace-leases", daemon=True
    )
    thread.start()
    return thread


def _look(store: LeasingStore, stop: threading.Event, every_s: float, silent_ms: int) -> None:
    while not stop.wait(every_s):
        try:
            store.end_lost_runs(silent_ms)
        except HeadraceError as error:
            _log.warning("Runs without a process could not be looked for now: %s", error)
