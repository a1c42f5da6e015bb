"""Has messages to webhooks sent, while a server runs."""

import logging
import threading

from headrace.errors import HeadraceError
from headrace.stores.base import DeliveringStore

EVERY_S = 1.0
"""How often it is looked whether a message is due."""

_log = logging.getLogger(__name__)


def keep_delivering(
    store: object, stop: threading.Event, every_s: float = EVERY_S
) -> threading.Thread | None:
    """A thread that sends until ``stop`` is set; none for a store that has nothing to send."""
    if not isinstance(store, DeliveringStore):
        return None
    thread = threading.Thread(
        target=_look, args=(store, stop, every_s), name="headrace-deliveries", daemon=True
    )
    thread.start()
    return thread


def _look(store: DeliveringStore, stop: threading.Event, every_s: float) -> None:
    while not stop.wait(every_s):
        try:
            while store.deliver() and not stop.is_set():
                pass  # there may be more
        except HeadraceError as error:
            _log.warning("Messages to webhooks could not be sent now: %s", error)
