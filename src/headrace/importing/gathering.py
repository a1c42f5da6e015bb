"""Points and other values of a source on their way to the types that a store takes."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from headrace.errors import InvalidValueError
from headrace.importing.nouns import Series
from headrace.stores.points import Columns

MOST_HELD = 1_000_000
"""Points after which those that were gathered are handed on."""


class Gathering:
    """Holds points of the series of one run until there are many."""

    def __init__(self) -> None:
        self._series: dict[str, tuple[list[int], list[int], list[float]]] = {}
        self._held = 0

    def add(self, key: str, step: int, time_ms: int, value: float) -> None:
        """Take a point."""
        columns = self._series.get(key)
        if columns is None:
            columns = self._series[key] = ([], [], [])
        columns[0].append(step)
        columns[1].append(time_ms)
        columns[2].append(value)
        self._held += 1

    @property
    def is_full(self) -> bool:
        """Whether it is time to take the points out."""
        return self._held >= MOST_HELD

    def taken(self) -> Iterator[Series]:
        """The points by series; it holds none afterwards."""
        series, self._series, self._held = self._series, {}, 0
        for key, columns in series.items():
            yield Series(key, columns_of(*columns))


def columns_of(steps: Sequence[Any], times: Sequence[Any], values: Sequence[Any]) -> Columns:
    """Points as columns; `InvalidValueError` for what is no number, or none of 64 bits."""
    try:
        return Columns(
            np.array(steps, np.int64), np.array(times, np.int64), np.array(values, np.float64)
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidValueError(
            f"A step, a time or a value is no 64-bit number: {error}"
        ) from error


def whole(value: Any) -> int | None:
    """An integer that may be missing; `InvalidValueError` for what is none."""
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidValueError(f"{str(value)[:80]!r} is no whole number.") from error


def words(value: Any) -> str:
    """A text; what is missing is empty."""
    return "" if value is None else str(value)


def words_or_none(value: Any) -> str | None:
    """A text that may be missing."""
    return None if value is None else str(value)
