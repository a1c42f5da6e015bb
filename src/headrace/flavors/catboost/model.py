"""Models of CatBoost, in its own format."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_CLASSES = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")
_FORMATS = ("cbm", "json")
_FILE = "model.cb"


def save(cb_model: Any, folder: Path, *, format: str = "cbm") -> Saved:  # noqa: A002  (CatBoost's name)
    """Write the model as ``cbm``, or as ``json``."""
    if format not in _FORMATS:
        raise InvalidValueError(f"format is {' or '.join(_FORMATS)}, not '{format}'.")
    kind = type(cb_model).__name__
    _class(kind)
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
    model = _class(str(config.get("model_type", "CatBoost")))()
    file = inside(folder, config.get("data", _FILE))
    return model.load_model(str(file), format=str(config.get("save_format", "cbm")))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """What ``predict`` of the model gives."""
    return model.predict(data, **params)


def _class(name: str) -> Any:
    if name not in _CLASSES:
        raise InvalidValueError(
            f"'{name}' is no class of CatBoost's models. Known: {', '.join(_CLASSES)}."
        )
    return getattr(plugins.load("catboost"), name)


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
