"""Metrics of one's own."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from headrace.errors import InvalidValueError
from headrace.evaluation.result import Case


@dataclass(frozen=True)
class EvaluationMetric:
    """A named function of predictions and targets."""

    eval_fn: Callable[..., Any]
    name: str
    greater_is_better: bool

    def of(self, case: Case, known: Mapping[str, float]) -> float:
        """The metric's value; `InvalidValueError` if the function gives no number."""
        given = {"predictions": case.predicted, "targets": case.target, "metrics": dict(known)}
        wanted = inspect.signature(self.eval_fn).parameters
        if unknown := sorted(set(wanted) - set(given)):
            raise InvalidValueError(
                f"Metric '{self.name}' asks for {', '.join(unknown)}; "
                "it may ask for predictions, targets and metrics."
            )
        value = self.eval_fn(**{name: given[name] for name in wanted})
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise InvalidValueError(
                f"Metric '{self.name}' must give a number, not {type(value).__name__}."
            ) from error


def make_metric(
    *, eval_fn: Callable[..., Any], greater_is_better: bool, name: str | None = None
) -> EvaluationMetric:
    """A metric for ``extra_metrics``.

    ``eval_fn`` gives a number from any of ``predictions``, ``targets`` (arrays, one entry a row) and
    ``metrics`` (those found so far, by name).
    """
    named: str = name or getattr(eval_fn, "__name__", None) or "<lambda>"
    if named == "<lambda>":
        raise InvalidValueError("A metric made from a lambda needs a name: make_metric(name=...).")
    return EvaluationMetric(eval_fn, named, greater_is_better)
