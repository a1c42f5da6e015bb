"""Journals: each byte is taken once, whoever brings it and however often."""

import uuid
import zlib
from typing import Any

import pytest
from msgspec.structs import replace

from headrace.entities import Dataset, DatasetInput, LoggedModelOutput, Metric, Param, RunTag
from headrace.errors import HeadraceError, NotFoundError
from headrace.naming import experiment_id_for, new_run_id
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, exact, exact_metrics, history, run_of, unique
from headrace.wire import journal as wire
from headrace.wire import tracking as w
from headrace.wire.journals import AppendJournal, NumberedKey
from headrace.wire.packing import pack


class Written:
    """A journal in memory, and how its pieces are sent."""

    def __init__(self, run_id: str) -> None:
        self.run_id, self.journal_id = run_id, uuid.uuid4().hex
        self.data = wire.prologue(self.journal_id)

    def add(self, kind: int, payload: Any, number: int = 0, time: int = 1_000) -> int:
        """Add a record; the offset behind it."""
        self.data += wire.record(kind, time, payload, number)
        return len(self.data)

    def point(self, step: int, time: int, value: float, number: int = 0) -> int:
        """Add a point; the offset behind it."""
        word = wire.key_word(number)
        crc = zlib.crc32(wire.point_body(word, step, time, value))
        self.data += wire.point_record(word, step, time, value, crc)
        return len(self.data)

    def piece(
        self, start: int = wire.FIRST, end: int | None = None, **fields: Any
    ) -> AppendJournal:
        """What sends the bytes from ``start`` to ``end``."""
        return AppendJournal(self.run_id, self.journal_id, start, self.data[start:end], **fields)


def begun(experiment_id: str, *, owner: bool = True) -> Written:
    """A journal that makes its run, and knows a metric ``m``."""
    written = Written(new_run_id())
    create = w.CreateRun(experiment_id, "me", "name", 500, [RunTag("k", "v")], written.run_id)
    written.add(wire.RUN, wire.Opened(written.run_id, owner, "host", 7, create))
    written.add(wire.KEY, wire.SeriesKey("m"), 0)
    return written


class JournalContract(Given):
    """What a store does with journals."""

    def test_a_whole_run_comes_out_of_a_journal(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        points = [
            (step, 1_000 + step, value)
            for step, value in enumerate((0.5, -0.0, float("nan"), 1e308))
        ]
        for point in points:
            written.point(*point)
        written.add(wire.PARAMS, [Param(f"p{i}", str(i)) for i in range(250)])
        written.add(wire.TAGS, [RunTag("t", "x" * 5_000)])
        dataset = DatasetInput(Dataset("d", "0a"))
        written.add(wire.INPUTS, w.LogInputs(written.run_id, [dataset]))
        written.add(99, {"from": "a later version"})
        written.add(wire.END, wire.Ended("FINISHED", 2_000))
        written.add(wire.CLOSE, wire.Nothing())
        answer = store.append_journal(written.piece())
        assert (answer.offset, answer.refused) == (len(written.data), [])
        run = run_of(store, written.run_id)
        info = run.info
        assert (info.status, info.start_time, info.end_time) == ("FINISHED", 500, 2_000)
        assert (info.run_name, info.user_id) == ("name", "me")
        assert run.data.params == {f"p{i}": str(i) for i in range(250)}
        assert {"k": "v", "t": "x" * 5_000}.items() <= run.data.tags.items()
        assert run.inputs is not None
        assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["d"]
        assert exact_metrics(history(store, written.run_id)) == exact(points)

    @pytest.mark.parametrize("form", ["plain", "packed"])
    def test_a_piece_that_comes_again_adds_nothing(
        self, store: TrackingStore, experiment_id: str, form: str
    ) -> None:
        written = begun(experiment_id)
        ends = [written.point(step, step, step) for step in range(50)]
        written.add(wire.PARAMS, [Param("p", "1")])
        middle, end = ends[20], len(written.data)
        key = [NumberedKey("m", number=0)]
        pieces = [
            written.piece(wire.FIRST, middle),
            written.piece(wire.FIRST, ends[30]),
            written.piece(wire.FIRST, middle),
            written.piece(ends[10], end, keys=key),
            written.piece(ends[40], end, keys=key),
        ]
        offsets = []
        for piece in pieces:
            question = piece
            if form == "packed":
                question = replace(piece, data=pack(piece.data), packed=True)
            offsets.append(store.append_journal(question).offset)
        assert offsets == [middle, ends[30], ends[30], end, end]
        assert [point.step for point in history(store, written.run_id)] == list(range(50))

    def test_a_piece_behind_a_gap_is_not_taken_and_the_answer_says_from_where(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        first = len(written.data)
        store.append_journal(written.piece())
        middle = written.point(1, 1, 1.0)
        written.point(2, 2, 2.0)
        key = [NumberedKey("m", number=0)]
        assert store.append_journal(written.piece(middle, keys=key)).offset == first
        assert history(store, written.run_id) == []

    def test_what_is_torn_is_left_until_it_is_whole(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        whole = written.point(1, 1, 1.0)
        end = written.point(2, 2, 2.0)
        torn = written.data[wire.FIRST : end - 8] + bytes(8)
        question = AppendJournal(written.run_id, written.journal_id, wire.FIRST, torn)
        assert store.append_journal(question).offset == whole
        assert store.append_journal(written.piece()).offset == end
        assert [point.step for point in history(store, written.run_id)] == [1, 2]

    def test_a_bad_item_is_told_and_holds_up_nothing(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        written.add(wire.PARAMS, [Param("p", "1")])
        written.add(wire.PARAMS, [Param("p", "2"), Param("q", "1"), Param("a@b", "1")])
        written.add(wire.TAGS, [RunTag("a@b", "1"), RunTag("t", "1")])
        written.add(wire.KEY, wire.SeriesKey("a@b"), 1)
        written.point(1, 1, 1.0, number=1)
        written.add(wire.KEY, wire.SeriesKey("lost", model_id="m-none"), 2)
        written.point(1, 1, 1.0, number=2)
        written.add(wire.OUTPUTS, w.LogOutputs(written.run_id, [LoggedModelOutput("m" * 600, 1)]))
        written.point(3, 3, 3.0)
        answer = store.append_journal(written.piece())
        assert len(answer.refused) == 6, answer.refused
        run = run_of(store, written.run_id)
        assert run.data.params == {"p": "1", "q": "1"}
        assert run.data.tags["t"] == "1"
        assert run.data.metrics == {"m": 3.0, "lost": 1.0}
        assert "param 'p'" in run.data.tags["headrace.refused"]
        again = store.append_journal(written.piece())
        assert (again.offset, again.refused) == (len(written.data), [])

    def test_metrics_of_a_model_belong_to_the_model_too(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        model = store.create_logged_model(w.CreateLoggedModel(experiment_id, "m")).model
        written = begun(experiment_id)
        written.add(wire.KEY, wire.SeriesKey("score", model.info.model_id, "d", "0a"), 1)
        written.point(1, 1, 0.25, number=1)
        written.point(2, 2, 0.5, number=1)
        assert store.append_journal(written.piece()).refused == []
        found = store.get_logged_model(w.GetLoggedModel(model.info.model_id)).model
        assert [(one.value, one.dataset_name) for one in found.data.metrics] == [(0.5, "d")]
        assert run_of(store, written.run_id).data.metrics == {"score": 0.5}

    def test_a_run_whose_writer_has_gone_has_failed_until_it_is_back(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        lost = written.point(1, 1_234, 1.0)
        store.append_journal(written.piece())
        assert run_of(store, written.run_id).info.status == "RUNNING"
        store.append_journal(written.piece(lost, lost="Nobody is there."))
        run = run_of(store, written.run_id)
        assert (run.info.status, run.info.end_time) == ("FAILED", 1_234)
        assert run.data.tags["headrace.end_reason"] == "Nobody is there."
        written.point(2, 2_000, 2.0)
        store.append_journal(written.piece(lost, keys=[NumberedKey("m", number=0)]))
        run = run_of(store, written.run_id)
        assert run.info.status == "RUNNING"
        assert "headrace.end_reason" not in run.data.tags
        end = written.add(wire.END, wire.Ended("FINISHED", 3_000))
        written.add(wire.CLOSE, wire.Nothing())
        store.append_journal(written.piece(keys=[]))
        store.append_journal(written.piece(len(written.data), lost="Too late."))
        assert run_of(store, written.run_id).info.status == "FINISHED"
        assert end < len(written.data)

    def test_a_journal_that_does_not_own_its_run_does_not_end_it(
        self, store: TrackingStore, run_id: str
    ) -> None:
        written = Written(run_id)
        written.add(wire.RUN, wire.Opened(run_id, pid=7))
        written.add(wire.KEY, wire.SeriesKey("m"), 0)
        written.point(1, 1, 1.0)
        store.append_journal(written.piece(lost="Gone."))
        run = run_of(store, run_id)
        assert (run.info.status, run.data.metrics) == ("RUNNING", {"m": 1.0})

    def test_two_journals_add_to_one_run_and_the_later_end_counts(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        first = begun(experiment_id)
        first.add(wire.END, wire.Ended("FAILED", 2_000, "first"))
        second = Written(first.run_id)
        second.add(wire.RUN, wire.Opened(first.run_id, owner=True), time=3_000)
        second.add(wire.KEY, wire.SeriesKey("m"), 0, time=3_000)
        second.point(7, 3_000, 7.0)
        second.add(wire.END, wire.Ended("FINISHED", 4_000), time=4_000)
        store.append_journal(first.piece(end=len(first.data) - 64))
        store.append_journal(second.piece())
        store.append_journal(first.piece())
        run = run_of(store, first.run_id)
        assert (run.info.status, run.info.end_time) == ("FINISHED", 4_000)
        assert run.data.metrics == {"m": 7.0}

    def test_an_experiment_made_offline_is_found_by_its_name(self, store: TrackingStore) -> None:
        name = unique("offline")
        named = wire.NamedExperiment(experiment_id_for(name), name)
        for _ in range(2):
            written = Written(new_run_id())
            written.add(wire.EXPERIMENT, named)
            create = w.CreateRun(named.experiment_id, run_id=written.run_id)
            written.add(wire.RUN, wire.Opened(written.run_id, owner=True, create=create))
            store.append_journal(written.piece())
            assert run_of(store, written.run_id).info.experiment_id == named.experiment_id
        found = store.get_experiment_by_name(w.GetExperimentByName(name)).experiment
        assert found.experiment_id == named.experiment_id

    def test_dropped_values_are_counted_on_the_run(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        written.add(wire.DROPPED, wire.Dropped(3))
        written.add(wire.DROPPED, wire.Dropped(4))
        store.append_journal(written.piece())
        assert run_of(store, written.run_id).data.tags["headrace.dropped"] == "7"

    def test_a_run_that_is_deleted_keeps_what_comes(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        start = len(written.data)
        store.append_journal(written.piece())
        store.delete_run(w.DeleteRun(written.run_id))
        written.point(1, 1, 1.0)
        written.add(wire.TAGS, [RunTag("t", "1")])
        store.append_journal(written.piece(start, keys=[NumberedKey("m", number=0)]))
        assert run_of(store, written.run_id).data.metrics == {"m": 1.0}

    def test_a_journal_of_an_unknown_run_is_refused_and_leaves_nothing(
        self, store: TrackingStore
    ) -> None:
        written = Written(new_run_id())
        written.add(wire.RUN, wire.Opened(written.run_id))
        with pytest.raises(NotFoundError):
            store.append_journal(written.piece())

    def test_what_is_no_journal_is_refused(self, store: TrackingStore, run_id: str) -> None:
        written = Written(run_id)
        good = written.piece()
        written.point(1, 1, 1.0, number=5)
        other = begun("0")
        cases = [
            AppendJournal(run_id, "no id", 32, b""),
            AppendJournal(run_id, good.journal_id, 33, b""),
            AppendJournal(run_id, good.journal_id, 32, b"x"),
            AppendJournal(run_id, good.journal_id, 32, b"not packed", packed=True),
            AppendJournal(run_id, good.journal_id, 32, pack(bytes(32))[:-3], packed=True),
            written.piece(),
            AppendJournal(run_id, other.journal_id, 32, other.data[32:]),
        ]
        for case in cases:
            with pytest.raises(HeadraceError) as caught:
                store.append_journal(case)
            assert caught.value.status == 400, caught.value
        assert run_of(store, run_id).data.metrics == {}

    def test_many_points_of_many_series_in_one_piece(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        written = begun(experiment_id)
        for number in range(1, 100):
            written.add(wire.KEY, wire.SeriesKey(f"s/{number}"), number)
        for step in range(100):
            for number in range(100):
                written.point(step, 1_000 + step, number * step, number)
        store.append_journal(written.piece())
        found = history(store, written.run_id, "s/7")
        assert [(one.step, one.value) for one in found] == [(s, 7.0 * s) for s in range(100)]
        assert len(run_of(store, written.run_id).data.metrics) == 100

    def test_one_piece_of_each_run_at_once(self, store: TrackingStore, experiment_id: str) -> None:
        journals = [begun(experiment_id) for _ in range(3)]
        for written in journals:
            written.point(1, 1, 1.0)
            store.append_journal(written.piece())
        values = [run_of(store, written.run_id).data.metric_list for written in journals]
        assert values == [[Metric("m", 1.0, 1, 1)]] * 3
