"""Datasets that a run used: what is stored of them, and what reads it back."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import headrace
from headrace import data
from headrace.errors import InvalidValueError


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"x": [1, 2, 3], "y": [0.5, None, 2.0], "word": ["a", "b", "c"]})


def columns(dataset: data.Dataset) -> dict[str, Any]:
    """Type and whether it is required, by column, as it is stored."""
    stored = json.loads(dataset.to_entity().schema)["mlflow_colspec"]
    return {column["name"]: (column["type"], column["required"]) for column in stored}


def test_a_run_says_what_it_was_trained_on(fluent: headrace.MlflowClient, frame) -> None:
    train = headrace.data.from_pandas(
        frame, source="s3://bucket/train.csv", name="train", targets="y"
    )
    with headrace.start_run() as run:
        headrace.log_input(train, context="training", tags={"version": "2"})
    (used,) = fluent.get_run(run.info.run_id).inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("train", train.digest)
    assert (used.dataset.source_type, json.loads(used.dataset.source)) == (
        "s3",
        {"uri": "s3://bucket/train.csv"},
    )
    assert json.loads(used.dataset.profile) == {"num_rows": 3, "num_elements": 9}
    assert {tag.key: tag.value for tag in used.tags} == {
        "version": "2",
        "mlflow.data.context": "training",
    }
    assert headrace.data.get_source(used).uri == "s3://bucket/train.csv"
    assert headrace.data.get_source(used) == train.source


def test_several_are_logged_at_once(fluent: headrace.MlflowClient, frame) -> None:
    parts = [data.from_pandas(frame.head(n), name=f"part {n}") for n in (1, 2)]
    with headrace.start_run() as run:
        headrace.log_inputs(parts, ["training", "validation"], [None, {"k": "v"}])
    used = fluent.get_run(run.info.run_id).inputs.dataset_inputs
    assert {entry.dataset.name: len(entry.tags) for entry in used} == {"part 1": 1, "part 2": 2}


def test_runs_are_found_by_what_they_were_trained_on(fluent, frame) -> None:
    with headrace.start_run() as run:
        headrace.log_input(data.from_pandas(frame, name="prices"), context="train")
    with headrace.start_run():
        headrace.log_input(data.from_pandas(frame, name="other"), context="train")
    found = headrace.search_runs(filter_string="dataset.name = 'prices'", output_format="list")
    assert [each.info.run_id for each in found] == [run.info.run_id]


def test_columns_of_pandas_have_mlflows_types() -> None:
    frame = pd.DataFrame(
        {
            "long": [1, 2],
            "int": np.array([1, 2], "int32"),
            "double": [0.5, None],
            "float": np.array([1, 2], "float32"),
            "text": ["a", None],
            "flag": [True, False],
            "time": pd.to_datetime(["2020", "2021"]),
            "bytes": [b"a", b"b"],
            "list": [[1, 2], [3]],
            "array": [np.array([1.5]), np.array([2.5])],
            "kind": pd.Categorical(["u", "v"]),
        }
    )
    assert columns(data.from_pandas(frame)) == {
        "long": ("long", True),
        "int": ("integer", True),
        "double": ("double", False),
        "float": ("float", True),
        "text": ("string", False),
        "flag": ("boolean", True),
        "time": ("datetime", True),
        "bytes": ("binary", True),
        "list": ("array", True),
        "array": ("array", True),
        "kind": ("string", True),
    }


def test_a_column_that_has_no_type_leaves_the_schema_out(caplog) -> None:
    assert data.from_pandas(pd.DataFrame({"mixed": [1, "a"]})).to_entity().schema is None
    assert "'mixed' holds long, string" in caplog.text


def test_polars_and_arrow_describe_the_same_data_alike(frame) -> None:
    frame = frame.assign(day=pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]))
    of_pandas = data.from_pandas(frame)
    of_polars = data.from_polars(pl.from_pandas(frame))
    of_arrow = data.from_arrow(pa.Table.from_pandas(frame))
    expected = {name: kind for name, (kind, _) in columns(of_pandas).items()}
    for other in (of_polars, of_arrow):
        assert {name: kind for name, (kind, _) in columns(other).items()} == expected
        assert other.profile == of_pandas.profile == {"num_rows": 3, "num_elements": 12}
    assert of_arrow.digest == of_pandas.digest


def test_nested_columns_of_polars_are_described() -> None:
    table = pl.DataFrame({"s": [{"a": 1, "b": "x"}], "l": [[dt.date(2020, 1, 1)]]})
    assert data.from_polars(table).schema["mlflow_colspec"] == [
        {
            "type": "object",
            "properties": {
                "a": {"type": "long", "required": True},
                "b": {"type": "string", "required": True},
            },
            "name": "s",
            "required": True,
        },
        {"type": "array", "items": {"type": "datetime"}, "name": "l", "required": True},
    ]


def test_arrays_are_described_by_type_and_shape() -> None:
    dataset = data.from_numpy(
        {"x": np.zeros((4, 2)), "m": np.zeros(4, "bool")}, targets=np.arange(4)
    )
    stored = dataset.to_entity()
    schema = json.loads(stored.schema)["mlflow_tensorspec"]
    assert json.loads(schema["features"]) == [
        {"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}},
        {"name": "m", "type": "tensor", "tensor-spec": {"dtype": "bool", "shape": [-1]}},
    ]
    assert json.loads(stored.profile)["features_shape"] == {"x": [4, 2], "m": [4]}
    assert json.loads(stored.profile)["targets_size"] == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(x=frame["x"] + 1),
        lambda frame: frame.rename(columns={"x": "z"}),
        lambda frame: frame.head(2),
        lambda frame: frame.assign(word="a"),
        lambda frame: frame.assign(more=1),
    ],
)
def test_other_data_has_another_digest(frame: pd.DataFrame, change) -> None:
    assert data.from_pandas(frame).digest == data.from_pandas(frame.copy()).digest
    assert data.from_pandas(frame).digest != data.from_pandas(change(frame)).digest
    assert data.from_pandas(frame, digest="mine").digest == "mine"


@pytest.mark.parametrize(
    ("source", "kind", "stored"),
    [
        ("data/a.csv", "local", {"uri": "data/a.csv"}),
        (Path("/data/a.csv"), "local", {"uri": "/data/a.csv"}),
        ("gs://b/a", "gs", {"uri": "gs://b/a"}),
        ("hdfs://n/a", "hdfs", {"uri": "hdfs://n/a"}),
        ("https://e.com/a.csv", "http", {"url": "https://e.com/a.csv"}),
        ("https://me:pw@e.com/a.csv", "http", {"url": "https://me:***@e.com/a.csv"}),
    ],
)
def test_a_source_is_a_kind_and_a_place(frame, source, kind: str, stored) -> None:
    entity = data.from_pandas(frame, source=source).to_entity()
    assert (entity.source_type, json.loads(entity.source)) == (kind, stored)
    assert data.get_source(entity).to_dict() == stored


def test_data_without_a_source_comes_from_the_program(frame) -> None:
    entity = data.from_pandas(frame).to_entity()
    assert entity.source_type == "code"
    assert {"mlflow.user", "mlflow.source.name"} <= set(json.loads(entity.source)["tags"])


def test_a_file_is_read_and_is_the_source(frame, tmp_path: Path) -> None:
    frame.to_csv(tmp_path / "prices.csv", index=False)
    dataset = data.load(tmp_path / "prices.csv", targets="y")
    assert (dataset.name, dataset.source.uri) == ("prices", str(tmp_path / "prices.csv"))
    assert dataset.df.equals(frame)
    again = Path(dataset.source.load(str(tmp_path / "copy")))
    assert again.read_text() == (tmp_path / "prices.csv").read_text()
    with pytest.raises(InvalidValueError, match=r"\.parquet"):
        data.load("prices.xyz")


def test_a_dataset_too_large_to_look_at_is_described_by_hand(fluent) -> None:
    table = data.MetaDataset("s3://lake/clicks", name="clicks", digest="v812")
    with headrace.start_run() as run:
        headrace.log_input(table)
    (used,) = fluent.get_run(run.info.run_id).inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest, used.dataset.schema) == ("clicks", "v812", None)


@pytest.mark.parametrize("role", ["targets", "predictions"])
def test_a_column_that_is_not_there_is_refused(frame, role: str) -> None:
    with pytest.raises(InvalidValueError, match=r"no column 'z'.*Columns: x, y, word"):
        data.from_pandas(frame, **{role: "z"})


def test_what_is_no_dataset_is_refused(fluent, frame) -> None:
    with headrace.start_run(), pytest.raises(InvalidValueError, match=r"headrace\.data"):
        headrace.log_input(frame)
