"""Which runs are open, and which of them is the current one.

A run belongs to the thread that started it. Within ``with start_run():`` it belongs to the context, so
that concurrent tasks of one thread each have their own. (A notebook runs each cell in a context of its
own, so a run that is started without ``with`` must outlive the context.)
"""

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from types import TracebackType
from typing import Self, cast

from headrace.client.background import background
from headrace.client.chores import chores
from headrace.client.circumstances import Circumstances
from headrace.client.connection import get_tracking_uri, shown
from headrace.client.logbook import logbook_of
from headrace.client.logger import RunLogger
from headrace.client.patient_files import anything_waits, files_of, send_waiting
from headrace.client.tracking import MlflowClient
from headrace.config import settings
from headrace.entities import DatasetInput, Run, RunStatus
from headrace.errors import AWAY, InvalidStateError
from headrace.fluent import endings
from headrace.fluent.endings import HowItEnded
from headrace.journal.writer import Journal
from headrace.wire.limits import check
from headrace.wire.tracking import LogBatch, UpdateRun

_log = logging.getLogger(__name__)

_lock = threading.RLock()
_threads = threading.local()
_context: ContextVar[tuple["OpenRun", ...]] = ContextVar("headrace_runs", default=())
_opened: dict[str, "OpenRun"] = {}
_others: dict[tuple[str, str], Journal] = {}
"""Journals for runs that are not open here, by tracking URI and run id."""
_MOST_OTHERS = 64
_PATIENCE_WHEN_KILLED_S = 5.0
_last: list[tuple[str, str]] = []


class ActiveRun(Run, RunLogger, frozen=True):
    """A run that was started here; as a context manager it ends with its block.

    It ends FINISHED, or FAILED where an exception leaves the block. What is logged by its own methods
    goes to it, whichever run is the current one.
    """

    def __enter__(self) -> Self:
        opened = _opened.get(self.info.run_id)
        if opened is not None:
            _move_to_context(opened)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        opened = _opened.get(self.info.run_id)
        if opened is None or opened.ended:
            return
        if opened.pid != os.getpid():
            leave(opened)  # in a forked child; the run goes on in its parent
            return
        # Runs that were started inside the block and left open end with it, the innermost first.
        inner = _stack()
        inside = inner[inner.index(opened) :] if opened in inner else [opened]
        for each in reversed(inside):
            end(each, *endings.of(error))

    def end(self, status: str = "FINISHED") -> None:
        """End it, if it is open."""
        opened = _opened.get(self.info.run_id)
        if opened is not None:
            end(opened, status)

    def _client(self) -> MlflowClient:
        return self._open().client

    def _record(self, batch: LogBatch) -> None:
        self._open().record(batch)

    def _use(self, used: DatasetInput) -> None:
        self._open().journal.log_inputs([used], [])

    def _store(self, name: str, act: Callable[[], object], *, again: bool = True) -> None:
        now_or_kept(name, act, again=again)

    def _open(self) -> "OpenRun":
        opened = _opened.get(self.info.run_id)
        if opened is None:
            raise InvalidStateError(
                f"Run {self.info.run_id} has ended. `start_run(run_id=...)` opens it again."
            )
        return opened


class OpenRun:
    """What is kept of a run while it is open."""

    def __init__(self, run: ActiveRun, journal: Journal) -> None:
        self.run = run
        self.run_id = run.info.run_id
        self.journal = journal
        self.client = client()
        self.files = files_of(run, self.client.tracking_uri)
        self.client.know_files(self.run_id, run.info.artifact_uri, self.files)
        self.asynchronous = settings().enable_async_logging
        self.at_once = None if self.asynchronous else journal
        """The journal, where a call has nothing to answer."""
        self.linked_models: set[str] = set()
        self.pid = os.getpid()
        self.ended = False
        self.circumstances: Circumstances | None = None

    def record(self, batch: LogBatch) -> None:
        """Take values of this run, from whoever logs to it by name."""
        for point in batch.metrics:
            about = (point.model_id, point.dataset_name, point.dataset_digest)
            source = None if about == _NOTHING else about
            self.journal.log_all({point.key: point.value}, point.step, point.timestamp, source)
        if batch.params:
            self.journal.log_params(batch.params)
        self.journal.log_tags(batch.tags)


_NOTHING = (None, None, None)


def client() -> MlflowClient:
    """A client of the current tracking URI."""
    return MlflowClient()


def journal() -> Journal | None:
    """The journal of the current run, if it has one and calls have nothing to answer."""
    runs = _context.get() or getattr(_threads, "runs", None)
    if runs:
        opened: OpenRun = runs[-1]
        if not opened.ended:
            return opened.at_once
    return None


def journal_of(run_id: str) -> Journal:
    """The journal for another run than the current one; the run must be there.

    It is kept until the program ends, or until there are too many of them.
    """
    uri = get_tracking_uri()
    opened = _opened.get(run_id)
    if opened is not None and opened.client.tracking_uri == uri and not opened.ended:
        return opened.journal
    with _lock:
        found = _others.get((uri, run_id))
        if found is None:
            while len(_others) >= _MOST_OTHERS:
                _others.pop(next(iter(_others))).close()
            _, found = logbook_of(uri).resume(run_id, owner=False)
            _others[uri, run_id] = found
    return found


def top() -> OpenRun | None:
    """The current run of this thread or context, if there is one."""
    stack = _stack()
    return stack[-1] if stack else None


def last() -> tuple[str, str] | None:
    """Tracking URI and id of the run that was started last in this process."""
    return _last[-1] if _last else None


def push(
    run: ActiveRun,
    journal: Journal,
    *,
    current: bool = True,
    created: bool = True,
    log_system_metrics: bool | None = None,
) -> OpenRun:
    """Keep a started run until it ends, as the current one unless told otherwise."""
    endings.watch(_end_all)
    opened = OpenRun(run, journal)
    opened.circumstances = Circumstances(run, opened.files, opened.record, created=created)
    opened.circumstances.begin(log_system_metrics)
    if anything_waits(opened.client.tracking_uri):
        chores.add("Files that waited", partial(send_waiting, opened.client.tracking_uri))
    inside = _context.get()
    if current and inside:
        _context.set((*inside, opened))
    elif current:
        _of_thread().append(opened)
    with _lock:
        _opened[opened.run_id] = opened
    _last[:] = [(opened.client.tracking_uri, opened.run_id)]
    return opened


def end(opened: OpenRun, status: str, reason: str | None = None) -> None:
    """End a run. That its store is away is told, not raised: the training is over, its result is not."""
    status = str(status).upper()
    check(UpdateRun(opened.run_id, cast("RunStatus", status)))
    opened.ended = True
    _remove(opened)
    if opened.circumstances is not None:
        opened.circumstances.end()
    background.flush()
    opened.journal.end(status, reason)
    flush_within(opened.client.tracking_uri, _patience(status))
    send_waiting(opened.client.tracking_uri)
    _print_address(opened)


def flush_within(uri: str, timeout_s: float) -> None:
    """Wait for the store to have what was logged; what it has not in time is told, and sent later."""
    logbook = logbook_of(uri)
    if logbook.flush(timeout_s):
        return
    for path in logbook.unsent():
        _log.error(
            "The store does not have all of %s yet. The next program that logs there sends it, or "
            "`headrace sync %s --to %s`.",
            path,
            path.parent.parent,
            shown(uri),
        )


def leave(opened: OpenRun) -> None:
    """A forked child is done with its parent's run."""
    opened.journal.close()


def now_or_kept(name: str, act: Callable[[], object], *, again: bool = True) -> None:
    """Write a file of an open run. That the store is away is told, not raised.

    With ``again`` it is done once more then, which keeps the file on this machine (see `PatientFiles`);
    ``act`` must do the same both times.
    """
    try:
        try:
            act()
        except AWAY:
            if not again:
                raise
            act()
    except AWAY as error:
        _log.error("'%s' was not stored: %s", name, error)


def _move_to_context(opened: OpenRun) -> None:
    of_thread = _of_thread()
    if opened in of_thread:
        of_thread.remove(opened)
        _context.set((*_context.get(), opened))


def _remove(opened: OpenRun) -> None:
    of_thread = _of_thread()
    if opened in of_thread:
        of_thread.remove(opened)
    inside = _context.get()
    if opened in inside:
        _context.set(tuple(other for other in inside if other is not opened))
    with _lock:
        _opened.pop(opened.run_id, None)


def _stack() -> list[OpenRun]:
    """The open runs of this thread or context, the current one last."""
    return [opened for opened in _context.get() or _of_thread() if not opened.ended]


def _of_thread() -> list[OpenRun]:
    found: list[OpenRun] | None = getattr(_threads, "runs", None)
    if found is None:
        found = _threads.runs = []
    return found


def _print_address(opened: OpenRun) -> None:
    uri = opened.client.tracking_uri
    if not uri.startswith(("http://", "https://")) or settings().suppress_printing_url_to_stdout:
        return
    info = opened.run.info
    experiment = f"{shown(uri).rstrip('/')}/#/experiments/{info.experiment_id}"
    sys.stdout.write(f"View run {info.run_name} at: {experiment}/runs/{info.run_id}\n")
    sys.stdout.write(f"View experiment at: {experiment}\n")


def _end_all(how: HowItEnded) -> None:
    """The program ends, and what is open with it."""
    for opened in reversed(list(_opened.values())):
        if opened.pid == os.getpid():
            end(opened, *how)
        else:
            leave(opened)
    background.flush()
    for journal in _others.values():
        journal.close()
    for uri in {uri for uri, _ in _others}:
        flush_within(uri, _patience(how[0]))


def _patience(status: str) -> float:
    """How long the end waits for the store: whoever stops a program by hand waits less."""
    given = settings().flush_timeout
    return min(given, _PATIENCE_WHEN_KILLED_S) if status == "KILLED" else given


def _forget() -> None:
    # In a forked child the parent's run is still the current one; its end is the parent's.
    global _lock  # noqa: PLW0603
    _lock = threading.RLock()


atexit.register(lambda: _end_all(endings.of_program()))
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
