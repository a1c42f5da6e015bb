"""Autologging of every library at once."""

from typing import Any

from headrace import plugins
from headrace.autologging import switch
from headrace.autologging.integration import Integration

BUILT_IN = {
    "catboost": "headrace.flavors.catboost.autologging:INTEGRATION",
    "h2o": "headrace.flavors.h2o.autologging:INTEGRATION",
    "keras": "headrace.flavors.keras.autologging:INTEGRATION",
    "lightgbm": "headrace.flavors.lightgbm.autologging:INTEGRATION",
    "optuna": "headrace.flavors.optuna.autologging:INTEGRATION",
    "pytorch": "headrace.flavors.pytorch.autologging:INTEGRATION",
    "sklearn": "headrace.flavors.sklearn.autologging:INTEGRATION",
    "spark": "headrace.flavors.spark.autologging:INTEGRATION",
    "statsmodels": "headrace.flavors.statsmodels.autologging:INTEGRATION",
    "transformers": "headrace.flavors.transformers.autologging:INTEGRATION",
    "xgboost": "headrace.flavors.xgboost.autologging:INTEGRATION",
}


def integrations() -> dict[str, Integration]:
    """All that there are, by name."""
    return {name: plugins.load(target) for name, target in BUILT_IN.items()}


def _autolog(**options: Any) -> None:
    left_out = set(options.pop("exclude_flavors", None) or ())
    options.pop("log_traces", None)  # there are none of these libraries
    chosen = {name: one for name, one in integrations().items() if name not in left_out}
    switch.turn_all(chosen, options)


autolog = switch.with_options(
    _autolog,
    {
        "log_input_examples": False,
        "log_model_signatures": True,
        "log_models": True,
        "log_datasets": True,
        "log_traces": True,
        "disable": False,
        "exclusive": False,
        "disable_for_unsupported_versions": False,
        "silent": False,
        "extra_tags": None,
        "exclude_flavors": None,
    },
    "Record every training with every library that is known, from now on.\n\n"
    "A library is not imported by this; when the program imports it, before or after, its trainings are "
    "recorded. What was said to a library's own ``autolog`` stays.",
)
