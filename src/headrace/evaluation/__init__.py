"""How well a model does on data that it was not fitted to: measures, curves, pictures, and thresholds."""

from headrace.evaluation.custom import EvaluationMetric, make_metric
from headrace.evaluation.evaluate import evaluate
from headrace.evaluation.result import EvaluationArtifact, EvaluationResult
from headrace.evaluation.thresholds import (
    MetricThreshold,
    ModelValidationFailedException,
    validate_evaluation_results,
)

__all__ = [
    "EvaluationArtifact",
    "EvaluationMetric",
    "EvaluationResult",
    "MetricThreshold",
    "ModelValidationFailedException",
    "evaluate",
    "make_metric",
    "validate_evaluation_results",
]
