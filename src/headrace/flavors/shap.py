"""Explainers of SHAP, which writes them as pickles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import flavors, plugins
from headrace.errors import InvalidValueError
from headrace.models import functions, loading
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FILE = "explainer.shap"
_UNDERLYING = "underlying_model"
_WHOLE = "unknown"
"""What the format says where the explained model lies within the explainer."""


def save(explainer: Any, folder: Path) -> Saved:
    """Write the explainer, the model that it explains within it."""
    shap = plugins.load("shap")
    if not isinstance(explainer, shap.Explainer):
        raise InvalidValueError(f"explainer is a shap.Explainer, not {type(explainer).__name__}.")
    with (folder / _FILE).open("wb") as file:
        explainer.save(file)
    config = {
        "shap_version": shap.__version__,
        "serialized_explainer": _FILE,
        "underlying_model_flavor": _WHOLE,
    }
    explained = getattr(explainer.model, "inner_model", explainer.model)
    owner = getattr(explained, "__self__", explained)
    modules = {type(one).__module__ for one in (explainer, owner)}
    pyfunc = {"model_path": _FILE, "underlying_model_flavor": _WHOLE}
    return Saved(config, pyfunc, sorted(modules))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The explainer again."""
    path = inside(folder, config.get("serialized_explainer", _FILE))
    given = {}
    name = str(config.get("underlying_model_flavor") or _WHOLE)
    if name != _WHOLE:
        # It lies within the folder that was compared with its manifest, and may run code as that does.
        found = loading.look(inside(folder, _UNDERLYING), allow_code=True)
        model = functions.load_native(found, flavors.get(name), {})
        explained = model.predict if name == "sklearn" else model
        given["model_loader"] = lambda _file: explained
    with path.open("rb") as file:
        return plugins.load("shap:Explainer").load(file, **given)


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """How much each value contributes to each prediction, as an array."""
    rows = data.to_numpy() if hasattr(data, "columns") else data
    return model(rows, **params).values


FLAVOR = Flavor(
    name="shap",
    requires=("shap",),
    save=save,
    load=load,
    predict=predict,
    formats={"pickle": "a pickle runs whatever it names"},
    format_of=lambda _: "pickle",
)
save_explainer, log_explainer, load_explainer = functions.of(FLAVOR)
