"""A thread that brings what this process logs to a store that is far."""

import logging
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from weakref import WeakSet

from headrace.errors import AWAY, HeadraceError
from headrace.journal import folder
from headrace.journal.reader import Tail
from headrace.journal.sending import Append, Sender
from headrace.journal.writer import Journal
from headrace.wire.journals import AppendedJournal, AppendJournal

_log = logging.getLogger(__name__)

_TROUBLE: tuple[type[Exception], ...] = (*AWAY, OSError)
_INTERVAL_S, _LONGEST_INTERVAL_S = 0.2, 0.7
_SHARE = 0.0025
"""How much of the time the thread may take from the others of its process while nobody waits for it."""
_PIECE = 2**22
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 30.0
_LOOK_AROUND_S = 5.0
_LEASE_S = 10.0
_CLOSE_S = 1.0


class Shipper:
    """Sends the journals of a folder to a store: those of this process, and those that nobody owns.

    It never makes a caller wait but in `flush`. While the store is away it tries again and again, at
    growing intervals; one warning says so. What is sent and closed is removed.
    """

    def __init__(
        self, path: Path, connect: Callable[[], Append], *, packed: bool, leased: bool
    ) -> None:
        """``connect`` is called on the thread, again after each failure of its own."""
        self._path, self._connect = path, connect
        self._packed, self._leased = packed, leased
        self._journals: list[Journal] = []
        self._left: dict[Path, float] = {}
        """Journals that the store does not take, and when they are tried again; it was told once."""
        self._begin()
        shippers.add(self)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._append: Append | None = None
        self._senders: dict[Path, Sender] = {}
        self._spoken: dict[Path, float] = {}
        self._looked = 0.0
        self._asked = self._answered = 0
        self._has_children = False
        self._waited_for = 0
        self._away_since: float | None = None
        self._told_away = self._closing = False
        self._faults: set[str] = set()

    def keep(self, journal: Journal) -> Journal:
        """Send a journal that this process writes."""
        with self._changed:
            self._journals.append(journal)
        self.start()
        return journal

    def start(self) -> None:
        """Have the thread run; it takes up journals that an earlier process has left, too."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="headrace-shipper", daemon=True
                )
                self._thread.start()

    def flush(self, timeout_s: float) -> bool:
        """Wait until the store has all that was logged before this call; false if it has not in time.

        A store that has been away for as long already gets one more chance.
        """
        with self._changed:
            wanted = [(journal, journal.size()) for journal in self._journals]
            wanted = [(journal, size) for journal, size in wanted if not self._has(journal, size)]
            # What forked children have logged is found by looking around.
            asked = self._asked = self._asked + int(self._has_children)
            if not wanted and asked == self._answered:
                return True
            self._waited_for += 1
        self.start()
        self._wake.set()
        try:
            return self._wait(wanted, asked, timeout_s)
        finally:
            with self._changed:
                self._waited_for -= 1

    def _wait(self, wanted: list[tuple[Journal, int]], asked: int, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                turned = self._changed.wait(max(0.0, deadline - time.monotonic()))
                if self._answered >= asked and all(self._has(*one) for one in wanted):
                    return True
                if not turned or self._gave_up(timeout_s):
                    return False

    def _gave_up(self, patience_s: float) -> bool:
        return self._away_since is not None and time.monotonic() - self._away_since > patience_s

    def _has(self, journal: Journal, size: int) -> bool:
        if journal not in self._journals or journal.path is None or journal.path in self._left:
            return True
        sender = self._senders.get(journal.path)
        return sender is not None and sender.sent >= size

    def close(self) -> None:
        """Stop when what is under way is done, or a second has passed."""
        with self._changed:
            self._closing = True
            thread = self._thread
        self._wake.set()
        if thread is not None:
            thread.join(_CLOSE_S)

    @property
    def away(self) -> bool:
        """Whether the store was away when it was last asked."""
        return self._away_since is not None

    def unsent(self) -> list[Path]:
        """Journals of which the store lacks something."""
        with self._changed:
            return [
                journal.path
                for journal in self._journals
                if journal.path is not None and not self._has(journal, journal.size())
            ]

    # On the thread

    def _work(self) -> None:
        pause_s, interval_s = 0.0, _INTERVAL_S
        while True:
            most_s = _LONGEST_PAUSE_S if not self._waited_for else _FIRST_PAUSE_S
            self._wake.wait(min(pause_s, most_s) * random.uniform(0.5, 1.5) or interval_s)  # noqa: S311
            self._wake.clear()
            begun = time.thread_time()
            pause_s = (
                0.0 if self._shipped() else min(max(2 * pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
            )
            worked_s = time.thread_time() - begun
            interval_s = min(max(worked_s / _SHARE, _INTERVAL_S), _LONGEST_INTERVAL_S)
            with self._changed:
                self._changed.notify_all()
                if self._closing or not (self._journals or self._senders):
                    self._thread = None
                    break
        if self._closing:
            for path in list(self._senders):
                self._forget(path)

    def _shipped(self) -> bool:
        """Send what there is; false if the store is away."""
        try:
            self._ship()
        except _TROUBLE as error:
            self._note_away(error)
        except Exception as error:  # noqa: BLE001  (the edge of the thread: it must go on for what is logged next)
            if not self._closing:
                self._note_fault(error)
        else:
            self._away_since = None
            return True
        return False

    def _ship(self) -> None:
        asked = self._asked
        self._take_up(everything=asked > self._answered)
        if self._append is None and self._senders:
            self._append = self._connect()
        for path, sender in list(self._senders.items()):
            try:
                self._send(path, sender)
            except AWAY:
                raise
            except HeadraceError as error:
                # Its run may be in another journal, or the server be mended: it is tried again.
                self._forget(path)
                self._leave(path, f"{path} is kept, and not sent: {error}")
        self._answered = asked

    def _leave(self, path: Path, told: str) -> None:
        if path not in self._left:
            _log.warning("%s", told)
        self._left[path] = time.monotonic() + _LOOK_AROUND_S

    def _take_up(self, *, everything: bool) -> None:
        """Find what is to be sent: journals of this process, now and then those that lost theirs."""
        with self._changed:
            own = {journal.path for journal in self._journals if journal.path is not None}
        now = time.monotonic()
        passed = self._senders.keys() | {path for path, then in self._left.items() if then > now}
        for path in own - passed:
            self._senders[path] = Sender(
                Tail(path), self._call, leased=self._leased, packed=self._packed
            )
        if everything or now - self._looked >= _LOOK_AROUND_S:
            self._looked = now
            for path in set(folder.paths(self._path)) - own - passed:
                self._adopt(path)

    def _adopt(self, path: Path) -> None:
        """Send a journal of another process, if that is gone."""
        try:
            tail = Tail(path)
        except FileNotFoundError:
            return
        except HeadraceError as error:
            self._leave(path, f"{path} is left as it is: {error}")
            return
        if tail.is_owned():
            tail.close()
        else:
            self._senders[path] = Sender(tail, self._call, packed=self._packed)

    def _call(self, question: AppendJournal) -> AppendedJournal:
        assert self._append is not None
        return self._append(question)

    def _send(self, path: Path, sender: Sender) -> None:
        tail = sender.tail
        own = self._own(path)
        sent = False
        while size := sender.send_next(_PIECE):
            sent = True
            with self._changed:
                self._changed.notify_all()
            if own is not None and size < _PIECE // 2 and not self._waited_for:
                break  # what was logged meanwhile goes with what follows
        self._left.pop(path, None)
        now = time.monotonic()
        if sent:
            self._spoken[path] = now
        if tail.closed or own is None:
            if not tail.closed:
                sender.lose()
            self._forget(path)
            path.unlink(missing_ok=True)
            with self._changed:
                self._journals = [journal for journal in self._journals if journal is not own]
        elif self._leased and now - self._spoken.setdefault(path, now) > _LEASE_S:
            sender.say_alive()
            self._spoken[path] = now

    def _own(self, path: Path) -> Journal | None:
        with self._changed:
            return next((journal for journal in self._journals if journal.path == path), None)

    def _forget(self, path: Path) -> None:
        self._spoken.pop(path, None)
        self._senders.pop(path).tail.close()

    def _note_away(self, error: Exception) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
        if not self._told_away:
            self._told_away = True
            _log.warning(
                "The store cannot be reached now: %s Training goes on; what is logged is kept in %s and sent "
                "when the store is back.",
                error,
                self._path,
            )

    def _note_fault(self, error: Exception) -> None:
        if repr(error) not in self._faults:
            self._faults.add(repr(error))
            _log.error(
                "A fault of Headrace itself: what is logged is kept in %s, and tried again.",
                self._path,
                exc_info=error,
            )

    def has_child(self) -> None:
        """A child was forked: what it logs may be left for this process to send."""
        self._has_children = True

    def forget(self) -> None:
        """In a forked child: the thread is the parent's, and so is what it sends."""
        self._journals = [journal for journal in self._journals if not journal.closed]
        for sender in self._senders.values():
            sender.tail.close()
        self._begin()


shippers: WeakSet[Shipper] = WeakSet()
"""All of this process."""


def _after_fork() -> None:
    for shipper in list(shippers):
        shipper.has_child()


def _forget() -> None:
    for shipper in list(shippers):
        shipper.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_parent=_after_fork, after_in_child=_forget)
