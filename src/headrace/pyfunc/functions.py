"""Saving and loading models as functions of Python."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import flavors
from headrace.errors import NotFoundError
from headrace.models import environment, functions, loading, requirements, safe_yaml
from headrace.models.flavor import Flavor
from headrace.models.functions import load_native, load_to_predict
from headrace.models.info import ModelInfo
from headrace.models.mlmodel import PYFUNC, Model
from headrace.pyfunc.flavor import FLAVOR
from headrace.pyfunc.loaded import PyFuncModel

_save, _log, _ = functions.of(FLAVOR)


def save_model(path: str | Path, python_model: Any = None, **options: Any) -> Model:
    """Save a custom model as the folder ``path``.

    It is a `PythonModel`, a function of one input, or the path of a program that calls
    `headrace.models.set_model`; or files (``data_path``) with a ``loader_module`` whose ``_load_pyfunc``
    reads them.
    """
    return _save(python_model, path, **options)


def log_model(
    artifact_path: str | None = None, python_model: Any = None, **options: Any
) -> ModelInfo:
    """Keep a custom model in the store, as an output of the current run if there is one."""
    return _log(python_model, artifact_path, **options)


def load_model(
    model_uri: str | Path,
    suppress_warnings: bool = False,  # noqa: FBT001, FBT002, ARG001  (MLflow's signature)
    dst_path: str | None = None,
    model_config: str | Path | Mapping[str, Any] | None = None,
    *,
    allow_code: bool | None = None,
) -> PyFuncModel:
    """The model at a URI or a path, ready to predict, whichever library made it.

    Raises `CodeRefusedError` for one that would run code of someone who is not trusted, unless
    ``allow_code`` is true.
    """
    found = loading.find(model_uri, dst_path, allow_code=allow_code)
    config = found.model.flavors.get(PYFUNC)
    if config is None:
        raise NotFoundError(
            f"The model at '{model_uri}' cannot be used as a function of Python; it has the flavors "
            f"{', '.join(found.model.flavors)}."
        )
    given = _config(model_config)
    flavor = _flavor(found.model, str(config.get("loader_module")))
    if flavor is FLAVOR:
        model = load_native(found, flavor, given)
    else:
        model = load_to_predict(found, flavor)
    return PyFuncModel(found, flavor, model, {**(config.get("config") or {}), **given})


def _flavor(model: Model, loader: str) -> Flavor:
    """The flavor that the loader stands for, where it is known; else whatever the loader does."""
    for name in model.flavors:
        found = None if name == PYFUNC else flavors.find(name)
        if found is not None and found.loader == loader:
            return found
    return FLAVOR


def load_pyfunc(model_uri: str, suppress_warnings: bool = False) -> PyFuncModel:  # noqa: FBT001, FBT002
    """`load_model`, by its older name."""
    return load_model(model_uri, suppress_warnings)


def get_model_dependencies(model_uri: str, format: str = "pip") -> str:  # noqa: A002  (MLflow's name)
    """The file that says what a model needs installed: for ``pip``, or for ``conda``."""
    found = loading.find(model_uri)
    return str(found.folder / (environment.PIP if format == "pip" else environment.CONDA))


def get_default_pip_requirements() -> list[str]:
    """What every custom model needs."""
    return requirements.of_modules(["cloudpickle"])


def get_default_conda_env() -> dict[str, Any]:
    """The conda environment that every custom model needs."""
    return environment.conda(get_default_pip_requirements())


def add_to_model(
    model: Model, loader_module: str, data: str | None = None, code: str | None = None, **extra: Any
) -> Model:
    """Say in a description that the model can be used as a function of Python, and by which loader."""
    given = {"data": data, "code": code, **extra}
    said = {key: value for key, value in given.items() if value is not None}
    return model.add_flavor(PYFUNC, loader_module=loader_module, **said)


def _config(given: str | Path | Mapping[str, Any] | None) -> dict[str, Any]:
    if given is None:
        return {}
    return dict(given) if isinstance(given, Mapping) else safe_yaml.read(Path(given))
