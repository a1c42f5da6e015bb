"""What a program prints, kept as a file of its run.

A process has one console, and it belongs to one run at a time: the first that is open. Runs that are
opened while it has one (nested, or in other threads and tasks) keep none of their own.

The streams stay what they are; only their ``write`` is listened to. So nothing is printed later, twice
or in another order, and whoever replaces a stream meanwhile (a test runner, a notebook) gets what is his.
What subprocesses and C code print does not pass here.
"""

import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from headrace.client import notebook
from headrace.clock import now_ms

HEAD_BYTES = 1024 * 1024
TAIL_BYTES = 3 * 1024 * 1024
_RAW_WRITES = 2_000
_LONGEST_LINE = 10_000
_ROWS = 12
"""Lines that may still be written over, by progress bars below one another."""

_MOVE = re.compile(r"(\r?\n|\r|\x1b\[\d*A)")
_COLOUR = re.compile(r"\x1b\[[\d;:]*m")
_CONTROL = re.compile(
    rf"(?!{_COLOUR.pattern})(?:\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f])"
)


class Transcript:
    """What was printed, line by line, each with its time; safe to write to from any thread.

    A line that is written over (a progress bar) is kept as it looked at last, with its colours. The
    first mebibyte and the latest three are kept; a line says how much is missing between them.
    """

    def __init__(self, mask: Callable[[str], str] = str, clock: Callable[[], int] = now_ms) -> None:
        self._mask, self._clock = mask, clock
        self._settling = threading.Lock()
        self._raw: deque[tuple[str, int, str]] = deque()
        self._screens = {"stdout": _Screen(" "), "stderr": _Screen("!")}
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._head_size = self._tail_size = self._missing = 0
        self.written = 0
        """Characters so far, so that one can see whether there are new ones."""

    def write(self, stream: str, text: str) -> None:
        """Take what was printed on ``stdout`` or ``stderr``."""
        # No lock is waited for here: a signal handler may print while this very thread holds it.
        self._raw.append((stream, self._clock(), text))
        self.written += len(text)
        if len(self._raw) > _RAW_WRITES and self._settling.acquire(blocking=False):
            try:
                self._settle()
            finally:
                self._settling.release()

    def text(self) -> str:
        """All of it, with the lines that are not ended yet."""
        with self._settling:
            self._settle()
            gap = [f"... {self._missing:,} lines are not kept ...\n"] if self._missing else []
            open_lines = [line for screen in self._screens.values() for line in screen.shown()]
            pending = map(self._masked, sorted(open_lines))
            return "".join([*self._head, *gap, *self._tail, *pending])

    def _settle(self) -> None:
        while self._raw:
            stream, at, text = self._raw.popleft()
            for line in self._screens[stream].write(text, at):
                self._keep(self._masked(line))

    def _masked(self, line: str) -> str:
        """A line with something to mask loses its colours: one could stand in the middle of a secret."""
        plain = _COLOUR.sub("", line)
        masked = self._mask(plain)
        return line if masked == plain else masked

    def _keep(self, line: str) -> None:
        if self._head_size + len(line) <= HEAD_BYTES and not self._tail:
            self._head.append(line)
            self._head_size += len(line)
            return
        self._tail.append(line)
        self._tail_size += len(line)
        while self._tail_size > TAIL_BYTES:
            self._tail_size -= len(self._tail.popleft())
            self._missing += 1


class _Row:
    """A line that may still be written over."""

    def __init__(self) -> None:
        self.text, self.at, self.over = "", 0, False

    def put(self, text: str, at: int) -> None:
        # A terminal would leave the end of a longer text that was there; nobody wants to read that.
        self.text = (text if self.over else self.text + text)[:_LONGEST_LINE]
        self.at, self.over = at, False


class _Screen:
    """The end of what a stream shows: the rows that the cursor can still reach."""

    def __init__(self, mark: str) -> None:
        self._mark, self._rows, self._cursor = mark, [_Row()], 0
        self._reach = 1  # lines come out at once, until the first one is gone back to

    def write(self, text: str, at: int) -> Iterator[str]:
        """Take text; the lines that nothing can change any more come out."""
        for part in _MOVE.split(text):
            if part == "\r":
                self._rows[self._cursor].over = True
            elif part.endswith("\n"):
                yield from self._down(at)
            elif part.startswith("\x1b[") and part.endswith("A"):
                self._up(int(part[2:-1] or 1))
            elif part:
                self._rows[self._cursor].put(part, at)

    def shown(self) -> list[str]:
        """The rows as they are now."""
        return [self._line(row) for row in self._rows if row.at]

    def _up(self, rows: int) -> None:
        self._reach = _ROWS
        self._rows[:0] = [_Row() for _ in range(rows - self._cursor)]  # those that are out already
        self._cursor = max(0, self._cursor - rows)

    def _down(self, at: int) -> Iterator[str]:
        row = self._rows[self._cursor]
        row.at = row.at or at
        self._cursor += 1
        if self._cursor < len(self._rows):
            self._rows[self._cursor].over = True
            return
        self._rows.append(_Row())
        while len(self._rows) > self._reach:
            self._cursor -= 1
            row = self._rows.pop(0)
            if row.at:
                yield self._line(row)

    def _line(self, row: _Row) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(row.at / 1000))
        text = _CONTROL.sub("", row.text)
        return f"{stamp}.{row.at % 1000:03d}Z {self._mark} {text}".rstrip() + "\n"


class Console:
    """The streams of this process, and the transcript that they are written to, if there is one."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Have no transcript, as in a forked child: what it prints is not its parent's."""
        self._lock = threading.Lock()
        self._transcript: Transcript | None = None
        self._ears: list[_Ear] = []
        self._shell: Any = None

    def give(self, transcript: Transcript) -> bool:
        """Write what is printed to it from now on; not if another one has the console."""
        with self._lock:
            if self._transcript is not None:
                return False
            self._transcript = transcript
            self._ears = [_Ear("stdout", sys.stdout, transcript)]
            if sys.stderr is not sys.stdout:
                self._ears.append(_Ear("stderr", sys.stderr, transcript))
            self._shell = notebook.shell()
            if self._shell is not None:
                # IPython puts the streams back as they were after each cell.
                self._shell.events.register("pre_run_cell", self._listen_again)
            return True

    def take_back(self, transcript: Transcript) -> None:
        """Write no more to it."""
        with self._lock:
            if self._transcript is transcript:
                for ear in self._ears:
                    ear.close()
                if self._shell is not None:
                    self._shell.events.unregister("pre_run_cell", self._listen_again)
                self._transcript, self._ears, self._shell = None, [], None

    def _listen_again(self, _cell: object) -> None:
        for ear in self._ears:
            ear.listen()


class _Ear:
    """Listens to one stream."""

    def __init__(self, name: str, stream: Any, transcript: Transcript) -> None:
        self._name, self._stream, self._transcript = name, stream, transcript
        self._open, self._pid = True, os.getpid()
        self._own = "write" in getattr(stream, "__dict__", {})
        self._first: Callable[[str], int] = getattr(stream, "write", str.__len__)
        self._below = self._first
        self._passing = threading.local()
        self.listen()

    def listen(self) -> None:
        """Be told of what is written, if that is not so already."""
        now = getattr(self._stream, "write", None)
        if now is None or now == self._write:
            return
        self._below = now
        with suppress(AttributeError):  # a stream that lets nobody listen goes on as it was
            self._stream.write = self._write

    def _write(self, text: str) -> int:
        before = getattr(self._passing, "text", None)
        if before is text:
            return self._first(text)  # someone between hands the same text down to us again
        self._passing.text = text
        try:
            written = self._below(text)
        finally:
            self._passing.text = before
        if self._open and isinstance(text, str) and os.getpid() == self._pid:
            self._transcript.write(self._name, text)
        return written

    def close(self) -> None:
        """Listen no more."""
        self._open = False
        # Somebody may have put his own on top of ours; then ours stays below it, and only passes on.
        if getattr(self._stream, "write", None) == self._write:
            if self._own or self._below != self._first:
                self._stream.write = self._below
            else:
                del self._stream.write


console = Console()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=console.forget)
