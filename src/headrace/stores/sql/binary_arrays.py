"""PostgreSQL's arrays of numbers in their binary form, which neither side has to spell or parse.

The form is that of ``array_send`` in PostgreSQL: a head of (dimensions, has nulls, type of an item, length,
lower bound), then each item with its length in front; -1 is the length of NULL. All is big-endian.
"""

import struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

_HEAD = struct.Struct(">iiIii")


class BigIntArray(bytes):
    """A ``bigint[]``."""


class IntArray(bytes):
    """An ``int[]``."""


class DoubleArray(bytes):
    """A ``float8[]``."""


class Form(NamedTuple):
    """How an array of one type is sent."""

    kind: type[bytes]
    oid: int
    item_oid: int
    item: str


FORMS = {
    "bigint": Form(BigIntArray, 1016, 20, ">i8"),
    "int": Form(IntArray, 1007, 23, ">i4"),
    "float8": Form(DoubleArray, 1022, 701, ">f8"),
}


def binary_array(kind: str, column: npt.NDArray[Any]) -> bytes:
    """A column of numbers; NaN is NULL."""
    form = FORMS[kind]
    items = np.empty(len(column), [("length", ">i4"), ("value", form.item)])
    items["length"] = items.dtype["value"].itemsize
    items["value"] = column
    missing = np.isnan(column) if kind == "float8" else np.zeros(0, np.bool_)
    if missing.any():
        data = b"".join(
            _NULL if gone else item.tobytes() for item, gone in zip(items, missing, strict=True)
        )
    else:
        data = items.tobytes()
    return form.kind(_HEAD.pack(1, int(missing.any()), form.item_oid, len(column), 1) + data)


_NULL = struct.pack(">i", -1)
