"""Models of H2O, saved by either, loaded by the other."""

import h2o
import mlflow
import mlflow.h2o
import numpy as np
import pandas as pd
import pytest
from h2o.estimators import H2OGeneralizedLinearEstimator

import headrace
import headrace.h2o

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.normal(size=(50, 2)), columns=["a", "b"])
TABLE["y"] = TABLE["a"] * 2 + TABLE["b"]


@pytest.fixture(scope="module")
def line():
    h2o.init(nthreads=1, max_mem_size="1g", ip="127.0.0.1", bind_to_localhost=True)
    h2o.no_progress()
    model = H2OGeneralizedLinearEstimator(family="gaussian")
    model.train(["a", "b"], "y", training_frame=h2o.H2OFrame(TABLE))
    yield model
    h2o.cluster().shutdown()


@pytest.mark.parametrize(
    ("save", "load"), [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]
)
def test_both_predict_the_same(save, load, line, folder):
    needs = {"pip_requirements": []} if save is mlflow else {}
    save.h2o.save_model(line, str(folder), **needs)
    allowed = {"allow_code": True} if load is headrace else {}
    expected = line.predict(h2o.H2OFrame(TABLE)).as_data_frame()["predict"]
    again = load.h2o.load_model(str(folder), **allowed)
    assert again.coef() == pytest.approx(line.coef())
    rows = TABLE[["a", "b"]].set_index(pd.RangeIndex(100, 150))
    found = load.pyfunc.load_model(str(folder), **allowed).predict(rows)
    assert np.allclose(found["predict"], expected)
    assert list(found.index) == list(rows.index)


def test_objects_of_a_stranger_are_not_made(line, folder, monkeypatch, tmp_path):
    headrace.h2o.save_model(line, folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="Java"):
        headrace.pyfunc.load_model(folder)
    with pytest.raises(ValueError, match="h2o_model"):
        headrace.h2o.save_model(object(), tmp_path / "other")
