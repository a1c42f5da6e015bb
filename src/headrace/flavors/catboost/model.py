"""Models of CatBoost, in its own format."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import class_of, inside

_CLASSES = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")
_FORMATS = ("cbm", "json")
_FILE = "model.cb"


def save(cb_model: Any, folder: Path, *, format: str = "cbm") -> Saved:  # noqa: A002  (CatBoost's name)
    """Write the model as ``cbm``, or as ``json``."""
    if format not in _FORMATS:
        raise InvalidValueError(f"format is {' or '.join(_FORMATS)}, not '{format}'.")
    kind = type(cb_model).__name__
    class_of("catboost", kind, _CLASSES)
    cb_model.save_model(str(folder / _FILE), format=format)
    config = {
        "catboost_version": plugins.load("catboost").__version__,
        "data": _FILE,
        "model_type": kind,
        "save_format": format,
    }
    return Saved(config, {"data": _FILE})


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The model again."""
    model = class_of("catboost", str(config.get("model_type", "CatBoost")), _CLASSES)()
    file = inside(folder, config.get("data", _FILE))
    return model.load_model(str(file), format=str(config.get("save_format", "cbm")))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """What ``predict`` of the model gives."""
    return model.predict(data, **params)


FLAVOR = Flavor(
    name="catboost",
    requires=("catboost",),
    save=save,
    load=load,
    predict=predict,
    formats=dict.fromkeys(_FORMATS),
    format_of=lambda config: str(config.get("save_format", "cbm")),
    rowwise=True,
)
save_model, log_model, load_model = functions.of(FLAVOR)
