"""A run's data, the same again: read from where it lay, checked by its digest, or told why not."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

import headrace
from headrace import data
from headrace.data import files
from headrace.entities import DatasetInput
from headrace.errors import InvalidValueError, NotFoundError, UnavailableError, UnsupportedError


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"x": [1, 2, 3], "y": [0.5, None, 2.0], "word": ["a", "b", "c"]})


def logged(client: headrace.MlflowClient, dataset: data.Dataset) -> DatasetInput:
    """The dataset as the store gives it back."""
    with headrace.start_run() as run:
        headrace.log_input(dataset, context="train")
    return client.get_run(run.info.run_id).inputs[0]


def test_a_frame_is_read_again_from_its_file(fluent, frame, tmp_path: Path) -> None:
    frame.to_csv(tmp_path / "prices.csv", index=False)
    used = logged(fluent, data.load(tmp_path / "prices.csv", targets="y"))
    pd.testing.assert_frame_equal(used.load().df, frame)


def test_a_polars_frame_is_read_again_by_polars(fluent, frame, tmp_path: Path) -> None:
    place = tmp_path / "prices.parquet"
    pl.from_pandas(frame).write_parquet(place)
    used = logged(fluent, data.from_polars(pl.read_parquet(place), source=place))
    again = used.load()
    assert isinstance(again, data.PolarsDataset)
    assert again.df.equals(pl.from_pandas(frame))


@pytest.mark.parametrize("ending", [".npy", ".npz"])
def test_arrays_are_read_again(fluent, tmp_path: Path, ending: str) -> None:
    place, array = tmp_path / f"a{ending}", np.arange(6.0).reshape(3, 2)
    features: Any = array if ending == ".npy" else {"one": array, "two": array + 1}
    np.save(place, array) if ending == ".npy" else np.savez(place, **features)
    again = logged(fluent, data.from_numpy(features, source=place)).load().features
    np.testing.assert_array_equal(again if ending == ".npy" else again["two"] - 1, array)


def test_changed_data_is_told_with_both_digests(fluent, frame, tmp_path: Path) -> None:
    place = tmp_path / "prices.csv"
    frame.to_csv(place, index=False)
    used = logged(fluent, data.load(place))
    frame.assign(x=[1, 2, 4]).to_csv(place, index=False)
    now = data.load(place).digest
    with pytest.raises(data.DataChangedError) as raised:
        used.load()
    assert used.dataset.digest in str(raised.value)
    assert now in str(raised.value)
    place.unlink()
    with pytest.raises(NotFoundError, match=r"prices\.csv"):
        used.load()


def test_data_that_a_program_made_names_the_program(fluent, frame) -> None:
    with pytest.raises(UnsupportedError, match=r"made by .* kept nowhere.*source="):
        logged(fluent, data.from_pandas(frame)).load()


# Files that stay where they are


def test_a_folder_of_files_is_described_without_being_read(fluent, frame, tmp_path: Path) -> None:
    folder = tmp_path / "sales"
    for month in ("01", "02"):
        (folder / month).mkdir(parents=True)
        frame.to_parquet(folder / month / "part.parquet")
    (folder / "_SUCCESS").touch()
    dataset = data.from_files(folder, targets="y")
    used = logged(fluent, dataset)
    assert (used.dataset.name, json.loads(used.dataset.profile)["num_rows"]) == ("sales", 6)
    columns = json.loads(used.dataset.schema)["mlflow_colspec"]
    assert [(c["name"], c["type"]) for c in columns] == [
        ("x", "long"),
        ("y", "double"),
        ("word", "string"),
    ]
    again = used.load()
    assert again.df.count_rows() == 6
    shutil.move(folder / "02", folder / "03")
    assert data.from_files(folder).digest != dataset.digest, "names count"
    with pytest.raises(data.DataChangedError):
        used.load()


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (pa.dictionary(pa.int32(), pa.string()), {"type": "string"}),
        (pa.list_(pa.float32()), {"type": "array", "items": {"type": "float"}}),
        (pa.timestamp("us", tz="UTC"), {"type": "datetime"}),
        (
            pa.struct([pa.field("a", pa.int8(), nullable=False)]),
            {"type": "object", "properties": {"a": {"type": "integer", "required": True}}},
        ),
        (pa.decimal128(9, 2), {"type": "decimal128(9, 2)"}),
    ],
)
def test_columns_of_files_have_mlflows_types(tmp_path: Path, kind: pa.DataType, word: Any) -> None:
    place = tmp_path / "t.parquet"
    pq.write_table(pa.schema([pa.field("c", kind)]).empty_table(), place)
    assert data.from_files(place).schema == {
        "mlflow_colspec": [{**word, "name": "c", "required": False}]
    }


def test_of_a_large_file_samples_are_read_by_a_stated_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE_BYTES", 1000)
    monkeypatch.setattr(files, "SAMPLE_BYTES", 10)
    place, lines = tmp_path / "long.csv", ["x"] + ["1234567"] * 1000
    place.write_text("\n".join(lines))
    before = data.from_files(place).digest
    for number in (1, 1000):
        changed = [*lines[:number], "7654321", *lines[number + 1 :]]
        place.write_text("\n".join(changed))
        assert data.from_files(place).digest != before, "the ends are always read"
    place.write_text("\n".join([*lines, "1"]))
    assert data.from_files(place).digest != before, "the size counts"
    blocks = list(files._blocks(8000))
    assert (blocks[0], blocks[-1], len(blocks)) == ((0, 10), (7990, 8000), files.SAMPLES)


def test_files_of_several_formats_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1")
    (tmp_path / "b.txt").write_text("hello")
    with pytest.raises(InvalidValueError, match=r"\.csv, \.txt.*file_format"):
        data.from_files(tmp_path)
    with pytest.raises(NotFoundError, match="no file"):
        data.from_files(tmp_path / "nowhere")
    with pytest.raises(InvalidValueError, match="no column 'z'"):
        data.from_files(tmp_path / "a.csv", targets="z")


# Delta Lake


def test_a_version_of_a_delta_table_comes_back(fluent, frame, tmp_path: Path) -> None:
    place = str(tmp_path / "prices")
    write_deltalake(place, frame)
    dataset = data.from_delta(place, targets="y")
    used = logged(fluent, dataset)
    write_deltalake(place, frame, mode="append")
    source = json.loads(used.dataset.source)
    assert (used.dataset.source_type, source["delta_table_version"]) == ("delta_table", 0)
    profile = json.loads(used.dataset.profile)
    assert (profile["num_rows"], profile["num_files"]) == (3, 1)
    assert profile["timestamp"] > 1_600_000_000_000
    assert used.load().df.count_rows() == 3
    assert data.get_source(used).load().version() == 0
    latest = data.from_delta(place)
    assert (latest.version, latest.df.count_rows()) == (1, 6)
    assert latest.digest != dataset.digest


def test_another_table_in_the_same_place_is_told(fluent, frame, tmp_path: Path) -> None:
    place = tmp_path / "prices"
    write_deltalake(str(place), frame)
    used = logged(fluent, data.from_delta(str(place)))
    shutil.rmtree(place)
    write_deltalake(str(place), frame)
    with pytest.raises(data.DataChangedError):
        used.load()
    shutil.rmtree(place)
    with pytest.raises(NotFoundError, match="no Delta Lake table"):
        used.load()
    write_deltalake(str(place), frame)
    with pytest.raises(NotFoundError, match="no version 7"):
        data.from_delta(str(place), version=7)
    assert DeltaTable(str(place)).version() == 0


# Databases


@pytest.fixture
def database(tmp_path: Path, frame: pd.DataFrame) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        frame.to_sql("prices", connection, index=False)
    connection.close()
    return f"sqlite:///{tmp_path}/shop.db"


def test_a_query_is_asked_again(fluent, frame, tmp_path: Path, database: str) -> None:
    dataset = data.from_sql("SELECT * FROM prices ORDER BY x", database, targets="y", name="prices")
    used = logged(fluent, dataset)
    assert used.dataset.source_type == "sql"
    pd.testing.assert_frame_equal(used.load().df, frame)
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("DELETE FROM prices WHERE x = 2")
    connection.close()
    with pytest.raises(data.DataChangedError):
        used.load()


def test_passwords_of_databases_are_not_stored() -> None:
    source = data.SQLDatasetSource("SELECT 1", "postgresql://me:hunter2@nowhere.invalid/db")
    assert "hunter2" not in source.to_json()
    with pytest.raises(UnavailableError, match="could not be asked"):
        data.get_source(
            DatasetInput(headrace.entities.Dataset("d", "1", "sql", source.to_json()))
        ).load()


def test_a_query_that_is_none_is_told(database: str) -> None:
    with pytest.raises(InvalidValueError, match="empty"):
        data.from_sql(" ", database)
    with pytest.raises(UnavailableError, match="no such table"):
        data.from_sql("SELECT * FROM absent", database)
