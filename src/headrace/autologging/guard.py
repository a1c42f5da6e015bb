"""What goes wrong while a training is recorded is told once, and is never an error of the training."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)

_told: set[tuple[str, str, str]] = set()


@contextmanager
def quietly(library: str, what: str, *, silent: bool = False) -> Iterator[None]:
    """Runs the block; an exception in it ends the block alone.

    Each kind of fault is told once a process, as a warning with its traceback at the level of debugging.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001  (a library may raise anything, and the training goes on)
        kind = (library, what, type(error).__name__)
        if silent or kind in _told:
            return
        _told.add(kind)
        _log.warning(
            "Autologging of %s: %s is not recorded: %s: %s",
            library,
            what,
            kind[2],
            str(error)[:500],
        )
        _log.debug("Where autologging failed", exc_info=error)
