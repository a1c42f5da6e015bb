from fractions import Fraction

import numpy as np
import pytest

from headrace.client import values
from headrace.client.paging import PagedList, all_pages
from headrace.client.recording import batches
from headrace.entities import ExperimentTag, Metric, Param, RunTag
from headrace.errors import InvalidValueError


def pages_of(items: list[int], asked: list[int]):
    def page(size: int, token: str | None) -> PagedList[int]:
        asked.append(size)
        start = int(token or 0)
        more = start + size < len(items)
        return PagedList(items[start : start + size], str(start + size) if more else None)

    return page


@pytest.mark.parametrize(
    ("size", "limit", "found", "asked"),
    [
        (10, None, 7, [10]),
        (3, None, 7, [3, 3, 3]),
        (3, 5, 5, [3, 2]),
        (3, 3, 3, [3]),
        (3, 100, 7, [3, 3, 3]),
    ],
)
def test_all_pages_are_read_and_no_more_than_is_wanted(size, limit, found, asked) -> None:
    seen: list[int] = []
    assert all_pages(pages_of(list(range(7)), seen), size, limit) == list(range(found))
    assert seen == asked


def test_a_page_is_a_list() -> None:
    page = PagedList([1, 2], "next")
    assert (page, page.token, type(page.to_list())) == ([1, 2], "next", list)


def test_values_of_any_number_are_batches_that_a_store_takes() -> None:
    made = list(
        batches(
            "r",
            [Metric("m", i, i) for i in range(2_500)],
            [Param(f"p{i}") for i in range(250)],
            [RunTag(f"t{i}") for i in range(50)],
        )
    )
    sizes = [(len(b.metrics), len(b.params), len(b.tags)) for b in made]
    assert sizes == [(850, 100, 50), (900, 100, 0), (750, 50, 0)]
    assert [m.timestamp for b in made for m in b.metrics] == list(range(2_500))


def test_nothing_is_one_empty_batch() -> None:
    (only,) = batches("r")
    assert (only.metrics, only.params, only.tags) == ([], [], [])


@pytest.mark.parametrize("value", [1.5, "1.5", np.float16(1.5), np.array(1.5), Fraction(3, 2)])
def test_numbers_of_every_kind(value: object) -> None:
    found = values.number(value, "m")
    assert (type(found), found) == (float, 1.5)


@pytest.mark.parametrize("value", [None, "one", [1], object(), 10**400])
def test_what_is_no_number_is_refused_with_its_metric(value: object) -> None:
    with pytest.raises(InvalidValueError, match="metric 'loss'"):
        values.number(value, "loss")


@pytest.mark.parametrize("value", [3, 3.0, np.int32(3), np.float64(3.0), True + 2])
def test_integers_of_every_kind(value: object) -> None:
    found = values.integer(value, "step")
    assert (type(found), found) == (int, 3)


@pytest.mark.parametrize("value", [3.5, "3", None, float("inf"), float("nan")])
def test_what_is_no_integer_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(InvalidValueError, match="'step'"):
        values.integer(value, "step")


@pytest.mark.parametrize("key", [1, None, b"k", ("a",)])
def test_a_name_is_text(key: object) -> None:
    with pytest.raises(InvalidValueError, match="name must be text"):
        values.name_of(key)


def test_values_of_params_and_tags_become_text() -> None:
    assert values.params({"a": {"b": [1]}, "c": None}) == [
        Param("a", "{'b': [1]}"),
        Param("c", "None"),
    ]
    assert values.tags({"a": 1.5}, ExperimentTag) == [ExperimentTag("a", "1.5")]
    assert values.tags(None, RunTag) == []
