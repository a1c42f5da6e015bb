"""Writing a journal: what a training loop calls."""

import itertools
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from headrace.clock import now_ms
from headrace.entities import DatasetInput, LoggedModelInput, LoggedModelOutput, Param, RunTag
from headrace.errors import InvalidStateError, InvalidValueError
from headrace.journal import folder
from headrace.journal.files import AppendedFile
from headrace.journal.overflow import Overflow
from headrace.wire import journal as wire
from headrace.wire.journal import key_word, point_body, point_record
from headrace.wire.limits import check
from headrace.wire.tracking import LogBatch, LogInputs, LogMetric, LogOutputs

_log = logging.getLogger(__name__)
_time_ns = time.time_ns

SourcedKey = tuple[str, str | None, str | None, str | None]
"""A metric's name with the model and the dataset that it is about."""


class Journal:
    """What this process logs to one run.

    A call returns when its record lies in the page cache, which outlives the process. Safe to share
    between threads, to use in signal handlers, and in a forked child, which then writes a journal of
    its own. What no store would keep is refused with `InvalidValueError`; that the disk is full or
    cannot be written never is: a warning is given, memory use is bounded, what is lost is counted.
    """

    def __init__(
        self,
        place: Path,
        opened: wire.Opened,
        *,
        elsewhere: Callable[[], Path] | None = None,
        params: Mapping[str, str] | None = None,
        experiment: wire.NamedExperiment | None = None,
    ) -> None:
        """``elsewhere`` gives a folder for when ``place`` cannot be written; ``params`` are known already."""
        self.run_id = opened.run_id
        self._place, self._elsewhere = place, elsewhere
        self._opened = _signed(opened)
        self._experiment = experiment
        self._words: dict[str | SourcedKey, int] = {}
        self._numbers = itertools.count()
        self._params = dict(params or {})
        self._lock = threading.RLock()
        self._overflow = Overflow(self._make_file)
        self._file = self._overflow.file
        self.closed = False

    @property
    def path(self) -> Path | None:
        """Where it lies, if there was a place for it."""
        return self._overflow.path

    # What a training loop calls

    def log(self, key: str, value: float, step: int) -> None:
        """One point, now. Three calls into C: this is what a training loop pays."""
        try:
            word, now = self._words[key], _time_ns() // 1_000_000
            body_crc = crc32(point_body(word, step, now, value))
            self._file.write(point_record(word, step, now, value, body_crc))
        except (KeyError, TypeError, ValueError, OverflowError, OSError, struct.error):
            self.log_all({key: value}, step, None)

    def log_all(
        self,
        metrics: Mapping[str, float],
        step: int,
        timestamp: int | None,
        source: tuple[str | None, str | None, str | None] | None = None,
    ) -> None:
        """A point of each series at one step and one time, which is now unless given.

        ``source`` is the model and the name and digest of the dataset that they are about.
        """
        now = _time_ns() // 1_000_000 if timestamp is None else timestamp
        words, records = self._words, []
        try:
            for key, value in metrics.items():
                word = words[key if source is None else (key, *source)]
                crc = crc32(point_body(word, step, now, value))
                records.append(point_record(word, step, now, value, crc))
        except (KeyError, TypeError, OverflowError, struct.error):
            self._define(metrics, step, now, source)
            self.log_all(metrics, step, now, source)
            return
        self._write(b"".join(records), len(records))

    def _define(
        self,
        metrics: Mapping[str, float],
        step: int,
        now: int,
        source: tuple[str | None, str | None, str | None] | None,
    ) -> None:
        """Check points whose keys may be new, and give new keys their numbers."""
        about = source or (None, None, None)
        for key, value in metrics.items():
            if not isinstance(key, str):
                raise InvalidValueError(f"A name must be text, not {key!r}.")
            check(LogMetric(self.run_id, key, value, now, step, *about))
            _try_to_pack(value, step, now)
        with self._lock:
            for key in metrics:
                name = key if source is None else (key, *source)
                if name not in self._words:
                    number = next(self._numbers)
                    if number >= wire.MAX_KEYS:
                        raise InvalidValueError(f"A run has at most {wire.MAX_KEYS:,} metrics.")
                    self._record(wire.KEY, wire.SeriesKey(key, *about), number, needed=True)
                    self._words[name] = key_word(number)

    # What is logged now and then

    def log_params(self, params: Sequence[Param]) -> None:
        """Params; one with another value than before in this process is refused, and all with it."""
        with self._lock:
            for start in range(0, max(len(params), 1), _MOST_PARAMS):
                check(LogBatch(self.run_id, params=list(params[start : start + _MOST_PARAMS])))
            changed = [
                param for param in params if self._params.get(param.key, param.value) != param.value
            ]
            if changed:
                raise InvalidValueError(self._told(changed))
            new = [param for param in params if param.key not in self._params]
            if new:
                self._record(wire.PARAMS, new, values=len(new))
                self._params.update((param.key, param.value) for param in new)

    def log_tags(self, tags: Sequence[RunTag]) -> None:
        """Tags; the last value wins."""
        for start in range(0, len(tags), _MOST_PARAMS):
            check(LogBatch(self.run_id, tags=list(tags[start : start + _MOST_PARAMS])))
        if tags:
            self._record(wire.TAGS, list(tags), values=len(tags))

    def log_inputs(
        self, datasets: Sequence[DatasetInput], models: Sequence[LoggedModelInput]
    ) -> None:
        """Datasets and models that the run used."""
        question = LogInputs(self.run_id, list(datasets), list(models))
        check(question)
        self._record(wire.INPUTS, question, values=len(datasets) + len(models))

    def log_outputs(self, models: Sequence[LoggedModelOutput]) -> None:
        """Models that the run made."""
        question = LogOutputs(self.run_id, list(models))
        check(question)
        self._record(wire.OUTPUTS, question, values=len(models))

    # Its end

    def end(self, status: Any, reason: str | None = None) -> None:
        """The run has ended, and the journal with it."""
        self.close(wire.record(wire.END, now_ms(), wire.Ended(status, now_ms(), reason)))

    def close(self, last: bytes = b"") -> None:
        """Nothing more is written; again is no error."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            self._overflow.finish(last + wire.record(wire.CLOSE, now_ms(), wire.Nothing()))
            self._file = self._overflow.file

    def size(self) -> int:
        """How many bytes it has; what is at a lower offset was logged before this call."""
        return self._file.size()

    def sync(self) -> None:
        """Have what was logged survive a power cut; what waits for room on the disk is tried again."""
        self._overflow.retry()
        self._file = self._overflow.file
        self._file.sync()

    def forget(self) -> None:
        """In a forked child: the file is the parent's, the next call begins another."""
        self._lock = threading.RLock()
        if self.closed:
            return
        self._words.clear()
        self._numbers = itertools.count()
        self._opened = wire.Opened(self.run_id, host=self._opened.host, pid=os.getpid())
        self._experiment = None
        self._overflow.file.abandon()
        self._overflow = Overflow(self._make_file, late=True)
        self._file = self._overflow.file

    # How records get into the file

    def _record(
        self, kind: int, payload: Any, number: int = 0, *, values: int = 1, needed: bool = False
    ) -> None:
        data = wire.record(kind, now_ms(), payload, number)
        self._write(data, 0 if needed else values)

    def _write(self, data: bytes, values: int) -> None:
        try:
            self._file.write(data)
        except (ValueError, OSError):
            with self._lock:
                if self.closed:
                    raise InvalidStateError(
                        f"Run {self.run_id} has ended; `start_run(run_id=...)` resumes it."
                    ) from None
                self._overflow.write(data, values)
                self._file = self._overflow.file

    def _make_file(self) -> AppendedFile:
        """A file where there can be one."""
        head = [] if self._experiment is None else [(wire.EXPERIMENT, self._experiment)]
        records = [
            wire.record(kind, now_ms(), payload)
            for kind, payload in [*head, (wire.RUN, self._opened)]
        ]
        try:
            return folder.create(self._place, records)
        except OSError as error:
            if self._elsewhere is None:
                raise
            other = self._elsewhere()
            made = folder.create(other, records)
            _log.warning(
                "%s cannot be written (%s). Run %s is logged to %s instead; `headrace sync %s` sends it to "
                "where it belongs.",
                self._place, error, self.run_id, other, other.parent,
            )  # fmt: skip
            return made

    def _told(self, changed: Sequence[Param]) -> str:
        told = "; ".join(
            f"Param with key='{param.key}' was already logged with value='{self._params[param.key]}' "
            f"for run ID='{self.run_id}'. Attempted logging new value '{param.value}'."
            for param in changed
        )
        return f"Changing param values is not allowed. {told}"


_MOST_PARAMS = 100


def _signed(opened: wire.Opened) -> wire.Opened:
    return wire.Opened(
        opened.run_id, opened.owner, socket.gethostname(), os.getpid(), opened.create
    )


def _try_to_pack(value: float, step: int, now: int) -> None:
    try:
        point_body(0, step, now, value)
    except (struct.error, TypeError, OverflowError) as error:
        raise InvalidValueError(
            f"A metric's value is a number and its step an integer, not {value!r} and {step!r}: {error}."
        ) from error
