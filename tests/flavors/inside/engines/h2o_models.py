"""Models of H2O, saved by either, loaded by the other, and trainings that are recorded."""

import h2o
import mlflow
import mlflow.h2o
import numpy as np
import pandas as pd
import pytest
from h2o.automl import H2OAutoML
from h2o.estimators import H2OGeneralizedLinearEstimator

import headrace
import headrace.h2o
from headrace.autologging import beside

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


@pytest.fixture
def recorded():
    """All runs of a training that is recorded."""
    headrace.h2o.autolog()
    yield lambda: (
        beside.flush(),
        headrace.search_runs(output_format="list", order_by=["start_time ASC"]),
    )[1]
    headrace.h2o.autolog(disable=True)


def test_a_training_is_recorded_and_not_changed(line, recorded):
    model = H2OGeneralizedLinearEstimator(family="gaussian")
    model.train(["a", "b"], "y", training_frame=h2o.H2OFrame(TABLE))
    assert model.coef() == pytest.approx(line.coef())
    (run,) = recorded()
    assert (run.info.status, run.data.tags["mlflow.autologging"]) == ("FINISHED", "h2o")
    assert run.data.params["family"] == "gaussian"
    assert run.data.metrics["training_RMSE"] == model.rmse()
    (output,) = run.outputs.model_outputs
    again = headrace.h2o.load_model(f"models:/{output.model_id}")
    assert again.coef() == pytest.approx(model.coef())


def test_automl_has_its_leaderboard_as_child_runs(line, recorded):
    search = H2OAutoML(max_models=2, seed=1, include_algos=["GLM", "GBM"], nfolds=2)
    search.train(["a", "b"], "y", training_frame=h2o.H2OFrame(TABLE))
    parent, *children = recorded()
    board = search.leaderboard.as_data_frame()
    assert len(children) == len(board)
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    found = {run.info.run_name: run.data.metrics["rmse"] for run in children}
    assert found == pytest.approx(dict(zip(board["model_id"], board["rmse"], strict=True)))
    first = min(children, key=lambda run: run.data.metrics["place"])
    assert first.info.run_name == search.leader.model_id == parent.data.tags["model_id"]
    assert len(parent.outputs.model_outputs) == 1


def test_a_training_that_fails_fails_as_it_would(line, recorded):
    with pytest.raises(ValueError, match="nowhere"):
        H2OGeneralizedLinearEstimator().train(["a"], "nowhere", training_frame=h2o.H2OFrame(TABLE))
    (run,) = recorded()
    assert run.info.status == "FAILED"
