"""The functions of a flavor, made from its declaration: `save_model`, `log_model` and `load_model`."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from headrace.errors import UnsupportedError
from headrace.models import code, loading, logged, saving
from headrace.models.flavor import Flavor
from headrace.models.info import ModelInfo
from headrace.models.mlmodel import MLMODEL, PYFUNC, Model

_PACKAGING = tuple(field.name for field in fields(saving.Packaging))
_ENTRY = tuple(field.name for field in fields(logged.Entry) if field.name != "artifact_path")


class Functions(NamedTuple):
    """What a flavor's module offers."""

    save_model: Callable[..., Model]
    log_model: Callable[..., ModelInfo]
    load_model: Callable[..., Any]


def of(flavor: Flavor) -> Functions:
    """The functions of a flavor. Their arguments are those of MLflow's; after the second, by name only."""
    return Functions(_save(flavor), _log(flavor), _load(flavor))


def loader_of(flavor: Flavor) -> Callable[..., Any]:
    """``_load_pyfunc`` of a module that is its flavor's loader: MLflow calls it with a model's path."""

    def _load_pyfunc(path: str) -> Any:
        place = Path(path)
        folder = place if (place / MLMODEL).is_file() else place.parent
        # MLflow has decided to load it; what it decides by is its own.
        found = loading.look(folder, allow_code=True)
        model = load_to_predict(found, flavor)
        return _Predicting(flavor, model, found.model.flavors[PYFUNC])

    return _load_pyfunc


class _Predicting:
    """A model as MLflow calls it."""

    def __init__(self, flavor: Flavor, model: Any, config: Mapping[str, Any]) -> None:
        self._flavor, self._model, self._config = flavor, model, config

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        if self._flavor.predict is None:
            raise UnsupportedError(f"Models of {self._flavor.name} cannot be used as functions.")
        return self._flavor.predict(self._model, data, params or {}, self._config)


def load_native(found: loading.Found, flavor: Flavor, options: Mapping[str, Any]) -> Any:
    """The model as its library has it, if it may be loaded."""
    config = _allowed(found, flavor)
    return flavor.load(found.folder, config, **options)


def load_to_predict(found: loading.Found, flavor: Flavor) -> Any:
    """The model as the flavor predicts with it, if it may be loaded."""
    config = _allowed(found, flavor)
    return (flavor.ready or flavor.load)(found.folder, config)


def _allowed(found: loading.Found, flavor: Flavor) -> Mapping[str, Any]:
    config = found.config_of(flavor)
    if config.get("code"):
        found.trust.require(f"it brings code of its own, in {config['code']}/")
    if (reason := flavor.why_code(config)) is not None:
        found.trust.require(reason)
    if config.get("code"):
        code.make_importable(found.inside(config["code"]))
    return config


def _save(flavor: Flavor) -> Callable[..., Model]:
    model, options = _parameters(flavor.save)
    shape = _shape((model, _positional("path")), (*_PACKAGING, "mlflow_model"), options)

    def save_model(*arguments: Any, **named: Any) -> Model:
        given = shape.bind(*arguments, **named).arguments
        return saving.save(
            flavor,
            given.pop(model.name),
            given.pop("path"),
            saving.Packaging(**_taken(given, _PACKAGING)),
            described=given.pop("mlflow_model", None),
            options=given,
        )

    doc = f"Save a {flavor.name} model as the folder ``path``."
    return _named(save_model, "save_model", shape, doc)


def _log(flavor: Flavor) -> Callable[..., ModelInfo]:
    model, options = _parameters(flavor.save)
    path = _positional("artifact_path", None)
    shape = _shape((model, path), (*_ENTRY, *_PACKAGING, *logged.IGNORED), options)

    def log_model(*arguments: Any, **named: Any) -> ModelInfo:
        given = shape.bind(*arguments, **named).arguments
        subject = given.pop(model.name)
        entry = logged.Entry(**_taken(given, (*_ENTRY, "artifact_path")))
        packaging = saving.Packaging(**_taken(given, _PACKAGING))
        _taken(given, logged.IGNORED)

        def save(folder: Path, described: Model) -> Model:
            return saving.save(
                flavor, subject, folder, packaging, described=described, options=given
            )

        return logged.log(save, entry)

    doc = (
        f"Keep a {flavor.name} model in the store, as an output of the current run if there is one.\n\n"
        "``artifact_path`` is what ``name`` was called in MLflow 2."
    )
    return _named(log_model, "log_model", shape, doc)


def _load(flavor: Flavor) -> Callable[..., Any]:
    _, options = _parameters(flavor.load)
    shape = _shape(
        (_positional("model_uri"), _positional("dst_path", None)), ("allow_code",), options
    )

    def load_model(*arguments: Any, **named: Any) -> Any:
        given = shape.bind(*arguments, **named).arguments
        allow = given.pop("allow_code", None)
        found = loading.find(given.pop("model_uri"), given.pop("dst_path", None), allow_code=allow)
        return load_native(found, flavor, given)

    doc = (
        f"The {flavor.name} model at a URI or a path, as the library has it.\n\n"
        "Raises `CodeRefusedError` for one that would run code of someone who is not trusted, unless "
        "``allow_code`` is true."
    )
    return _named(load_model, "load_model", shape, doc)


def _parameters(function: Callable[..., Any]) -> tuple[inspect.Parameter, list[inspect.Parameter]]:
    """The first parameter of a flavor's function, and its options."""
    given = list(inspect.signature(function).parameters.values())
    first = given[0].replace(annotation=inspect.Parameter.empty)
    named = [one for one in given if one.kind is inspect.Parameter.KEYWORD_ONLY]
    return first, [one for one in named if one.name != "packaging"]


def _positional(name: str, *default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default[0] if default else inspect.Parameter.empty)


def _shape(
    first: tuple[inspect.Parameter, ...],
    names: tuple[str, ...],
    options: list[inspect.Parameter],
) -> inspect.Signature:
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in names
    ]
    own = [one.replace(annotation=inspect.Parameter.empty) for one in options]
    said = {one.name for one in own}
    return inspect.Signature([*first, *own, *(one for one in common if one.name not in said)])


def _taken(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Of the arguments those with these names, which are no longer among them."""
    taken = {name: given.pop(name) for name in names if name in given}
    return {name: value for name, value in taken.items() if value is not None}


def _named(
    function: Callable[..., Any], name: str, shape: inspect.Signature, doc: str
) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    function.__signature__ = shape  # type: ignore[attr-defined]
    return function
