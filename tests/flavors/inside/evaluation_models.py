"""The same model on the same data has the same metrics here and in the real mlflow."""

import mlflow
import numpy as np
import pytest
import xgboost  # noqa: F401  (mlflow loads it by a hook that pytest cannot follow)
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression

import headrace

CASES = {
    "two classes": (load_breast_cancer, LogisticRegression(max_iter=50), "classifier"),
    "three classes": (load_iris, LogisticRegression(max_iter=50), "classifier"),
    "numbers": (load_diabetes, LinearRegression(), "regressor"),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", CASES)
def test_metrics_are_those_of_mlflow(case, weighted):
    load, estimator, kind = CASES[case]
    frame = load(as_frame=True).frame
    model = estimator.fit(frame.drop(columns="target"), frame.target)
    config = {"sample_weights": np.arange(len(frame)) % 7 + 1.0} if weighted else {}
    ours = headrace.evaluate(
        headrace.sklearn.log_model(model, name="ours").model_uri,
        frame, targets="target", model_type=kind, evaluator_config=config,
    )  # fmt: skip
    path = mlflow.sklearn.log_model(model, name="theirs", pip_requirements=[]).model_uri
    theirs = mlflow.models.evaluate(
        path, frame, targets="target", model_type=kind,
        evaluator_config={**config, "log_explainer": False, "log_model_explainability": False},
    )  # fmt: skip
    expected = dict(theirs.metrics)
    if kind == "regressor" and weighted:
        # mlflow divides the weighted sum by the number of rows, not by the sum of weights.
        expected["mean_on_target"] = np.average(frame.target, weights=config["sample_weights"])
    assert dict(ours.metrics) == pytest.approx(expected)
