"""Models of Prophet, in its JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FILE = "model.pr"


def save(pr_model: Any, folder: Path) -> Saved:
    """Write the fitted model."""
    prophet = plugins.load("prophet")
    if not isinstance(pr_model, prophet.Prophet):
        raise InvalidValueError(f"pr_model is a Prophet, not {type(pr_model).__name__}.")
    text = plugins.load("prophet.serialize:model_to_json")(pr_model)
    (folder / _FILE).write_text(json.dumps(text), encoding="utf-8")
    config = {
        "prophet_version": prophet.__version__,
        "model_type": type(pr_model).__name__,
        "data": _FILE,
    }
    return Saved(config, {"data": _FILE})


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The fitted model again."""
    path = inside(folder, config.get("data", _FILE))
    try:
        text = json.loads(path.read_text(encoding="utf-8"))
        return plugins.load("prophet.serialize:model_from_json")(text)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidValueError(f"{path} is no model of Prophet: {error!r}") from error


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """The forecast for the times in the column ``ds``: ``yhat``, its bounds, and its parts."""
    return model.predict(data, **params)


FLAVOR = Flavor(
    name="prophet",
    requires=("prophet",),
    save=save,
    load=load,
    predict=predict,
    formats={"json": None},
    format_of=lambda _: "json",
)
save_model, log_model, load_model = functions.of(FLAVOR)
