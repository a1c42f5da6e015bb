"""Pieces of journals made small for the way.

The bytes of a record that change little from one to the next are brought together (all first bytes of the
slots, then all second bytes...), which makes them shorter and faster to compress.
"""

import zlib

from headrace.errors import InvalidValueError
from headrace.wire.journal import SLOT

MOST = 64 * 2**20
_LEVEL = 1


def pack(data: bytes) -> bytes:
    """Whole slots, compressed."""
    return zlib.compress(b"".join(data[place::SLOT] for place in range(SLOT)), _LEVEL)


def unpack(packed: bytes) -> bytes:
    """What `pack` was given.

    Raises `InvalidValueError` for anything else, and for what would be larger than `MOST`.
    """
    inflater = zlib.decompressobj()
    try:
        columns = inflater.decompress(packed, MOST)
    except zlib.error as error:
        raise InvalidValueError(f"The data of a journal cannot be unpacked: {error}.") from error
    if not inflater.eof or len(columns) % SLOT:
        raise InvalidValueError("The data of a journal cannot be unpacked, or are too large.")
    rows = len(columns) // SLOT
    data = bytearray(len(columns))
    for place in range(SLOT):
        data[place::SLOT] = columns[place * rows : (place + 1) * rows]
    return bytes(data)
