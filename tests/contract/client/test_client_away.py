"""What logging does while the server is away, hung or loses answers: it goes on, and nothing is lost."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import headrace
from databases import Databases
from headrace.client import syncing
from headrace.client.logbook import close_logbooks
from headrace.entities import Dataset
from headrace.errors import HeadraceError, InvalidValueError
from headrace.fluent import current
from headrace.journal import shipper
from headrace.server import leases
from headrace.stores.sql import connect
from headrace.wire import tracking as w
from servers import Server


@pytest.fixture
def own_server(
    headrace_server: Callable[..., Server],
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
) -> Server:
    """A server that the test may kill, and a client that does not ask it long."""
    monkeypatch.setenv("HEADRACE_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "0.5")
    server = headrace_server(databases.new("sqlite"))
    headrace.set_tracking_uri(server.url)
    return server


def steps(run_id: str, key: str = "m") -> list[int]:
    history = headrace.MlflowClient().get_metric_history(run_id, key)
    return [point.step for point in history]


def journals(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "spool").rglob("*.journal"))


@contextmanager
def hung_server() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_training_goes_on_when_the_server_dies_and_nothing_is_missing_when_it_is_back(
    own_server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with headrace.start_run() as run:
        headrace.log_metric("m", 0, step=0)
        own_server.kill()
        with caplog.at_level(logging.WARNING):
            for i in range(1, 50):
                headrace.log_metric("m", i, step=i)
            headrace.log_param("p", 1)
            headrace.log_text("kept", "t.txt")
            headrace.log_dict({"a": 1}, "d.json")
            headrace.log_input(Dataset("d", "0a"))
        with pytest.raises(HeadraceError, match="No answer"):
            headrace.log_metric("m", 1, step=99, synchronous=True)
        own_server.restart()
    assert len([r for r in caplog.records if "cannot be reached now" in r.message]) == 1
    found = headrace.get_run(run.info.run_id)
    assert (found.info.status, found.data.params) == ("FINISHED", {"p": "1"})
    assert [entry.dataset.name for entry in found.inputs.dataset_inputs] == ["d"]
    assert steps(run.info.run_id) == list(range(50))
    files = headrace.MlflowClient().list_artifacts(run.info.run_id)
    assert [file.path for file in files] == ["d.json", "t.txt"]
    assert journals(tmp_path) == []


def test_a_whole_run_is_kept_while_the_server_is_away(
    own_server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own_server.kill()
    headrace.set_experiment("made while it was away")
    with caplog.at_level(logging.ERROR), headrace.start_run() as run:
        headrace.log_metrics({"a": 1, "b": 2})
        with pytest.raises(InvalidValueError):
            headrace.log_text("x", "../t.txt")
        with pytest.raises(InvalidValueError):
            headrace.log_artifact("/no/such/file")
    assert "headrace sync" in caplog.text
    (kept,) = journals(tmp_path)
    own_server.restart()
    headrace.flush_async_logging()
    client = headrace.MlflowClient()
    found = client.get_run(run.info.run_id)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"a": 1.0, "b": 2.0})
    experiment = client.get_experiment(found.info.experiment_id)
    assert experiment.name == "made while it was away"
    assert not kept.exists()


def test_the_next_program_sends_what_the_last_one_could_not(
    own_server: Server, tmp_path: Path
) -> None:
    own_server.kill()
    (tmp_path / "model.bin").write_bytes(b"weights")
    with headrace.start_run() as lost:
        headrace.log_metric("m", 1)
        headrace.log_artifact(tmp_path / "model.bin", "model")
        headrace.log_text("first", "notes.txt")
        headrace.log_text("second", "notes.txt")
    close_logbooks()
    assert len(journals(tmp_path)) == 1
    own_server.restart()
    with headrace.start_run():
        headrace.flush_async_logging()
    headrace.flush_async_logging()
    wait_for(lambda: journals(tmp_path) == [])
    assert headrace.get_run(lost.info.run_id).info.status == "FINISHED"
    root = f"runs:/{lost.info.run_id}"
    assert headrace.artifacts.load_text(f"{root}/notes.txt") == "second"
    assert headrace.artifacts.load_text(f"{root}/model/model.bin") == "weights"
    assert list((tmp_path / "spool").rglob("artifacts")) == [], "what was sent is removed"


def test_files_outlive_a_kill_while_the_server_is_away(own_server: Server, tmp_path: Path) -> None:
    script = """
import os, headrace
with headrace.start_run(run_id=os.environ["RUN"]):
    headrace.log_text("kept", "t.txt")
    os.kill(os.getpid(), 9)
"""
    with headrace.start_run() as run:
        headrace.log_metric("m", 1)
    own_server.kill()
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"RUN": run.info.run_id, "MLFLOW_TRACKING_URI": own_server.url},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "kept in" in done.stderr
    own_server.restart()
    (kept,) = (tmp_path / "spool").rglob("t.txt")
    assert syncing.sync(kept.parents[4], own_server.url).files == 1
    assert headrace.artifacts.load_text(f"runs:/{run.info.run_id}/t.txt") == "kept"


def test_what_is_written_when_the_server_is_back_is_not_undone_by_what_waited(
    own_server: Server,
) -> None:
    with headrace.start_run() as run:
        own_server.kill()
        headrace.log_text("earlier", "t.txt")
        headrace.log_text("only earlier", "u.txt")
        own_server.restart()
        headrace.flush_async_logging()
        current.top().files._away_until = 0  # half a minute has passed
        headrace.log_text("later", "t.txt")
    root = f"runs:/{run.info.run_id}"
    assert headrace.artifacts.load_text(f"{root}/t.txt") == "later"
    assert headrace.artifacts.load_text(f"{root}/u.txt") == "only earlier"


def test_what_could_not_be_sent_can_be_synced(own_server: Server, tmp_path: Path) -> None:
    own_server.kill()
    with headrace.start_run() as run:
        headrace.log_metric("m", 1)
    close_logbooks()
    own_server.restart()
    (kept,) = journals(tmp_path)
    assert syncing.sync(kept.parent.parent, own_server.url).runs == 1
    assert headrace.MlflowClient().get_run(run.info.run_id).info.status == "FINISHED"


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_hung_server_makes_no_call_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_HTTP_REQUEST_TIMEOUT", "0.3")
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "0.5")
    with hung_server() as url:
        headrace.set_tracking_uri(url)
        headrace.set_experiment("hung")
        with headrace.start_run() as run:
            for i in range(20_000):
                headrace.log_metric("m", i, step=i)
        assert run.info.run_id
        close_logbooks()


class LosingReplies(threading.Thread):
    """Passes requests on to a server; the answer to each first request is lost."""

    def __init__(self, target: str) -> None:
        super().__init__(daemon=True)
        self.target = ("127.0.0.1", int(target.rpartition(":")[2]))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.seen: set[bytes] = set()
        self.lost = 0

    def run(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.create_connection(self.target) as far:
            while request := self._message(near):
                far.sendall(request)
                reply = self._message(far)
                body = request.partition(b"\r\n\r\n")[2]
                if body and body not in self.seen:
                    self.seen.add(body)
                    self.lost += 1
                    return
                near.sendall(reply)

    @staticmethod
    def _message(near: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = near.recv(1 << 20)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(body) < length:
            body += near.recv(1 << 20)
        return head + b"\r\n\r\n" + body


def test_an_answer_that_is_lost_adds_nothing(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "20")
    between = LosingReplies(own_server.url)
    between.start()
    headrace.set_tracking_uri(between.url)
    with headrace.start_run() as run:
        for i in range(300):
            headrace.log_metric("m", i, step=i)
            if i % 100 == 0:
                headrace.flush_async_logging()
        headrace.log_params({"p": 1})
    between.listener.close()
    headrace.set_tracking_uri(own_server.url)
    assert between.lost >= 4
    assert steps(run.info.run_id) == list(range(300))
    found = headrace.get_run(run.info.run_id)
    assert (found.info.status, found.data.params) == ("FINISHED", {"p": "1"})


KILLED = """
import headrace, os, sys
headrace.set_tracking_uri(sys.argv[1])
run = headrace.start_run()
print(run.info.run_id)
for i in range(5_000):
    headrace.log_metric("m", i, step=i)
sys.stdout.flush()
os.kill(os.getpid(), 9)
"""


def test_a_killed_process_loses_nothing_and_the_next_one_tells_the_server(
    own_server: Server, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, own_server.url],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    run_id = done.stdout.strip()
    with headrace.start_run():
        wait_for(lambda: len(journals(tmp_path)) == 1)
    run = headrace.get_run(run_id)
    assert run.info.status == "FAILED"
    assert "is gone" in run.data.tags["headrace.end_reason"]
    assert steps(run_id) == list(range(5_000))


def test_a_run_that_the_server_hears_nothing_of_fails_and_heals(
    databases: Databases, own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipper, "_LEASE_S", 0.0)
    with headrace.start_run() as run:
        headrace.log_metric("m", 1)
        headrace.flush_async_logging()
        (store,) = [connect(url) for url in [str(own_server.command[5])]]
        try:
            monkeypatch.setattr(shipper, "_LEASE_S", 1_000.0)
            time.sleep(0.3)  # a word that was on its way has come
            store.end_lost_runs(1)
            found = store.get_run(w.GetRun(run.info.run_id)).run
            assert found.info.status == "FAILED"
            assert "Nothing was heard" in found.data.tags["headrace.end_reason"]
            monkeypatch.setattr(shipper, "_LEASE_S", 0.0)
            wait_for(lambda: store.get_run(w.GetRun(run.info.run_id)).run.info.status == "RUNNING")
        finally:
            store.close()
        headrace.log_metric("m", 2, step=2)
    found = headrace.get_run(run.info.run_id)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"m": 2.0})


def test_a_server_looks_for_runs_without_a_process(own_server: Server) -> None:
    store = connect(str(own_server.command[5]))
    stop = threading.Event()
    thread = leases.keep_leases(store, stop, every_s=0.01, silent_ms=1)
    assert thread is not None
    with headrace.start_run() as run:
        headrace.log_metric("m", 1)
        headrace.flush_async_logging()
        wait_for(lambda: store.get_run(w.GetRun(run.info.run_id)).run.info.status == "FAILED")
        stop.set()
        thread.join()
    store.close()
    assert headrace.get_run(run.info.run_id).info.status == "FINISHED"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_forked_workers_log_arrives(own_server: Server, monkeypatch) -> None:
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "20")
    with headrace.start_run() as run:
        headrace.log_metric("m", 0, step=0)
        children = []
        for worker in range(1, 5):
            child = os.fork()
            if child == 0:
                for step in range(100):
                    headrace.log_metric(f"worker {worker}", step, step=step)
                os._exit(0)
            children.append(child)
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
        headrace.log_metric("m", 1, step=1)
    for worker in range(1, 5):
        name = f"worker {worker}"
        # A worker that is just gone may leave its part to who looks next.
        wait_for(lambda name=name: steps(run.info.run_id, name) == list(range(100)))
    assert steps(run.info.run_id) == [0, 1]


def test_a_refused_param_is_told_and_does_not_hold_up_the_rest(
    own_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), headrace.start_run() as run:
        headrace.MlflowClient().log_param(run.info.run_id, "p", "1")
        headrace.log_params({"p": 2, "q": 3})
        headrace.log_metric("m", 1)
    found = headrace.get_run(run.info.run_id)
    assert (found.data.params, found.data.metrics) == ({"p": "1", "q": "3"}, {"m": 1.0})
    assert "already logged with value='1'" in caplog.text
    assert "already logged" in found.data.tags["headrace.refused"]
