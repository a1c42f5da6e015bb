"""How well an estimator does on the data that it was fitted to, for what recording may cost."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any, NamedTuple

from headrace import plugins
from headrace.autologging.datasets import first_rows

_PROBE_ROWS = 200
_BUDGET_S = 0.02


class Scores(NamedTuple):
    """Numbers by the names of MLflow, and what they are made of."""

    numbers: Mapping[str, float]
    target: Any = None
    predicted: Any = None
    probabilities: Any = None
    rows: int | None = None
    """How many rows they are of, where that is not all of them."""


def training(
    estimator: Any, data: Any, target: Any, weight: Any, options: Mapping[str, Any]
) -> Scores:
    """The scores on the first rows: all, unless predicting them would take longer than recording may.

    Nearest neighbours and kernels may take longer to predict their training data than to fit it.
    """
    if data is None or target is None or not hasattr(estimator, "predict"):
        return Scores({})
    total = _length(data)
    count = _affordable(estimator, data, total)
    data, target = first_rows(data, count), first_rows(target, count)
    weight = None if weight is None else first_rows(weight, count)
    predicted = estimator.predict(data)
    rows = count if count < total else None
    if plugins.load("sklearn.base:is_classifier")(estimator):
        return _of_classifier(estimator, data, target, predicted, weight, options)._replace(
            rows=rows
        )
    if plugins.load("sklearn.base:is_regressor")(estimator):
        return Scores(_of_regressor(target, predicted, weight), target, predicted, rows=rows)
    return Scores({}, target, predicted, rows=rows)


def _length(data: Any) -> int:
    return int(data.shape[0]) if hasattr(data, "shape") else len(data)


def _affordable(estimator: Any, data: Any, total: int) -> int:
    if total <= _PROBE_ROWS:
        return total
    start = perf_counter()
    estimator.predict(first_rows(data, _PROBE_ROWS))
    taken = perf_counter() - start
    return min(total, max(_PROBE_ROWS, int(_PROBE_ROWS * _BUDGET_S / max(taken, 1e-6))))


def _of_classifier(
    estimator: Any,
    data: Any,
    target: Any,
    predicted: Any,
    weight: Any,
    options: Mapping[str, Any],
) -> Scores:
    metrics = plugins.load("sklearn.metrics")
    pos_label = options.get("pos_label")
    chosen: dict[str, Any] = {"average": "weighted", "zero_division": 0}
    if pos_label is not None:
        chosen = {"average": "binary", "pos_label": pos_label, "zero_division": 0}
    given = {"sample_weight": weight}
    accuracy = float(metrics.accuracy_score(target, predicted, **given))
    numbers = {"score": accuracy, "accuracy_score": accuracy}
    for name in ("precision_score", "recall_score", "f1_score"):
        numbers[name] = float(getattr(metrics, name)(target, predicted, **chosen, **given))
    probabilities = estimator.predict_proba(data) if hasattr(estimator, "predict_proba") else None
    if probabilities is not None and getattr(probabilities, "ndim", 0) == 2:
        labels = getattr(estimator, "classes_", None)
        numbers["log_loss"] = float(metrics.log_loss(target, probabilities, labels=labels, **given))
        if len(set(_listed(target))) == probabilities.shape[1]:
            binary = probabilities.shape[1] == 2
            numbers["roc_auc"] = float(
                metrics.roc_auc_score(
                    target,
                    probabilities[:, 1] if binary else probabilities,
                    average="weighted",
                    multi_class="ovo" if not binary and weight is None else "ovr",
                    **given,
                )
            )
    return Scores(numbers, target, predicted, probabilities)


def _listed(values: Any) -> list[Any]:
    listed: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    return listed


def _of_regressor(target: Any, predicted: Any, weight: Any) -> dict[str, float]:
    metrics = plugins.load("sklearn.metrics")
    given = {"sample_weight": weight}
    squared = float(metrics.mean_squared_error(target, predicted, **given))
    r2 = float(metrics.r2_score(target, predicted, **given))
    return {
        "score": r2,
        "r2_score": r2,
        "mean_absolute_error": float(metrics.mean_absolute_error(target, predicted, **given)),
        "mean_squared_error": squared,
        "root_mean_squared_error": squared**0.5,
    }
