"""One thread writes: it takes what waits, puts it into one transaction, and commits once for all.

Concurrent requests so share the cost of a commit (an fsync), and the points that they bring are
stored together. An answer is given only after the commit.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from headrace.entities import Metric
from headrace.errors import ConflictError, HeadraceError, StorageFullError, UnavailableError
from headrace.stores.base import Done
from headrace.stores.sql import folding
from headrace.stores.sql.database import Database, driver_error
from headrace.stores.sql.shortcut import Shortcut
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import Shared
from headrace.wire.tracking import CreateRun, Nothing

log = logging.getLogger("headrace.stores")

_Outcome = tuple[Any, Exception | None]
_MOST_TOGETHER = 256
_ATTEMPTS = 3


class Job(NamedTuple):
    """A write that waits: what to do, the run that it is about, and who waits for the answer.

    ``points`` is set where the write does nothing but add these to the run.
    """

    act: Callable[[Transaction, Any], Any]
    question: Any
    run_id: str | None
    points: Sequence[Metric] | None
    done: Done


class _PartlyDoneError(Exception):
    """A write failed after it had changed something: its neighbours must be done again without it."""


def _fold(transaction: Transaction, question: tuple[Sequence[str], Sequence[int]]) -> None:
    run_ids, runs = question
    transaction.lock_runs(run_ids)
    for run in runs:
        folding.fold(transaction, run)


def _forget(_answer: Any, _error: Exception | None) -> None:
    """Nobody waits for this."""


class Writer:
    """Runs writes in the order in which they are submitted, many to a transaction."""

    def __init__(self, database: Database, shared: Shared) -> None:
        self._database = database
        self._shared = shared
        self._shortcut = Shortcut.of(database, shared)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        self._folded = 0
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()

    def submit(self, job: Job) -> None:
        """Queue a write; it is told to be done once it is committed, or has failed and left no trace."""
        if self._thread is None:
            self._begin()
        self._jobs.put(job)

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._start:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            thread.join()
        if self._shortcut is not None:
            self._shortcut.close()

    def _begin(self) -> None:
        with self._start:
            if self._closed:
                raise UnavailableError("The store is closed.")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="headrace-writer", daemon=True
                )
                self._thread.start()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            together = [job]
            while len(together) < _MOST_TOGETHER and not self._jobs.empty():
                follower = self._jobs.get()
                if follower is None:
                    self._jobs.put(None)
                    break
                together.append(follower)
            self._settle(together)

    def _settle(self, jobs: list[Job]) -> None:
        """Give every job its answer or its error."""
        try:
            outcomes = self._store(jobs)
        except (UnavailableError, StorageFullError) as error:
            outcomes = [(None, error)] * len(jobs)  # it is the database that fails, not one of them
        except Exception as error:  # noqa: BLE001  (the edge of the writer thread: each waiter gets the error)
            if len(jobs) > 1:
                for job in jobs:
                    self._settle([job])
                return
            outcomes = [(None, error)]
        for job, (answer, failure) in zip(jobs, outcomes, strict=True):
            try:
                job.done(answer, failure)
            except Exception:  # who asked is gone; the others still wait
                log.exception("The answer to a write could not be handed over.")

    def _store(self, jobs: list[Job]) -> list[_Outcome]:
        if self._shortcut is not None:
            if self._appended(self._shortcut, jobs):
                return [(Nothing(), None)] * len(jobs)
            new = [job.question for job in jobs if isinstance(job.question, CreateRun)]
            made = self._shortcut.create(new) if len(new) == len(jobs) else None
            if made is not None:
                return [(answer, None) for answer in made]
        return self._commit_together(jobs)

    def _appended(self, shortcut: Shortcut, jobs: list[Job]) -> bool:
        """Whether the jobs brought points and nothing else, and these went in with one statement."""
        wanted = [(job.run_id, job.points) for job in jobs if job.run_id and job.points]
        if len(wanted) < len(jobs):
            return False
        stored = shortcut.append(wanted)
        if stored is None:
            return False
        full = [run for run, points in stored if self._shared.inboxes.filled(run, points)]
        if full:
            run_ids = [run_id for run_id, _ in wanted]
            try:
                self._commit_together([Job(_fold, (run_ids, full), None, None, _forget)])
            except HeadraceError as error:  # the points are committed; they are folded another time
                log.warning("The points of runs were not folded: %s", error)
        return True

    def _commit_together(self, jobs: list[Job]) -> list[_Outcome]:
        """All in one transaction; tried again where the database asks for it or was away for a moment."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._commit_once(jobs)
            except (UnavailableError, ConflictError):
                if attempt == _ATTEMPTS or self._database.is_sqlite:
                    raise
        raise AssertionError  # pragma: no cover

    def _commit_once(self, jobs: list[Job]) -> list[_Outcome]:
        try:
            with (
                self._database.writing() as connection,
                closing(
                    Transaction(connection, self._database.dialect, self._shared)
                ) as transaction,
            ):
                transaction.lock_runs({job.run_id for job in jobs if job.run_id is not None})
                outcomes = [self._attempt(transaction, job, alone=len(jobs) == 1) for job in jobs]
                transaction.flush()
        except _PartlyDoneError as error:
            raise error.__cause__ or error from None
        except Exception as error:
            named = driver_error(error)
            if named is None:
                raise
            raise named from error
        transaction.committed()
        self._reclaim(transaction.folded)
        if self._shortcut is not None:
            for run in transaction.known_runs():
                self._shortcut.learn(run)
        return outcomes

    def _reclaim(self, folded: int) -> None:
        """When enough was folded, have its room used again."""
        self._folded += folded
        if self._folded >= self._database.reclaim_bytes:
            self._folded = 0
            try:
                self._database.reclaim()
            except HeadraceError as error:  # the room is taken back another time
                log.warning("The database did not take back free room: %s", error)

    @staticmethod
    def _attempt(transaction: Transaction, job: Job, *, alone: bool) -> _Outcome:
        before = transaction.writes
        try:
            return job.act(transaction, job.question), None
        except HeadraceError as error:
            if alone or transaction.writes != before:
                raise _PartlyDoneError from error
            return None, error
