"""Models of H2O, as its cluster writes them; a cluster has to run where one is saved or loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions, safe_yaml
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FOLDER, _SETTINGS = "model.h2o", "h2o.yaml"


def save(h2o_model: Any, folder: Path, *, settings: Mapping[str, Any] | None = None) -> Saved:
    """Fetch the model from the cluster. ``settings["init"]`` are the arguments by which one is started to predict."""
    h2o = plugins.load("h2o")
    if not hasattr(h2o_model, "model_id"):
        raise InvalidValueError(f"h2o_model is a model of H2O, not {type(h2o_model).__name__}.")
    place = folder / _FOLDER
    place.mkdir()
    file = Path(h2o.download_model(h2o_model, path=str(place))).name
    said = {**(settings or {}), "model_file": file}
    text = plugins.load("yaml:safe_dump")(said)
    (place / _SETTINGS).write_text(text, encoding="utf-8")
    return Saved({"h2o_version": h2o.__version__, "data": _FOLDER}, {"data": _FOLDER})


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The model again, sent to the cluster that the program is connected to."""
    place, said = _settings(folder, config)
    file = inside(folder, place.relative_to(folder) / str(said.get("model_file")))
    return plugins.load("h2o").upload_model(str(file))


def _ready(folder: Path, config: Mapping[str, Any]) -> Any:
    h2o = plugins.load("h2o")
    if h2o.connection() is None:
        _, said = _settings(folder, config)
        h2o.init(**(said.get("init") or {}))
    return load(folder, config)


def _settings(folder: Path, config: Mapping[str, Any]) -> tuple[Path, Mapping[str, Any]]:
    place = inside(folder, config.get("data", _FOLDER))
    return place, safe_yaml.read(inside(folder, place.relative_to(folder) / _SETTINGS))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """A table of predictions for a table."""
    frame = plugins.load("h2o:H2OFrame")(data)
    found = model.predict(frame, **params).as_data_frame()
    return found.set_axis(data.index, axis="index")


FLAVOR = Flavor(
    name="h2o",
    requires=("h2o",),
    save=save,
    load=load,
    predict=predict,
    formats={"h2o": "it holds objects of Java, which the cluster makes while it is loaded"},
    format_of=lambda _: "h2o",
    ready=_ready,
)
save_model, log_model, load_model = functions.of(FLAVOR)
