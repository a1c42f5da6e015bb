import io
import os
import signal
import sys
import threading
from contextlib import redirect_stdout

import pytest

from headrace.client.console import HEAD_BYTES, TAIL_BYTES, Console, Transcript


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += 1
        return self.now


@pytest.fixture
def transcript() -> Transcript:
    return Transcript(clock=Clock())


def lines(transcript: Transcript) -> list[str]:
    """What was kept, without the times."""
    return [line[25:].rstrip("\n") for line in transcript.text().splitlines()]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (["a\n", "b\n"], ["  a", "  b"]),
        (["a", "b", "\n"], ["  ab"]),
        (["no end"], ["  no end"]),
        (["\n", "x\n"], ["", "  x"]),
        (["a\r\nb\r\n"], ["  a", "  b"]),
        (["\r10 %", "\r50 %", "\r100 %", "\n", "done\n"], ["  100 %", "  done"]),
        (["10 %\r50 %\r"], ["  50 %"]),
        (["50 %\r", "\n"], ["  50 %"]),
        (["\x1b[31mred\x1b[0m\x07\n"], ["  \x1b[31mred\x1b[0m"]),
        (["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n"], ["  link"]),
    ],
)
def test_a_line_is_kept_as_it_looked_at_last(transcript, written, kept) -> None:
    for text in written:
        transcript.write("stdout", text)
    assert lines(transcript) == kept


def test_bars_below_one_another_are_kept_once_each(transcript: Transcript) -> None:
    for epoch in range(3):
        transcript.write("stderr", f"\repoch {epoch}")
        for step in range(3):
            transcript.write("stderr", f"\n\rstep {step}\x1b[A")
    transcript.write("stderr", "\n\n")
    transcript.write("stdout", "done\n")
    # The first text of the upper bar was out before anything showed that it could be gone back to.
    assert [line for line in lines(transcript) if line] == [
        "! epoch 0",
        "  done",
        "! epoch 2",
        "! step 2",
    ]


def test_each_line_has_its_time_and_says_which_stream_it_is_from() -> None:
    transcript = Transcript(clock=lambda: 1_700_000_000_123)
    transcript.write("stdout", "out\n")
    transcript.write("stderr", "err\n")
    assert transcript.text() == "2023-11-14T22:13:20.123Z   out\n2023-11-14T22:13:20.123Z ! err\n"


def test_the_beginning_and_the_end_of_much_are_kept(transcript: Transcript) -> None:
    for i in range(30_000):
        transcript.write("stdout", f"line {i:06d} of many {'that make it long ' * 12}\n")
    text = transcript.text()
    assert len(text) <= HEAD_BYTES + TAIL_BYTES + 100
    kept = text.splitlines()
    assert kept[0][27:38] == "line 000000"
    assert kept[-1][27:38] == "line 029999"
    (gap,) = [line for line in kept if line.startswith("... ")]
    assert int(gap.split()[1].replace(",", "")) == 30_000 - (len(kept) - 1)


def test_what_looks_like_a_secret_is_masked() -> None:
    transcript = Transcript(mask=lambda line: line.replace("hunter2", "***"))
    transcript.write("stdout", "password hunter2\n")
    transcript.write("stdout", "hunter2 again")
    assert "hunter2" not in transcript.text()


def test_colours_are_kept_and_other_control_sequences_are_not(transcript: Transcript) -> None:
    transcript.write("stdout", "\x1b[1;31mred\x1b[0m\x1b[K \x1b]0;title\x07plain\x1b\n")
    assert lines(transcript) == ["  \x1b[1;31mred\x1b[0m plain"]


def test_a_colour_does_not_hide_a_secret() -> None:
    transcript = Transcript(mask=lambda line: line.replace("hunter2", "***"))
    transcript.write("stdout", "\x1b[32mpassword hun\x1b[1mter2\x1b[0m\n")
    assert transcript.text().endswith("  password ***\n")


def test_threads_lose_nothing(transcript: Transcript) -> None:
    def work(name: int) -> None:
        for i in range(3_000):
            transcript.write("stdout", f"{name}:{i}\n")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(transcript)) == 24_000


@pytest.fixture
def stream() -> io.StringIO:
    """What the terminal shows, for a test that runs `with redirect_stdout(stream)`."""
    return io.StringIO()


def test_the_terminal_gets_everything_and_nothing_else(stream, transcript) -> None:
    with redirect_stdout(stream):
        console = Console()
        print("before")
        assert console.give(transcript)
        print("during")
        assert sys.stdout is stream
        console.take_back(transcript)
        print("after")
        assert stream.getvalue() == "before\nduring\nafter\n"
        assert lines(transcript) == ["  during"]
        assert "write" not in vars(stream)


def test_only_one_run_has_the_console(stream, transcript) -> None:
    with redirect_stdout(stream):
        console, second = Console(), Transcript()
        assert console.give(transcript)
        assert not console.give(second)
        console.take_back(second)
        print("still the first")
        console.take_back(transcript)
        assert lines(transcript) == ["  still the first"]
        assert console.give(second)
        console.take_back(second)


def test_who_replaces_the_stream_meanwhile_is_left_alone(monkeypatch, stream, transcript) -> None:
    with redirect_stdout(stream):
        console, other = Console(), io.StringIO()
        console.give(transcript)
        monkeypatch.setattr(sys, "stdout", other)
        print("theirs")
        console.take_back(transcript)
        assert sys.stdout is other
        assert other.getvalue() == "theirs\n"
        assert lines(transcript) == []


def test_who_listens_on_top_goes_on_to_get_everything(stream, transcript) -> None:
    with redirect_stdout(stream):
        console, heard = Console(), []
        console.give(transcript)
        below = stream.write

        def listen(text: str) -> int:
            heard.append(text)
            return below(text)

        stream.write = listen
        print("a")
        console.take_back(transcript)
        print("b")
        assert stream.getvalue() == "a\nb\n"
        assert "".join(heard) == "a\nb\n"
        assert lines(transcript) == ["  a"]


def test_a_stream_that_nobody_may_listen_to_goes_on(monkeypatch, transcript) -> None:
    class Closed:
        __slots__ = ("texts",)

        def write(self, text: str) -> int:
            self.texts.append(text)
            return len(text)

    closed = Closed()
    closed.texts = []
    monkeypatch.setattr(sys, "stdout", closed)
    console = Console()
    console.give(transcript)
    print("x")
    console.take_back(transcript)
    assert "".join(closed.texts) == "x\n"


def test_without_a_console_nothing_breaks(monkeypatch, transcript) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    console = Console()
    assert console.give(transcript)
    console.take_back(transcript)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")
def test_a_signal_handler_may_print_at_any_moment(stream, transcript) -> None:
    with redirect_stdout(stream):
        console, rung = Console(), []

        def ring(*_: object) -> None:
            rung.append(1)
            print("ring")

        before = signal.signal(signal.SIGALRM, ring)
        console.give(transcript)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            while len(rung) < 50:
                print("x")
                transcript.text()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            console.take_back(transcript)
        assert transcript.text().count("ring") == len(rung)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_forked_child_prints_is_not_its_parents(stream, transcript) -> None:
    with redirect_stdout(stream):
        console = Console()
        console.give(transcript)
        pid = os.fork()
        if pid == 0:
            print("child")
            os._exit(len(transcript.text()))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        console.take_back(transcript)


def test_listening_again_on_top_of_someone_who_is_on_top_of_us_hears_each_text_once(
    stream, transcript
) -> None:
    with redirect_stdout(stream):
        console = Console()
        console.give(transcript)
        below = stream.write

        def on_top(text: str) -> int:
            return below(text)

        stream.write = on_top
        console._listen_again(None)
        print("once")
        console.take_back(transcript)
        assert stream.getvalue() == "once\n"
        assert lines(transcript) == ["  once"]
