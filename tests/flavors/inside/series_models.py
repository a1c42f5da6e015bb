"""Models of Prophet, pmdarima and spaCy, and explainers of SHAP, saved by either, loaded by the other."""

import mlflow
import mlflow.shap
import numpy as np
import pandas as pd
import pmdarima
import pytest
import shap
import spacy
from prophet import Prophet
from sklearn.linear_model import LinearRegression
from spacy.training import Example

import headrace
import headrace.pmdarima
import headrace.prophet
import headrace.shap
import headrace.spacy

WAYS = [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]
DAYS = pd.DataFrame({"ds": pd.date_range("2026-01-01", periods=40), "y": np.arange(40.0)})
X = np.random.default_rng(0).normal(size=(30, 3))


@pytest.fixture(scope="module")
def growing():
    return Prophet(weekly_seasonality=False, uncertainty_samples=0).fit(DAYS)


def allowed(load):
    return {"allow_code": True} if load is headrace else {}


@pytest.mark.parametrize(("save", "load"), WAYS)
def test_prophet(save, load, growing, folder):
    save.prophet.save_model(growing, str(folder))
    wanted = pd.DataFrame({"ds": pd.date_range("2026-02-10", periods=3)})
    expected = growing.predict(wanted)
    assert np.allclose(load.prophet.load_model(str(folder)).predict(wanted).yhat, expected.yhat)
    found = load.pyfunc.load_model(str(folder)).predict(wanted)
    assert np.allclose(found.yhat, expected.yhat)


def test_what_is_no_model_of_prophet_is_told(growing, folder):
    headrace.prophet.save_model(growing, folder)
    (folder / "model.pr").write_text('"{}"')
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(ValueError, match=r"model\.pr is no model of Prophet"):
        headrace.prophet.load_model(folder)


@pytest.mark.parametrize("interval", [False, True])
@pytest.mark.parametrize(("save", "load"), WAYS)
def test_pmdarima(save, load, interval, folder):
    model = pmdarima.ARIMA(order=(1, 1, 0)).fit(np.arange(30.0) + np.sin(np.arange(30)))
    save.pmdarima.save_model(model, str(folder))
    again = load.pmdarima.load_model(str(folder), **allowed(load))
    assert np.allclose(again.predict(4), model.predict(4))
    wanted = pd.DataFrame({"n_periods": [4], "return_conf_int": [interval], "alpha": [0.1]})
    found = load.pyfunc.load_model(str(folder), **allowed(load)).predict(wanted)
    assert np.allclose(found["yhat"], model.predict(4))
    _, bounds = model.predict(4, return_conf_int=True, alpha=0.1)
    columns = ["yhat_lower", "yhat_upper"] if interval else []
    assert list(found.columns) == ["yhat", *columns]
    assert np.allclose(found[columns], bounds[:, : len(columns)])


def test_a_forecast_is_asked_for_by_one_row(folder):
    headrace.pmdarima.save_model(pmdarima.ARIMA(order=(1, 0, 0)).fit(X[:, 0]), folder)
    with pytest.raises(ValueError, match="n_periods"):
        headrace.pyfunc.load_model(folder).predict(pd.DataFrame({"periods": [4]}))


@pytest.fixture(scope="module")
def sorting():
    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    category = nlp.add_pipe("textcat")
    for label in ("good", "bad"):
        category.add_label(label)
    texts = [("a good film", {"good": 1, "bad": 0}), ("a bad film", {"good": 0, "bad": 1})]
    rows = [Example.from_dict(nlp.make_doc(text), {"cats": cats}) for text, cats in texts]
    optimizer = nlp.initialize(lambda: rows)
    for _ in range(5):
        nlp.update(rows, sgd=optimizer)
    return nlp


@pytest.mark.parametrize(("save", "load"), WAYS)
def test_spacy(save, load, sorting, folder):
    save.spacy.save_model(sorting, str(folder))
    again = load.spacy.load_model(str(folder), **allowed(load))
    assert again("a good film").cats == pytest.approx(sorting("a good film").cats)
    table = pd.DataFrame({"text": ["a good film", "a bad film"]})
    found = load.pyfunc.load_model(str(folder), **allowed(load)).predict(table)
    for text, cats in zip(table["text"], found["predictions"], strict=True):
        assert cats == pytest.approx(sorting(text).cats, abs=1e-6)


def test_a_pipeline_that_sorts_nothing_is_kept_and_is_no_function(folder):
    headrace.spacy.save_model(spacy.blank("en"), folder)
    assert [one.text for one in headrace.spacy.load_model(folder)("two words")] == ["two", "words"]
    with pytest.raises(LookupError, match="cannot be used as a function"):
        headrace.pyfunc.load_model(folder)


@pytest.mark.parametrize(("save", "load"), WAYS)
def test_shap(save, load, folder):
    model = LinearRegression().fit(X, X @ [1.0, 2.0, 3.0])
    explainer = shap.Explainer(model.predict, X, algorithm="permutation")
    save.shap.save_explainer(explainer, str(folder))
    again = load.shap.load_explainer(str(folder), **allowed(load))
    expected = explainer(X[:4]).values
    assert np.allclose(again(X[:4]).values, expected)
    table = pd.DataFrame(X[:4], columns=list("abc"))
    found = load.pyfunc.load_model(str(folder), **allowed(load)).predict(table)
    assert np.allclose(found, expected)


@pytest.mark.parametrize("name", ["pmdarima", "spacy", "shap"])
def test_what_runs_code_is_refused_from_a_stranger(name, folder, sorting, monkeypatch, tmp_path):
    model = {
        "pmdarima": lambda: pmdarima.ARIMA(order=(1, 0, 0)).fit(X[:, 0]),
        "spacy": lambda: sorting,
        "shap": lambda: shap.Explainer(lambda rows: rows.sum(axis=1), X),
    }[name]()
    getattr(headrace, name).save_model(model, folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="allow_code"):
        headrace.pyfunc.load_model(folder)
