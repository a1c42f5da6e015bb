"""How often a model of classes is right, and how well its probabilities say so."""

from collections.abc import Callable
from typing import Any

import numpy as np

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.evaluation.result import Case, Measured

_BINARY = 2


def measure(case: Case) -> Measured:
    """Scores by MLflow's names, the table of each class, the confusion matrix, and curves for two classes.

    The settings ``label_list``, ``pos_label`` and ``average`` count.
    """
    labels = _labels(case)
    binary = len(labels) == _BINARY
    numbers = {"example_count": float(len(case.target))}
    metrics, frame = plugins.load("sklearn.metrics"), plugins.load("pandas:DataFrame")
    matrix = metrics.confusion_matrix(case.target, case.predicted, labels=labels)
    if binary:
        names = ("true_negatives", "false_positives", "false_negatives", "true_positives")
        numbers.update(zip(names, map(float, matrix.ravel()), strict=True))
    numbers.update(_scores(case, labels))
    tables = {
        "confusion_matrix": frame(matrix, index=labels, columns=labels).reset_index(names="target"),
        "per_class_metrics": _per_class(case, labels),
    }

    def draw(axes: Any) -> None:
        metrics.ConfusionMatrixDisplay(matrix, display_labels=labels).plot(ax=axes, colorbar=False)

    found = Measured(numbers, tables, {"confusion_matrix_plot": draw})
    if case.probabilities is not None:
        _of_probabilities(case, labels, found)
    return found


def _labels(case: Case) -> list[Any]:
    """All labels in order; of two, the positive one is last."""
    given = case.settings.get("label_list")
    seen = np.union1d(case.target, case.predicted) if given is None else np.unique(given)
    labels = list((np.union1d(seen, case.classes) if case.classes is not None else seen).tolist())
    if len(labels) < _BINARY:
        raise InvalidValueError(
            f"A classifier has two labels or more, but the data has only {labels}. "
            "Name all in evaluator_config={'label_list': [...]}."
        )
    positive = case.settings.get("pos_label")
    if positive is not None and len(labels) == _BINARY:
        if positive not in labels:
            raise InvalidValueError(f"pos_label {positive!r} is not one of the labels {labels}.")
        labels.sort(key=lambda label: label == positive)
    return labels


def _scores(case: Case, labels: list[Any]) -> dict[str, float]:
    metrics = plugins.load("sklearn.metrics")
    given = {"sample_weight": case.weights}
    numbers = {
        "accuracy_score": float(metrics.accuracy_score(case.target, case.predicted, **given))
    }
    chosen: dict[str, Any] = {"average": "binary", "pos_label": labels[-1]}
    if len(labels) > _BINARY:
        chosen = {"average": case.settings.get("average", "weighted"), "labels": labels}
    for name in ("precision_score", "recall_score", "f1_score"):
        function = getattr(metrics, name)
        numbers[name] = float(
            function(case.target, case.predicted, zero_division=0, **chosen, **given)
        )
    return numbers


def _per_class(case: Case, labels: list[Any]) -> Any:
    precision, recall, f1, support = plugins.load(
        "sklearn.metrics:precision_recall_fscore_support"
    )(case.target, case.predicted, labels=labels, sample_weight=case.weights, zero_division=0)
    columns = {"class": labels, "precision": precision, "recall": recall, "f1": f1}
    return plugins.load("pandas:DataFrame")({**columns, "support": support})


def _of_probabilities(case: Case, labels: list[Any], found: Measured) -> None:
    metrics = plugins.load("sklearn.metrics")
    given = {"sample_weight": case.weights}
    classes = list(case.classes)
    found.metrics["log_loss"] = float(
        metrics.log_loss(case.target, case.probabilities, labels=classes, **given)
    )
    if len(labels) > _BINARY:
        if len(np.unique(case.target)) == len(classes):
            found.metrics["roc_auc"] = float(
                metrics.roc_auc_score(
                    case.target, case.probabilities, average="weighted", multi_class="ovr", **given
                )
            )
        return
    truth = case.target == labels[-1]
    if truth.all() or not truth.any():
        return  # a curve needs rows of both classes
    _curves(truth, case.probabilities[:, classes.index(labels[-1])], case.weights, found)


def _curves(truth: Any, positive: Any, weights: Any, found: Measured) -> None:
    metrics, frame = plugins.load("sklearn.metrics"), plugins.load("pandas:DataFrame")
    false, true, _ = metrics.roc_curve(truth, positive, sample_weight=weights)
    precision, recall, _ = metrics.precision_recall_curve(truth, positive, sample_weight=weights)
    shares, means = plugins.load("sklearn.calibration:calibration_curve")(
        truth, positive, n_bins=10
    )
    found.metrics["roc_auc"] = float(metrics.auc(false, true))
    found.metrics["precision_recall_auc"] = float(
        metrics.average_precision_score(truth, positive, sample_weight=weights)
    )
    reached = np.cumsum(truth[np.argsort(-positive, kind="stable")])
    rows = np.arange(1, len(truth) + 1)
    curves = {
        "roc_curve": ("false_positive_rate", false, "true_positive_rate", true),
        "precision_recall_curve": ("recall", recall, "precision", precision),
        "calibration_curve": ("mean_probability", means, "share_of_positives", shares),
        "lift_curve": ("share_of_rows", rows / len(truth), "lift", reached / rows / truth.mean()),
    }
    for name, (across, x, up, y) in curves.items():
        found.tables[name] = frame({across: x, up: y})
        found.pictures[f"{name}_plot"] = _line(found.tables[name])


def _line(table: Any) -> Callable[[Any], None]:
    def draw(axes: Any) -> None:
        table.plot(*table.columns, ax=axes, legend=False, ylabel=table.columns[1])

    return draw
