"""The wire format of Protocol Buffers: a message as its fields, without a schema."""

import struct
from collections.abc import Iterator
from typing import Any

from headrace.errors import CorruptDataError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 70
_INT64 = 1 << 63


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Each field's number, with an int for a varint and bytes for all else.

    Raises `CorruptDataError` for what is no message.
    """
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise CorruptDataError(f"A message has a field of the unknown kind {kind}.")
        if at + size > end:
            raise CorruptDataError("A message is cut off.")
        yield tag >> 3, data[at : at + size]
        at += size


def last(data: bytes) -> dict[int, Any]:
    """The last value of each field: what fields that are not repeated mean."""
    return dict(fields(data))


def signed(value: int) -> int:
    """The int64 that a varint stands for."""
    return value - 2 * _INT64 if value >= _INT64 else value


def double(data: bytes) -> float:
    """The number of a fixed field of 8 bytes."""
    return float(struct.unpack("<d", data)[0])


def single(data: bytes) -> float:
    """The number of a fixed field of 4 bytes."""
    return float(struct.unpack("<f", data)[0])


def text(data: bytes) -> str:
    """A string; what is not UTF-8 in it is shown as such."""
    return data.decode("utf-8", "replace")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < _LONGEST_VARINT:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (2 * _INT64 - 1), at
        shift += 7
    raise CorruptDataError("A message is cut off, or a number in it does not end.")
