"""Models are measured on data, what is found is in a run, and thresholds say what is not good enough."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

import headrace
from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.evaluation import ModelValidationFailedException
from headrace.evaluation.result import Measured
from headrace.models import EvaluationResult, MetricThreshold, evaluate, make_metric


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    headrace.set_tracking_uri(tmp_path / "store")
    yield
    headrace.set_tracking_uri("")


def _classified(load: Any) -> tuple[Any, pd.DataFrame]:
    frame = load(as_frame=True).frame
    features = frame.drop(columns="target")
    return DecisionTreeClassifier(max_depth=2, random_state=0).fit(features, frame.target), frame


def _regressed() -> tuple[Any, pd.DataFrame]:
    frame = load_diabetes(as_frame=True).frame
    return LinearRegression().fit(frame.drop(columns="target"), frame.target), frame


def test_a_logged_classifier_is_measured_with_its_probabilities_and_the_run_has_all_of_it() -> None:
    model, frame = _classified(load_breast_cancer)
    uri = headrace.sklearn.log_model(model, name="tree").model_uri
    with headrace.start_run() as run:
        found = evaluate(uri, frame, targets="target", model_type="classifier")

    truth, features = frame.target, frame.drop(columns="target")
    positive = model.predict_proba(features)[:, 1]
    assert found.metrics["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, positive))
    assert found.metrics["score"] == pytest.approx(model.score(features, truth))
    stored = headrace.get_run(run.info.run_id)
    assert stored.data.metrics == pytest.approx(found.metrics)
    assert stored.inputs.dataset_inputs[0].tags[0].value == "eval"
    files = {file.path for file in headrace.MlflowClient().list_artifacts(run.info.run_id)}
    curves = ("roc_curve", "precision_recall_curve", "calibration_curve", "lift_curve")
    for name in (*curves, "confusion_matrix"):
        assert {f"{name}.csv", f"{name}_plot.png"} <= files
    roc = pd.read_csv(headrace.artifacts.download_artifacts(found.artifacts["roc_curve"].uri))
    assert metrics.auc(*roc.to_numpy().T) == pytest.approx(found.metrics["roc_auc"])
    assert set(found.tables) == {*curves, "confusion_matrix", "per_class_metrics"}


def test_a_function_of_many_classes_has_a_table_of_each() -> None:
    model, frame = _classified(load_iris)
    found = headrace.evaluate(model.predict, frame, targets="target", model_type="classifier")

    predicted = model.predict(frame.drop(columns="target"))
    expected = metrics.f1_score(frame.target, predicted, average="weighted")
    assert found.metrics["f1_score"] == pytest.approx(expected)
    assert found.tables["per_class_metrics"]["support"].tolist() == [50, 50, 50]
    assert headrace.get_run(found.run_id).info.status == "FINISHED"


def test_predictions_of_a_table_are_measured_with_weights_and_a_prefix() -> None:
    model, frame = _regressed()
    said = model.predict(frame.drop(columns="target"))
    weights = np.arange(len(frame)) + 1.0
    found = headrace.evaluate(
        data=frame[["target"]].assign(said=said), targets="target", predictions="said",
        model_type="regressor",
        evaluator_config={"sample_weights": weights, "metric_prefix": "held_out_"},
    )  # fmt: skip

    expected = metrics.mean_absolute_error(frame.target, said, sample_weight=weights)
    assert found.metrics["held_out_mean_absolute_error"] == pytest.approx(expected)
    residuals = found.tables["held_out_residuals"]["residual"]
    assert residuals.to_numpy() == pytest.approx(frame.target - said)


def test_the_positive_class_may_be_named() -> None:
    frame = pd.DataFrame({"said": ["ham", "spam", "ham", "ham"]})
    found = headrace.evaluate(
        data=frame, targets=["ham", "spam", "spam", "ham"], predictions="said",
        model_type="classifier", evaluator_config={"pos_label": "ham"},
    )  # fmt: skip
    assert found.metrics["precision_score"] == pytest.approx(2 / 3)
    assert found.metrics["true_positives"] == 2


def test_a_metric_of_ones_own_sees_predictions_targets_and_what_was_measured() -> None:
    def cost(predictions: Any, targets: Any, metrics: Any) -> float:
        return float(np.sum(predictions != targets)) + metrics["example_count"]

    model, frame = _classified(load_iris)
    mine = make_metric(eval_fn=cost, greater_is_better=False)
    found = headrace.evaluate(
        model.predict, frame, targets="target", model_type="classifier", extra_metrics=[mine]
    )
    wrong = np.sum(model.predict(frame.drop(columns="target")) != frame.target)
    assert found.metrics["cost"] == wrong + 150


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"targets": "label"}, "No column 'label' for targets"),
        ({"targets": [1, 2]}, "2 targets for 150 rows"),
        ({"model_type": "oracle"}, "Known: classifier, regressor"),
        ({"model": None}, "name the column of its predictions"),
        ({"data": [1]}, "must be a DataFrame of pandas, not list"),
        (
            {"extra_metrics": [make_metric(eval_fn=lambda: "x", greater_is_better=True, name="m")]},
            "Metric 'm' must give a number, not str",
        ),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_logged(change: Any, said: str) -> None:
    model, frame = _classified(load_iris)
    asked = {"model": model.predict, "data": frame, "targets": "target"}
    with pytest.raises(InvalidValueError, match=said):
        headrace.evaluate(**{**asked, "model_type": "classifier", **change})
    assert headrace.search_runs(output_format="list") == []


def _result(**values: float) -> EvaluationResult:
    return EvaluationResult(values, {})


@pytest.mark.parametrize(
    ("wanted", "value", "baseline", "passes"),
    [
        ({"threshold": 0.9, "greater_is_better": True}, 0.9, None, True),
        ({"threshold": 0.9, "greater_is_better": True}, 0.89, None, False),
        ({"threshold": 0.9, "greater_is_better": True}, float("nan"), None, False),
        ({"threshold": 5, "greater_is_better": False}, 5.1, None, False),
        ({"min_absolute_change": 0.25, "greater_is_better": True}, 0.75, 0.5, True),
        ({"min_absolute_change": 0.25, "greater_is_better": True}, 0.7, 0.5, False),
        ({"min_relative_change": 0.1, "greater_is_better": False}, 8.9, 10, True),
        ({"min_relative_change": 0.1, "greater_is_better": False}, 9.1, 10, False),
        ({"min_relative_change": 0.1, "greater_is_better": True}, 0, 0, False),
    ],
)
def test_thresholds_hold_values_and_changes(
    wanted: Any, value: float, baseline: float | None, passes: bool
) -> None:
    before = None if baseline is None else _result(m=baseline)
    thresholds = {"m": MetricThreshold(**wanted)}
    if passes:
        headrace.validate_evaluation_results(thresholds, _result(m=value), before)
    else:
        with pytest.raises(ModelValidationFailedException, match=r"falls short: m is"):
            headrace.validate_evaluation_results(thresholds, _result(m=value), before)


def test_all_shortfalls_are_told_at_once() -> None:
    wanted = {
        "accuracy_score": MetricThreshold(threshold=0.9, greater_is_better=True),
        "log_loss": MetricThreshold(threshold=1, greater_is_better=False),
    }
    with pytest.raises(ModelValidationFailedException) as caught:
        headrace.validate_evaluation_results(wanted, _result(accuracy_score=0.5))
    assert caught.value.message == (
        "The model falls short: accuracy_score is 0.5, must be at least 0.9; log_loss was not measured."
    )


def test_a_change_needs_a_baseline() -> None:
    wanted = {"m": MetricThreshold(min_absolute_change=1, greater_is_better=True)}
    with pytest.raises(InvalidValueError, match="m: a change needs a baseline_result"):
        headrace.validate_evaluation_results(wanted, _result(m=1))


def test_an_evaluator_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    class Found(EntryPoint):
        def load(self) -> Any:
            return lambda case: Measured({"longest": float(max(map(len, case.predicted)))}, {}, {})

    def added(group: str) -> dict[str, EntryPoint]:
        return {"headrace.evaluators": {"text": Found("text", "", "")}}.get(group, {})

    monkeypatch.setattr(plugins, "added", added)
    frame = pd.DataFrame({"said": ["a", "abc"], "meant": ["a", "b"]})
    found = headrace.evaluate(data=frame, targets="meant", predictions="said", model_type="text")
    assert headrace.get_run(found.run_id).data.metrics == {"longest": 3}
