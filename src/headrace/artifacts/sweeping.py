"""Removes what uploads that were cut off have left, while a server runs."""

import logging
import threading
from typing import Final

from headrace.artifacts.base import ArtifactStore, SweptStore
from headrace.errors import HeadraceError

EVERY_S: Final = 6 * 60 * 60
AGE_MS: Final = 18 * 60 * 60 * 1000
"""So that nothing stays for more than a day."""

_log = logging.getLogger(__name__)


def keep_swept(
    store: ArtifactStore, stop: threading.Event, every_s: float = EVERY_S
) -> threading.Thread | None:
    """A thread that sweeps ``store`` again and again until ``stop`` is set; none if nothing is left there."""
    if not isinstance(store, SweptStore):
        return None
    thread = threading.Thread(
        target=_sweep, args=(store, stop, every_s), name="headrace-sweep", daemon=True
    )
    thread.start()
    return thread


def _sweep(store: SweptStore, stop: threading.Event, every_s: float) -> None:
    while not stop.wait(every_s):
        try:
            swept = store.sweep(AGE_MS)
        except (HeadraceError, OSError) as error:
            _log.warning("What broken uploads left could not be swept now: %s", error)
        else:
            if swept:
                _log.info("Swept what %d broken uploads had left.", swept)
