"""The store of a folder: writers append to journals there, and whoever reads catches up first."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from headrace.errors import HeadraceError, NotFoundError
from headrace.journal import folder, locks
from headrace.journal.reader import Tail
from headrace.journal.sending import Append, Sender
from headrace.stores.base import Done
from headrace.stores.sql import journals
from headrace.stores.sql.courier import Courier
from headrace.stores.sql.database import Database
from headrace.stores.sql.place import Place
from headrace.stores.sql.store import SqlStore, is_write, settles
from headrace.stores.sql.view import View
from headrace.wire.journals import AppendedJournal, AppendJournal

_log = logging.getLogger("headrace.stores")
A = TypeVar("A")

_APPLIER = ".applier"
_PATIENCE_S = 30.0
_AT_ONCE = 2**22


class EmbeddedStore(SqlStore):
    """A `SqlStore` that takes in what lies in a folder of journals before it answers, live ones too."""

    def __init__(
        self, database: Database, place: Place, path: Path, courier: Courier | None = None
    ) -> None:
        super().__init__(database, place, courier)
        self._journals = _Journals(path, self._append, self._offset_of)
        self._journals.catch_up()

    def submit(self, method: str, question: Any, done: Done) -> bool:
        if not is_write(method) or not self._journals.has_news():
            return super().submit(method, question, done)

        def later() -> None:
            self._journals.catch_up()
            try:
                super(EmbeddedStore, self).submit(method, question, done)
            except HeadraceError as error:
                done(None, error)

        # Who submits does not wait, and may be the one thread of a server.
        threading.Thread(target=later, name="headrace-catch-up", daemon=True).start()
        return True

    def read(self, act: Callable[[View], A], *, steady: bool = False) -> A:
        self._journals.catch_up()
        return super().read(act, steady=steady)

    def _append(self, question: AppendJournal) -> AppendedJournal:
        outcome: Future[AppendedJournal] = Future()
        super().submit("append_journal", question, settles(outcome))
        return outcome.result()

    def _offset_of(self, journal_id: str) -> int:
        return super().read(lambda view: journals.offset_of(view, journal_id))

    def close(self) -> None:
        super().close()
        self._journals.close()


class _Journals:
    """The journals of a folder, and how far each is taken into the store."""

    def __init__(
        self,
        path: Path,
        append: Append,
        offset_of: Callable[[str], int],
    ) -> None:
        self._path, self._append, self._offset_of = path, append, offset_of
        self._lock = threading.RLock()
        self._senders: dict[str, Sender] = {}
        self._lost: set[str] = set()
        """Names of journals whose writer seems to be gone, but may be back: there are no locks."""
        self._left: set[str] = set()
        """Names of journals that cannot be taken; it was told once."""

    def has_news(self) -> bool:
        """Whether a journal holds what is not taken yet, or has lost its writer."""
        with self._lock:
            return any(self._is_news(path) for path in folder.paths(self._path))

    def _is_news(self, path: Path) -> bool:
        sender = self._senders.get(path.name)
        if sender is None:
            return path.name not in self._left
        tail = sender.tail
        gone = path.name not in self._lost and not tail.is_owned()
        return gone or tail.closed or tail.has_more()

    def catch_up(self) -> None:
        """Take in all that the journals hold now. What goes wrong with one of them is told, not raised."""
        if not self.has_news():
            return
        with self._lock, locks.alone(self._path / _APPLIER, _PATIENCE_S) as mine:
            if not mine:
                _log.warning("Another process has been taking in %s for long.", self._path)
                return
            present = folder.paths(self._path)
            for gone in self._senders.keys() - {path.name for path in present}:
                self._forget(gone)
            # One that adds to the run of another may come before it.
            waiting = [path for path in present if not self._took(path, told=False)]
            for path in waiting:
                self._took(path, told=True)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            for name in list(self._senders):
                self._forget(name)

    def _took(self, path: Path, *, told: bool) -> bool:
        """Whether it could be taken; with ``told``, what cannot is told and left."""
        if path.name in self._left:
            return True
        try:
            self._take(path)
        except FileNotFoundError:
            self._forget(path.name)  # another process has taken it
        except (HeadraceError, OSError) as error:
            self._forget(path.name)
            if told or not isinstance(error, NotFoundError):
                self._left.add(path.name)
                _log.warning("%s is left as it is: %s", path, error)
                return True
            return False
        return True

    def _take(self, path: Path) -> None:
        sender = self._senders.get(path.name) or self._opened(path)
        tail = sender.tail
        # Asked first: what is read afterwards is then all that there will ever be.
        owned = tail.is_owned()
        while sender.send_next(_AT_ONCE):
            pass
        if tail.closed or not owned:
            if not tail.closed:
                sender.lose()
            if tail.closed or tail.lockable:
                self._forget(path.name)
                path.unlink(missing_ok=True)
            else:
                self._lost.add(path.name)

    def _opened(self, path: Path) -> Sender:
        tail = Tail(path)
        try:
            tail.skip_to(self._offset_of(tail.journal_id))
        except BaseException:
            tail.close()
            raise
        sender = self._senders[path.name] = Sender(tail, self._append)
        return sender

    def _forget(self, name: str) -> None:
        sender = self._senders.pop(name, None)
        if sender is not None:
            sender.tail.close()
