"""Reading journals, also while they are written."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from headrace.clock import now_ms
from headrace.journal import locks
from headrace.wire import journal as wire

_READ = 2**20
_STALE_MS = 60_000


class Range(NamedTuple):
    """Whole records of a journal."""

    offset: int
    data: bytes
    keys: list[tuple[int, wire.SeriesKey]]
    """What the key numbers in it stand for, as far as it does not say so itself."""

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.offset + len(self.data)


class Tail:
    """Follows a journal: what it said so far, and what comes next.

    Nothing is read twice, and what is not whole yet is not read.
    """

    def __init__(self, path: Path) -> None:
        """Raises `FileNotFoundError`, or `CorruptDataError` for a file that is no journal."""
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDWR)
        except PermissionError:
            self._fd = os.open(path, os.O_RDONLY)
        try:
            self.journal_id = wire.journal_id_of(os.pread(self._fd, wire.SLOT, 0))
        except BaseException:
            os.close(self._fd)
            raise
        self.offset = wire.FIRST
        self.keys: dict[int, wire.SeriesKey] = {}
        self.opened: wire.Opened | None = None
        self.ended = self.closed = False
        self.lockable = True
        """Whether the file system knows locks, so that it is certain when a writer is gone."""
        self.last_time = 0

    def rewind(self) -> None:
        """Begin again."""
        self.offset = wire.FIRST
        self.keys.clear()

    def has_more(self) -> bool:
        """Whether something was written behind what was read; it may not be whole yet."""
        return os.pread(self._fd, 1, self.offset) not in (b"", b"\0")

    def skip_to(self, offset: int) -> None:
        """Read, for what it says, what another reader has taken up to ``offset``.

        A copy that was made earlier may end before it.
        """
        while self.offset < offset:
            if self.read(min(_READ, offset - self.offset)) is None:
                return

    def read(self, most: int = _READ) -> Range | None:
        """The next records, about ``most`` bytes of them; ``None`` if there are none."""
        data = os.pread(self._fd, most, self.offset)
        length = wire.length_at(data, 0)
        if length is None:
            return None
        if length > len(data):
            data = os.pread(self._fd, length, self.offset)
        known: dict[int, wire.SeriesKey] = {}
        used: set[int] = set()
        end = 0
        for stretch in wire.stretches(data):
            self._note(data, stretch, known, used)
            end = stretch.end
        if not end:
            return None
        keys = [(number, self.keys[number]) for number in sorted(used) if number in self.keys]
        self.keys.update(known)
        found = Range(self.offset, data[:end], keys)
        self.offset += end
        return found

    def ranges(self, most: int = _READ) -> Iterator[Range]:
        """All that is there now."""
        while (found := self.read(most)) is not None:
            yield found

    def _note(
        self,
        data: bytes,
        stretch: wire.Stretch,
        known: dict[int, wire.SeriesKey],
        used: set[int],
    ) -> None:
        if stretch.kind == wire.METRIC:
            used |= wire.key_numbers(data, stretch) - known.keys()
            self.last_time = wire.time_of_last(data, stretch)
            return
        record = wire.record_in(data, stretch)
        self.last_time = record.time
        if record.kind == wire.KEY:
            known[record.number] = record.payload
        elif record.kind == wire.RUN:
            self.opened = record.payload
        elif record.kind == wire.END:
            self.ended = True
        elif record.kind == wire.CLOSE:
            self.closed = True

    def is_owned(self) -> bool:
        """Whether its writer may still be there: it has the lock, or wrote within a minute where there are none."""
        try:
            mine = locks.taken(self._fd)
        except OSError:
            self.lockable = False
            return now_ms() - os.fstat(self._fd).st_mtime_ns // 1_000_000 < _STALE_MS
        return not mine

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)
