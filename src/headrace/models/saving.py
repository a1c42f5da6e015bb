"""Models saved, whatever their flavor: their files, what describes them, what they need, and a manifest."""

import logging
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import headrace
from headrace import plugins
from headrace.errors import AlreadyExistsError, InvalidValueError
from headrace.models import code, environment, example, manifest, requirements
from headrace.models.environment import Asked
from headrace.models.flavor import Flavor, Saved
from headrace.models.inference import infer_signature, library_of
from headrace.models.mlmodel import PYFUNC, Model
from headrace.models.signature import ModelSignature

_log = logging.getLogger(__name__)

EXTRA_FILES = "extra_files"


@dataclass(frozen=True, kw_only=True)
class Packaging:
    """What is said about a model beside the model itself; the same for every flavor."""

    signature: ModelSignature | None = None
    input_example: Any = None
    code_paths: Sequence[str | Path] | None = None
    conda_env: Any = None
    pip_requirements: Any = None
    extra_pip_requirements: Any = None
    metadata: dict[str, Any] | None = None
    extra_files: Sequence[str | Path] | None = None
    resources: Any = None
    auth_policy: Any = None
    prompts: list[Any] | None = None

    @property
    def asked(self) -> Asked:
        """What is said of the environment."""
        return Asked(self.conda_env, self.pip_requirements, self.extra_pip_requirements)


Predictor = Callable[[Any, dict[str, Any] | None], Any]


def save(
    flavor: Flavor,
    model: Any,
    path: str | Path,
    packaging: Packaging,
    *,
    options: Mapping[str, Any],
    described: Model | None = None,
) -> Model:
    """Save a model of a flavor as the folder ``path``, which must be new or empty.

    What goes wrong half way leaves nothing behind.
    """
    folder = Path(path)
    if folder.exists() and any(folder.iterdir()):
        raise AlreadyExistsError(f"'{folder}' is there already, and not empty.")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _save(flavor, model, folder, packaging, options, described or Model())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _save(
    flavor: Flavor,
    model: Any,
    folder: Path,
    packaging: Packaging,
    options: Mapping[str, Any],
    described: Model,
) -> Model:
    also = {"packaging": packaging} if "packaging" in signature(flavor.save).parameters else {}
    saved = flavor.save(model, folder, **options, **also)
    code_folder = code.copy(packaging.code_paths, folder)
    extra = _extra_files(folder, packaging.extra_files)
    _describe(described, flavor, saved, {"code": code_folder, **extra})
    described.signature = packaging.signature
    described.metadata = packaging.metadata
    described.resources, described.auth_policy = packaging.resources, packaging.auth_policy
    described.prompts = packaging.prompts
    if packaging.input_example is not None:
        described.saved_input_example_info = example.write(folder, packaging.input_example)
        if described.signature is None:
            described.signature = _signature_of(flavor, model, packaging.input_example, described)
    modules = [*flavor.requires, *saved.modules]
    modules += requirements.of_code([Path(one) for one in packaging.code_paths or ()])
    environment.write(folder, requirements.of_modules(modules), packaging.asked)
    described.extra.setdefault("headrace_version", headrace.__version__)
    described.model_size_bytes = sum(
        (folder / name).stat().st_size for name in manifest.files(folder)
    )
    described.save(folder)
    manifest.write(folder)
    return described


def _describe(described: Model, flavor: Flavor, saved: Saved, common: Mapping[str, Any]) -> None:
    """Say in MLmodel how the model is loaded, as what it is and as a function of Python."""
    own = {**saved.config, **common}
    if flavor.name != PYFUNC:
        described.add_flavor(flavor.name, **own)
    if saved.pyfunc is None:
        return
    extra = own if flavor.name == PYFUNC else {k: v for k, v in common.items() if k == "code" and v}
    described.add_flavor(
        PYFUNC,
        **{
            "loader_module": flavor.loader,
            "python_version": platform.python_version(),
            "env": dict(environment.ENV),
            **saved.pyfunc,
            **extra,
        },
    )


def _extra_files(folder: Path, given: Sequence[str | Path] | None) -> dict[str, Any]:
    if not given:
        return {}
    target = folder / EXTRA_FILES
    target.mkdir()
    for path in map(Path, given):
        if not path.is_file():
            raise InvalidValueError(f"extra_files: there is no file '{path}'.")
        shutil.copy2(path, target / path.name)
    return {EXTRA_FILES: [{"path": f"{EXTRA_FILES}/{Path(one).name}"} for one in given]}


def _signature_of(
    flavor: Flavor, model: Any, given: Any, described: Model
) -> ModelSignature | None:
    """The signature that an example shows: its own schema, and that of one prediction with it."""
    data, params = example.split(given)
    config = described.flavors.get(PYFUNC)
    if config is None or flavor.predict is None:
        return infer_signature(data, params=params)
    try:
        output = flavor.predict(model, data, params or {}, config)
        if library_of(data) == "pandas" and getattr(output, "ndim", 0) == 1:
            output = plugins.load("pandas:Series")(output)  # of a table, a column
        return infer_signature(data, output, params)
    except Exception as error:  # noqa: BLE001  (a model may raise anything; it is saved all the same)
        _log.warning(
            "The signature does not say what the model gives: predicting with the input example "
            "failed with %s: %s",
            type(error).__name__,
            error,
        )
        return infer_signature(data, params=params)
