"""The journal: what one process logged to one run, as it lies in a file and as it travels.

``docs/reference/journal-format.md`` says the same in words, and a test reads journals by it alone. A
record fills whole slots of 32 bytes and ends with a CRC-32 of itself, so what is torn or zeroed is
never taken for a record, and reading stops there: what is read is a prefix of what was written.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from headrace.entities import ExperimentTag, Param, RunStatus, RunTag
from headrace.errors import CorruptDataError, UnsupportedError
from headrace.wire.tracking import CreateRun, LogInputs, LogOutputs

VERSION = 1
SLOT = 32
FIRST = SLOT
"""Where the first record lies, behind the prologue."""
MAX_KEYS = 2**24

DROPPED_TAG = "headrace.dropped"
REFUSED_TAG = "headrace.refused"
REASON_TAG = "headrace.end_reason"
"""On the run: how many values were lost, what could not be kept and why, and why the run ended."""
MAX_RECORD = 64 * 2**20

METRIC, KEY, RUN, EXPERIMENT, PARAMS, TAGS = 1, 2, 3, 4, 5, 6
INPUTS, OUTPUTS, DROPPED, END, CLOSE = 7, 8, 10, 11, 12

_MAGIC = b"\x89HRJ\r\n\x1a\n"
_PROLOGUE = struct.Struct("<8sI16s")
_HEAD = struct.Struct("<IIq")
_CRC = struct.Struct("<I")
# The CRC-32 of any bytes with their own CRC-32 behind them.
_RESIDUE = 0x2144DF1C

point_body = struct.Struct("<Iqqd").pack
"""The first 28 bytes of a metric: key number and kind, step, time, value."""
point_record = struct.Struct("<IqqdI").pack
"""A whole metric; the last argument is the CRC-32 of `point_body`."""


class SeriesKey(Struct, frozen=True, omit_defaults=True):
    """What a key number stands for: a metric's name and, where it has them, its model and dataset."""

    key: str
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class Opened(Struct, frozen=True, omit_defaults=True):
    """The run that the journal is about, and who writes it."""

    run_id: str
    owner: bool = False
    """Whether the run lives as long as the writer: it fails if the writer goes without an `Ended`."""
    host: str = ""
    pid: int = 0
    create: CreateRun | None = None
    """How the run is to be made, if it is new."""


class NamedExperiment(Struct, frozen=True, omit_defaults=True):
    """An experiment that is to be there: the id that follows from its name."""

    experiment_id: str
    name: str
    tags: list[ExperimentTag] = []


class Dropped(Struct, frozen=True):
    """How many values could not be kept since the last such record."""

    count: int


class Ended(Struct, frozen=True, omit_defaults=True):
    """How the run ended."""

    status: RunStatus
    end_time: int
    reason: str | None = None


class Nothing(Struct, frozen=True):
    """The payload of a record that has none to tell."""


PAYLOADS: dict[int, Any] = {
    KEY: SeriesKey,
    RUN: Opened,
    EXPERIMENT: NamedExperiment,
    PARAMS: list[Param],
    TAGS: list[RunTag],
    INPUTS: LogInputs,
    OUTPUTS: LogOutputs,
    DROPPED: Dropped,
    END: Ended,
    CLOSE: Nothing,
}
"""What each kind of record but a metric holds, as JSON."""

_DECODERS = {kind: msgspec.json.Decoder(payload) for kind, payload in PAYLOADS.items()}
_encode = msgspec.json.Encoder().encode


class Stretch(NamedTuple):
    """Bytes ``start`` to ``end`` of a piece of a journal: some metrics, or one other record."""

    kind: int
    start: int
    end: int


class Record(NamedTuple):
    """A record that is not a metric."""

    kind: int
    number: int
    time: int
    payload: Any
    """One of `PAYLOADS`; ``None`` for a kind that this version does not know."""


# Writing


def prologue(journal_id: str) -> bytes:
    """The first slot of a journal; the id is 32 hex digits."""
    return _signed(_PROLOGUE.pack(_MAGIC, VERSION, bytes.fromhex(journal_id)))


def record(kind: int, time: int, payload: Any, number: int = 0) -> bytes:
    """A record that is not a metric."""
    data = _encode(payload)
    body = _HEAD.pack(kind | number << 8, len(data), time) + data
    return _signed(body + bytes(-(len(body) + _CRC.size) % SLOT))


def key_word(number: int) -> int:
    """How a metric's record names the key of this number."""
    return METRIC | number << 8


def _signed(body: bytes) -> bytes:
    return body + _CRC.pack(zlib.crc32(body))


# Reading


def journal_id_of(data: bytes) -> str:
    """The id in a prologue.

    Raises `CorruptDataError` for what is no journal, `UnsupportedError` for one of a later version.
    """
    if len(data) < SLOT or zlib.crc32(data[:SLOT]) != _RESIDUE or not data.startswith(_MAGIC):
        raise CorruptDataError("This is no journal: its first 32 bytes are not those of one.")
    _, version, journal_id = _PROLOGUE.unpack_from(data)
    if version > VERSION:
        raise UnsupportedError(
            f"This journal has version {version} of the format; this Headrace reads up to {VERSION}. "
            "Upgrade Headrace: pip install --upgrade headrace"
        )
    return str(journal_id.hex())


def stretches(data: bytes) -> Iterator[Stretch]:
    """What a piece of a journal holds, from its first byte, which begins a record.

    It ends before the first record that is not whole.
    """
    kinds = data[::SLOT]
    slots, at = len(data) // SLOT, 0
    while at < slots:
        found = _METRICS.match(kinds, at)
        end = min(found.end(), slots) if found else at
        if end > at:
            good = at + _whole_metrics(data, at, end)
            if good > at:
                yield Stretch(METRIC, at * SLOT, good * SLOT)
            if good < end:
                return
            at = end
        else:
            length = length_at(data, at * SLOT)
            if length is None or at * SLOT + length > len(data) or not _is_whole(data, at, length):
                return
            yield Stretch(kinds[at], at * SLOT, at * SLOT + length)
            at += length // SLOT


_METRICS = re.compile(b"\\x01+")


def length_at(data: bytes, start: int) -> int | None:
    """How long the record there says it is; ``None`` where there is none."""
    if len(data) < start + SLOT or data[start] == 0:
        return None
    if data[start] == METRIC:
        return SLOT
    size: int = _HEAD.unpack_from(data, start)[1]
    if size > MAX_RECORD:
        return None
    used = _HEAD.size + size + _CRC.size
    return used + -used % SLOT


def record_in(data: bytes, stretch: Stretch) -> Record:
    """The record of a stretch that is none of metrics."""
    word, size, time = _HEAD.unpack_from(data, stretch.start)
    start = stretch.start + _HEAD.size
    decoder = _DECODERS.get(stretch.kind)
    payload = None if decoder is None else decoder.decode(data[start : start + size])
    return Record(stretch.kind, word >> 8, time, payload)


def key_numbers(data: bytes, stretch: Stretch) -> set[int]:
    """The numbers of the keys that metrics are of."""
    low, middle, high = (data[stretch.start + at : stretch.end : SLOT] for at in (1, 2, 3))
    if not middle.strip(b"\0") and not high.strip(b"\0"):
        return set(low)  # which makes no number of each metric
    words = memoryview(data)[stretch.start : stretch.end].cast("I")[:: SLOT // 4].tolist()
    return {word >> 8 for word in set(words)}


def time_of_last(data: bytes, stretch: Stretch) -> int:
    """The time of the last metric of a stretch."""
    time: int = struct.unpack_from("<q", data, stretch.end - SLOT + 12)[0]
    return time


def _is_whole(data: bytes, slot: int, length: int) -> bool:
    return zlib.crc32(data[slot * SLOT : slot * SLOT + length]) == _RESIDUE


def _whole_metrics(data: bytes, start: int, end: int) -> int:
    """How many of the metrics in these slots are whole, up to the first that is not.

    What a CRC register holds after a whole record of 32 bytes does not depend on what is in the record,
    so many are checked at once, at the speed of the checksum.
    """
    view, good = memoryview(data), 0
    while start + good < end:
        count = min(_TOGETHER, end - start - good)
        while count and not _all_whole(view, start + good, count):
            count //= 2
        if not count:
            return good
        good += count
    return good


_TOGETHER = 32_768


def _all_whole(view: memoryview, start: int, count: int) -> bool:
    return zlib.crc32(view[start * SLOT : (start + count) * SLOT]) == _crc_of(count)


@lru_cache(maxsize=4096)
def _crc_of(count: int) -> int:
    """The CRC-32 of so many whole metrics."""
    return zlib.crc32(_signed(bytes(SLOT - _CRC.size)) * count)
