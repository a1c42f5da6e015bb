"""Signatures found in data, and data held to them."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from headrace.errors import InvalidValueError
from headrace.models import ModelSignature, SchemaError, infer_signature
from headrace.models.enforcing import enforce, enforce_params
from headrace.models.params import ParamSchema, ParamSpec
from headrace.models.schema import (
    Array,
    ColSpec,
    DataType,
    Map,
    Object,
    Property,
    Schema,
    TensorSpec,
)

LARGE = 2**53 + 1
"""The first integer that a float cannot hold."""


def columns(data: Any) -> list[tuple[Any, ...]]:
    return [(one.name, str(one.type), one.required) for one in infer_signature(data).inputs]


COLUMNS = {
    "n": ("long", True),
    "few": ("long", False),
    "x": ("double", False),
    "s": ("string", False),
    "b": ("boolean", True),
    "t": ("datetime", True),
}
DATA: dict[str, list[Any]] = {
    "n": [1, LARGE],
    "few": [LARGE, None],
    "x": [0.5, None],
    "s": ["a", None],
    "b": [True, False],
    "t": [dt.datetime.fromisoformat(one) for one in ("2020-01-01", "2021-01-01")],
}


def of_pandas() -> pd.DataFrame:
    return pd.DataFrame({**DATA, "few": pd.array(DATA["few"], dtype="Int64")})


@pytest.mark.parametrize(
    "make",
    [of_pandas, lambda: pl.DataFrame(DATA), lambda: pa.table(DATA)],
    ids=["pandas", "polars", "arrow"],
)
def test_a_table_has_the_same_columns_in_every_library(make: Any) -> None:
    assert columns(make()) == [(name, kind, required) for name, (kind, required) in COLUMNS.items()]


@pytest.mark.parametrize(
    "make",
    [of_pandas, lambda: pl.DataFrame(DATA), lambda: pa.table(DATA)],
    ids=["pandas", "polars", "arrow"],
)
def test_nullable_integers_reach_the_model_without_loss(make: Any) -> None:
    data = make()
    given = enforce(data, infer_signature(data).inputs)
    assert given["few"][0] == LARGE
    assert given["few"].isna().tolist() == [False, True]
    assert str(given["few"].dtype) == "Int64"
    assert given["n"].tolist() == [1, LARGE]


def test_integers_that_missing_values_made_floats_are_integers_again() -> None:
    schema = Schema([ColSpec("long", "n", required=False)])
    assert str(enforce(pd.DataFrame({"n": [1.0, None]}), schema)["n"].dtype) == "Int64"
    with pytest.raises(SchemaError, match=r"Column 'n', row 0: expected long, got float 1\.5"):
        enforce(pd.DataFrame({"n": [1.5, None]}), schema)


TENSORS = [
    (np.zeros((3, 2), np.float32), [(None, "float32", (-1, 2))]),
    (
        {"a": np.zeros((3,)), "b": np.zeros((3, 1), int)},
        [("a", "float64", (-1,)), ("b", "int64", (-1, 1))],
    ),
    (sparse.csr_matrix(np.eye(2)), [(None, "float64", (-1, 2))]),
]


@pytest.mark.parametrize(("data", "expected"), TENSORS, ids=["array", "dict", "sparse"])
def test_arrays_have_tensors(data: Any, expected: Any) -> None:
    found = infer_signature(data).inputs
    assert [(one.name, one.type.name, one.shape) for one in found] == expected
    enforce(data, found)


def test_nested_values_have_nested_types() -> None:
    signature = infer_signature(
        [{"a": [1, 2], "o": {"x": 1}}, {"a": [1.5], "o": {"x": 2, "y": "z"}}]
    )
    assert signature.inputs == Schema(
        [
            ColSpec(Array("double"), "a"),
            ColSpec(Object([Property("x", "long"), Property("y", "string", required=False)]), "o"),
        ]
    )


def test_what_has_no_type_is_named() -> None:
    with pytest.raises(InvalidValueError, match="'c' holds set"):
        infer_signature(pd.DataFrame({"c": [{1}]}))
    with pytest.raises(InvalidValueError, match=r"'c' holds .*long, string"):
        infer_signature(pd.DataFrame({"c": [1, "a"]}))


def test_a_signature_is_the_same_after_it_was_written() -> None:
    signature = ModelSignature(
        Schema([ColSpec(Map(Array("binary")), "m"), ColSpec("any", "q", required=False)]),
        Schema([TensorSpec(np.dtype("float32"), (-1, 28), "t")]),
        ParamSchema(
            [
                ParamSpec("when", DataType.datetime, dt.datetime.fromisoformat("2020-01-01")),
                ParamSpec("n", "long", [1], (-1,)),
            ]
        ),
    )
    assert ModelSignature.from_dict(signature.to_dict()) == signature


KINDS: dict[str, Any] = {
    "bool": np.array([True]), "int8": np.array([1], "int8"), "int64": np.array([1]),
    "float32": np.array([1], "float32"), "float64": np.array([1.0]),
    "str": np.array(["a"], object), "bytes": np.array([b"a"], object),
    "datetime64": np.array(["2020-01-01"], "datetime64[ns]"), "date": np.array([dt.date(2020, 1, 1)], object),
}  # fmt: skip
TAKES = {
    "boolean": {"bool"},
    "integer": {"int8"},
    "long": {"int8", "int64"},
    "float": {"int8", "int64", "float32"},
    "double": {"int8", "int64", "float32", "float64"},
    "string": {"str"},
    "binary": {"bytes"},
    "datetime": {"datetime64", "date"},
}


@pytest.mark.parametrize(
    ("given", "kind"), [(one, kind) for kind in TAKES for one in sorted(TAKES[kind])]
)
def test_what_loses_nothing_is_converted(given: str, kind: str) -> None:
    assert len(enforce(pd.DataFrame({"c": KINDS[given]}), Schema([ColSpec(kind, "c")]))) == 1


@pytest.mark.parametrize(
    ("given", "kind"), [(one, kind) for kind in TAKES for one in sorted(KINDS.keys() - TAKES[kind])]
)
def test_what_could_lose_something_is_not(given: str, kind: str) -> None:
    with pytest.raises(SchemaError, match=f"Column 'c'(, row 0)?: expected {kind}, got"):
        enforce(pd.DataFrame({"c": KINDS[given]}), Schema([ColSpec(kind, "c")]))


SCHEMA = Schema([ColSpec("long", "a"), ColSpec("double", "b", required=False)])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pd.DataFrame({"b": [1.0]}), r"Missing: column 'a'.*'a', 'b'.*'b'"),
        (pd.DataFrame({"a": pd.array([1, None], "Int64")}), r"Column 'a': a value is required, and missing in row 1"),
        (pd.DataFrame({"a": ["x"]}), r"Column 'a': expected long, got (str|object)"),
        (np.zeros((2, 3)), r"'a', 'b'; an array with 3 came"),
        ([1, 2], r"a list came"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(data: Any, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        enforce(data, SCHEMA)


def test_columns_are_put_in_order_and_others_left_out() -> None:
    given = enforce(pd.DataFrame({"z": [1], "b": [2], "a": [3]}), SCHEMA)
    assert list(given.columns) == ["a", "b"]
    assert list(enforce(pd.DataFrame({"a": [3]}), SCHEMA).columns) == ["a"]


def test_settings_say_how_strict_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_SCHEMA_ENFORCEMENT", "strict")
    with pytest.raises(SchemaError, match="Not known to the model: column 'z'"):
        enforce(pd.DataFrame({"a": [1], "z": [1]}), SCHEMA)
    monkeypatch.setenv("HEADRACE_SCHEMA_ENFORCEMENT", "warn")
    bad = pd.DataFrame({"b": [1.0]})
    assert enforce(bad, SCHEMA) is bad


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (np.zeros((2, 3), np.float64), "expected elements of float32, got float64"),
        (np.zeros((2, 2), np.float32), r"expected shape \(-1, 3\), got \(2, 2\)"),
        ([[1.0], [1.0, 2.0]], "rows differ in length"),
    ],
)
def test_tensors_have_their_type_and_shape(data: Any, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        enforce(data, Schema([TensorSpec(np.dtype("float32"), (-1, 3))]))


def test_plain_lists_become_tensors() -> None:
    given = enforce([[1, 2, 3]], Schema([TensorSpec(np.dtype("float32"), (-1, 3))]))
    assert given.dtype == np.float32


def test_objects_are_held_to_their_properties() -> None:
    kind = Object([Property("x", "long"), Property("y", "string", required=False)])
    schema = Schema([ColSpec(kind, "o")])
    assert enforce(pd.DataFrame({"o": [{"x": 1}]}), schema)["o"][0] == {"x": 1}
    with pytest.raises(SchemaError, match=r"Column 'o', row 0: 'x' is missing, 'z' is not known"):
        enforce(pd.DataFrame({"o": [{"z": 1}]}), schema)
    with pytest.raises(SchemaError, match=r"Column 'o', row 1\.x: expected long, got str 'a'"):
        enforce(pd.DataFrame({"o": [{"x": 1}, {"x": "a"}]}), schema)


def test_params_have_defaults_and_types() -> None:
    schema = infer_signature(params={"n": 1, "t": 0.5, "names": ["a"], "o": {"k": 1}}).params
    assert enforce_params({"n": 2, "t": 1, "unknown": 3}, schema) == {
        "n": 2, "t": 1.0, "names": ["a"], "o": {"k": 1},
    }  # fmt: skip
    with pytest.raises(SchemaError, match="Param 'n': expected long, got str 'x'"):
        enforce_params({"n": "x"}, schema)
    with pytest.raises(SchemaError, match="Param 'names': expected a list of string"):
        enforce_params({"names": "x"}, schema)


def test_columns_that_are_numbered_keep_their_numbers() -> None:
    frame = pd.DataFrame([[1, 2.0], [3, 4.0]])
    schema = infer_signature(frame).inputs
    assert schema.input_names() == [0, 1]
    assert list(enforce(frame, schema).columns) == [0, 1]
    assert list(enforce(frame.rename(columns=str), schema).columns) == [0, 1]
    assert enforce(
        np.ones((1, 2)).tolist(), Schema([TensorSpec(np.dtype("float64"), (-1, 2))])
    ).shape == (1, 2)


def test_arrays_of_texts_and_of_one_value_have_tensors() -> None:
    texts = infer_signature(np.array(["a", "bc"])).inputs
    assert texts.to_dict() == [{"type": "tensor", "tensor-spec": {"dtype": "str", "shape": [-1]}}]
    assert enforce(np.array(["longer"]), texts).tolist() == ["longer"]
    assert infer_signature(np.array(3.0)).inputs.inputs[0].shape == ()
