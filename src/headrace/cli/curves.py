"""Curves in a terminal: each character shows two by four dots (braille)."""

from collections.abc import Sequence
from math import isfinite

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_EMPTY = 0x2800


def curve(xs: Sequence[float], ys: Sequence[float], width: int, height: int) -> list[str]:
    """Lines of text that draw the points, neighbours joined; what is not finite is left out."""
    points = [(x, y) for x, y in zip(xs, ys, strict=True) if isfinite(y)]
    cells = [[0] * width for _ in range(height)]
    if points:
        dots = _scaled(points, width * 2 - 1, height * 4 - 1)
        previous = dots[0]
        for dot in dots:
            for x, y in _between(previous, dot):
                cells[height - 1 - y // 4][x // 2] |= _DOTS[x % 2][3 - y % 4]
            previous = dot
    return ["".join(chr(_EMPTY + cell) for cell in row) for row in cells]


def _scaled(points: Sequence[tuple[float, float]], right: int, top: int) -> list[tuple[int, int]]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, low = min(xs), min(ys)
    # Halves, so that the span of the largest numbers is still one.
    wide, high = max(xs) / 2 - left / 2, max(ys) / 2 - low / 2
    return [
        (
            round((x / 2 - left / 2) / wide * right) if wide else 0,
            round((y / 2 - low / 2) / high * top) if high else top // 2,
        )
        for x, y in points
    ]


def _between(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The dots of a line."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (
            start[0] + round((end[0] - start[0]) * step / steps),
            start[1] + round((end[1] - start[1]) * step / steps),
        )
        for step in range(steps + 1)
    ]
