"""Trainings of XGBoost, LightGBM and Optuna, recorded by one line; none of them notices."""

import lightgbm
import numpy as np
import optuna
import pytest
import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import headrace
from headrace.autologging import beside

X, Y = load_breast_cancer(return_X_y=True, as_frame=True)
TRAIN, VALID = (X[:400], Y[:400]), (X[400:], Y[400:])
CLIENT = headrace.MlflowClient


@pytest.fixture(autouse=True)
def off():
    yield
    for library in ("xgboost", "lightgbm", "optuna", "sklearn"):
        getattr(headrace, library).autolog(disable=True)


def recorded():
    beside.flush()
    return headrace.search_runs(output_format="list", order_by=["start_time ASC"])


def train_xgboost():
    data, valid = xgboost.DMatrix(*TRAIN), xgboost.DMatrix(*VALID)
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 2}
    evals = [(data, "train"), (valid, "valid")]
    return xgboost.train(
        params, data, 30, evals=evals, early_stopping_rounds=3, verbose_eval=False
    ).predict(valid)


def fit_xgboost():
    model = xgboost.XGBClassifier(n_estimators=5, max_depth=2)
    return model.fit(*TRAIN, eval_set=[VALID], verbose=False).predict_proba(VALID[0])


def train_lightgbm():
    data = lightgbm.Dataset(*TRAIN)
    valid = lightgbm.Dataset(*VALID, reference=data)
    params = {"objective": "binary", "verbose": -1, "num_leaves": 4, "metric": "binary_logloss"}
    callbacks = [lightgbm.early_stopping(3, verbose=False)]
    booster = lightgbm.train(params, data, 30, valid_sets=[valid], callbacks=callbacks)
    return booster.predict(VALID[0])


def fit_lightgbm():
    model = lightgbm.LGBMClassifier(n_estimators=5, num_leaves=4, verbose=-1)
    return model.fit(*TRAIN, eval_set=[VALID]).predict_proba(VALID[0])


TRAININGS = [
    ("xgboost", train_xgboost, "valid-logloss", "max_depth", "2"),
    ("xgboost", fit_xgboost, "validation_0-logloss", "max_depth", "2"),
    ("lightgbm", train_lightgbm, "valid_0-binary_logloss", "num_leaves", "4"),
    ("lightgbm", fit_lightgbm, "valid_0-binary_logloss", "num_leaves", "4"),
]


@pytest.mark.parametrize(
    ("library", "train", "metric", "param", "value"),
    TRAININGS,
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_boosting_is_recorded_round_by_round(library, train, metric, param, value):
    plain = train()
    getattr(headrace, library).autolog()
    assert np.array_equal(train(), plain)
    (run,) = recorded()
    assert (run.info.status, run.data.tags["mlflow.autologging"]) == ("FINISHED", library)
    assert run.data.params[param] == value
    history = CLIENT().get_metric_history(run.info.run_id, metric)
    assert len(history) >= 5
    assert [point.step for point in history] == list(range(len(history)))
    assert history[-1].value < history[0].value
    if train in (train_xgboost, train_lightgbm):
        assert run.data.metrics["best_iteration"] > 1
    else:
        assert run.inputs.dataset_inputs
    files = {file.path for file in CLIENT().list_artifacts(run.info.run_id)}
    assert any(name.startswith("feature_importance_") for name in files)
    (output,) = run.outputs.model_outputs
    loaded = headrace.pyfunc.load_model(f"models:/{output.model_id}")
    assert len(loaded.predict(VALID[0])) == len(VALID[0])


def test_a_study_has_its_trials_as_child_runs():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    headrace.optuna.autolog(extra_tags={"team": "ops"})
    headrace.sklearn.autolog(log_models=False)

    def objective(trial):
        depth = trial.suggest_int("depth", 1, 9)
        for step in range(3):
            trial.report(depth / (step + 1), step)
        if trial.number == 1:
            raise optuna.TrialPruned
        if trial.number == 2:
            LogisticRegression(C=depth).fit([[0.0], [1.0]], [0, 1])
        headrace.log_metric("own", depth)
        return depth**2

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=4)
    parent, *trials = recorded()
    assert len(trials) == 4
    assert parent.data.metrics["best_value"] == study.best_value
    assert parent.data.params["best_depth"] == str(study.best_params["depth"])
    by_name = {run.info.run_name: run for run in trials}
    first, pruned, fitted = (by_name[f"trial {n}"] for n in range(3))
    assert {run.data.tags["mlflow.parentRunId"] for run in trials} == {parent.info.run_id}
    depth = study.trials[0].params["depth"]
    assert first.data.params == {"depth": str(depth)}
    assert (first.data.metrics["value"], first.data.metrics["own"]) == (depth**2, depth)
    history = CLIENT().get_metric_history(first.info.run_id, "intermediate_value")
    assert [point.value for point in history] == [depth, depth / 2, depth / 3]
    assert (pruned.info.status, pruned.data.tags["optuna.pruned"]) == ("FINISHED", "true")
    assert "value" not in pruned.data.metrics
    assert "training_accuracy_score" in fitted.data.metrics, "what a trial trains goes to its run"
    assert first.data.tags["team"] == "ops"


def test_an_objective_that_fails_is_told_and_its_trial_has_failed():
    headrace.optuna.autolog()

    def objective(trial):
        raise ValueError("no data")

    with pytest.raises(ValueError, match="no data"):
        optuna.create_study().optimize(objective, n_trials=1)
    parent, trial = recorded()
    assert (parent.info.status, trial.info.status) == ("FAILED", "FAILED")
