"""Models as folders: described by a file ``MLmodel``, listed with digests, and loaded only if they may be.

The names are those of MLflow's ``mlflow.models``; each is loaded when it is first asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "headrace.evaluation": (
        "EvaluationArtifact EvaluationMetric EvaluationResult MetricThreshold evaluate make_metric"
    ),
    "headrace.models.changing": "set_signature update_model_requirements",
    "headrace.models.code": "set_model",
    "headrace.models.config": "ModelConfig",
    "headrace.models.enforcing": "SchemaError validate_schema",
    "headrace.models.inference": "infer_signature",
    "headrace.models.info": "ModelInfo",
    "headrace.models.looking": "get_model_info infer_pip_requirements validate",
    "headrace.models.mlmodel": "Model",
    "headrace.models.safety": "CodeRefusedError",
    "headrace.models.signature": "ModelSignature",
    "headrace.models.serving_input": (
        "convert_input_example_to_serving_input validate_serving_input"
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605  (it is one: sorted of names)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'headrace.models' has no attribute '{name}'")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return list(__all__)
