"""Models saved, whatever their flavor: their files, what describes them, what they need, and a manifest."""

import logging
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from pathlib import Path
from typing import Any, Literal

import headrace
from headrace import plugins
from headrace.errors import AlreadyExistsError, InvalidValueError
from headrace.models import code, enforcing, environment, example, lock, manifest, requirements
from headrace.models.environment import Asked
from headrace.models.flavor import Flavor, Saved
from headrace.models.inference import infer_signature, library_of, schema_of
from headrace.models.mlmodel import FROM_TYPE_HINT, PYFUNC, Model
from headrace.models.signature import ModelSignature

_log = logging.getLogger(__name__)

EXTRA_FILES = "extra_files"


@dataclass(frozen=True, kw_only=True)
class Packaging:
    """What is said about a model beside the model itself; the same for every flavor."""

    signature: ModelSignature | Literal[False] | None = None
    """``False`` for none, even if there is an example to find it from."""
    input_example: Any = None
    code_paths: Sequence[str | Path] | None = None
    infer_code_paths: bool = False
    """Take along the program's own modules that the model uses, and what they import of the program."""
    conda_env: Any = None
    pip_requirements: Any = None
    extra_pip_requirements: Any = None
    metadata: dict[str, Any] | None = None
    extra_files: Sequence[str | Path] | None = None
    resources: Any = None
    auth_policy: Any = None
    prompts: list[Any] | None = None
    uv_project_path: str | Path | None = None
    uv_groups: Sequence[str] | None = None
    uv_extras: Sequence[str] | None = None

    @property
    def asked(self) -> Asked:
        """What is said of the environment."""
        return Asked(self.conda_env, self.pip_requirements, self.extra_pip_requirements)


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
    packaging = _with_code(flavor, saved, packaging)
    code_folder = code.copy(packaging.code_paths, folder)
    extra = _extra_files(folder, packaging.extra_files)
    _describe(described, flavor, saved, {"code": code_folder, **extra})
    described.signature = packaging.signature or None
    if packaging.signature is None and saved.inputs is not None:
        described.signature = ModelSignature(saved.inputs)
        described.extra[FROM_TYPE_HINT] = True
    described.metadata = packaging.metadata
    described.resources, described.auth_policy = packaging.resources, packaging.auth_policy
    described.prompts = packaging.prompts
    if packaging.input_example is not None:
        described.saved_input_example_info = example.write(folder, packaging.input_example)
        if packaging.signature is None:
            described.signature = _signature_of(
                flavor, saved, model, packaging.input_example, described
            )
    lines = environment.write(folder, _found(flavor, saved, packaging, folder), packaging.asked)
    lock.write(folder, lines)
    described.extra.setdefault("headrace_version", headrace.__version__)
    described.model_size_bytes = sum(
        (folder / name).stat().st_size for name in manifest.files(folder)
    )
    described.save(folder)
    manifest.write(folder)
    return described


def _with_code(flavor: Flavor, saved: Saved, packaging: Packaging) -> Packaging:
    if not packaging.infer_code_paths:
        return packaging
    if packaging.code_paths:
        raise InvalidValueError("Say code_paths or infer_code_paths=True, not both.")
    return replace(packaging, code_paths=requirements.own_code([*flavor.requires, *saved.modules]))


def _found(flavor: Flavor, saved: Saved, packaging: Packaging, folder: Path) -> list[str]:
    """What the model requires: as its project's lock says, or as what was saved refers to."""
    if packaging.uv_project_path is not None:
        groups, extras = packaging.uv_groups or (), packaging.uv_extras or ()
        said = lock.of_uv(packaging.uv_project_path, folder, groups, extras)
        return requirements.merged([requirements.pinned(requirements.OURS)], said)
    modules = [*flavor.requires, *saved.modules]
    code_paths = [Path(one) for one in packaging.code_paths or ()]
    modules += requirements.of_code(code_paths)
    return requirements.of_modules(modules, [path.stem for path in code_paths])


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
    flavor: Flavor, saved: Saved, model: Any, given: Any, described: Model
) -> ModelSignature:
    """The signature that an example shows: its own schema, and that of one prediction with it.

    It is predicted as it will be: held to the schema first.
    """
    data, params = example.split(given)
    shown = infer_signature(data, params=params)
    inputs = saved.inputs or shown.inputs
    config = described.flavors.get(PYFUNC)
    if config is None or flavor.predict is None or inputs is None:
        return shown
    try:
        fitting = data if saved.inputs else enforcing.enforce(data, inputs)
        ready = saved.ready() if saved.ready else model
        output = flavor.predict(ready, fitting, params or {}, config)
        if library_of(fitting) == "pandas" and getattr(output, "ndim", 0) == 1:
            output = plugins.load("pandas:Series")(output)  # of a table, a column
        return ModelSignature(inputs, schema_of(output), shown.params)
    except Exception as error:  # noqa: BLE001  (a model may raise anything; it is saved all the same)
        _log.warning(
            "The signature does not say what the model gives: predicting with the input example "
            "failed with %s: %s",
            type(error).__name__,
            error,
        )
        return ModelSignature(inputs, None, shown.params)
