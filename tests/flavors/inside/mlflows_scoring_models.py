"""The scoring server answers as that of MLflow does, for the same models."""

import json
import sys

import cloudpickle
import httpx
import mlflow
import pandas as pd
import pytest
import scoring
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

# As if they were defined in the program itself.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
X, Y = make_classification(1000, 6, random_state=0)
MIXED = pd.DataFrame({"n": [1, 2, 3], "x": [0.5, 1.5, 2.5], "s": ["p", "q", "r"]})


class Said(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        found = model_input.copy()
        found["y"] = found["n"] * found["x"] + params["shift"]
        if (found["n"] > 90).any():
            raise RuntimeError("too many")
        return found


SPLIT = {"columns": ["n", "x", "s"], "data": MIXED.to_numpy().tolist()}
BODIES = [
    {"dataframe_split": SPLIT},
    {"dataframe_split": {**SPLIT, "index": [5, 6, 7]}},
    {"dataframe_split": SPLIT, "params": {"shift": 7.5}},
    {"dataframe_split": SPLIT, "params": {"shift": "much"}},
    {"dataframe_split": {**SPLIT, "columns": ["x", "n", "s"], "data": [[0.5, 1, "p"]]}},
    {"dataframe_split": {"columns": ["n", "x"], "data": [[1, 2.0]]}},
    {"dataframe_split": {**SPLIT, "data": [[99, 1.0, "p"]]}},
    {"dataframe_records": MIXED.to_dict("records")},
    {"dataframe_records": [{**MIXED.to_dict("records")[0], "more": 1}]},
    {"instances": MIXED.to_dict("records")},
    {"inputs": MIXED.to_dict("list")},
    {"inputs": MIXED.to_dict("records")},
    {"inputs": MIXED.to_dict("list"), "else": 1},
    {"rows": []},
    {},
    [],
    "text",
]


# MLflow calls a value of another type a bad request, and one that is missing a breach of the signature.
MISTYPED = [
    {"dataframe_split": {**SPLIT, "data": [[1, "one", "p"]]}},
    {"dataframe_records": [{"n": "one", "x": 1.0, "s": "p"}]},
    {"inputs": {"n": ["one"], "x": [1.0], "s": ["p"]}},
]


def _post(url, body, kind="application/json"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{url}/invocations", content=content, headers={"content-type": kind})


def _shape(answer):
    """What a client acts on: the status, the kind of body, the predictions or the code of the error."""
    if answer.headers["content-type"].startswith("text/plain"):
        return answer.status_code, "text"
    found = answer.json()
    if answer.status_code == 200:
        return 200, found
    return answer.status_code, found["error_code"], sorted(found), found.get("error_class")


def _differing(ours, theirs, bodies):
    found = [(body, _shape(_post(ours, body)), _shape(_post(theirs, body))) for body in bodies]
    return [one for one in found if one[1] != one[2]]


def _saved_by_mlflow(folder):
    signature = mlflow.models.infer_signature(MIXED, MIXED, {"shift": 1.0})
    mlflow.pyfunc.save_model(
        str(folder), python_model=Said(), signature=signature, pip_requirements=[]
    )
    return folder


def test_a_model_with_params_answers_as_mlflows_server_does(tmp_path):
    model = _saved_by_mlflow(tmp_path / "model")
    with (
        scoring.ours(tmp_path, "-m", model, "--allow-code") as ours,
        scoring.theirs(tmp_path, model) as theirs,
    ):
        assert _differing(ours, theirs, [*BODIES, b"{", b""]) == []
        for body in MISTYPED:
            assert [_post(url, body).status_code for url in (ours, theirs)] == [400, 400], body
            assert "row 0" in _post(ours, body).json()["message"]
        csv = MIXED.to_csv(index=False).encode()
        for kind in ("text/csv", "text/csv; charset=utf-8", "text/csv; header=present", "x/y"):
            assert _shape(_post(ours, csv, kind)) == _shape(_post(theirs, csv, kind)), kind
        for path in ("/ping", "/health"):
            found = [httpx.get(url + path) for url in (ours, theirs)]
            assert (
                len({(one.status_code, one.text, one.headers["content-type"]) for one in found})
                == 1
            )
        for verb, path in (("GET", "/nothing"), ("GET", "/invocations")):
            found = [httpx.request(verb, url + path) for url in (ours, theirs)]
            assert found[0].status_code == found[1].status_code
            assert found[0].json() == found[1].json()


@pytest.mark.parametrize("signed", [True, False])
def test_a_model_of_sklearn_answers_as_mlflows_server_does(tmp_path, signed):
    model = LogisticRegression().fit(X, Y)
    example = {"input_example": X[:3]} if signed else {}
    mlflow.sklearn.save_model(model, str(tmp_path / "model"), pip_requirements=[], **example)
    rows = X[:4].tolist()
    with (
        scoring.ours(tmp_path, "-m", tmp_path / "model", "--allow-code") as ours,
        scoring.theirs(tmp_path, tmp_path / "model") as theirs,
    ):
        bodies = [{"inputs": rows}, {"instances": rows}, {"dataframe_split": {"data": rows}}]
        assert _differing(ours, theirs, bodies) == []
        ragged = {"inputs": [[1.0, 2.0], [1.0]]}
        assert _post(ours, ragged).status_code == 400 == _post(theirs, ragged).status_code
