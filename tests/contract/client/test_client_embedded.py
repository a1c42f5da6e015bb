"""Writers append, readers catch up: a folder in which many processes log while others read."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import headrace
from headrace.entities import Run
from headrace.journal import folder
from headrace.stores.base import TrackingStore
from headrace.stores.resolve import open_store
from headrace.wire import tracking as w

RUN = """
import headrace, os, sys
headrace.set_tracking_uri(sys.argv[1])
with headrace.start_run(run_id=os.environ.get("RESUME")) as run:
    print(run.info.run_id, flush=True)
    for line in sys.stdin:
        exec(line)
        print("done", flush=True)
"""


class Training:
    """A process with an open run, which does what it is told, line by line."""

    def __init__(self, store: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, store],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )  # fmt: skip
        self.run_id = self.process.stdout.readline().strip()

    def does(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def ends(self) -> None:
        self.process.communicate()

    def dies(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store"


@contextmanager
def training(path: Path, **environment: str) -> Iterator[Training]:
    it = Training(path, **environment)
    try:
        yield it
    finally:
        it.process.kill()
        it.process.communicate()


@pytest.fixture
def store(path: Path) -> Iterator[TrackingStore]:
    with closing(open_store(str(path))) as store:
        yield store


def run_of(store: TrackingStore, run_id: str) -> Run:
    return store.get_run(w.GetRun(run_id)).run


def steps(store: TrackingStore, run_id: str, key: str = "m") -> list[int]:
    return [one.step for one in store.get_metric_history(w.GetMetricHistory(run_id, key)).metrics]


def journals(path: Path) -> list[Path]:
    return folder.paths(path / "journals")


def test_a_reader_sees_each_call_of_a_run_that_goes_on(path: Path, store: TrackingStore) -> None:
    with training(path) as it:
        it.does("headrace.log_metric('m', 1, step=0)")
        assert run_of(store, it.run_id).data.metrics == {"m": 1.0}
        it.does("headrace.log_params({'p': 1})")
        it.does("headrace.log_metrics({'m': 2, 'n': 3}, step=1)")
        run = run_of(store, it.run_id)
        assert (run.info.status, run.data.params) == ("RUNNING", {"p": "1"})
        assert run.data.metrics == {"m": 2.0, "n": 3.0}
        assert len(journals(path)) == 1
        it.ends()
    assert run_of(store, it.run_id).info.status == "FINISHED"
    assert journals(path) == []
    assert steps(store, it.run_id) == [0, 1]


def test_a_reader_that_comes_later_goes_on_where_the_last_one_stopped(path: Path) -> None:
    with training(path) as it:
        for step in range(5):
            it.does(f"headrace.log_metric('m', {step}, step={step})")
            it.does(f"headrace.log_metric('new {step}', 1)")
            with closing(open_store(str(path))) as reader:
                assert steps(reader, it.run_id) == list(range(step + 1))
                assert len(run_of(reader, it.run_id).data.metrics) == step + 2


def test_two_readers_at_once_take_nothing_twice(path: Path, store: TrackingStore) -> None:
    with closing(open_store(str(path))) as other, training(path) as it:
        for step in range(10):
            it.does(f"headrace.log_metric('m', 1, step={step})")
            reader = (store, other)[step % 2]
            assert steps(reader, it.run_id) == list(range(step + 1))
        it.ends()
        assert run_of(other, it.run_id).info.status == "FINISHED"
        assert run_of(store, it.run_id).info.status == "FINISHED"


def test_a_run_whose_process_was_killed_has_failed_and_kept_every_point(
    path: Path, store: TrackingStore
) -> None:
    with training(path) as it:
        it.does("headrace.log_metrics({f'm{i}': i for i in range(20)})")
        it.does("[headrace.log_metric('m', i, step=i) for i in range(5_000)]")
        it.dies()
        run = run_of(store, it.run_id)
        assert (run.info.status, run.data.metrics["m"]) == ("FAILED", 4_999.0)
        assert f"process {it.process.pid} on" in run.data.tags["headrace.end_reason"]
        last = store.get_metric_history(w.GetMetricHistory(it.run_id, "m")).metrics[-1]
        assert run.info.end_time == last.timestamp
        assert steps(store, it.run_id) == list(range(5_000))
        assert journals(path) == []


def test_a_run_is_resumed_by_another_process(path: Path, store: TrackingStore) -> None:
    with training(path) as first:
        first.does("headrace.log_param('p', 1)")
        first.dies()
    assert run_of(store, first.run_id).info.status == "FAILED"
    with training(path, RESUME=first.run_id) as second:
        assert second.run_id == first.run_id
        assert run_of(store, first.run_id).info.status == "RUNNING"
        second.does("headrace.log_param('p', 1)")
        second.does("headrace.log_metric('m', 1)")
        second.ends()
    run = run_of(store, first.run_id)
    assert (run.info.status, run.data.params) == ("FINISHED", {"p": "1"})


def test_two_processes_log_to_one_run(path: Path, store: TrackingStore) -> None:
    with training(path) as owner, training(path) as other:
        for step in range(10):
            owner.does(f"headrace.log_metric('m', 1, step={2 * step})")
            other.does(f"headrace.log_metric('m', 1, step={2 * step + 1}, run_id='{owner.run_id}')")
        other.does(f"headrace.log_params({{'q': 2}}, run_id='{owner.run_id}')")
        assert steps(store, owner.run_id) == list(range(20))
        other.dies()
        assert run_of(store, owner.run_id).info.status == "RUNNING"
        assert run_of(store, other.run_id).info.status == "FAILED"
        owner.ends()
    run = run_of(store, owner.run_id)
    assert (run.info.status, run.data.params) == ("FINISHED", {"q": "2"})


def test_a_param_that_another_process_set_otherwise_is_told_on_the_run(
    path: Path, store: TrackingStore
) -> None:
    with training(path) as owner, training(path) as other:
        other.does(f"headrace.log_metric('m', 1, run_id='{owner.run_id}')")
        owner.does("headrace.log_params({'p': 1})")
        run_of(store, owner.run_id)
        other.does(f"headrace.log_params({{'p': 2, 'q': 3}}, run_id='{owner.run_id}')")
        run = run_of(store, owner.run_id)
        assert run.data.params == {"p": "1", "q": "3"}
        assert "already logged with value='1'" in run.data.tags["headrace.refused"]


def test_the_explicit_client_writes_to_a_run_that_only_a_journal_knows(path: Path) -> None:
    with training(path) as it:
        it.does("headrace.log_metric('m', 1)")
        client = headrace.MlflowClient(path)
        client.log_metric(it.run_id, "n", 2)
        client.set_tag(it.run_id, "t", "1")
        it.does("headrace.delete_tag('t')")
        assert client.get_run(it.run_id).data.metrics == {"m": 1.0, "n": 2.0}
        assert "t" not in client.get_run(it.run_id).data.tags


MANY = """
import headrace, sys
headrace.set_tracking_uri(sys.argv[1])
for turn in range(5):
    with headrace.start_run():
        headrace.log_param("p", turn)
        for step in range(500):
            headrace.log_metric("m", step, step=step)
"""


def test_many_processes_log_while_others_read(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", MANY, path]) for _ in range(8)]
    faults: list[Exception] = []

    def read() -> None:
        try:
            with closing(open_store(str(path))) as reader:
                while any(writer.poll() is None for writer in writers):
                    reader.search_runs(w.SearchRuns(["0"]))
        except Exception as error:  # noqa: BLE001  (told below)
            faults.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert [writer.wait(120) for writer in writers] == [0] * 8
    for thread in threads:
        thread.join()
    assert faults == []
    with closing(open_store(str(path))) as reader:
        runs = reader.search_runs(w.SearchRuns(["0"])).runs
        assert [run.info.status for run in runs] == ["FINISHED"] * 40
        for run in runs:
            assert steps(reader, run.info.run_id) == list(range(500))
    assert journals(path) == []


def test_a_damaged_journal_is_left_and_told_and_the_others_are_taken(
    path: Path, store: TrackingStore, caplog: pytest.LogCaptureFixture
) -> None:
    headrace.set_tracking_uri(path)
    with headrace.start_run() as lost:
        headrace.log_metric("m", 1)
    (broken,) = journals(path)
    broken.write_bytes(bytes(4_096) + broken.read_bytes()[4_096:])
    with headrace.start_run() as run:
        headrace.log_metric("m", 1)
    found = store.search_runs(w.SearchRuns(["0"])).runs
    assert [one.info.run_id for one in found] == [run.info.run_id]
    assert f"{broken} is left as it is" in caplog.text
    assert journals(path) == [broken]
    assert lost.info.run_id != run.info.run_id


def test_files_of_a_run_need_no_store_and_are_found_by_it(path: Path) -> None:
    headrace.set_tracking_uri(path)
    headrace.set_experiment("first")
    with headrace.start_run() as run:
        headrace.log_text("text", "a/t.txt")
        assert not (path / "headrace.db").exists()
        assert headrace.get_artifact_uri() == run.info.artifact_uri
    found = headrace.get_run(run.info.run_id)
    assert found.info.artifact_uri == run.info.artifact_uri
    assert found.info.start_time == run.info.start_time
    client = headrace.MlflowClient()
    assert client.get_experiment(run.info.experiment_id).name == "first"
    assert [file.path for file in client.list_artifacts(run.info.run_id, "a")] == ["a/t.txt"]


def test_an_experiment_that_was_chosen_is_there_before_its_first_run(path: Path) -> None:
    headrace.set_tracking_uri(path)
    chosen = headrace.set_experiment("mine")
    headrace.set_experiment_tag("k", "v")
    assert headrace.get_experiment_by_name("mine").experiment_id == chosen.experiment_id
    assert headrace.set_experiment("mine").tags == {"k": "v"}


def test_a_run_begins_in_no_experiment_that_is_not_there(path: Path) -> None:
    headrace.set_tracking_uri(path)
    with pytest.raises(headrace.errors.NotFoundError):
        headrace.start_run(experiment_id="4711")
    with pytest.raises(headrace.errors.NotFoundError):
        headrace.log_metric("m", 1, run_id="0" * 32)


def test_a_folder_that_cannot_be_written_does_not_stop_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = tmp_path / "store"
    path.mkdir()
    (path / "journals").write_text("in the way")
    headrace.set_tracking_uri(path)
    with headrace.start_run():
        headrace.log_metric("m", 1)
    assert "headrace sync" in caplog.text
    (kept,) = (tmp_path / "temporary").rglob("*.journal")
    assert kept.stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "temporary" / f"headrace-{os.getuid()}").stat().st_mode & 0o77 == 0
