"""Models of gradient boosting libraries and of statsmodels, saved by either, loaded by the other."""

import catboost
import lightgbm
import mlflow
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xgboost
from sklearn.datasets import load_iris
from statsmodels.tsa.arima.model import ARIMA

import headrace
import headrace.catboost
import headrace.lightgbm
import headrace.statsmodels
import headrace.xgboost

X, Y = load_iris(return_X_y=True, as_frame=True)
X.columns = ["a", "b", "c", "d"]
BINARY = (Y > 0).astype(int)
ROWS = X.head(7)


def xgb_booster():
    return xgboost.train({"objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(X, Y), 3)


def lgb_booster():
    return lightgbm.train({"verbose": -1, "objective": "binary"}, lightgbm.Dataset(X, BINARY), 3)


SILENT = {"iterations": 3, "verbose": False, "allow_writing_files": False}
CASES = {
    "xgb booster": ("xgboost", xgb_booster, lambda m: m.predict(xgboost.DMatrix(ROWS)), {}),
    "xgb classifier": ("xgboost", lambda: xgboost.XGBClassifier(n_estimators=3).fit(X, Y), None, {}),
    "xgb as json": (
        "xgboost", lambda: xgboost.XGBRegressor(n_estimators=3).fit(X, Y), None, {"model_format": "json"},
    ),
    "lgb booster": ("lightgbm", lgb_booster, None, {}),
    "lgb pickle": (
        "lightgbm", lambda: lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, Y), None,
        {"serialization_format": "cloudpickle"},
    ),
    "catboost": ("catboost", lambda: catboost.CatBoostClassifier(**SILENT).fit(X, Y), None, {}),
    "catboost regressor": ("catboost", lambda: catboost.CatBoostRegressor(**SILENT).fit(X, Y), None, {}),
    "statsmodels": ("statsmodels", lambda: sm.OLS(Y, X).fit(), None, {}),
}  # fmt: skip
WAYS = [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("save", "load"), WAYS)
def test_both_predict_the_same(save, load, name, folder):
    flavor, make, predict, options = CASES[name]
    model = make()
    getattr(save, flavor).save_model(model, str(folder), input_example=ROWS, **options)
    allowed = {"allow_code": True} if load is headrace else {}
    expected = np.asarray((predict or (lambda one: one.predict(ROWS)))(model))
    native = getattr(load, flavor).load_model(str(folder), **allowed)
    assert np.allclose(np.asarray((predict or (lambda one: one.predict(ROWS)))(native)), expected)
    assert np.allclose(
        np.asarray(load.pyfunc.load_model(str(folder), **allowed).predict(ROWS)), expected
    )


LGB_TYPES = [
    "collections.OrderedDict", "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier",
    "collections.defaultdict", "lightgbm.compat._LGBMLabelEncoder", "numpy.dtype",
]  # fmt: skip


@pytest.mark.parametrize(("save", "load"), WAYS)
def test_estimators_of_lightgbm_are_data(save, load, folder):
    model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, Y)
    given = {"skops_trusted_types": LGB_TYPES} if save is mlflow else {}
    save.lightgbm.save_model(model, str(folder), serialization_format="skops", **given)
    allowed = {"allow_code": True} if load is headrace else {}
    found = load.pyfunc.load_model(str(folder), **allowed).predict(ROWS)
    assert np.array_equal(found, model.predict(ROWS))


@pytest.mark.parametrize(("save", "load"), WAYS)
def test_a_time_series_predicts_from_start_to_end(save, load, folder):
    model = ARIMA(np.arange(20.0) + np.sin(np.arange(20)), order=(1, 1, 0)).fit()
    save.statsmodels.save_model(model, str(folder))
    allowed = {"allow_code": True} if load is headrace else {}
    wanted = pd.DataFrame({"start": [18], "end": [22]})
    found = load.pyfunc.load_model(str(folder), **allowed).predict(wanted)
    assert np.allclose(found, model.predict(start=18, end=22))


@pytest.mark.parametrize("flavor", ["xgboost", "catboost", "lightgbm"])
def test_what_is_data_is_loaded_from_anyone(flavor, folder, monkeypatch, tmp_path):
    make = {"xgboost": xgb_booster, "lightgbm": lgb_booster, "catboost": CASES["catboost"][1]}[
        flavor
    ]
    getattr(mlflow, flavor).save_model(make(), str(folder))
    assert headrace.pyfunc.load_model(str(folder)).predict(ROWS) is not None


@pytest.mark.parametrize(
    ("flavor", "key", "value"),
    [("xgboost", "model_class", "os.system"), ("xgboost", "model_class", "xgboost.core.os"),
     ("catboost", "model_type", "Pool")],
)  # fmt: skip
def test_a_class_of_no_model_is_refused(flavor, key, value, folder):
    own = {key: value, "data": "x"}
    text = {"flavors": {flavor: own, "python_function": {"loader_module": f"mlflow.{flavor}"}}}
    folder.mkdir()
    headrace.models.Model.from_dict(text).save(folder)
    with pytest.raises(ValueError, match="is no class of"):
        headrace.pyfunc.load_model(str(folder))
