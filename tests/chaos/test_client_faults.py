"""Acknowledged is stored, stored was sent, each point once and in order, and the run's state is right."""

import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import headrace
from databases import Databases
from headrace.client.logbook import close_logbooks
from headrace.entities import Run
from proxy import Proxy
from servers import Server

LOG_UNTIL_KILLED = """
import headrace, sys
headrace.set_tracking_uri(sys.argv[1])
run = headrace.start_run()
print(run.info.run_id, flush=True)
step = 0
while True:
    headrace.log_metric("m", step, step=step)
    if step % 7 == 0:
        headrace.log_metrics({"a": step, "b": -step}, step=step)
    if step % 1_000 == 0:
        headrace.log_params({f"p{step}": step})
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
    step += 1
"""


def run_and_steps(run_id: str, key: str = "m") -> tuple[Run, list[int]]:
    client = headrace.MlflowClient()
    history = client.get_metric_history(run_id, key)
    return client.get_run(run_id), [int(point.step) for point in history]


def killed_after(delay_s: float, uri: str) -> tuple[str, int]:
    """The run of a process that was killed after a while, and the last step that it saw acknowledged."""
    command = [sys.executable, "-c", LOG_UNTIL_KILLED, uri]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        run_id = process.stdout.readline().strip()
        timer = threading.Timer(delay_s, process.send_signal, (signal.SIGKILL,))
        timer.start()
        told = process.stdout.read().split("\n")
    whole = [int(line) for line in told[:-1] if line]
    return run_id, whole[-1] if whole else -1


@pytest.mark.rounds(8)
def test_a_kill_at_any_instant_loses_nothing(tmp_path: Path, dice: random.Random) -> None:
    headrace.set_tracking_uri(tmp_path / "store")
    run_id, acknowledged = killed_after(dice.uniform(0, 0.3), str(tmp_path / "store"))
    run, steps = run_and_steps(run_id)
    assert run.info.status == "FAILED"
    assert steps == list(range(len(steps)))
    assert len(steps) > acknowledged
    for key in ("a", "b"):
        _, some = run_and_steps(run_id, key)
        assert some == list(range(0, 7 * len(some), 7))
        assert abs(len(some) - len(steps) / 7) <= 1
    assert len(run.data.params) >= acknowledged // 1_000


@pytest.fixture(scope="module")
def server(headrace_server: Callable[..., Server], databases: Databases) -> Server:
    return headrace_server(databases.new("sqlite"))


@pytest.mark.rounds(2)
def test_a_kill_at_any_instant_loses_nothing_that_was_on_its_way_to_a_server(
    server: Server, dice: random.Random, tmp_path: Path
) -> None:
    headrace.set_tracking_uri(server.url)
    run_id, acknowledged = killed_after(dice.uniform(0, 0.8), server.url)
    with headrace.start_run():  # whose process finds what is left
        deadline = time.monotonic() + 30
        while len(list((tmp_path / "spool").rglob("*.journal"))) > 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    run, steps = run_and_steps(run_id)
    assert run.info.status == "FAILED"
    assert steps == list(range(len(steps)))
    assert len(steps) > acknowledged


@pytest.mark.rounds(2)
def test_a_network_that_comes_and_goes_adds_and_loses_nothing(
    server: Server, dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "30")
    between = Proxy(("127.0.0.1", int(server.url.rpartition(":")[2])))
    between.mend()
    headrace.set_tracking_uri(f"http://127.0.0.1:{between.port}")
    sent = 0
    with headrace.start_run() as run:
        for _ in range(6):
            for _ in range(dice.randrange(1, 20_000)):
                headrace.log_metric("m", sent, step=sent)
                sent += 1
            time.sleep(dice.uniform(0, 0.3))
            between.cut()
            for _ in range(dice.randrange(1, 2_000)):
                headrace.log_metric("m", sent, step=sent)
                sent += 1
            time.sleep(dice.uniform(0, 0.3))
            between.mend()
    between.cut()
    close_logbooks()
    headrace.set_tracking_uri(server.url)
    found, steps = run_and_steps(run.info.run_id)
    assert steps == list(range(sent))
    assert found.info.status == "FINISHED"


@pytest.mark.rounds(1)
def test_a_server_that_is_killed_again_and_again_adds_and_loses_nothing(
    headrace_server: Callable[..., Server],
    databases: Databases,
    dice: random.Random,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "60")
    server = headrace_server(databases.new("sqlite"))
    headrace.set_tracking_uri(server.url)
    sent = 0
    with headrace.start_run() as run:
        for _ in range(4):
            until = time.monotonic() + dice.uniform(0.1, 0.6)
            while time.monotonic() < until:
                headrace.log_metric("m", sent, step=sent)
                sent += 1
            server.kill()
            headrace.log_metric("m", sent, step=sent)
            sent += 1
            server.restart()
    found, steps = run_and_steps(run.info.run_id)
    assert steps == list(range(sent))
    assert found.info.status == "FINISHED"


def forked(key: str, after_s: float) -> int:
    """A child that logs a while and is gone without a word."""
    time.sleep(after_s)
    child = os.fork()
    if child == 0:
        for step in range(200):
            headrace.log_metric(key, step, step=step)
        os._exit(0)
    return child


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.rounds(3)
def test_forks_at_any_instant_while_threads_log(tmp_path: Path, dice: random.Random) -> None:
    headrace.set_tracking_uri(tmp_path / "store")
    stop = threading.Event()
    with headrace.start_run() as run:
        counts = dict.fromkeys(range(3), 0)

        def work(number: int) -> None:
            while not stop.is_set():
                headrace.log_metric(
                    f"thread {number}", 1, step=counts[number], run_id=run.info.run_id
                )
                counts[number] += 1

        threads = [threading.Thread(target=work, args=(number,)) for number in counts]
        for thread in threads:
            thread.start()
        children = [forked(f"child {worker}", dice.uniform(0, 0.01)) for worker in range(8)]
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8
        stop.set()
        for thread in threads:
            thread.join()
    for number, count in counts.items():
        found, steps = run_and_steps(run.info.run_id, f"thread {number}")
        assert steps == list(range(count))
    for worker in range(8):
        found, steps = run_and_steps(run.info.run_id, f"child {worker}")
        assert steps == list(range(200))
    assert found.info.status == "FINISHED"


@pytest.mark.rounds(4)
def test_a_disk_that_is_full_at_any_instant_is_counted_to_the_point(
    tmp_path: Path, dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headrace.journal.overflow.MOST_WAITING", 100_000)
    headrace.set_tracking_uri(tmp_path / "store")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    sent = dice.randrange(20_000, 60_000)
    with headrace.start_run() as run:
        resource.setrlimit(resource.RLIMIT_FSIZE, (dice.randrange(100_000, 400_000), before[1]))
        for step in range(sent):
            headrace.log_metric("m", step, step=step)
        if dice.random() < 0.5:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        headrace.end_run()
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    found, steps = run_and_steps(run.info.run_id)
    assert steps == sorted(set(steps))
    assert int(found.data.tags["headrace.dropped"]) == sent - len(steps)
    assert found.info.status == "FINISHED"


@pytest.mark.rounds(3)
def test_a_clock_that_jumps_rejects_nothing(
    tmp_path: Path, dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_ns = 86_400 * 10**9
    now = time.time_ns()

    def jumping() -> int:
        return now + dice.randrange(-day_ns, day_ns)

    headrace.set_tracking_uri(tmp_path / "store")
    with headrace.start_run() as run:
        monkeypatch.setattr("headrace.journal.writer._time_ns", jumping)
        for step in range(3_000):
            headrace.log_metric("m", step, step=step)
            headrace.log_metric("without steps", step)
        monkeypatch.undo()
    headrace.set_tracking_uri(tmp_path / "store")
    found, steps = run_and_steps(run.info.run_id)
    assert sorted(steps) == list(range(3_000))
    assert found.data.metrics["m"] == 2_999.0
    assert found.info.status == "FINISHED"
    assert len(run_and_steps(run.info.run_id, "without steps")[1]) == 3_000


@pytest.mark.rounds(2)
def test_processes_log_to_one_run_and_some_are_killed(tmp_path: Path, dice: random.Random) -> None:
    store = tmp_path / "store"
    headrace.set_tracking_uri(store)
    script = """
import headrace, sys, time
headrace.set_tracking_uri(sys.argv[1])
for step in range(2_000):
    headrace.log_metric(sys.argv[3], step, step=step, run_id=sys.argv[2])
    if step == 0:
        print("begun", flush=True)
print("done", flush=True)
"""
    with headrace.start_run() as run:
        headrace.get_run(run.info.run_id)
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", script, store, run.info.run_id, f"w{i}"],
                stdout=subprocess.PIPE, text=True,
            )
            for i in range(4)
        ]  # fmt: skip
        assert [writer.stdout.readline() for writer in writers] == ["begun\n"] * 4
        killed = dice.sample(range(4), 2)
        for i in killed:
            writers[i].kill()
        told = [writer.communicate()[0] for writer in writers]
        assert [told[i] for i in range(4) if i not in killed] == ["done\n"] * 2
    for i in range(4):
        found, steps = run_and_steps(run.info.run_id, f"w{i}")
        assert steps == list(range(len(steps)))
        assert i in killed or len(steps) == 2_000
    assert found.info.status == "FINISHED"
