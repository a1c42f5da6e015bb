"""How far off a model of numbers is."""

import numpy as np

from headrace import plugins
from headrace.evaluation.result import Case, Measured

_WEIGHTED = (
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
    "r2_score",
    "mean_absolute_percentage_error",
)


def measure(case: Case) -> Measured:
    """Errors by MLflow's names, and the residuals of each row as a table and a picture."""
    metrics = plugins.load("sklearn.metrics")
    weights = np.ones(len(case.target)) if case.weights is None else case.weights
    numbers = {
        "example_count": float(len(case.target)),
        "sum_on_target": float(np.sum(weights * case.target)),
        "mean_on_target": float(np.average(case.target, weights=weights)),
    }
    for name in _WEIGHTED:
        function = getattr(metrics, name)
        numbers[name] = float(function(case.target, case.predicted, sample_weight=case.weights))
    numbers["max_error"] = float(metrics.max_error(case.target, case.predicted))
    residuals = plugins.load("pandas:DataFrame")(
        {
            "target": case.target,
            "prediction": case.predicted,
            "residual": case.target - case.predicted,
        }
    )

    def draw(axes: object) -> None:
        metrics.PredictionErrorDisplay.from_predictions(case.target, case.predicted, ax=axes)

    return Measured(numbers, {"residuals": residuals}, {"residuals_plot": draw})
