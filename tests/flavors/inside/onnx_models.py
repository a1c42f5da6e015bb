"""Models of other libraries exported to ONNX predict what they predicted before."""

import lightgbm
import numpy as np
import pandas as pd
import pytest
import torch
import xgboost
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

import headrace
import headrace.onnx

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 3)), columns=["a", "b", "c"]).astype("float32")
Y = (X["a"] + X["b"] > 0).astype(int)
MIXED = pd.DataFrame({"size": RNG.normal(size=40), "kind": list("uv") * 20})


def mixed():
    columns = make_column_transformer((StandardScaler(), ["size"]), (OneHotEncoder(), ["kind"]))
    return make_pipeline(columns, LogisticRegression()).fit(MIXED, ["no", "yes"] * 20)


CASES = {
    "classifier": (lambda: make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y), X),
    "forest": (lambda: RandomForestClassifier(5, random_state=0).fit(X, Y), X.to_numpy()),
    "regressor": (lambda: Ridge().fit(X, X["a"] * 2), X),
    "words and numbers": (mixed, MIXED),
    "xgboost": (lambda: xgboost.XGBClassifier(n_estimators=5, max_depth=2).fit(X, Y), X),
    "lightgbm": (lambda: lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(X, Y), X),
}


@pytest.mark.parametrize("name", CASES)
def test_an_estimator_in_onnx_gives_the_same(name, folder):
    make, data = CASES[name]
    model = make()
    made = headrace.onnx.export(model, data)
    props = {one.key: one.value for one in made.metadata_props}
    assert float(props["headrace.export.max_difference"]) < 1e-4
    headrace.onnx.save_model(made, folder)
    found = headrace.pyfunc.load_model(folder).predict(data)
    labels = next(iter(found.values())) if isinstance(found, dict) else found.iloc[:, 0]
    expected = model.predict(data)
    assert (
        np.allclose(np.ravel(labels), expected, atol=1e-4)
        if expected.dtype.kind == "f"
        else (np.ravel(labels).tolist() == expected.tolist())
    )


def test_a_module_in_onnx_takes_any_number_of_rows(folder):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2)).eval()
    rows = X.to_numpy()
    headrace.onnx.save_model(headrace.onnx.export(net, rows[:5]), folder)
    found = headrace.pyfunc.load_model(folder).predict(rows)
    with torch.no_grad():
        assert np.allclose(next(iter(found.values())), net(torch.from_numpy(rows)), atol=1e-5)


def test_an_export_that_differs_is_refused():
    class Fickle(torch.nn.Module):
        """Differs each time, as a module does that was not set to predict."""

        calls = 0

        def forward(self, x):
            Fickle.calls += 1
            return x + float(Fickle.calls)

    with pytest.raises(ValueError, match=r"differ by up to [1-9]"):
        headrace.onnx.export(Fickle(), X.to_numpy())


def test_what_has_no_converter_is_told():
    with pytest.raises(ValueError, match="cannot be exported"):
        headrace.onnx.export(object(), X)
    with pytest.raises(ValueError, match="does not take this SVC"):
        headrace.onnx.export(SVC(kernel=lambda a, b: a @ b.T).fit(X, Y), X)
