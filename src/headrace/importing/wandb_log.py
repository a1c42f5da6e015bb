"""The transaction log of W&B: records in blocks of 32 KiB, each piece with its checksum."""

import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from headrace.errors import CorruptDataError

MAGIC = b":W&B"

_HEADER = struct.Struct("<4sHB")
_HEADER_NUMBER = 0xBEE1
_BLOCK = 32 * 1024
_PIECE = struct.Struct("<IHB")
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_MOST_PIECES = 1 << 15
"""Of one record, which has 1 GiB then."""


def records(file: BinaryIO) -> Iterator[bytes]:
    """Each record; a last one that is still being written is left out.

    Raises `CorruptDataError` for a file that is none, and where a checksum is wrong.
    """
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size or _HEADER.unpack(head)[:2] != (MAGIC, _HEADER_NUMBER):
        raise CorruptDataError("It does not begin like a log of W&B.")
    parts: list[bytes] = []
    for at, kind, data in _pieces(file):
        if kind in (_FULL, _FIRST):
            parts = []
        parts.append(data)
        if kind not in (_FULL, _FIRST, _MIDDLE, _LAST) or len(parts) > _MOST_PIECES:
            raise CorruptDataError(f"The record at byte {at} makes no sense.")
        if kind in (_FULL, _LAST):
            yield b"".join(parts)


def _pieces(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Where each piece of a record begins, of which kind it is, and what is in it."""
    size = os.fstat(file.fileno()).st_size
    at = _HEADER.size
    while True:
        room = _BLOCK - at % _BLOCK
        if room < _PIECE.size:  # too little for another piece: the rest of the block is empty
            file.seek(room, os.SEEK_CUR)
            at += room
        head = file.read(_PIECE.size) if at + _PIECE.size <= size else b""
        if len(head) < _PIECE.size:
            return
        check, length, kind = _PIECE.unpack(head)
        data = file.read(length)
        if len(data) < length:
            return
        if check != zlib.crc32(data, zlib.crc32(bytes((kind,)))):
            raise CorruptDataError(f"The record at byte {at} has a wrong checksum.")
        yield at, kind, data
        at += _PIECE.size + length
