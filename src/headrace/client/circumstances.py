"""What a run records of itself while it is open: its code, its environment, what it prints, what it uses.

Nothing here makes the start or the end of a run slower: what takes time is done by the threads of
`headrace.client.chores` and `headrace.client.pulse`.
"""

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from headrace import config
from headrace.artifacts.base import ArtifactStore
from headrace.client import environment, git, notebook, secrets, source, working_tree
from headrace.client.chores import chores
from headrace.client.console import Transcript, console
from headrace.client.pulse import Beat, pulse
from headrace.client.remembered import Remembered
from headrace.client.system_metrics import Sampler
from headrace.entities import Metric, Run, RunTag
from headrace.wire.tracking import LogBatch

SOURCE = "source"
ENVIRONMENT = "environment/requirements.txt"
CONSOLE = "console"

LONG_S = 60.0
"""Runs that take longer record system metrics unless told otherwise."""
_SHORT_S = 1.0
_GIT_S = 0.05
_LOOK_S = 1.0
_BYTES_A_SECOND = 128 * 1024


_requirements = Remembered(environment.requirements)


class Circumstances:
    """Of one run, from its start to its end in this process.

    The process that creates a run records all of them. One that joins it later records what it prints
    and uses itself, under a name of its own.
    """

    def __init__(
        self, run: Run, files: ArtifactStore, record: Callable[[LogBatch], object], *, created: bool
    ) -> None:
        self._run, self._files, self._record = run, files, record
        self._created = created
        self._settings = config.settings()
        self._began = time.monotonic()
        self._transcript: Transcript | None = None
        self._stored = 0
        self._stored_at = self._began
        self._last_chore = self._git_chore = 0
        self._ending, self._ended = threading.Lock(), False
        self._beats: list[Beat] = []

    def begin(self, log_system_metrics: bool | None) -> None:
        """Start to record them."""
        if self._created and self._settings.capture_code:
            keep = partial(self._keep_code, source.code_folder(), source.script())
            if git.COMMIT_TAG in self._run.data.tags and git.DIRTY_TAG not in self._run.data.tags:
                self._git_chore = self._last_chore = chores.add("The code", keep, after_s=0)
            else:
                self._later("The code", keep)
        if self._created and self._settings.capture_environment:
            self._later("The environment", self._keep_environment)
        if self._settings.capture_console:
            self._listen()
        self._sample(log_system_metrics)

    def end(self) -> None:
        """Finish, before the run ends. A run that took a second or more waits, within a bound.

        A shorter one waits for Git alone, and not for long: what it says is a tag.
        """
        for beat in self._beats:
            beat.stop()
        chores.wait(self._git_chore, _GIT_S)
        if self._transcript is not None:
            console.take_back(self._transcript)
            self._later("What the run printed", self._keep_console)
        if time.monotonic() - self._began >= _SHORT_S:
            chores.wait(self._last_chore)
        with self._ending:
            self._ended = True
        if self._settings.capture_code and notebook.shell() is not None:
            # The notebook goes on after the run, so nothing is lost if nobody waits.
            self._later("The notebook", self._keep_notebook)

    def _later(self, what: str, act: Callable[[], object]) -> None:
        self._last_chore = chores.add(what, act)

    def _write(self, path: str, data: bytes) -> None:
        self._files.write(path, [data])

    def _keep_environment(self) -> None:
        self._write(ENVIRONMENT, _requirements(tuple(sys.path)).encode())

    def _keep_code(self, folder: Path, script: Path | None) -> None:
        found = working_tree.changes((folder, self._settings.mask_secrets))
        if found is not None:
            if git.DIRTY_TAG not in self._run.data.tags:
                self._tag(RunTag(git.DIRTY_TAG, found.dirty))
            self._keep_changes(found)
        elif script is not None and script.stat().st_size <= working_tree.FILE_BYTES:
            self._write(f"{SOURCE}/{script.name}", self._shown(script.read_bytes()))

    def _tag(self, tag: RunTag) -> None:
        with self._ending:  # a run that has ended takes nothing any more
            if not self._ended:
                self._record(LogBatch(self._run.info.run_id, tags=[tag]))

    def _keep_changes(self, found: working_tree.Changes) -> None:
        if found.patch:
            self._write(f"{SOURCE}/uncommitted.patch", found.patch)
        if found.left_out:
            text = "".join(f"{line}\n" for line in found.left_out)
            self._write(f"{SOURCE}/left_out.txt", text.encode("utf-8", "replace"))

    def _shown(self, data: bytes) -> bytes:
        return secrets.masked_bytes(data) if self._settings.mask_secrets else data

    def _keep_notebook(self) -> None:
        found = notebook.files()
        for name, data in found.items():
            self._write(f"notebook/{name}", self._shown(data))
        page = notebook.page(self._shown(next(reversed(found.values()))))
        if page is not None:
            self._write("notebook/notebook.html", page)

    def _listen(self) -> None:
        transcript = Transcript(secrets.masked_code if self._settings.mask_secrets else str)
        if console.give(transcript):
            self._transcript = transcript
            self._beats.append(pulse.every(_LOOK_S, self._look_at_console))

    def _look_at_console(self) -> None:
        """Store what was printed, the more seldom the more there is: the file is written as a whole."""
        transcript = self._transcript
        if transcript is None or transcript.written == self._stored or not chores.wait(bound_s=0):
            return
        if time.monotonic() - self._stored_at >= transcript.written / _BYTES_A_SECOND:
            self._later("What the run printed", self._keep_console)

    def _keep_console(self) -> None:
        transcript = self._transcript
        if transcript is None or transcript.written == self._stored:
            return
        written = transcript.written
        name = "output" if self._created else source.process_name()
        self._write(f"{CONSOLE}/{name}.log", transcript.text().encode("utf-8", "replace"))
        self._stored, self._stored_at = written, time.monotonic()

    def _sample(self, wanted: bool | None) -> None:
        given = self._settings
        chosen = given.enable_system_metrics_logging if wanted is None else wanted
        if chosen is False:
            return
        node = given.system_metrics_node_id or (None if self._created else source.process_name())
        interval_s = given.system_metrics_sampling_interval
        sampler = Sampler(
            self._keep_metrics,
            started_ms=self._run.info.start_time,
            interval_s=interval_s,
            samples=given.system_metrics_samples_before_logging,
            node=node,
        )
        # The first look is what the second one is compared with.
        first_s = 0.0 if chosen else max(0.0, LONG_S - interval_s)
        self._beats.append(pulse.every(interval_s, sampler.sample, first_s=first_s))

    def _keep_metrics(self, points: list[Metric]) -> None:
        self._record(LogBatch(self._run.info.run_id, points))
