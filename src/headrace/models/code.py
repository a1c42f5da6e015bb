"""Code that travels with a model: packages beside it, and models that are a program."""

import atexit
import hashlib
import importlib
import shutil
import sys
import tempfile
import types
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from headrace.errors import InvalidValueError

FOLDER = "code"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", ".venv", ".ipynb_checkpoints")

_places: dict[str, Path] = {}

_set: ContextVar[list[Any] | None] = ContextVar("headrace_model_of_code", default=None)
_config: ContextVar[Any] = ContextVar("headrace_model_config", default=None)


def copy(paths: Sequence[str | Path] | None, folder: Path) -> str | None:
    """Copy files and packages into a model's folder; where they are in it, if there are any."""
    if not paths:
        return None
    if isinstance(paths, str | Path):
        raise InvalidValueError(f"code_paths is a list of files and folders, not {str(paths)!r}.")
    target = folder / FOLDER
    target.mkdir()
    for path in map(Path, paths):
        if folder.resolve().is_relative_to(path.resolve()):
            raise InvalidValueError(f"'{path}' cannot be copied into a model inside of it.")
        if path.is_dir():
            shutil.copytree(path, target / path.resolve().name, ignore=_IGNORED)
        elif path.is_file():
            shutil.copy2(path, target / path.name)
        else:
            raise InvalidValueError(f"code_paths: there is no file or folder '{path}'.")
    return FOLDER


def make_importable(folder: Path) -> None:
    """Have imports find what is in a model's ``code`` folder, before anything else of the same name.

    It is copied, without compiled files, which nobody has looked at; the model's folder is left as it is.
    Modules of the same names that came with another model are forgotten, so that each gets its own.
    """
    place = _placed(folder)
    if str(place) in sys.path:
        sys.path.remove(str(place))
    sys.path.insert(0, str(place))
    tops = {path.stem if path.suffix == ".py" else path.name for path in place.iterdir()}
    others = [other for other in _places.values() if other != place]
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in tops and any(_is_from(module, other) for other in others):
            del sys.modules[name]
    importlib.invalidate_caches()


def _placed(folder: Path) -> Path:
    """A copy of the folder, one for each content."""
    hashed = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            hashed.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    digest = hashed.hexdigest()
    if digest not in _places:
        top = Path(tempfile.mkdtemp(prefix="headrace-code-"))
        atexit.register(shutil.rmtree, top, ignore_errors=True)
        shutil.copytree(folder, top / FOLDER, ignore=_IGNORED)
        _places[digest] = top / FOLDER
    return _places[digest]


def run(path: Path, model_config: Any = None) -> Any:
    """The model that a program sets with `set_model`."""
    made: list[Any] = []
    token, chosen = _set.set(made), _config.set(model_config)
    try:
        _execute(path)
    finally:
        _set.reset(token)
        _config.reset(chosen)
    if made:
        return made[-1]
    if (theirs := _set_in_mlflow()) is not None:
        return theirs
    raise InvalidValueError(f"{path} sets no model: it must call headrace.models.set_model(...).")


def set_model(model: Any) -> None:
    """Say, in a program that is a model, which object is the model."""
    made = _set.get()
    if made is not None:  # a program that is run by itself, to try it, sets a model for nobody
        made.append(model)


def chosen_config() -> Any:
    """The configuration that the program, which is being run as a model, was given."""
    return _config.get()


def _execute(path: Path) -> None:
    text = path.read_bytes()
    name = f"headrace_model_{hashlib.sha256(text).hexdigest()[:16]}"
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = (
        module  # classes find their module there, as pickling and dataclasses need it
    )
    theirs = sys.modules.get("mlflow.models.model")
    if theirs is not None:
        vars(theirs)["__mlflow_model__"] = None
    # Not by the import system: that would take a compiled file beside it for the program.
    exec(compile(text, str(path), "exec"), vars(module))  # noqa: S102  (a program is what it is)


def _set_in_mlflow() -> Any:
    """What a program set that was written for MLflow, where that is installed."""
    module = sys.modules.get("mlflow.models.model")
    return None if module is None else getattr(module, "__mlflow_model__", None)


def _is_from(module: Any, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).is_relative_to(folder)
