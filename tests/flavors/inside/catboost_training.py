"""Trainings of CatBoost and statsmodels are recorded, and give what they give unrecorded."""

import catboost
import numpy as np
import pytest
import statsmodels.api as sm

import headrace
from headrace.autologging import beside

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
Y = (X[:, 0] + RNG.normal(size=200) > 0).astype(int)


@pytest.fixture
def recorded():
    """Calls a function that trains while it is recorded: its result, and the run."""

    def call(train):
        headrace.autolog()
        try:
            result = train()
            beside.flush()
        finally:
            headrace.autolog(disable=True)
        (run,) = headrace.search_runs(output_format="list")
        return result, run

    return call


def _files(run):
    return {one.path for one in headrace.MlflowClient().list_artifacts(run.info.run_id)}


def _boosted():
    model = catboost.CatBoostClassifier(
        iterations=10, random_seed=1, thread_count=1, verbose=False, allow_writing_files=False
    )
    return model.fit(X, Y, eval_set=(X, Y))


def test_catboost(recorded):
    plain = _boosted()
    model, run = recorded(_boosted)
    assert np.array_equal(model.predict_proba(X), plain.predict_proba(X))
    assert run.info.status == "FINISHED"
    assert run.data.params["iterations"] == "10"
    rounds = headrace.MlflowClient().get_metric_history(run.info.run_id, "validation-Logloss")
    scores = [point.value for point in rounds]
    assert scores == plain.get_evals_result()["validation"]["Logloss"]
    assert "feature_importance_PredictionValuesChange.json" in _files(run)
    assert len(run.outputs.model_outputs) == 1


def _fitted():
    return sm.OLS(Y, sm.add_constant(X)).fit()


def test_statsmodels(recorded):
    plain = _fitted()
    result, run = recorded(_fitted)
    assert np.array_equal(result.params, plain.params)
    assert run.data.tags["model_class"] == "statsmodels.regression.linear_model.OLS"
    assert run.data.metrics["rsquared"] == plain.rsquared
    assert "model_summary.txt" in _files(run)
    assert len(run.outputs.model_outputs) == 1


def test_a_fit_that_fails_fails_as_it_would(recorded):
    def fail():
        with pytest.raises(catboost.CatBoostError):
            catboost.CatBoostClassifier(iterations=-1, verbose=False).fit(X, Y)

    _, run = recorded(fail)
    assert run.info.status == "FAILED"
