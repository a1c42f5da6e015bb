"""Headrace: experiment tracking, models and a registry, open from end to end.

The names are those of MLflow: ``import headrace as mlflow`` is the whole migration. Each is loaded when
it is first asked for, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "headrace.as_mlflow": "install_as_mlflow",
    "headrace.client.connection": (
        "get_registry_uri get_tracking_uri is_tracking_uri_set set_registry_uri set_tracking_uri"
    ),
    "headrace.client.images": "Image",
    "headrace.client.tracking": "MlflowClient",
    "headrace.config": (
        "disable_system_metrics_logging enable_system_metrics_logging set_system_metrics_node_id "
        "set_system_metrics_samples_before_logging set_system_metrics_sampling_interval"
    ),
    "headrace.errors": "HeadraceError",
    "headrace.evaluation": "evaluate validate_evaluation_results",
    "headrace.flavors.autolog": "autolog",
    "headrace.fluent.artifacts": (
        "get_artifact_uri load_table log_artifact log_artifacts log_dict log_figure log_image log_stream "
        "log_table log_text"
    ),
    "headrace.fluent.current": "ActiveRun",
    "headrace.fluent.diagnosis": "doctor",
    "headrace.fluent.experiments": (
        "create_experiment delete_experiment delete_experiment_tag get_experiment "
        "get_experiment_by_name restore_experiment search_experiments set_experiment "
        "set_experiment_tag set_experiment_tags"
    ),
    "headrace.fluent.models": (
        "ActiveModel clear_active_model create_external_model delete_logged_model_tag "
        "finalize_logged_model get_active_model_id get_logged_model initialize_logged_model "
        "last_logged_model log_model_params search_logged_models set_active_model set_logged_model_tags"
    ),
    "headrace.fluent.registry": (
        "register_model search_model_versions search_registered_models set_model_version_tag"
    ),
    "headrace.fluent.recording": (
        "delete_tag flush_artifact_async_logging flush_async_logging log_input log_inputs log_metric "
        "log_metrics log_outputs log_param log_params set_tag set_tags"
    ),
    "headrace.fluent.runs": (
        "active_run delete_run end_run get_parent_run get_run last_active_run open_run restore_run "
        "search_runs start_run"
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}
_OTHER_NAMES = {"MlflowException": "HeadraceError"}
_MODULES = (
    "artifacts", "catboost", "client", "config", "data", "entities", "errors", "evaluation", "fastai", "h2o", "keras", "lightgbm", "models",
    "onnx", "optuna", "paddle", "pmdarima", "prophet", "pyfunc", "pytorch", "sentence_transformers", "shap", "sklearn", "spacy", "spark", "statsmodels", "tensorflow", "transformers", "types", "xgboost",
)  # fmt: skip

__all__ = sorted((*_HOME, *_OTHER_NAMES))  # noqa: PLE0605  (it is one: sorted of names)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"headrace.{name}")
    own = _OTHER_NAMES.get(name, name)
    home = _HOME.get(own)
    if home is None:
        raise AttributeError(f"module 'headrace' has no attribute '{name}'")
    value = getattr(import_module(home), own)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted((*__all__, *_MODULES, "__version__"))
