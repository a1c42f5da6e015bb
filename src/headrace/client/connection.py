"""Which store a client talks to: one a process for each tracking URI."""

import atexit
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

from headrace.config import settings
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.stores import offline
from headrace.stores.base import TrackingStore
from headrace.stores.resolve import folder_of, open_store

_lock = threading.RLock()
_chosen: list[str] = []
_stores: dict[str, TrackingStore] = {}
_inherited: list[TrackingStore] = []

when_opened: list[Callable[[str, TrackingStore], None]] = []
"""What is done with a store that was opened."""
before_use: list[Callable[[str], None]] = []
"""What is done before a client uses the store of a tracking URI."""


def set_tracking_uri(uri: str | Path) -> None:
    """Where runs are kept from now on, in this process: a folder, a database URL or a server's URL.

    ``offline:DIR`` only writes them down, until `headrace sync DIR` sends them to a store. An empty one
    takes the choice back.
    """
    if not isinstance(uri, str | Path):
        raise InvalidValueError(f"A tracking URI must be text or a path, not {uri!r}.")
    _chosen[:] = [resolved(str(uri))] if str(uri) else []


def is_tracking_uri_set() -> bool:
    """Whether the program or the environment has said where runs are kept."""
    return bool(_chosen or settings().tracking_uri)


def get_tracking_uri() -> str:
    """Where runs are kept; a folder is told as a ``file:`` URI."""
    given = settings()
    if given.offline and not (_chosen and _chosen[0].startswith(offline.SCHEME)):
        return resolved(f"{offline.SCHEME}headrace-offline")
    return _chosen[0] if _chosen else resolved(given.tracking_uri)


def get_registry_uri() -> str:
    """Where registered models are kept: where the runs are."""
    return get_tracking_uri()


def set_registry_uri(uri: str) -> None:
    """Models are kept where runs are; `UnsupportedError` for another place."""
    if uri and resolved(str(uri)) != get_tracking_uri():
        raise UnsupportedError(
            f"Models are kept where runs are, at {shown(get_tracking_uri())}, not at {shown(str(uri))}."
        )


def resolved(uri: str | None) -> str:
    """``uri`` as it stays true when the working directory changes."""
    if uri is not None and uri.startswith(offline.SCHEME):
        return f"{offline.SCHEME}{offline.folder_of(uri)}"
    folder = folder_of(uri)
    return folder.as_uri() if folder is not None else str(uri)


def shown(uri: str) -> str:
    """``uri`` as it may be printed: without a password in it."""
    return re.sub(r"(?<=//)[^/@]*@", "", uri)


def store_for(uri: str) -> TrackingStore:
    """The store at ``uri``; whoever asks for the same one in this process shares it."""
    with _lock:
        if uri not in _stores:
            _stores[uri] = open_store(uri)
            for act in when_opened:
                act(uri, _stores[uri])
        return _stores[uri]


def close_stores() -> None:
    """Let go of all of them; they are opened again when asked for."""
    with _lock:
        for store in _stores.values():
            store.close()
        _stores.clear()


def _forget() -> None:
    # A forked child must not use its parent's connections, nor close them, nor wait for a lock that
    # another thread held.
    global _lock  # noqa: PLW0603
    _lock = threading.RLock()
    _inherited.extend(_stores.values())
    _stores.clear()


atexit.register(close_stores)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class Connected:
    """What all parts of a client share: the store that it talks to."""

    def __init__(self, tracking_uri: str | Path | None = None) -> None:
        # Settled now: a later `set_tracking_uri` leaves this client alone.
        self._uri = resolved(str(tracking_uri)) if tracking_uri else get_tracking_uri()

    @property
    def tracking_uri(self) -> str:
        """Where this client's runs are kept."""
        return self._uri

    @property
    def _store(self) -> TrackingStore:
        for act in before_use:
            act(self._uri)
        return store_for(self._uri)
