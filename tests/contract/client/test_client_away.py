"""What logging does while the store is away: it goes on, says so once, and sends it later."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

import headrace
from databases import Databases
from headrace.client import recorder as recorders
from headrace.client.recorder import StoreRecorder
from headrace.entities import Dataset, Metric, Param
from headrace.errors import HeadraceError, InternalError, InvalidValueError, UnavailableError
from headrace.stores.resolve import open_store
from headrace.wire.tracking import CreateRun, GetRun, LogBatch
from servers import Server


class Leaving:
    """A real store that can be away."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(str(folder))
        self.error: Exception | None = None
        self.asked = 0

    def log_batch(self, batch: LogBatch) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        self.store.log_batch(batch)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def leaving(tmp_path: Path):
    store = Leaving(tmp_path / "store")
    yield store
    store.store.close()


@pytest.fixture
def run_id(leaving: Leaving) -> str:
    return leaving.store.create_run(CreateRun("0")).run.info.run_id


def stored(leaving: Leaving, run_id: str) -> dict[str, float]:
    return leaving.store.get_run(GetRun(run_id)).run.data.metrics


@pytest.mark.parametrize(
    "error",
    [UnavailableError("away"), OSError(28, "No space left on device")],
    ids=["away", "full"],
)
def test_values_wait_while_the_store_is_away(leaving, run_id, error, caplog) -> None:
    clock = Clock()
    recorder = StoreRecorder(leaving, clock=clock)
    leaving.error = error
    with caplog.at_level(logging.WARNING):
        for i in range(100):
            recorder.log(LogBatch(run_id, [Metric(f"m{i}", i, 1)]))
    assert leaving.asked == 1, "a store that is away is not asked for every value"
    assert len(caplog.records) == 1
    leaving.error = None
    clock.now = 1_000
    recorder.log(LogBatch(run_id, [Metric("last", 1, 1)]))
    assert len(stored(leaving, run_id)) == 101


def test_a_fault_of_the_store_does_not_stop_training(leaving, run_id, caplog) -> None:
    recorder = StoreRecorder(leaving, clock=Clock())
    leaving.error = InternalError("a bug")
    recorder.log(LogBatch(run_id, [Metric("m", 1, 1)]))
    with caplog.at_level(logging.WARNING):
        recorder.flush(final=True)
    assert "refused: a bug" in caplog.text
    assert "1 logged values were not stored" in caplog.text


def test_a_bad_value_raises_even_while_the_store_is_away(leaving, run_id) -> None:
    recorder = StoreRecorder(leaving, clock=Clock())
    leaving.error = UnavailableError("away")
    recorder.log(LogBatch(run_id, [Metric("m", 1, 1)]))
    with pytest.raises(InvalidValueError):
        recorder.log(LogBatch(run_id, [Metric("a@b", 1, 1)]))


def test_one_value_that_is_refused_later_does_not_hold_up_the_rest(leaving, run_id, caplog) -> None:
    recorder = StoreRecorder(leaving, clock=Clock())
    recorder.log(LogBatch(run_id, params=[Param("p", "1")]))
    leaving.error = UnavailableError("away")
    recorder.log(LogBatch(run_id, [Metric("before", 1, 1)]))
    recorder.log(LogBatch(run_id, params=[Param("p", "2")]))
    recorder.log(LogBatch(run_id, [Metric("after", 1, 1)]))
    leaving.error = None
    with caplog.at_level(logging.WARNING):
        recorder.flush(final=True)
    assert stored(leaving, run_id) == {"before": 1.0, "after": 1.0}
    assert "refused" in caplog.text


def test_memory_is_bounded_and_what_is_lost_is_counted(
    leaving, run_id, caplog, monkeypatch
) -> None:
    monkeypatch.setattr(recorders, "MAX_WAITING", 10)
    recorder = StoreRecorder(leaving, clock=Clock())
    leaving.error = UnavailableError("away")
    for i in range(25):
        recorder.log(LogBatch(run_id, [Metric("m", i, 1, i)]))
    assert len(recorder._waiting) == 10
    with caplog.at_level(logging.ERROR):
        recorder.flush(final=True)
    assert "25 logged values were not stored" in caplog.text


def test_training_goes_on_when_the_server_dies_and_nothing_is_missing_when_it_is_back(
    headrace_server: Callable[..., Server],
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("HEADRACE_HTTP_REQUEST_MAX_RETRIES", "0")
    server = headrace_server(databases.new("sqlite"))
    headrace.set_tracking_uri(server.url)
    with headrace.start_run() as run:
        headrace.log_metric("m", 0, step=0)
        server.kill()
        with caplog.at_level(logging.WARNING):
            for i in range(1, 50):
                headrace.log_metric("m", i, step=i)
            headrace.log_param("p", 1)
            headrace.log_text("kept", "t.txt")
            headrace.log_dict({"a": 1}, "d.json")
            headrace.log_input(Dataset("d", "0a"))
        assert len([r for r in caplog.records if "Training goes on" in r.message]) == 1
        with pytest.raises(HeadraceError, match="No answer"):
            headrace.log_metric("m", 1, step=99, synchronous=True)
        server.restart()
    found = headrace.get_run(run.info.run_id)
    assert (found.info.status, found.data.params) == ("FINISHED", {"p": "1"})
    assert [entry.dataset.name for entry in found.inputs.dataset_inputs] == ["d"]
    history = headrace.MlflowClient().get_metric_history(run.info.run_id, "m")
    assert sorted(point.step for point in history) == list(range(50))
    files = headrace.MlflowClient().list_artifacts(run.info.run_id)
    assert [file.path for file in files] == ["d.json", "t.txt"]


def test_a_program_ends_even_if_its_server_never_comes_back(
    headrace_server: Callable[..., Server],
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("HEADRACE_HTTP_REQUEST_MAX_RETRIES", "0")
    server = headrace_server(databases.new("sqlite"))
    headrace.set_tracking_uri(server.url)
    with caplog.at_level(logging.ERROR), headrace.start_run():
        server.kill()
        headrace.log_metrics({"a": 1, "b": 2})
        headrace.log_text("lost", "t.txt")
        with pytest.raises(InvalidValueError):
            headrace.log_text("x", "../t.txt")
        with pytest.raises(InvalidValueError):
            headrace.log_artifact("/no/such/file")
    assert "2 logged values were not stored" in caplog.text
    assert "'t.txt' was not stored" in caplog.text
    assert "could not be marked FINISHED" in caplog.text
