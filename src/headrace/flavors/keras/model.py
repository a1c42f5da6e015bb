"""Models of Keras 3, on whichever backend, in its own format."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_DATA, _FILE = "data", "model.keras"


def save(model: Any, folder: Path, *, save_model_kwargs: Mapping[str, Any] | None = None) -> Saved:
    """Write the model, with its optimizer's state if it was compiled."""
    keras = plugins.load("keras")
    if not isinstance(model, keras.Model):
        raise InvalidValueError(f"model is a keras.Model, not {type(model).__name__}.")
    data = folder / _DATA
    data.mkdir()
    model.save(data / _FILE, **(save_model_kwargs or {}))
    (data / "keras_module.txt").write_text("keras", encoding="utf-8")
    backend = keras.backend.backend()
    config = {
        "data": _DATA,
        "keras_version": keras.__version__,
        "keras_backend": backend,
        "save_exported_model": False,
    }
    parts = {type(one).__module__ for one in (model, *model.layers)}
    return Saved(config, {}, sorted({backend, *parts}))


def load(
    folder: Path,
    config: Mapping[str, Any],
    *,
    custom_objects: Mapping[str, Any] | None = None,
    load_model_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """The model again. Classes of one's own are registered with Keras, or given as ``custom_objects``."""
    if config.get("save_exported_model"):
        raise InvalidValueError("An exported model is no Keras model; load it with TensorFlow.")
    data = inside(folder, config.get("data", _DATA))
    path = inside(folder, data.relative_to(folder) / _FILE)
    # Whoever calls has asked for leave to run code, which Keras refuses by default.
    given = {"safe_mode": False, **(load_model_kwargs or {})}
    return plugins.load("keras").saving.load_model(path, custom_objects=custom_objects, **given)


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """What the model gives for an array, a dict of arrays, or a table."""
    numpy = plugins.load("numpy")
    if hasattr(data, "columns"):
        data = data.to_numpy()
    elif isinstance(data, Mapping):
        data = {name: numpy.asarray(value) for name, value in data.items()}
    return model.predict(data, verbose=0, **params)


FLAVOR = Flavor(
    name="keras",
    requires=("keras",),
    save=save,
    load=load,
    predict=predict,
    formats={"keras": "it names classes, and may hold functions, that are made while it is loaded"},
    format_of=lambda _: "keras",
)
save_model, log_model, load_model = functions.of(FLAVOR)
