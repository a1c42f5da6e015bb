"""Estimators that are asked with arrays although they were fitted with tables.

An estimator compares a table's column names with those it was fitted with, and makes an array of the table.
For one row that takes four times as long as the prediction. Whoever has compared the names once may hand
over arrays, to a copy that no longer expects names.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_PLAIN = (
    "sklearn.linear_model.",
    "sklearn.tree.",
    "sklearn.svm.",
    "sklearn.neighbors.",
    "sklearn.naive_bayes",
    "sklearn.neural_network.",
    "sklearn.preprocessing._data",
    "sklearn.decomposition.",
    "sklearn.ensemble._forest",
    "sklearn.ensemble._gb",
)
"""Modules whose estimators see nothing of a table of numbers but its names and its array."""
_PIPELINE = "sklearn.pipeline"


def predictor(
    model: Any, config: Mapping[str, Any], names: Sequence[str]
) -> Callable[[Any], Any] | None:
    """What predicts for arrays whose columns are ``names``; ``None`` where only a table will do."""
    if list(getattr(model, "feature_names_in_", ())) != list(names):
        return None
    stripped = _stripped(model)
    method = str(config.get("predict_fn") or "predict")
    return None if stripped is None else getattr(stripped, method, None)


def _stripped(model: Any) -> Any:
    if hasattr(model, "_sklearn_output_config"):  # it gives tables to whatever comes after it
        return None
    module = type(model).__module__
    bare = copy.copy(model)
    if module == _PIPELINE and type(model).__name__ == "Pipeline":
        steps = [(name, _stripped(step)) for name, step in model.steps]
        bare.steps = steps
        return None if any(step is None for _, step in steps) else bare
    if not module.startswith(_PLAIN):
        return None
    vars(bare).pop("feature_names_in_", None)
    return bare
