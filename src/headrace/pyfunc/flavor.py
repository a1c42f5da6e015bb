"""The flavor ``python_function`` itself: models written in Python, and files with a loader of their own."""

import logging
import shutil
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.fluent.downloads import download_artifacts
from headrace.models import code, pickles, requirements, safe_yaml
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside
from headrace.models.mlmodel import PYFUNC
from headrace.pyfunc import custom

_log = logging.getLogger(__name__)

LOADER = "mlflow.pyfunc.model"
"""The loader of custom models."""
_PICKLE = "python_model.pkl"
_ARTIFACTS = "artifacts"
_BY_LOADER, _BY_CODE, _BY_PICKLE = "loader", "code", "cloudpickle"


def save(
    python_model: Any,
    folder: Path,
    *,
    loader_module: str | None = None,
    data_path: str | Path | None = None,
    artifacts: Mapping[str, str] | None = None,
    model_config: str | Path | Mapping[str, Any] | None = None,
    streamable: bool | None = None,
) -> Saved:
    """Write a custom model, or the data that a loader of one's own reads."""
    if (python_model is None) == (loader_module is None):
        raise InvalidValueError("Give python_model or loader_module, and not both.")
    config = _config_of(model_config)
    if loader_module is not None:
        return _save_data(folder, loader_module, data_path, config)
    own: dict[str, Any] = {"loader_module": LOADER, "code": None}
    modules: set[str] = set()
    if isinstance(python_model, str | Path):
        own |= _save_program(Path(python_model), folder, config)
        modules |= requirements.of_code([folder / own["model_code_path"]])
        model = None
    else:
        model = custom.as_model(python_model)
        data = custom.dumped(model)
        (folder / _PICKLE).write_bytes(data)
        version = plugins.load("cloudpickle").__version__
        own |= {"python_model": _PICKLE, "cloudpickle_version": version}
        modules |= requirements.of_pickle(data) | {"cloudpickle"}
    if artifacts:
        own["artifacts"] = _save_artifacts(artifacts, folder)
    if config:
        own["config"] = config
    can_stream = _streams(model) if streamable is None else streamable
    return Saved({}, {**own, "streamable": can_stream}, sorted(modules))


def load(folder: Path, config: Mapping[str, Any], **options: Any) -> Any:
    """The model with its context, ready to predict; ``options`` change its configuration."""
    given = {**(config.get("config") or {}), **options}
    if format_of(config) == _BY_LOADER:
        return _load_data(folder, config, given)
    model = _with_mlflow(lambda: _model(folder, config, given))
    named = config.get("artifacts") or {}
    files = {name: str(inside(folder, info["path"])) for name, info in named.items()}
    context = custom.PythonModelContext(files, given)
    if hasattr(model, "load_context"):
        model.load_context(context=context)
    return _Ready(model, context)


def _model(folder: Path, config: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    program = config.get("model_code_path")
    if not program:
        file = inside(folder, config.get("python_model", _PICKLE))
        return pickles.read(file, config.get("python_model_compression"))
    model = code.run(inside(folder, Path(str(program)).name), given)
    return model if hasattr(model, "predict") else custom.as_model(model)


def _with_mlflow(make: Callable[[], Any]) -> Any:
    """What ``make`` gives; where it asks for MLflow, and that is not installed, Headrace stands in for it."""
    try:
        return make()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mlflow" or "mlflow" in sys.modules:
            raise
        _log.warning(
            "The model was made with MLflow, which is not here; Headrace stands in for it."
        )
        plugins.load("headrace.as_mlflow:install_as_mlflow")()
        return make()


class _Ready:
    """A custom model and its context, as one thing that predicts."""

    def __init__(self, model: Any, context: custom.PythonModelContext) -> None:
        self.model, self.context = model, context

    def predict(self, data: Any, params: Mapping[str, Any]) -> Any:
        return custom.call(self.model.predict, self.context, data, params)

    def predict_stream(self, data: Any, params: Mapping[str, Any]) -> Any:
        return custom.call(self.model.predict_stream, self.context, data, params)


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """With a model as it was loaded, or as it was given to be saved."""
    if isinstance(model, _Ready):
        return model.predict(data, params)
    if isinstance(model, str | Path) or model is None:
        raise InvalidValueError("a program is not run when it is saved; give a signature")
    named = config.get("artifacts") or {}
    ready = custom.as_model(model)
    context = custom.PythonModelContext({name: info["uri"] for name, info in named.items()}, {})
    if hasattr(ready, "load_context"):
        ready.load_context(context)
    return _Ready(ready, context).predict(data, params)


def format_of(config: Mapping[str, Any]) -> str:
    """By its loader, by its program, or as a pickle."""
    if config.get("loader_module") != LOADER:
        return _BY_LOADER
    return _BY_CODE if config.get("model_code_path") else _BY_PICKLE


def _save_data(
    folder: Path, loader: str, data_path: str | Path | None, config: dict[str, Any]
) -> Saved:
    own: dict[str, Any] = {"loader_module": loader}
    if data_path is not None:
        source = Path(data_path)
        if not source.exists():
            raise InvalidValueError(f"data_path: there is no file or folder '{source}'.")
        if source.is_dir():
            shutil.copytree(source, folder / "data")
            own["data"] = "data"
        else:
            (folder / "data").mkdir()
            shutil.copy2(source, folder / "data" / source.name)
            own["data"] = f"data/{source.name}"
    if config:
        own["config"] = config
    return Saved({}, own, [loader])


def _load_data(folder: Path, config: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    module = import_module(str(config["loader_module"]))
    path = inside(folder, config["data"]) if config.get("data") else folder
    model = module._load_pyfunc(str(path), dict(given)) if given else module._load_pyfunc(str(path))  # noqa: SLF001  (the format's name)
    return _Plain(model)


class _Plain:
    """What a loader gave: something with ``predict``."""

    def __init__(self, model: Any) -> None:
        self.model, self.context = model, None

    def predict(self, data: Any, params: Mapping[str, Any]) -> Any:
        return custom.call(self.model.predict, None, data, params)


def _save_program(source: Path, folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    if not source.is_file() or source.suffix not in (".py", ".ipynb"):
        raise InvalidValueError(f"python_model: there is no Python program '{source}'.")
    if source.suffix == ".ipynb":
        target = folder / f"{source.stem}.py"
        target.write_text(_of_notebook(source), encoding="utf-8")
    else:
        target = folder / source.name
        shutil.copy2(source, target)
    # Run once, so that what cannot be a model is told now and not where it is deployed.
    code.run(target, dict(config))
    return {"model_code_path": target.name}


def _of_notebook(path: Path) -> str:
    import json  # noqa: PLC0415  (few models are notebooks)

    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
    lines = [line for text in sources for line in text.splitlines()]
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!"))) + "\n"


def _save_artifacts(given: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Copies of files and folders, fetched from wherever their URIs say."""
    target = folder / _ARTIFACTS
    target.mkdir()
    found = {}
    for name, uri in given.items():
        source = Path(download_artifacts(str(uri)))
        place = target / source.name
        if place.exists():
            place = target / name / source.name
            place.parent.mkdir()
        if source.is_dir():
            shutil.copytree(source, place)
        else:
            shutil.copy2(source, place)
        found[name] = {"path": place.relative_to(folder).as_posix(), "uri": str(uri)}
    return found


def _config_of(given: str | Path | Mapping[str, Any] | None) -> dict[str, Any]:
    if given is None:
        return {}
    return dict(given) if isinstance(given, Mapping) else safe_yaml.read(Path(given))


def _streams(model: Any) -> bool:
    method = getattr(type(model), "predict_stream", None)
    return method is not None and method is not custom.PythonModel.predict_stream


FLAVOR = Flavor(
    name=PYFUNC,
    requires=(),
    save=save,
    load=load,
    predict=predict,
    formats={
        _BY_PICKLE: "a pickle runs whatever it names",
        _BY_CODE: "it is a program",
        _BY_LOADER: "it names a module that loads it",
    },
    format_of=format_of,
    loader_module=LOADER,
)
