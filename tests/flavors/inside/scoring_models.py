"""Models that answer over HTTP and for files as they do in the process."""

import json
import subprocess
import sys

import cloudpickle
import httpx
import numpy as np
import pandas as pd
import scoring
import torch
import xgboost
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import headrace.pyfunc
import headrace.pytorch
import headrace.sklearn
import headrace.xgboost

# As if they were defined in the program itself.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
X, Y = make_classification(1000, 6, random_state=0)
FRAME = pd.DataFrame(X, columns=list("abcdef"))
FLOATS = FRAME.astype("float32")


def _cubed(model_input, params=None):
    return model_input["a"] ** 3 - model_input["f"]


def _models(folder):
    """A model of each kind with its table, saved; by name."""
    kept = {name: folder / name for name in ("sklearn", "xgboost", "torch", "custom")}
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, Y)
    headrace.sklearn.save_model(pipeline, kept["sklearn"], input_example=FRAME.head(3))
    trees = xgboost.XGBRegressor(n_estimators=20).fit(FRAME, Y)
    headrace.xgboost.save_model(trees, kept["xgboost"], input_example=FRAME.head(3))
    net = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
    example = FLOATS.to_numpy()[:3]
    headrace.pytorch.save_model(net.eval(), kept["torch"], input_example=example)
    headrace.pyfunc.save_model(
        kept["custom"],
        python_model=_cubed,
        signature=headrace.models.infer_signature(FRAME, FRAME["a"]),
    )
    return kept


def _plain(found):
    return np.asarray(found).tolist()


def test_in_the_process_for_a_file_and_over_http_predictions_are_the_same(tmp_path):
    kept = _models(tmp_path)
    options = [part for name, path in kept.items() for part in ("-m", f"{name}={path}")]
    with scoring.ours(tmp_path, *options) as url:
        for name, path in kept.items():
            table = FLOATS if name == "torch" else FRAME
            table.to_parquet(tmp_path / "in.parquet")
            here = _plain(headrace.pyfunc.load_model(path).predict(table))
            command = ["models", "predict", "-m", path, "-i", tmp_path / "in.parquet"]
            out = tmp_path / f"{name}.json"
            subprocess.run(
                [scoring.BIN / "headrace", *command, "-o", out, "--chunk-rows", "1000"], check=True
            )
            body = (
                {"inputs": table.to_numpy().tolist()}
                if name == "torch"
                else {
                    "dataframe_split": {"columns": list(table), "data": table.to_numpy().tolist()}
                }
            )
            answer = httpx.post(f"{url}/models/{name}/invocations", json=body)
            assert len(here) == 1000
            assert _plain(json.loads(out.read_text())["predictions"]) == here, name
            assert answer.json()["predictions"] == here, name


def test_rows_predicted_as_an_array_are_those_of_the_table(tmp_path):
    kept = _models(tmp_path)
    with scoring.ours(tmp_path, "-m", kept["sklearn"]) as url, httpx.Client(base_url=url) as http:
        expected = _plain(headrace.pyfunc.load_model(kept["sklearn"]).predict(FRAME.head(50)))
        for row, wanted in zip(FRAME.head(50).to_numpy().tolist(), expected, strict=True):
            body = {"dataframe_split": {"columns": list(FRAME), "data": [row]}}
            assert http.post("/invocations", json=body).json() == {"predictions": [wanted]}
