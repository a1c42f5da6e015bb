"""Models of TensorFlow: those of Keras as Keras writes them, modules as a SavedModel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.flavors.keras import model as of_keras
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_KERAS, _MODULE = "keras", "tf2-module"
_DATA, _GRAPH = "data", "tf2model"
_KERAS_FILES = ("model.keras", "model.h5")


def save(
    model: Any,
    folder: Path,
    *,
    saved_model_kwargs: Mapping[str, Any] | None = None,
    keras_model_kwargs: Mapping[str, Any] | None = None,
) -> Saved:
    """Write a model of Keras, or a ``tf.Module``, whose methods that are ``tf.function`` come back."""
    tensorflow = plugins.load("tensorflow")
    if isinstance(model, tensorflow.keras.Model):
        data = folder / _DATA
        data.mkdir()
        model.save(data / _KERAS_FILES[0], **(keras_model_kwargs or {}))
        (data / "keras_module.txt").write_text("tensorflow.keras", encoding="utf-8")
        (data / "save_format.txt").write_text("tf", encoding="utf-8")
        config = {
            "data": _DATA,
            "model_type": _KERAS,
            "keras_version": tensorflow.__version__,
            "save_format": "tf",
        }
        return Saved(config, {"data": _DATA}, ["keras"])
    if not isinstance(model, tensorflow.Module):
        raise InvalidValueError(
            f"model is a keras.Model or a tf.Module, not {type(model).__name__}."
        )
    tensorflow.saved_model.save(model, str(folder / _GRAPH), **(saved_model_kwargs or {}))
    return Saved({"saved_model_dir": _GRAPH, "model_type": _MODULE})


def load(
    folder: Path,
    config: Mapping[str, Any],
    *,
    saved_model_kwargs: Mapping[str, Any] | None = None,
    keras_model_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """The model of Keras again; of a SavedModel what TensorFlow makes of it."""
    tensorflow = plugins.load("tensorflow")
    if "saved_model_dir" in config:
        place = inside(folder, config["saved_model_dir"])
        given: dict[str, Any] = dict(saved_model_kwargs or {})
        if config.get("model_type") != _MODULE and config.get("meta_graph_tags"):
            given.setdefault("tags", config["meta_graph_tags"])
        return tensorflow.saved_model.load(str(place), **given)
    data = inside(folder, config.get("data", _DATA))
    places = (inside(folder, data.relative_to(folder) / name) for name in _KERAS_FILES)
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise InvalidValueError(f"There is none of {', '.join(_KERAS_FILES)} in {data}.")
    # Whoever calls has asked for leave to run code, which Keras refuses by default.
    options = {
        **({"safe_mode": False} if path.suffix == ".keras" else {}),
        **(keras_model_kwargs or {}),
    }
    return tensorflow.keras.models.load_model(path, **options)


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """What a model of Keras predicts, what a module gives when called, or a signature by its names."""
    tensorflow = plugins.load("tensorflow")
    if isinstance(model, tensorflow.keras.Model):
        return of_keras.predict(model, data, params, config)
    if callable(model):
        rows = data.to_numpy() if hasattr(data, "columns") else data
        return _plain(model(tensorflow.convert_to_tensor(rows), **params))
    signature = model.signatures.get(str(config.get("signature_def_key", "serving_default")))
    if signature is None or not (isinstance(data, Mapping) or hasattr(data, "columns")):
        raise InvalidValueError(
            "The SavedModel is not called itself: give a table or a dict of arrays for one of its signatures "
            f"({', '.join(model.signatures)})."
        )
    names = data.columns if hasattr(data, "columns") else data
    given = {name: tensorflow.constant(data[name]) for name in names}
    return _plain(signature(**given))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.numpy() if hasattr(value, "numpy") else value


def format_of(config: Mapping[str, Any]) -> str:
    """A SavedModel where it names the folder of one."""
    return "SavedModel" if "saved_model_dir" in config else "keras"


FLAVOR = Flavor(
    name="tensorflow",
    requires=("tensorflow",),
    save=save,
    load=load,
    predict=predict,
    formats={
        **of_keras.FLAVOR.formats,
        "SavedModel": "it is a program, which may read and write files",
    },
    format_of=format_of,
)
save_model, log_model, load_model = functions.of(FLAVOR)
