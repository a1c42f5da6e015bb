"""Curves of several runs as one: their mean, spread and extremes along an axis that is cut into stretches."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.stores.points import Floats

Counts = npt.NDArray[np.int64]


class Grid(NamedTuple):
    """An axis cut into ``size`` stretches of equal length, the first of which begins at ``low``."""

    low: float
    length: float
    size: int

    @classmethod
    def over(cls, low: float, high: float, most: int, *, whole: bool) -> "Grid":
        """At most ``most`` stretches from ``low`` to ``high``; ``whole`` numbers are not cut into parts."""
        if whole:
            low, high = math.ceil(low), math.floor(high)
            length = max(1.0, float(math.ceil((high - low + 1) / most)))
            return cls(low, length, max(1, math.ceil((high - low + 1) / length)))
        length = (high - low) / most
        return cls(low, length, most) if length > 0 else cls(low, 1.0, 1)

    def of(self, x: Floats) -> Counts:
        """The stretch that each place lies in; the last one holds its end."""
        at = np.floor((x - self.low) / self.length)
        return np.clip(at, 0, self.size - 1).astype(np.int64)


class Curve(NamedTuple):
    """One series on a grid: for each stretch how many points it has there, and their means."""

    points: Counts
    x: Floats
    y: Floats


def on_grid(grid: Grid, x: Floats, y: Floats) -> Curve:
    """The means of the finite points within the grid; NaN in a stretch that has none."""
    end = grid.low + grid.length * grid.size
    use = np.isfinite(x) & np.isfinite(y) & (x >= grid.low) & (x <= end)
    x, y = x[use], y[use]
    at = grid.of(x)
    points = np.bincount(at, minlength=grid.size)
    with np.errstate(invalid="ignore", over="ignore"):
        return Curve(
            points,
            np.bincount(at, x, grid.size) / points,
            np.bincount(at, y, grid.size) / points,
        )


class Bundle(NamedTuple):
    """Several curves as one, where at least one of them has points."""

    x: Floats
    runs: Counts
    mean: Floats
    low: Floats
    high: Floats
    std: Floats


def places(curves: list[Curve]) -> Floats:
    """Where the points of each stretch stand in the mean; NaN in a stretch that has none."""
    points = np.sum([curve.points for curve in curves], axis=0)
    sums = np.sum([np.nan_to_num(curve.x) * curve.points for curve in curves], axis=0)
    with np.errstate(invalid="ignore"):
        means: Floats = sums / points
    return means


def bundled(curves: list[Curve], x: Floats) -> Bundle:
    """What curves are like at ``x``, see `places`; a curve that skips a stretch counts with the line over it."""
    used = np.flatnonzero(np.sum([curve.points for curve in curves], axis=0))
    at = x[used]
    y = np.array([_filled(curve, used, at) for curve in curves])
    runs = np.sum(~np.isnan(y), axis=0)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = np.nansum(y, axis=0) / runs
        squares = np.nansum((y - mean) ** 2, axis=0)
        std = np.sqrt(squares / np.maximum(runs - 1, 1))
    return Bundle(at, runs, mean, np.nanmin(y, axis=0), np.nanmax(y, axis=0), std)


def _filled(curve: Curve, used: Counts, at: Floats) -> Floats:
    known = np.flatnonzero(curve.points)
    between = np.interp(at, curve.x[known], curve.y[known], left=np.nan, right=np.nan)
    own = curve.points[used] > 0
    return np.where(own, curve.y[used], between)
