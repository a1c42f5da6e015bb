"""What a model must reach before it is taken: values, and changes against a baseline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headrace.errors import BadRequestError, InvalidValueError
from headrace.evaluation.result import EvaluationResult


class ModelValidationFailedException(BadRequestError):  # noqa: N818  (MLflow's name)
    """The model does not reach what was asked; the text names each metric that fell short."""


@dataclass(frozen=True)
class MetricThreshold:
    """What one metric must reach: a value, or a change for the better against a baseline, or both.

    ``min_absolute_change`` is in the metric's units, ``min_relative_change`` a share of the baseline.
    """

    threshold: float | None = None
    min_absolute_change: float | None = None
    min_relative_change: float | None = None
    greater_is_better: bool | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.greater_is_better, bool):
            raise InvalidValueError("MetricThreshold needs greater_is_better=True or False.")
        bounds = (self.threshold, self.min_absolute_change, self.min_relative_change)
        if all(bound is None for bound in bounds):
            raise InvalidValueError(
                "MetricThreshold needs threshold, min_absolute_change or min_relative_change."
            )
        if any(change is not None and change < 0 for change in bounds[1:]):
            raise InvalidValueError(
                "The change that a MetricThreshold asks for cannot be negative."
            )

    @property
    def is_relative(self) -> bool:
        """Whether a baseline is needed."""
        return self.min_absolute_change is not None or self.min_relative_change is not None

    def shortfalls(self, value: float, baseline: float | None) -> Iterator[str]:
        """What ``value`` fails, in words. A value that is not a number fails everything."""
        sign = 1 if self.greater_is_better else -1
        bound = "at least" if self.greater_is_better else "at most"
        if self.threshold is not None and not sign * value >= sign * self.threshold:
            yield f"is {value:.6g}, must be {bound} {self.threshold:.6g}"
        if baseline is None:
            if self.is_relative:
                yield "is not in the baseline, to which it should be compared"
            return
        gain = sign * (value - baseline)
        least = self.min_absolute_change
        if least is not None and not gain >= least:
            yield f"is better than the baseline by {gain:.6g}, must be by {least:.6g}"
        share = self.min_relative_change
        if share is not None and not (gain >= share * abs(baseline) and (baseline or gain > 0)):
            yield f"is better than the baseline {baseline:.6g} by {gain:.6g}, must be by {share:.2%} of it"


def validate_evaluation_results(
    validation_thresholds: Mapping[str, MetricThreshold],
    candidate_result: EvaluationResult,
    baseline_result: EvaluationResult | None = None,
) -> None:
    """Raise `ModelValidationFailedException` that names everything in which the candidate falls short.

    Raises `InvalidValueError` if a threshold needs a baseline and there is none.
    """
    needing = [name for name, wanted in validation_thresholds.items() if wanted.is_relative]
    if needing and baseline_result is None:
        raise InvalidValueError(f"{', '.join(needing)}: a change needs a baseline_result.")
    before = baseline_result.metrics if baseline_result else {}
    failures = []
    for name, wanted in validation_thresholds.items():
        value = candidate_result.metrics.get(name)
        if value is None:
            failures.append(f"{name} was not measured")
        else:
            failures += [f"{name} {text}" for text in wanted.shortfalls(value, before.get(name))]
    if failures:
        raise ModelValidationFailedException("The model falls short: " + "; ".join(failures) + ".")
