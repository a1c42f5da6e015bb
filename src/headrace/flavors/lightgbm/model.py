"""Models of LightGBM: boosters as text, estimators of its scikit-learn interface with skops."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import archives, functions, pickles
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_TEXT, _SKOPS, _PICKLES = "text", "skops", ("cloudpickle", "pickle")
_TRUSTING = "skops, with types that the model names itself"
_RUNS_CODE = "a pickle runs whatever it names"
_BOOSTER = "lightgbm.basic.Booster"
_OWN = ("lightgbm", "sklearn", "numpy", "scipy", "collections")


def save(
    lgb_model: Any,
    folder: Path,
    *,
    serialization_format: str | None = None,
    skops_trusted_types: Sequence[str] | None = None,
) -> Saved:
    """Write the booster as LightGBM does, an estimator in the format asked for."""
    lightgbm = plugins.load("lightgbm")
    kind = type(lgb_model)
    config: dict[str, Any] = {
        "lgb_version": lightgbm.__version__,
        "model_class": f"{kind.__module__}.{kind.__qualname__}",
    }
    if isinstance(lgb_model, lightgbm.Booster):
        lgb_model.save_model(folder / "model.lgb")
        return Saved({**config, "data": "model.lgb"}, {"data": "model.lgb"})
    chosen = serialization_format or _SKOPS
    if chosen not in (_SKOPS, *_PICKLES):
        raise InvalidValueError(
            f"No serialization_format '{chosen}'. Known: skops, cloudpickle, pickle."
        )
    file = "model.skops" if chosen == _SKOPS else "model.pkl"
    config |= {"data": file, "serialization_format": chosen}
    if chosen == _SKOPS:
        trusted = archives.write(lgb_model, folder / file, skops_trusted_types or (), _OWN)
        return Saved(
            {**config, "skops_trusted_types": trusted}, {"data": file}, ("sklearn", "skops")
        )
    modules = pickles.write(lgb_model, folder / file, chosen)
    return Saved(config, {"data": file}, sorted(modules | {"sklearn"}))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The booster or the estimator again."""
    path = inside(folder, config.get("data", "model.lgb"))
    match format_of(config):
        case "text":
            return plugins.load("lightgbm:Booster")(model_file=path)
        case "cloudpickle" | "pickle":
            return pickles.read(path)
    return archives.read(path, config.get("skops_trusted_types") or ())


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """What ``predict`` of the model gives."""
    return model.predict(data, **params)


def format_of(config: Mapping[str, Any]) -> str:
    """Text for a booster; an estimator is a pickle unless it says skops."""
    if config.get("model_class", _BOOSTER) == _BOOSTER:
        return _TEXT
    name = str(config.get("serialization_format", "cloudpickle"))
    return _TRUSTING if name == _SKOPS and config.get("skops_trusted_types") else name


FLAVOR = Flavor(
    name="lightgbm",
    requires=("lightgbm",),
    save=save,
    load=load,
    predict=predict,
    formats={
        _TEXT: None,
        _SKOPS: None,
        _TRUSTING: "it names types of its own that are made while it is loaded",
        **dict.fromkeys(_PICKLES, _RUNS_CODE),
    },
    format_of=format_of,
    rowwise=True,
)
save_model, log_model, load_model = functions.of(FLAVOR)
