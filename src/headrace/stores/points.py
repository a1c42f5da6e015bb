"""Metric points as columns: how they are packed, sorted, thinned out and compared.

A chunk is ``(tag, count)`` and three columns (step, time, value). Short chunks are raw little-endian
64-bit numbers; longer ones are compressed with pcodec, which is exact to the bit, NaNs and -0.0
included. A batch is a chunk of several series with a column of 32-bit key numbers in front.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from pcodec import ChunkConfig, standalone
from tsdownsample import MinMaxDownsampler

from headrace.errors import CorruptDataError

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LARGEST = float(np.finfo(np.float64).max)
RAW_BELOW = 48
"""Points of a chunk under which compression costs more time than it saves bytes."""
SKETCH_FROM = 4_096
"""Points of a chunk from which its extremes are kept beside it."""
POINTS_PER_SKETCH_POINT = 128

_HEADER = struct.Struct("<cI")
_LENGTH = struct.Struct("<I")
_RAW, _PCO = b"R", b"P"
# A long chunk is packed once and stays: 2 % fewer bytes are worth twice the time.
_QUICK, _THOROUGH = ChunkConfig(compression_level=4), ChunkConfig(compression_level=8)


class Columns(NamedTuple):
    """Points of one series; arrays of equal length."""

    steps: Ints
    times: Ints
    values: Floats

    def at(self, index: Any) -> "Columns":
        """The points that a mask, a slice or an array of positions selects."""
        return Columns(self.steps[index], self.times[index], self.values[index])


def empty() -> Columns:
    """No points."""
    return Columns(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))


def concatenate(parts: Iterable[Columns]) -> Columns:
    """All points of all parts, in the order given."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return empty()
    steps, times, values = zip(*parts, strict=True)
    return Columns(np.concatenate(steps), np.concatenate(times), np.concatenate(values))


# Packing


def encode_chunk(points: Columns) -> bytes:
    """The bytes that `decode_chunk` turns back into the same points, bit by bit."""
    count = len(points.steps)
    if count < RAW_BELOW:
        return _HEADER.pack(_RAW, count) + b"".join(column.tobytes() for column in points)
    parts = [_HEADER.pack(_PCO, count)]
    config = _QUICK if count < SKETCH_FROM else _THOROUGH
    for column in points:
        packed = standalone.simple_compress(np.ascontiguousarray(column), config)
        parts += (_LENGTH.pack(len(packed)), packed)
    return b"".join(parts)


def decode_chunk(data: bytes) -> Columns:
    """The points of a chunk."""
    tag, count = _HEADER.unpack_from(data)
    offset = _HEADER.size
    if tag == _RAW:
        return _raw_columns(data, offset, count)
    columns = []
    for _ in range(3):
        (length,) = _LENGTH.unpack_from(data, offset)
        offset += _LENGTH.size
        columns.append(standalone.simple_decompress(data[offset : offset + length]))
        offset += length
    return Columns(*columns)


def _raw_columns(data: bytes, offset: int, count: int) -> Columns:
    width = 8 * count
    return Columns(
        np.frombuffer(data, np.int64, count, offset),
        np.frombuffer(data, np.int64, count, offset + width),
        np.frombuffer(data, np.float64, count, offset + 2 * width),
    )


def readable(decode: Callable[[bytes], T], data: bytes) -> T:
    """What ``decode`` makes of stored bytes; `CorruptDataError` if they are damaged.

    They carry no digest: damage that decodes to other points is found by comparing with the series.
    """
    try:
        return decode(data)
    except (struct.error, ValueError, RuntimeError) as error:
        raise CorruptDataError(f"{len(data)} bytes of points cannot be decoded: {error}") from error


def encode_batch(keys: Ints, points: Columns) -> bytes:
    """Points of several series of one run, each with the number of its key."""
    head = _HEADER.pack(_RAW, len(keys)) + keys.astype(np.int32).tobytes()
    return head + b"".join(column.tobytes() for column in points)


def encode_few(points: Sequence[tuple[int, int, int, float]]) -> bytes:
    """A batch of a few points (key number, step, time, value), without the cost of arrays."""
    count = len(points)
    keys, steps, times, values = zip(*points, strict=True)
    packed = struct.pack(f"<{count}i{2 * count}q{count}d", *keys, *steps, *times, *values)
    return _HEADER.pack(_RAW, count) + packed


def decode_batch(data: bytes) -> tuple[Ints, Columns]:
    """Key numbers and points of a batch."""
    _, count = _HEADER.unpack_from(data)
    keys = np.frombuffer(data, np.int32, count, _HEADER.size).astype(np.int64)
    return keys, _raw_columns(data, _HEADER.size + 4 * count, count)


def pack(chunks: Iterable[bytes]) -> bytes:
    """Chunks of one series as one body, for bulk transfer."""
    return b"".join(part for chunk in chunks for part in (_LENGTH.pack(len(chunk)), chunk))


def unpack(body: bytes) -> Columns:
    """The points of a body made by `pack`, sorted by (step, time, value)."""
    parts, offset = [], 0
    while offset < len(body):
        (length,) = _LENGTH.unpack_from(body, offset)
        offset += _LENGTH.size
        parts.append(decode_chunk(body[offset : offset + length]))
        offset += length
    return in_order(concatenate(parts))


# Order and identity


def rank(values: Floats) -> Floats:
    """What values are ordered by: a NaN counts as 0, as in MLflow."""
    return np.where(np.isnan(values), 0.0, values)


def in_order(points: Columns) -> Columns:
    """The points by (step, time, value)."""
    steps = points.steps
    if len(steps) < 2 or bool((steps[1:] > steps[:-1]).all()):
        return points
    return points.at(np.lexsort((rank(points.values), points.times, steps)))


def by_time(points: Columns) -> Columns:
    """The points by (time, step, value)."""
    times = points.times
    if len(times) < 2 or bool((times[1:] > times[:-1]).all()):
        return points
    return points.at(np.lexsort((rank(points.values), points.steps, times)))


def missing_from(points: Columns, known: Columns) -> npt.NDArray[np.bool_]:
    """A mask of those points that ``known`` does not hold (same step, time and bits of the value)."""
    held = set(_identities(known))
    return np.fromiter(
        (one not in held for one in _identities(points)), np.bool_, len(points.steps)
    )


def _identities(points: Columns) -> Iterable[tuple[int, int, int]]:
    return zip(
        points.steps.tolist(),
        points.times.tolist(),
        points.values.view(np.int64).tolist(),
        strict=True,
    )


# Thinning out


_MIN_MAX = MinMaxDownsampler()  # type: ignore[no-untyped-call]


def downsample(points: Columns, most: int) -> Columns:
    """At most ``most`` points in the same order, the least and greatest value of each stretch among them."""
    count = len(points.steps)
    if count <= most:
        return points
    # The ends of a curve are what people look at first; they come on top of the extremes.
    index = _MIN_MAX.downsample(points.values, n_out=max(2, (most - 2) // 2 * 2))
    return points.at(np.unique(np.concatenate(([0], index.astype(np.int64), [count - 1]))))


def sketch(points: Columns) -> bytes | None:
    """The extremes of a long chunk, themselves a chunk; ``None`` for a short one."""
    count = len(points.steps)
    if count < SKETCH_FROM:
        return None
    return encode_chunk(downsample(points, count // POINTS_PER_SKETCH_POINT))


def evenly(count: int, most: int) -> Ints:
    """Positions of ``most`` of ``count`` points at equal distances, first and last among them."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).round().astype(np.int64))


# One value in a database


def searchable(value: float) -> float | None:
    """What a column that is searched holds: NULL for NaN, the largest finite number for infinity."""
    if value != value:
        return None
    return max(-LARGEST, min(LARGEST, value))


def all_searchable(values: Floats) -> Floats:
    """`searchable` of each value; NaN stands for NULL."""
    return np.clip(values, -LARGEST, LARGEST)


def from_bits(bits: int) -> float:
    """The double that a signed 64-bit integer spells."""
    value: float = _DOUBLE.unpack(_INTEGER.pack(bits))[0]
    return value


def to_bits(value: float) -> int:
    """The signed 64-bit integer that spells a double."""
    bits: int = _INTEGER.unpack(_DOUBLE.pack(value))[0]
    return bits


_DOUBLE, _INTEGER = struct.Struct("<d"), struct.Struct("<q")
