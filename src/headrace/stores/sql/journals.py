"""Taking journals in: each byte once, with the offset written in the same transaction as the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from sqlalchemy import select, update

from headrace.entities import Metric, RunTag
from headrace.errors import BadRequestError, InvalidValueError
from headrace.stores.points import Columns
from headrace.stores.sql import experiments, folding, inputs, models, runs
from headrace.stores.sql.tables import STATUS_NUMBER, journals, tags
from headrace.stores.sql.tables import runs as run_table
from headrace.wire import journal as wire
from headrace.wire import tracking as w
from headrace.wire.journals import AppendedJournal, AppendJournal
from headrace.wire.limits import MAX_PARAMS, check
from headrace.wire.packing import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headrace.stores.sql.transaction import RunKey, Transaction
    from headrace.stores.sql.view import View

OPEN, CLOSED, LOST = 0, 1, 2
_RUNNING = STATUS_NUMBER["RUNNING"]
_FAILED = STATUS_NUMBER["FAILED"]
_LONGEST_REASON = 2_000
_SLOTS = np.dtype({
    "names": ["word", "step", "time", "value"],
    "formats": ["<u4", "<i8", "<i8", "<f8"],
    "offsets": [0, 4, 12, 20],
    "itemsize": wire.SLOT,
})  # fmt: skip


def prepared(question: AppendJournal) -> AppendJournal:
    """The question with its data unpacked, which is done once and before the transaction."""
    if not _JOURNAL_ID.fullmatch(question.journal_id):
        raise InvalidValueError(
            f"'journal_id' must have 32 hex digits, not '{question.journal_id[:100]}'."
        )
    data = unpack(question.data) if question.packed else question.data
    if question.offset % wire.SLOT or len(data) % wire.SLOT:
        raise InvalidValueError(
            f"'offset' and the length of 'data' must be multiples of {wire.SLOT}, where records begin; "
            f"they are {question.offset} and {len(data)}."
        )
    return msgspec.structs.replace(question, data=data, packed=False)


_JOURNAL_ID = re.compile(r"[0-9a-f]{32}")


def append(tx: Transaction, question: AppendJournal) -> AppendedJournal:
    """Take what is new of a piece."""
    entry = _Entry.of(tx, question)
    if question.offset > entry.offset:
        return AppendedJournal(entry.offset)
    piece = _Piece(tx, question, entry)
    piece.take(question.data, entry.offset - question.offset)
    if question.lost is not None:
        piece.lose(question.lost)
    piece.note()
    return AppendedJournal(piece.entry.offset, piece.refused)


def end_lost_runs(tx: Transaction, silent_for_ms: int) -> int:
    """Runs whose writers have not said a word for so long have failed; how many journals that were."""
    query = select(journals).where(
        journals.c.state == OPEN,
        journals.c.seen > 0,
        journals.c.seen < tx.now - silent_for_ms,
    )
    found = [_Entry(*row) for row in tx.rows(query.limit(_LOST_AT_ONCE))]
    names = select(run_table.c.id, run_table.c.run_id).where(
        run_table.c.id.in_({entry.run for entry in found})
    )
    run_ids = {row.id: row.run_id for row in tx.rows(names)} if found else {}
    for entry in found:
        question = AppendJournal(run_ids[entry.run], entry.journal_id, entry.offset)
        piece = _Piece(tx, question, entry)
        piece.lose(f"Nothing was heard of its process for {silent_for_ms // 1000} seconds.")
        piece.note()
    return len(found)


_LOST_AT_ONCE = 1_000


def offset_of(view: View, journal_id: str) -> int:
    """Up to where a journal is taken."""
    rows = view.rows(select(journals.c.offset).where(journals.c.journal_id == journal_id))
    return int(rows[0].offset) if rows else wire.FIRST


class _Entry(NamedTuple):
    """A row of ``journals``."""

    journal_id: str
    run: int
    offset: int
    state: int
    owner: int
    last_time: int
    seen: int

    @classmethod
    def of(cls, tx: Transaction, question: AppendJournal) -> _Entry:
        rows = tx.dialect.select_texts(tx.cursor, journals, "journal_id", [question.journal_id])
        if rows:
            return cls(*rows[0])
        return cls(question.journal_id, 0, wire.FIRST, OPEN, 0, 0, 0)


class _Piece:
    """A piece of a journal on its way into the store."""

    def __init__(self, tx: Transaction, question: AppendJournal, entry: _Entry) -> None:
        self._tx, self._run_id, self.entry = tx, question.run_id, entry
        self._keys: dict[int, wire.SeriesKey] = {}
        self._numbers: dict[int, int] = {}
        self._experiments: dict[str, str] = {}
        self._offset, self._last_time = entry.offset, entry.last_time
        self._seen = tx.now if question.leased else 0
        self._state, self._owner = entry.state, entry.owner
        self.refused: list[str] = []
        self._acts: Mapping[int, Callable[[wire.Record], None]] = {
            wire.KEY: self._define_key,
            wire.EXPERIMENT: self._name_experiment,
            wire.RUN: self._open,
            wire.PARAMS: self._take_params,
            wire.TAGS: self._take_tags,
            wire.INPUTS: self._take_inputs,
            wire.OUTPUTS: self._take_outputs,
            wire.DROPPED: self._count_dropped,
            wire.END: self._end,
            wire.CLOSE: self._close,
        }
        for key in question.keys:
            self._define(key.number, key)
        self.refused.clear()  # that was told when they came

    def take(self, data: bytes, known: int) -> None:
        """Take the whole records of ``data``, of which the first ``known`` bytes are taken already."""
        if self._state == LOST and (len(data) > known or self._seen):
            self._heal()
        for stretch in wire.stretches(data):
            if stretch.end > known:
                self._take(data, stretch._replace(start=max(stretch.start, known)))
                self._offset = self.entry.offset + stretch.end - known
            elif stretch.kind == wire.KEY:
                self._define_key(wire.record_in(data, stretch))
                self.refused.clear()  # it was told before

    def _take(self, data: bytes, stretch: wire.Stretch) -> None:
        if stretch.kind == wire.METRIC:
            self._take_points(data, stretch)
            return
        record = wire.record_in(data, stretch)
        self._last_time = record.time
        if record.kind in self._acts:
            self._acts[record.kind](record)

    @property
    def _run(self) -> RunKey:
        return self._tx.run(self._run_id)

    # Points

    def _take_points(self, data: bytes, stretch: wire.Stretch) -> None:
        count = (stretch.end - stretch.start) // wire.SLOT
        slots = np.frombuffer(data, _SLOTS, count, stretch.start)
        self._last_time = int(slots["time"][-1])
        words = slots["word"] >> 8
        used = np.flatnonzero(np.bincount(words)).tolist()
        for number in used:
            if number not in self._keys:
                raise InvalidValueError(f"'keys' does not say which metric number {number} is.")
        # What no metric can be named is left out: it was told when the name came.
        table = np.array([self._numbers.get(number, -1) for number in range(used[-1] + 1)])
        keys = table[words]
        columns = Columns(
            *(np.ascontiguousarray(slots[name]) for name in ("step", "time", "value"))
        )
        keep = (keys >= 0) & (columns.times >= 0)
        if not keep.all():
            keys, columns = keys[keep], columns.at(keep)
        if len(keys):
            self._tx.add_columns(self._run, keys, columns)
        for number in used:
            if self._keys[number].model_id is not None and number in self._numbers:
                self._take_points_of_model(self._keys[number], slots[words == number])

    def _take_points_of_model(self, key: wire.SeriesKey, slots: Any) -> None:
        about = key.model_id, key.dataset_name, key.dataset_digest
        columns = (slots[name].tolist() for name in ("value", "time", "step"))
        points = [
            Metric(key.key, value, time, step, *about)
            for value, time, step in zip(*columns, strict=True)
        ]
        self._try(
            f"metric '{key.key}' of model {key.model_id}",
            lambda: models.write_metrics(
                self._tx, self._run_id, models.numbers_of(self._tx, [key.model_id or ""]), points
            ),
        )

    def _define(self, number: int, key: wire.SeriesKey) -> None:
        self._keys[number] = wire.SeriesKey(
            key.key, key.model_id, key.dataset_name, key.dataset_digest
        )
        about = key.model_id, key.dataset_name, key.dataset_digest
        if self._try(
            f"metric '{key.key}'",
            lambda: check(w.LogMetric(self._run_id, key.key, 0.0, 0, 0, *about)),
        ):
            self._numbers[number] = self._tx.numbers([key.key])[key.key]

    # Other records

    def _define_key(self, record: wire.Record) -> None:
        self._define(record.number, record.payload)

    def _name_experiment(self, record: wire.Record) -> None:
        named: wire.NamedExperiment = record.payload
        self._experiments[named.experiment_id] = experiments.ensure(self._tx, named)

    def _open(self, record: wire.Record) -> None:
        opened: wire.Opened = record.payload
        if opened.run_id != self._run_id:
            raise BadRequestError(
                f"The journal is about run {opened.run_id}, not about {self._run_id}."
            )
        self._owner = int(opened.owner)
        if opened.create is not None and not self._tx.has_run(self._run_id):
            given = opened.create
            question = msgspec.structs.replace(
                given,
                run_id=self._run_id,
                experiment_id=self._experiments.get(given.experiment_id, given.experiment_id),
            )
            check(question)
            runs.create(self._tx, question)
        elif opened.owner:
            self._set_status(_RUNNING, None, unless_ended_after=record.time)

    def _take_params(self, record: wire.Record) -> None:
        for start in range(0, len(record.payload), MAX_PARAMS):
            some = record.payload[start : start + MAX_PARAMS]
            if not self._write_params(some):
                for param in some:
                    self._try(f"param '{param.key}'", lambda param=param: self._write([param]))  # type: ignore[misc]

    def _write_params(self, params: list[Any]) -> bool:
        try:
            self._write(params)
        except InvalidValueError:
            return False
        return True

    def _write(self, params: list[Any]) -> None:
        check(w.LogBatch(self._run_id, params=params))
        runs.write_params(self._tx, self._run, params)

    def _take_tags(self, record: wire.Record) -> None:
        good = [tag for tag in record.payload if self._is_good(tag)]
        runs.set_tags(self._tx, self._run, good)

    def _is_good(self, tag: RunTag) -> bool:
        return self._try(f"tag '{tag.key}'", lambda: check(w.SetTag("-", tag.key, tag.value)))

    def _take_inputs(self, record: wire.Record) -> None:
        question = msgspec.structs.replace(record.payload, run_id=self._run_id)
        if self._try("inputs", lambda: check(question)):
            self._try("inputs", lambda: inputs.log_inputs(self._tx, question))

    def _take_outputs(self, record: wire.Record) -> None:
        question = msgspec.structs.replace(record.payload, run_id=self._run_id)
        if self._try("outputs", lambda: check(question)):
            self._try("outputs", lambda: inputs.log_outputs(self._tx, question))

    def _count_dropped(self, record: wire.Record) -> None:
        before = self._tag(wire.DROPPED_TAG) or "0"
        count = (int(before) if before.isdecimal() else 0) + record.payload.count
        self._tag_run({wire.DROPPED_TAG: str(count)})

    # The end

    def _end(self, record: wire.Record) -> None:
        ended: wire.Ended = record.payload
        self._set_status(
            STATUS_NUMBER[ended.status], ended.end_time, unless_ended_after=ended.end_time
        )
        if ended.reason:
            self._tag_run({wire.REASON_TAG: ended.reason[:_LONGEST_REASON]})

    def _close(self, _record: wire.Record) -> None:
        self._state = CLOSED

    def lose(self, reason: str) -> None:
        """The writer has gone: a run that lived with it has failed, at the time of its last word."""
        if self._state != OPEN:
            return
        self._state = LOST
        if self._owner and self._status()[0] == _RUNNING:
            end_time = max(self._last_time, self._status()[2])
            self._set_status(_FAILED, end_time)
            self._tag_run({wire.REASON_TAG: reason[:_LONGEST_REASON]})

    def _heal(self) -> None:
        """The writer is there after all."""
        self._state = OPEN
        if self._owner and self._status()[0] == _FAILED:
            self._set_status(_RUNNING, None)
            self._tx.flush()
            key = self._tx.numbers([wire.REASON_TAG])[wire.REASON_TAG]
            self._tx.change(tags.delete().where(tags.c.run == self._run.id, tags.c.key == key))

    def _status(self) -> tuple[int, int | None, int]:
        """Status, end and start of the run."""
        query = select(run_table.c.status, run_table.c.end_time, run_table.c.start_time)
        (row,) = self._tx.rows(query.where(run_table.c.id == self._run.id))
        return tuple(row)

    def _set_status(
        self, status: int, end_time: int | None, *, unless_ended_after: int | None = None
    ) -> None:
        """Change the status, unless the run has ended later, as another journal tells."""
        ended = self._status()[1]
        if unless_ended_after is not None and ended is not None and ended > unless_ended_after:
            return
        values: dict[str, Any] = {"status": status}
        if end_time is not None:
            values["end_time"] = end_time
        self._tx.change(update(run_table).where(run_table.c.id == self._run.id).values(values))
        if status != _RUNNING:
            self._tx.flush()
            folding.finish(self._tx, self._run.id)

    # What is known of the journal afterwards

    def note(self) -> None:
        """Write down how far the journal is taken, and on the run what could not be."""
        if self.refused:
            before = self._tag(wire.REFUSED_TAG)
            told = "\n".join([*([before] if before else []), *self.refused])
            self._tag_run({wire.REFUSED_TAG: told[-_LONGEST_REASON:]})
        self.entry = _Entry(
            self.entry.journal_id, self._run.id, self._offset, self._state, self._owner,
            self._last_time, self._seen,
        )  # fmt: skip
        self._tx.writes += 1
        self._tx.dialect.upsert(self._tx.cursor, journals, [tuple(self.entry)])

    def _tag(self, name: str) -> str | None:
        key = self._tx.numbers([name])[name]
        rows = self._tx.dialect.select_pairs(self._tx.cursor, tags, [(self._run.id, key)])
        return runs.whole(rows[0]) if rows else None

    def _tag_run(self, given: Mapping[str, str]) -> None:
        runs.set_tags(self._tx, self._run, [RunTag(key, value) for key, value in given.items()])

    def _try(self, what: str, act: Callable[[], object]) -> bool:
        """Whether ``act`` was done; what it was refused for is told, and holds up nothing else."""
        try:
            act()
        except (InvalidValueError, BadRequestError) as error:
            self.refused.append(f"{what}: {error}")
            return False
        return True
