"""Models of scikit-learn: saved with skops, which loads without running code; as a pickle on request."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.flavors.sklearn import bare
from headrace.models import archives, functions, pickles
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

SKOPS, CLOUDPICKLE, PICKLE = "skops", "cloudpickle", "pickle"
_TRUSTING = "skops, with types that the model names itself"
_RUNS_CODE = "a pickle runs whatever it names"
_OWN = ("sklearn", "numpy", "scipy")
_METHODS = (
    "predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba", "score", "transform",
    "decision_function",
)  # fmt: skip


def save(
    sk_model: Any,
    folder: Path,
    *,
    serialization_format: str = SKOPS,
    skops_trusted_types: Sequence[str] | None = None,
    pyfunc_predict_fn: str = "predict",
) -> Saved:
    """Write the estimator in the format asked for."""
    if serialization_format not in (SKOPS, CLOUDPICKLE, PICKLE):
        raise InvalidValueError(
            f"No serialization_format '{serialization_format}'. Known: skops, cloudpickle, pickle."
        )
    file = "model.skops" if serialization_format == SKOPS else "model.pkl"
    path = folder / file
    trusted = list(skops_trusted_types or ())
    if serialization_format == SKOPS:
        trusted = archives.write(sk_model, path, trusted, _OWN)
        modules = {"skops", *(name.rpartition(".")[0] for name in trusted)}
    else:
        modules = pickles.write(sk_model, path, serialization_format)
    config: dict[str, Any] = {
        "pickled_model": file,
        "sklearn_version": plugins.load("sklearn").__version__,
        "serialization_format": serialization_format,
        "skops_trusted_types": trusted or None,
    }
    pyfunc = {"model_path": file, "predict_fn": pyfunc_predict_fn}
    return Saved(config, pyfunc if hasattr(sk_model, pyfunc_predict_fn) else None, sorted(modules))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The estimator again."""
    path = inside(folder, config.get("pickled_model", "model.pkl"))
    if config.get("serialization_format") != SKOPS:
        return pickles.read(path)
    return archives.read(path, config.get("skops_trusted_types") or ())


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """What the chosen method of the estimator gives."""
    method = str(config.get("predict_fn") or "predict")
    if method not in _METHODS:
        raise InvalidValueError(f"predict_fn is one of {', '.join(_METHODS)}, not '{method}'.")
    return getattr(model, method)(_rows(data), **params)


def _rows(data: Any) -> Any:
    """Rows that were given as lists are one column of lists by now; estimators take an array."""
    if list(getattr(data, "columns", ())) != [0] or data[0].dtype != object:
        return data
    lists = len(data) > 0 and all(isinstance(row, list) for row in data[0])
    return plugins.load("numpy:array")(data[0].tolist()) if lists else data


def format_of(config: Mapping[str, Any]) -> str:
    """A pickle unless the model says skops."""
    name = str(config.get("serialization_format", PICKLE))
    return _TRUSTING if name == SKOPS and config.get("skops_trusted_types") else name


FLAVOR = Flavor(
    name="sklearn",
    requires=("sklearn",),
    save=save,
    load=load,
    predict=predict,
    formats={
        SKOPS: None,
        _TRUSTING: "it names types of its own that are made while it is loaded",
        CLOUDPICKLE: _RUNS_CODE,
        PICKLE: _RUNS_CODE,
    },
    format_of=format_of,
    rowwise=True,
    of_rows=bare.predictor,
)
save_model, log_model, load_model = functions.of(FLAVOR)
