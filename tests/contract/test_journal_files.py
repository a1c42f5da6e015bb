"""Journals on a disk: written by threads, signal handlers and forked children, and killed at any time."""

import gc
import logging
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headrace.entities import Param, RunTag
from headrace.errors import InvalidStateError, InvalidValueError
from headrace.journal import files, folder, overflow
from headrace.journal.reader import Tail
from headrace.journal.writer import Journal
from headrace.wire import journal as wire


@pytest.fixture(params=["mapped", "plain"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setattr(files, "maps_well", lambda _folder: False)
    return request.param


@pytest.fixture(autouse=True)
def nothing_open() -> Iterator[None]:
    """Other tests count what is open."""
    yield
    gc.collect()


@pytest.fixture
def journal(kind: str, tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journals", wire.Opened("run", owner=True))
    yield journal
    journal.close()


def read(path: Path) -> list[tuple[Any, ...]]:
    """Every point and every other record of a journal."""
    tail = Tail(path)
    found: list[tuple[Any, ...]] = []
    for part in tail.ranges():
        names = dict(part.keys)
        for stretch in wire.stretches(part.data):
            if stretch.kind == wire.METRIC:
                names |= {number: tail.keys[number] for number in tail.keys}
                found += points_in(part.data[stretch.start : stretch.end], names)
            else:
                record = wire.record_in(part.data, stretch)
                if record.kind != wire.KEY:
                    found.append((record.kind, record.payload))
    tail.close()
    return found


def points_in(data: bytes, names: dict[int, wire.SeriesKey]) -> list[tuple[Any, ...]]:
    return [
        (names[word >> 8].key, step, value)
        for word, step, _, value, _ in wire.struct.iter_unpack("<IqqdI", data)
    ]


def points(path: Path) -> list[tuple[Any, ...]]:
    return [entry for entry in read(path) if isinstance(entry[0], str)]


def test_what_was_logged_is_read_at_once_and_after_the_end(journal: Journal) -> None:
    journal.log("loss", 0.5, 1)
    journal.log_all({"a": 1, "b": math.inf}, 2, 1_000)
    journal.log_params([Param("p", "1")])
    journal.log_tags([RunTag("t", "x" * 100_000)])
    expected = [
        (wire.PARAMS, [Param("p", "1")]),
        (wire.TAGS, [RunTag("t", "x" * 100_000)]),
    ]
    live = read(journal.path)
    assert live[1:] == [("loss", 1, 0.5), ("a", 2, 1.0), ("b", 2, math.inf), *expected]
    journal.end("FINISHED")
    assert [entry[0] for entry in read(journal.path)[-2:]] == [wire.END, wire.CLOSE]
    assert read(journal.path)[:-2] == live
    assert journal.path.stat().st_size == journal.size()


def test_many_points_go_through_every_window(journal: Journal) -> None:
    for step in range(300_000):
        journal.log("m", step, step)
    assert points(journal.path) == [("m", step, float(step)) for step in range(300_000)]


def test_each_thread_keeps_its_order_and_no_point_is_lost(journal: Journal) -> None:
    def work(name: str) -> None:
        for step in range(5_000):
            journal.log(name, step, step)
            if step % 100 == 0:
                journal.log_tags([RunTag(f"{name}.{step}", "v" * 3_000)])

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = points(journal.path)
    for i in range(8):
        assert [step for key, step, _ in found if key == f"t{i}"] == list(range(5_000))


def test_a_signal_handler_may_log_in_the_middle_of_a_call(journal: Journal) -> None:
    count = 0

    def handler(_number: int, _frame: object) -> None:
        nonlocal count
        journal.log("signal", 1, count)
        count += 1
        signal.setitimer(signal.ITIMER_REAL, 0.0003)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0003)
    try:
        for step in range(100_000):
            journal.log("loop", step, step)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    found = points(journal.path)
    assert [step for key, step, _ in found if key == "loop"] == list(range(100_000))
    assert [step for key, step, _ in found if key == "signal"] == list(range(count))
    assert count > 10


def test_an_interrupt_at_any_instant_loses_no_point_whose_call_returned(journal: Journal) -> None:
    returned: list[int] = []

    def handler(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    step = interrupts = 0
    while interrupts < 300:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0005)
            while True:
                journal.log("m", step, step)
                returned.append(step)
                journal.log_tags([RunTag("t", "v" * 2_000)])
                step += 1
        except KeyboardInterrupt:
            interrupts += 1
            step += 1
    signal.signal(signal.SIGALRM, before)
    stored = [step for _, step, _ in points(journal.path)]
    assert set(returned) <= set(stored)
    assert stored == sorted(set(stored)), "each once, in order"


@pytest.mark.parametrize(
    ("key", "value", "step"),
    [
        ("a@b", 1.0, 0),
        ("m", "x", 0),
        ("m", None, 0),
        ("m", 1.0, 2**63),
        ("m", 1.0, 1.5),
        (7, 1.0, 0),
    ],
)
def test_bad_points_are_refused_and_leave_nothing(journal, key, value, step) -> None:
    journal.log("m", 1.0, 0)
    with pytest.raises(InvalidValueError):
        journal.log(key, value, step)
    with pytest.raises(InvalidValueError):
        journal.log_all({"good": 1.0, key: value}, step, None)
    with pytest.raises(InvalidValueError):
        journal.log_all({"good": 1.0}, 0, -1)
    assert points(journal.path) == [("m", 0, 1.0)]


def test_a_param_is_written_once(journal: Journal) -> None:
    journal.log_params([Param("p", "1"), Param("q", "1")])
    journal.log_params([Param("p", "1")])
    with pytest.raises(InvalidValueError, match="logged with value='1'"):
        journal.log_params([Param("new", "1"), Param("p", "2")])
    with pytest.raises(InvalidValueError):
        journal.log_params([Param("too long", "x" * 2_000_000)])
    assert [entry for entry in read(journal.path) if entry[0] == wire.PARAMS] == [
        (wire.PARAMS, [Param("p", "1"), Param("q", "1")])
    ]


def test_a_journal_that_is_closed_takes_nothing_more(journal: Journal) -> None:
    journal.end("FINISHED")
    journal.end("FAILED")
    with pytest.raises(InvalidStateError, match="has ended"):
        journal.log("m", 1.0, 0)
    assert [entry[1].status for entry in read(journal.path) if entry[0] == wire.END] == ["FINISHED"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_writes_a_journal_of_its_own(journal: Journal, tmp_path: Path) -> None:
    journal.log("m", 0.0, 0)
    child = os.fork()
    if child == 0:
        journal.forget()
        for step in range(1_000):
            journal.log("m", 1.0, step)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    journal.log("m", 0.0, 1)
    assert points(journal.path) == [("m", 0, 0.0), ("m", 1, 0.0)]
    (other,) = [path for path in folder.paths(tmp_path / "journals") if path != journal.path]
    assert len(points(other)) == 1_000
    tail = Tail(other)
    list(tail.ranges())
    assert (tail.opened.run_id, tail.opened.owner) == ("run", False)
    assert not tail.is_owned()


def test_a_journal_has_an_owner_as_long_as_its_process_lives(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from headrace.journal.writer import Journal\nfrom headrace.wire.journal import Opened\n"
        "j = Journal(pathlib.Path(sys.argv[1]), Opened('r', owner=True))\n"
        "j.log('m', 1.0, 0)\nprint('ready', flush=True)\nsys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    (path,) = folder.paths(tmp_path)
    tail = Tail(path)
    assert tail.is_owned()
    process.kill()
    process.communicate()
    assert not tail.is_owned()
    assert points(path) == [("m", 0, 1.0)]


WRITER = """
import sys, pathlib
from headrace.journal.writer import Journal
from headrace.wire.journal import Opened
from headrace.entities import RunTag
journal = Journal(pathlib.Path(sys.argv[1]), Opened("r", owner=True))
step = 0
while True:
    journal.log_all({"a": step, "b": step}, step, None)
    if step % 50 == 0:
        journal.log_tags([RunTag("t", "x" * (step % 9_000))])
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
    step += 1
"""


@pytest.mark.parametrize("after", [1, 2_000, 30_000])
def test_a_killed_process_loses_nothing_that_a_call_returned_from(
    tmp_path: Path, after: int
) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE)
    told = [int(process.stdout.readline()) for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    told += [int(line) for line in process.communicate()[0].splitlines() if line]
    (path,) = folder.paths(tmp_path)
    found = points(path)
    for key in ("a", "b"):
        steps = [step for name, step, _ in found if name == key]
        assert steps == list(range(len(steps)))
        assert len(steps) > told[-1]


def test_a_full_disk_is_told_once_and_what_waits_is_written_when_there_is_room(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overflow, "_PAUSE_S", 0.0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
        journal = Journal(tmp_path, wire.Opened("run", owner=True))
        with caplog.at_level(logging.WARNING):
            for step in range(20_000):
                journal.log("m", step, step)
        journal.log_tags([RunTag("late", "tag")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [record.message.count("Training goes on") for record in caplog.records] == [1]
    stored = points(journal.path)
    assert stored == [("m", step, float(step)) for step in range(len(stored))]
    assert 1_000 < len(stored) < 20_000
    journal.sync()
    assert points(journal.path) == [("m", step, float(step)) for step in range(20_000)]
    journal.end("FINISHED")
    assert read(journal.path)[-3:-2] == [(wire.TAGS, [RunTag("late", "tag")])]


def test_what_finds_no_room_until_the_end_is_counted(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overflow, "MOST_WAITING", 64_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
        journal = Journal(tmp_path, wire.Opened("run", owner=True))
        for step in range(20_000):
            journal.log("m", step, step)
        with caplog.at_level(logging.ERROR):
            journal.end("FINISHED")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    kept = len(points(journal.path))
    assert f"{20_000 - kept} logged values were not kept" in caplog.text
    assert 1_000 < kept < 20_000


def test_the_last_words_of_a_run_fit_on_a_full_disk(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
        journal = Journal(tmp_path, wire.Opened("run", owner=True))
        for step in range(20_000):
            journal.log("m", step, step)
        journal.end("FINISHED")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    last = read(journal.path)[-3:]
    assert [entry[0] for entry in last] == [wire.DROPPED, wire.END, wire.CLOSE]
    assert last[0][1].count == 20_000 - len(points(journal.path))


def test_another_place_is_taken_where_the_first_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        journal = Journal(
            tmp_path / "file", wire.Opened("run", owner=True), elsewhere=lambda: tmp_path / "spool"
        )
    assert "headrace sync" in caplog.text
    journal.log("m", 1.0, 0)
    assert points(journal.path) == [("m", 0, 1.0)]
    assert journal.path.parent == tmp_path / "spool"


def test_nothing_raises_where_there_is_no_place_at_all(tmp_path: Path, caplog) -> None:
    (tmp_path / "file").write_text("in the way")
    journal = Journal(tmp_path / "file", wire.Opened("run", owner=True))
    journal.log("m", 1.0, 0)
    with caplog.at_level(logging.ERROR):
        journal.end("FINISHED")
    assert journal.path is None
    assert "1 logged values were not kept" in caplog.text


def test_the_kind_of_a_file_system_is_known(tmp_path: Path) -> None:
    assert files._file_system(tmp_path.stat().st_dev, str(tmp_path)) is not None
    assert files._file_system(Path("/proc").stat().st_dev, "/proc") == "proc"
    assert not files.maps_well(Path("/proc"))
