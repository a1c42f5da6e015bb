"""Digests of data, the same that MLflow computes: eight hex digits over the first ten thousand rows.

They tell versions of one dataset apart; they are no proof against someone who wants two to be equal.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from headrace import plugins

MAX_ROWS = 10_000


def of_frame(frame: Any, rows: int | None = None) -> str:
    """Of a data frame of pandas: its text and number columns, its length, its names.

    ``rows`` is the number of rows where ``frame`` holds the first ones only.
    """
    head = frame.head(MAX_ROWS)
    texts = [name for name, column in head.items() if _is_text(column)]
    numbers = head.select_dtypes(include=[np.number]).columns
    hashed = plugins.load("pandas.util:hash_pandas_object")(
        head[plugins.load("pandas:Index")(texts, dtype=object).union(numbers)]
    )
    count = np.int64(len(frame) if rows is None else rows)
    return _md5([hashed.to_numpy(), count, *(str(name).encode() for name in frame.columns)])


def of_arrays(*arrays: Any) -> str:
    """Of arrays, or dicts of arrays: their first elements and their shapes."""
    parts: list[Any] = []
    for array in arrays:
        if isinstance(array, Mapping):
            for key in sorted(array):
                parts += _of_array(array[key])
        elif array is not None:
            parts += _of_array(array)
    return _md5(parts)


def _of_array(array: Any) -> list[Any]:
    head = array.reshape(-1)[:MAX_ROWS]
    try:
        hashed: Any = plugins.load("pandas.util:hash_array")(head)
    except TypeError:
        hashed = np.int64(head.size)  # things that have no hash
    return [hashed, *(np.int64(length) for length in array.shape)]


def _is_text(column: Any) -> bool:
    return all(type(value) is str for value in column.to_numpy(dtype=object))


def _md5(parts: Iterable[Any]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:8]
