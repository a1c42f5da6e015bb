"""`headrace models predict`: whole files, a part after another."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import headrace.sklearn

FRAME = pd.DataFrame(np.random.default_rng(5).normal(size=(1000, 3)), columns=list("abc"))
MODEL = LinearRegression().fit(FRAME, FRAME["a"] * 2 + FRAME["b"])
EXPECTED = MODEL.predict(FRAME)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch") / "model"
    headrace.sklearn.save_model(MODEL, folder, input_example=FRAME.head(3))
    return folder


def _predict(
    model: Path, *options: Any, stdin: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    command = [Path(sys.executable).with_name("headrace"), "models", "predict", "-m", model]
    return subprocess.run(
        list(map(str, [*command, *options])), input=stdin, capture_output=True, check=False
    )


@pytest.mark.parametrize("source", ["csv", "parquet"])
@pytest.mark.parametrize("target", ["csv", "parquet", "json"])
def test_every_part_of_a_file_is_predicted(
    model: Path, tmp_path: Path, source: str, target: str
) -> None:
    given, out = tmp_path / f"in.{source}", tmp_path / f"out.{target}"
    FRAME.to_csv(given, index=False) if source == "csv" else FRAME.to_parquet(given)
    done = _predict(model, "-i", given, "-o", out, "--chunk-rows", 300)
    assert done.returncode == 0, done.stderr
    assert b"1000 rows" in done.stdout
    found = {
        "csv": lambda: pd.read_csv(out)["predictions"],
        "parquet": lambda: pd.read_parquet(out)["predictions"],
        "json": lambda: json.loads(out.read_text())["predictions"],
    }[target]()
    np.testing.assert_allclose(found, EXPECTED, rtol=1e-12)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([given.name, out.name])


def test_a_body_of_json_on_stdin_is_answered_on_stdout(model: Path) -> None:
    body = {"dataframe_split": {"columns": list("abc"), "data": [[1, 2, 3], [4, 5, 6]]}}
    done = _predict(model, stdin=json.dumps(body).encode())
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(json.loads(done.stdout)["predictions"], [4, 13])


def test_csv_on_stdin_needs_its_format(model: Path) -> None:
    text = FRAME.head(2).to_csv(index=False).encode()
    assert _predict(model, stdin=text).returncode == 1
    done = _predict(model, "-t", "csv", stdin=text)
    np.testing.assert_allclose(json.loads(done.stdout)["predictions"], EXPECTED[:2])


def test_a_bad_row_is_named_and_leaves_no_half_file(model: Path, tmp_path: Path) -> None:
    given, out = tmp_path / "in.csv", tmp_path / "out.csv"
    broken = FRAME.astype(object)
    broken.loc[700, "b"] = "much"
    broken.to_csv(given, index=False)
    done = _predict(model, "-i", given, "-o", out, "--chunk-rows", 300)
    assert done.returncode == 1
    assert b"begins with row 600: Column 'b', row 100: expected double, got 'much'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_output_whose_name_says_no_format_is_refused(model: Path, tmp_path: Path) -> None:
    done = _predict(model, "-o", tmp_path / "out.xlsx", stdin=b"{}")
    assert done.returncode == 1
    assert b".json, .csv or .parquet" in done.stderr
