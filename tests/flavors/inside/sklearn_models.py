"""Models of scikit-learn saved by either, loaded by the other."""

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import headrace
import headrace.sklearn

X, Y = load_iris(return_X_y=True, as_frame=True)
MIXED = pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0], "kind": ["a", "b", "a", "b"]})


def pipeline():
    columns = make_column_transformer((StandardScaler(), ["size"]), (OneHotEncoder(), ["kind"]))
    return make_pipeline(columns, LogisticRegression()).fit(MIXED, [0, 1, 0, 1])


MODELS = {
    "forest": (lambda: RandomForestClassifier(5, random_state=0).fit(X, Y), X),
    "pipeline": (pipeline, MIXED),
}
FORMATS = ("skops", "cloudpickle", "pickle")
WAYS = [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("save", "load"), WAYS)
def test_both_forms_predict_the_same(save, load, form, name, folder):
    make, data = MODELS[name]
    model = make()
    given = {}
    if save is mlflow and (form, name) == ("skops", "forest"):
        given["skops_trusted_types"] = ["sklearn.tree._tree.Tree"]
    save.sklearn.save_model(
        model, str(folder), serialization_format=form, input_example=data.head(2), **given
    )
    allowed = {"allow_code": True} if load is headrace else {}
    expected = model.predict(data)
    assert np.array_equal(load.sklearn.load_model(str(folder), **allowed).predict(data), expected)
    assert np.array_equal(load.pyfunc.load_model(str(folder), **allowed).predict(data), expected)


@pytest.mark.parametrize("load", [headrace, mlflow])
def test_another_method_predicts(load, folder):
    model = RandomForestClassifier(5, random_state=0).fit(X, Y)
    headrace.sklearn.save_model(model, folder, pyfunc_predict_fn="predict_proba")
    found = load.pyfunc.load_model(str(folder)).predict(X)
    assert np.array_equal(found, model.predict_proba(X))


def test_the_descriptions_say_the_same(tmp_path):
    """What Headrace writes into MLmodel is what mlflow writes, but for who wrote it."""
    model, data = pipeline(), MIXED
    found = {}
    for package in (headrace, mlflow):
        place = tmp_path / package.__name__
        package.sklearn.save_model(model, str(place), input_example=data)
        description = yaml.safe_load((place / "MLmodel").read_text())
        for key in (
            "utc_time_created",
            "model_uuid",
            "mlflow_version",
            "headrace_version",
            "model_size_bytes",
        ):
            description.pop(key, None)
        examples = {
            name: yaml.safe_load((place / name).read_text())
            for name in ("input_example.json", "serving_input_example.json")
        }
        found[package.__name__] = {**description, **examples}
    assert found["headrace"] == found["mlflow"]


def test_a_logged_model_of_headrace_loads_in_mlflow_from_its_folder(tmp_path):
    model = RandomForestClassifier(5, random_state=0).fit(X, Y)
    with headrace.start_run():
        info = headrace.sklearn.log_model(model, name="forest", input_example=X.head(2))
    place = headrace.artifacts.download_artifacts(info.model_uri)
    assert np.array_equal(mlflow.pyfunc.load_model(place).predict(X), model.predict(X))
