"""Files of runs that wait on this machine while their store is away."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

from headrace import plugins
from headrace.artifacts.base import ArtifactStore, Stat
from headrace.artifacts.transfer import files_below
from headrace.client.artifacts import open_files
from headrace.client.connection import shown
from headrace.client.logbook import logbook_of, spool_of
from headrace.entities import FileInfo, Run
from headrace.errors import AWAY, HeadraceError, NotFoundError
from headrace.journal.folder import ARTIFACTS

_log = logging.getLogger(__name__)

_AGAIN_S = 30.0


class PatientFiles:
    """The files of one run: written to their store, or kept in a folder while that is away.

    A write of what can be given only once raises when it finds the store away, and the next one is kept.
    What is read is the store's.
    """

    def __init__(
        self, far: Callable[[], ArtifactStore], folder: Path, is_away: Callable[[], bool]
    ) -> None:
        self._find, self._folder, self._is_away = far, folder, is_away
        self._found: ArtifactStore | None = None
        self._away_until = 0.0
        self._told = False

    @property
    def waiting(self) -> bool:
        """Whether anything is kept."""
        return self._folder.exists()

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        if not self._is_away() and time.monotonic() >= self._away_until:
            try:
                stat = self._far().write(path, chunks)
            except AWAY:
                self._away_until = time.monotonic() + _AGAIN_S
                if isinstance(chunks, Iterator):
                    raise
            else:
                if self.waiting:  # an earlier state of it must not come after this one
                    self._near().delete(path)
                return stat
        if not self._told:
            self._told = True
            _log.warning(
                "The store of the run's files is away; they are kept in %s and sent when it is back.",
                self._folder,
            )
        return self._near().write(path, chunks)

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        return self._far().read(path, start, end)

    def stat(self, path: str) -> Stat:
        return self._far().stat(path)

    def list(self, path: str = "") -> list[FileInfo]:
        return self._far().list(path)

    def delete(self, path: str) -> None:
        self._far().delete(path)

    def send(self) -> None:
        """Send what is kept, and remove it here; raises as the store does, and may be called again."""
        if not self.waiting:
            return
        near = self._near()
        for info in list(files_below(near, "")):
            sent = near.stat(info.path)
            if not is_same(near, self._far(), info.path):
                self._far().write(info.path, near.read(info.path))
            if near.stat(info.path) == sent:  # else it was written again meanwhile
                near.delete(info.path)
        for inner, _, _ in os.walk(self._folder, topdown=False):
            _remove_if_empty(Path(inner))
        for above in list(self._folder.parents)[:3]:  # of the run, of the experiment, of all
            _remove_if_empty(above)

    def _far(self) -> ArtifactStore:
        if self._found is None:
            self._found = self._find()
        return self._found

    def _near(self) -> ArtifactStore:
        return local_files(self._folder)


def files_of(run: Run, tracking_uri: str) -> PatientFiles:
    """The files of a run that is open in this process."""
    run_id, known = run.info.run_id, run.info.artifact_uri

    def find() -> ArtifactStore:
        uri = known or logbook_of(tracking_uri).stored(run_id).info.artifact_uri
        return open_files(uri or "", tracking_uri)

    folder = spool_of(tracking_uri) / ARTIFACTS / run.info.experiment_id / run_id / "artifacts"
    return PatientFiles(find, folder, lambda: logbook_of(tracking_uri).away)


def anything_waits(tracking_uri: str) -> bool:
    """Whether files wait for a store."""
    return (spool_of(tracking_uri) / ARTIFACTS).exists()


def send_waiting(tracking_uri: str) -> None:
    """Send the files of all runs that wait for a store; what is still away, or not there yet, goes on waiting."""
    spool = spool_of(tracking_uri)
    for folder in (spool / ARTIFACTS).glob("*/*/artifacts"):
        run_id = folder.parent.name
        try:
            files_of(logbook_of(tracking_uri).stored(run_id), tracking_uri).send()
        except (HeadraceError, OSError) as error:
            _log.error(
                "Files of run %s wait in %s: %s. The next program that logs there sends them, or "
                "`headrace sync %s --to %s`.",
                run_id, folder, error, spool, shown(tracking_uri),
            )  # fmt: skip
            if isinstance(error, AWAY):
                return


def local_files(folder: Path) -> ArtifactStore:
    """The files of a folder of this machine."""
    return cast("ArtifactStore", plugins.load("headrace.artifacts.local:LocalArtifacts")(folder))


def is_same(near: ArtifactStore, far: ArtifactStore, path: str) -> bool:
    """Whether the file is there as it is here."""
    try:
        there = far.stat(path)
    except NotFoundError:
        return False
    here = near.stat(path)
    return there.size == here.size and (there.sha256 or here.sha256) == here.sha256


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
