"""Columns of points: packed and unpacked to the bit, thinned out with every extreme kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.stores import points as pt
from headrace.stores.points import Columns

INT64 = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(width=64, allow_nan=True, allow_infinity=True)
POINTS = st.lists(st.tuples(INT64, INT64, FLOATS), max_size=200)


def columns(points: list[tuple[int, int, float]]) -> Columns:
    steps, times, values = zip(*points, strict=True) if points else ((), (), ())
    return Columns(
        np.array(steps, np.int64), np.array(times, np.int64), np.array(values, np.float64)
    )


def bits(points: Columns) -> list[tuple[int, int, int]]:
    return list(
        zip(
            points.steps.tolist(),
            points.times.tolist(),
            points.values.view(np.int64).tolist(),
            strict=True,
        )
    )


@given(POINTS)
def test_a_chunk_is_unpacked_to_the_bit(points: list[tuple[int, int, float]]) -> None:
    given_points = columns(points)
    assert bits(pt.decode_chunk(pt.encode_chunk(given_points))) == bits(given_points)


@given(st.lists(POINTS, max_size=3))
def test_chunks_sent_together_are_unpacked_in_order(
    parts: list[list[tuple[int, int, float]]],
) -> None:
    given_parts = [columns(part) for part in parts]
    found = pt.unpack(pt.pack(pt.encode_chunk(part) for part in given_parts))
    assert sorted(bits(found)) == sorted(one for part in given_parts for one in bits(part))
    places = list(zip(found.steps.tolist(), found.times.tolist(), strict=True))
    assert places == sorted(places)


@given(POINTS, POINTS)
def test_only_what_is_not_known_to_the_bit_is_missing(
    known: list[tuple[int, int, float]], new: list[tuple[int, int, float]]
) -> None:
    held, points = columns(known), columns(known[::2] + new)
    missing = pt.missing_from(points, held)
    assert {one for one, is_new in zip(bits(points), missing.tolist(), strict=True) if is_new} == {
        one for one in bits(points) if one not in set(bits(held))
    }


@given(st.lists(FLOATS, min_size=1, max_size=300), st.integers(4, 40))
def test_a_thinned_curve_keeps_its_ends_and_its_extremes(values: list[float], most: int) -> None:
    points = columns([(step, step, value) for step, value in enumerate(values)])
    found = pt.downsample(points, most)
    assert len(found.steps) <= most
    assert found.steps.tolist() == sorted(set(found.steps.tolist()))
    assert bits(found) == [bits(points)[step] for step in found.steps.tolist()]
    assert {0, len(values) - 1} <= set(found.steps.tolist())
    numbers = points.values[~np.isnan(points.values)]
    if len(numbers):
        assert numbers.min() in found.values
        assert numbers.max() in found.values


@pytest.mark.parametrize("place", range(1, 60, 7))
def test_a_spike_is_kept_wherever_it_is(place: int) -> None:
    values = [0.0] * 600
    values[place * 10 : place * 10 + 2] = [7.0, -7.0]
    points = columns([(step, step, value) for step, value in enumerate(values)])
    found = pt.downsample(points, 20).values.tolist()
    assert {7.0, -7.0} <= set(found)


def test_the_first_stretch_keeps_both_its_extremes_beside_the_first_point() -> None:
    values = [0.0, -9.0, 9.0, *[0.5] * 597]
    points = columns([(step, step, value) for step, value in enumerate(values)])
    assert {0.0, -9.0, 9.0} <= set(pt.downsample(points, 20).values.tolist())


@pytest.mark.parametrize(("count", "most"), [(1, 1), (5, 9), (10, 1), (10, 2), (1_000, 7)])
def test_even_positions_have_both_ends(count: int, most: int) -> None:
    found = pt.evenly(count, most).tolist()
    assert len(found) == min(count, most)
    assert found[0] == 0
    assert most == 1 or found[-1] == count - 1
