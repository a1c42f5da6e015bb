"""Sending what a folder holds, journals and files of runs, to a store."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.transfer import files_below
from headrace.client.artifacts import open_files
from headrace.client.connection import store_for
from headrace.client.patient_files import is_same, local_files
from headrace.clock import now_ms
from headrace.errors import HeadraceError, InvalidValueError, NotFoundError
from headrace.journal import folder as journals
from headrace.journal.reader import Tail
from headrace.journal.sending import Append, Sender
from headrace.wire.journals import AppendedJournal, AppendJournal
from headrace.wire.tracking import GetRun

_PIECE = 2**20
_GONE_MS = 60_000


class Synced(Struct, frozen=True):
    """What was sent, and what could not be."""

    runs: int
    bytes: int
    files: int
    running: int
    """How many journals are still written, or were a minute ago: they may be sent again."""
    refused: list[str]
    """What the store did not keep, and why."""
    failed: list[str]
    """Journals and files that could not be sent, and why."""
    removed: int = 0
    """How many journals and files were removed, as all of them is in the store."""


class Progress(NamedTuple):
    """How far it is."""

    done: int
    total: int


Tick = Callable[[Progress], None]


def sync(path: Path, uri: str, tick: Tick = lambda _: None, *, clean: bool = False) -> Synced:
    """Send all that a folder holds to the store of a tracking URI.

    It may be done again at any time, also while runs are still written, and with copies of the folder:
    what the store has is passed over. With ``clean`` the journals and files of the runs that are over,
    and that the store has to the last byte, are removed here; else nothing is.
    """
    found = journals.paths(path / journals.JOURNALS) or journals.paths(path)
    if not found and not _runs_with_files(path):
        raise InvalidValueError(f"'{path}' holds no journals of runs.")
    return _Sync(path, found, uri, tick).done(clean=clean)


class _Sync:
    def __init__(self, path: Path, found: list[Path], uri: str, tick: Tick) -> None:
        self._path, self._uri, self._tick = path, uri, tick
        self._store = store_for(uri)
        self._journals = found
        self._total = sum(one.stat().st_size for one in found)
        self._bytes = self._files = self._running = 0
        self._runs: set[str] = set()
        self._complete: dict[Path, str] = {}
        """Journals that the store has and nobody writes, and their runs."""
        self._kept: set[str] = set()
        """Runs that go on, or of which the store has refused something."""
        self._refused: list[str] = []
        self._failed: list[str] = []

    def done(self, *, clean: bool) -> Synced:
        # One that adds to the run of another may come before it.
        waiting = [one for one in self._journals if not self._sent(one, last=False)]
        for one in waiting:
            self._sent(one, last=True)
        self._runs |= _runs_with_files(self._path)
        for run_id in sorted(self._runs):
            self._send_files(run_id)
        removed = self._clean() if clean else 0
        return Synced(
            len(self._runs), self._bytes, self._files, self._running, self._refused, self._failed, removed
        )  # fmt: skip

    def _clean(self) -> int:
        """Remove the journals and files of runs that are over; how many that were."""
        count = 0
        for path, run_id in self._complete.items():
            if run_id not in self._kept:
                path.unlink(missing_ok=True)
                count += 1
        for place in (self._path / journals.ARTIFACTS).glob("*/*/artifacts"):
            if place.parent.name not in self._kept:
                count += sum(1 for _ in files_below(local_files(place), ""))
                shutil.rmtree(place.parent)
        return count

    def _sent(self, path: Path, *, last: bool) -> bool:
        try:
            with closing(Tail(path)) as tail:
                self._send(tail)
        except NotFoundError as error:
            if last:
                self._failed.append(f"{path.name}: {error}")
            return False
        except (HeadraceError, OSError) as error:
            self._failed.append(f"{path.name}: {error}")
        return True

    def _send(self, tail: Tail) -> None:
        sender = Sender(tail, self._append(), packed=_is_far(self._uri))
        owned = tail.is_owned()
        while True:
            before = tail.offset
            if not sender.send_next(_PIECE):
                break
            self._bytes += sender.sent - before
            self._tick(Progress(self._bytes, self._total))
        run_id = "" if tail.opened is None else tail.opened.run_id
        if run_id:
            self._runs.add(run_id)
        # A copy of a folder has no locks: that the writer is gone is certain when it is silent, too.
        if not tail.closed and (owned or now_ms() - tail.last_time < _GONE_MS):
            self._running += 1
            self._kept.add(run_id)
            return
        if not tail.closed:
            sender.lose()
        self._complete[tail.path] = run_id

    def _append(self) -> Append:
        append = self._store.append_journal

        def act(question: AppendJournal) -> AppendedJournal:
            answer = append(question)
            if answer.refused:
                self._kept.add(question.run_id)
            self._refused += [f"run {question.run_id}: {text}" for text in answer.refused]
            return answer

        return act

    def _send_files(self, run_id: str) -> None:
        for place in sorted((self._path / journals.ARTIFACTS).glob(f"*/{run_id}/artifacts")):
            try:
                uri = self._store.get_run(GetRun(run_id)).run.info.artifact_uri or ""
                self._files += _send_missing(place, open_files(uri, self._uri))
            except (HeadraceError, OSError) as error:
                self._failed.append(f"files of run {run_id}: {error}")
                self._kept.add(run_id)


def _runs_with_files(path: Path) -> set[str]:
    """The runs whose files are in a folder; their journals may have been sent before."""
    return {place.parent.name for place in (path / journals.ARTIFACTS).glob("*/*/artifacts")}


def _send_missing(place: Path, store: ArtifactStore) -> int:
    """Send the files that the store lacks, or has otherwise; how many that were."""
    near, count = local_files(place), 0
    for info in files_below(near, ""):
        if not is_same(near, store, info.path):
            store.write(info.path, near.read(info.path))
            count += 1
    return count


def _is_far(uri: str) -> bool:
    return uri.startswith(("http://", "https://"))
