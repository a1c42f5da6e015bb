"""TensorFlow's record files: length, checksum, data, checksum, one after another."""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from google_crc32c import value as crc32c

from headrace.errors import CorruptDataError

_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<I")
_MASK_DELTA = 0xA282EAD8


def records(file: BinaryIO, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Each record with where it begins; a last one that is still being written is left out.

    Raises `CorruptDataError` at a record whose checksum is wrong: where the next one begins is unknown.
    """
    size = os.fstat(file.fileno()).st_size
    at = start
    file.seek(start)
    while at + _HEAD.size <= size:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        length, check = _HEAD.unpack(head)
        if check != _masked(head[:8]):
            raise CorruptDataError(f"The record at byte {at} has a wrong checksum.")
        end = at + _HEAD.size + length + _TAIL.size
        if end > size:
            return
        data = file.read(length)
        if _TAIL.unpack(file.read(_TAIL.size))[0] != _masked(data):
            raise CorruptDataError(f"The record at byte {at} has a wrong checksum.")
        yield at, data
        at = end


def _masked(data: bytes) -> int:
    """CRC-32C, turned so that a checksum over checksums is none of them."""
    crc: int = crc32c(data)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF
