"""Models of XGBoost, boosters and those of its scikit-learn interface, in its own formats."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import class_of, inside

_FORMATS = ("ubj", "json", "deprecated")
_BOOSTER = "xgboost.core.Booster"
_CLASSES = (
    "Booster", "XGBClassifier", "XGBRegressor", "XGBRanker", "XGBRFClassifier", "XGBRFRegressor",
    "XGBModel",
)  # fmt: skip


def save(xgb_model: Any, folder: Path, *, model_format: str = "ubj") -> Saved:
    """Write the model as ``ubj`` or ``json``."""
    if model_format not in _FORMATS:
        raise InvalidValueError(f"model_format is ubj or json, not '{model_format}'.")
    file = f"model.{model_format}"
    xgb_model.save_model(folder / file)
    kind = type(xgb_model)
    name = f"{kind.__module__}.{kind.__qualname__}"
    class_of("xgboost", name, _CLASSES)
    config = {
        "xgb_version": plugins.load("xgboost").__version__,
        "data": file,
        "model_class": name,
        "model_format": model_format,
    }
    return Saved(config, {"data": file}, () if name == _BOOSTER else ("sklearn",))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The booster or the estimator again."""
    model = class_of("xgboost", str(config.get("model_class", _BOOSTER)), _CLASSES)()
    model.load_model(inside(folder, config.get("data", "model.xgb")))
    return model


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """What ``predict`` of the model gives."""
    xgboost = plugins.load("xgboost")
    if isinstance(model, xgboost.Booster) and not isinstance(data, xgboost.DMatrix):
        return model.predict(xgboost.DMatrix(data), **params)
    return model.predict(data, **params)


FLAVOR = Flavor(
    name="xgboost",
    requires=("xgboost",),
    save=save,
    load=load,
    predict=predict,
    formats={"xgboost": None},
    format_of=lambda _: "xgboost",
    rowwise=True,
)
save_model, log_model, load_model = functions.of(FLAVOR)
