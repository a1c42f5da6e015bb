"""Comparisons as SQL conditions: the pieces that need no database."""

import math
import re
import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.search.tree import Comparison, Field
from headrace.stores.sql import filters
from headrace.stores.sql.phrases import Sql, all_of, any_of, in_numbers

PARAM, METRIC = Field("param", "p"), Field("metric", "m", numeric=True)
SIGNS = st.sampled_from(["a", "A", "b", "%", "_", "é"])


@settings(max_examples=500, deadline=None)
@given(st.lists(SIGNS, max_size=9).map("".join), st.lists(SIGNS, max_size=6).map("".join))
def test_like_is_what_the_pattern_says(text: str, pattern: str) -> None:
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(sign, re.escape(sign)) for sign in pattern)
    assert filters.like(text, pattern) == bool(re.fullmatch(expression, text, re.DOTALL))


def test_like_takes_no_more_than_the_product_of_the_lengths() -> None:
    assert not filters.like("a" * 5_000, "%a" * 200 + "b")


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (Comparison(PARAM, "=", ("b",)), {"b"}),
        (Comparison(PARAM, "!=", ("b",)), {"a", "c"}),
        (Comparison(PARAM, "IN", ("a", "c")), {"a", "c"}),
        (Comparison(PARAM, "NOT IN", ("a", "c")), {"b"}),
        (Comparison(PARAM, "BETWEEN", ("b", "d")), {"b", "c"}),
        (Comparison(PARAM, "NOT BETWEEN", ("b", "d")), {"a"}),
        (Comparison(PARAM, ">", ("a",)), {"b", "c"}),
        (Comparison(PARAM, "ILIKE", ("B%",)), {"b"}),
        (Comparison(PARAM, "IS NOT NULL", ()), {"a", "b", "c"}),
    ],
)
def test_a_few_known_texts_are_chosen_by_a_comparison(
    comparison: Comparison, expected: set[str]
) -> None:
    assert set(filters.chosen(["a", "b", "c"], comparison)) == expected


@pytest.fixture(scope="module")
def sqlite() -> Any:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@pytest.mark.parametrize("value", [None, 0.0, 1.0, filters.LARGEST, -filters.LARGEST])
@pytest.mark.parametrize(
    ("comparison", "matching"),
    [
        (Comparison(METRIC, "=", (1.0,)), {1.0}),
        (Comparison(METRIC, "!=", (1.0,)), {None, 0.0, filters.LARGEST, -filters.LARGEST}),
        (Comparison(METRIC, "<", (math.inf,)), {0.0, 1.0, -filters.LARGEST}),
        (Comparison(METRIC, "<=", (math.inf,)), {0.0, 1.0, filters.LARGEST, -filters.LARGEST}),
        (Comparison(METRIC, "NOT IN", (1.0, 0.0)), {None, filters.LARGEST, -filters.LARGEST}),
        (Comparison(METRIC, "NOT BETWEEN", (-1.0, math.inf)), {None, -filters.LARGEST}),
    ],
)
def test_nan_is_unequal_to_every_number_and_infinity_is_the_largest(
    sqlite: Any, value: float | None, comparison: Comparison, matching: set[float | None]
) -> None:
    found = filters.number_matches("v", comparison)
    text = f"SELECT 1 FROM (SELECT ? AS v) WHERE {found.text}"
    rows = sqlite.execute(text, (value, *found.arguments)).fetchall()
    assert bool(rows) == (value in matching)


def test_conditions_are_joined_with_their_arguments_in_order() -> None:
    one, two = Sql("a = ?", (1,)), Sql("b = ? OR c = ?", (2, 3))
    assert all_of([one, two]) == Sql("(a = ?) AND (b = ? OR c = ?)", (1, 2, 3))
    assert any_of([one]) == one
    assert all_of([]).text == "1 = 1"
    assert any_of([]).text == "1 = 0"
    assert in_numbers("n", [3]) == "n = 3"
    assert in_numbers("n", [3, 4]) == "n IN (3, 4)"
    assert in_numbers("n", []) == "1 = 0"
