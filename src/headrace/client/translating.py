"""Journals for a server that knows none: what they hold, as the calls that every MLflow server answers."""

import logging
import struct
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from headrace.client.recording import batches
from headrace.entities import Metric, Param, RunTag
from headrace.errors import BadRequestError, InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.wire import journal as wire
from headrace.wire import tracking as w
from headrace.wire.journals import AppendedJournal, AppendJournal

_log = logging.getLogger(__name__)

_METRIC = struct.Struct("<Iqqd4x")


class Translating:
    """Takes pieces of journals as a store does, and makes calls of them.

    The server does not know how far a journal is taken: a piece whose answer was lost is sent again.
    Exact repeats of points, params and tags change nothing there.
    """

    def __init__(self, store: TrackingStore) -> None:
        self._store = store
        self._aliases: dict[str, str] = {}
        """The ids of runs that the server did not let us choose."""

    def append(self, question: AppendJournal) -> AppendedJournal:
        """Take a piece: with all that it holds, or with what the store raises."""
        keys: dict[int, wire.SeriesKey] = {key.number: key for key in question.keys}
        refused: list[str] = []
        end = 0
        for stretch in wire.stretches(question.data):
            if stretch.kind == wire.METRIC:
                self._log(question.run_id, refused, metrics=_points(question.data, stretch, keys))
            else:
                record = wire.record_in(question.data, stretch)
                if record.kind == wire.KEY:
                    keys[record.number] = record.payload
                else:
                    self._do(question.run_id, record, refused)
            end = stretch.end
        if question.lost is not None:
            self._end(question.run_id, "FAILED", None, question.lost)
        return AppendedJournal(question.offset + end, refused)

    def _do(self, run_id: str, record: wire.Record, refused: list[str]) -> None:
        payload: Any = record.payload
        match record.kind:
            case wire.RUN:
                self._open(run_id, payload)
            case wire.PARAMS:
                self._log(run_id, refused, params=payload)
            case wire.TAGS:
                self._log(run_id, refused, tags=payload)
            case wire.DROPPED:
                self._log(run_id, refused, tags=[RunTag(wire.DROPPED_TAG, str(payload.count))])
            case wire.INPUTS:
                self._store.log_inputs(replace(payload, run_id=self._name(run_id)))
            case wire.OUTPUTS:
                self._store.log_outputs(replace(payload, run_id=self._name(run_id)))
            case wire.END:
                self._end(run_id, payload.status, payload.end_time, payload.reason)

    def _open(self, run_id: str, opened: wire.Opened) -> None:
        if opened.create is not None:
            self._create(run_id, opened.create)
        elif opened.owner:
            self._store.update_run(w.UpdateRun(self._name(run_id), "RUNNING"))

    def _create(self, run_id: str, question: w.CreateRun) -> None:
        """Make a run that was begun while the server was away."""
        made = self._store.create_run(question).run.info.run_id
        if made != run_id:
            self._aliases[run_id] = made
            _log.warning("The server gave run %s the id %s.", run_id, made)

    def _name(self, run_id: str) -> str:
        return self._aliases.get(run_id, run_id)

    def _log(
        self,
        run_id: str,
        refused: list[str],
        *,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
    ) -> None:
        for batch in batches(self._name(run_id), metrics, params, tags):
            if self._took(batch, refused):
                continue
            for param in batch.params:
                self._took(w.LogBatch(batch.run_id, params=[param]), refused, tell=True)
            for tag in batch.tags:
                self._took(w.LogBatch(batch.run_id, tags=[tag]), refused, tell=True)
            for metric in batch.metrics:
                self._took(w.LogBatch(batch.run_id, metrics=[metric]), refused, tell=True)

    def _took(self, batch: w.LogBatch, refused: list[str], *, tell: bool = False) -> bool:
        try:
            self._store.log_batch(batch)
        except (InvalidValueError, BadRequestError) as error:
            if tell:
                refused.append(str(error))
            return False
        return True

    def _end(self, run_id: str, status: Any, end_time: int | None, reason: str | None) -> None:
        if reason:
            self._store.set_tag(w.SetTag(self._name(run_id), wire.REASON_TAG, reason))
        self._store.update_run(w.UpdateRun(self._name(run_id), status, end_time))


def _points(data: bytes, stretch: wire.Stretch, keys: dict[int, wire.SeriesKey]) -> list[Metric]:
    points = []
    for word, step, time, value in _METRIC.iter_unpack(data[stretch.start : stretch.end]):
        key = keys[word >> 8]
        points.append(
            Metric(key.key, value, time, step, key.model_id, key.dataset_name, key.dataset_digest)
        )
    return points
