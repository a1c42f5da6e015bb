"""What a model is, and whether it is sound, without loading it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from headrace.client.tracking import MlflowClient
from headrace.errors import HeadraceError, InvalidValueError
from headrace.models import environment, example, loading, manifest, requirements
from headrace.models.flavor import Flavor
from headrace.models.info import ModelInfo
from headrace.models.loading import Found
from headrace.models.mlmodel import PYFUNC
from headrace.models.safety import Trust


class Finding(Struct, frozen=True):
    """Something about a model that is worth telling."""

    level: Literal["error", "warning", "note"]
    text: str


def get_model_info(model_uri: str) -> ModelInfo:
    """What is known of the model at a URI or a path; nothing of it is loaded."""
    found = loading.find(model_uri)
    model_id = found.model.model_id
    own = str(model_uri).startswith(("models:/", "runs:/"))
    logged = MlflowClient().get_logged_model(model_id) if model_id and own else None
    return ModelInfo.of(found.model, str(model_uri), logged)


def infer_pip_requirements(
    model_uri: str, flavor: str, fallback: Sequence[str] | None = None, **_ignored: Any
) -> list[str]:
    """What a saved model requires, as was found when it was saved; ``fallback`` if it does not say."""
    found = loading.find(model_uri)
    if flavor not in found.model.flavors:
        raise InvalidValueError(f"The model at '{model_uri}' has no flavor '{flavor}'.")
    path = found.folder / environment.PIP
    return environment.read_pip(found.folder) if path.is_file() else list(fallback or ())


def validate(folder: Path, flavors: dict[str, Flavor | None]) -> list[Finding]:
    """All that is wrong with a model in a folder, and what is worth knowing; nothing of it is loaded.

    ``flavors`` has the flavor of each name that the model knows, or ``None`` for an unknown one.
    """
    try:
        model = loading.read(folder)
        verdict = manifest.check(folder)
    except HeadraceError as error:
        return [Finding("error", str(error))]
    found = Found(folder, model, Trust(folder, verdict, own=False))
    return [
        *_of_manifest(verdict),
        *_of_flavors(found, flavors),
        *_of_files(found),
        *_of_example(found),
    ]


def _of_manifest(verdict: manifest.Verdict) -> list[Finding]:
    if not verdict.present:
        return [Finding("warning", f"There is no {manifest.NAME}: changes to its files go unseen.")]
    found = [
        Finding(
            "error" if name in verdict.damaged else "warning", f"{name} changed since it was saved."
        )
        for name in verdict.changed
    ]
    found += [Finding("warning", f"{name} came in after it was saved.") for name in verdict.added]
    if not found:
        who = "you, on this machine" if verdict.sealed_here else "someone else, or elsewhere"
        found.append(Finding("note", f"All files are as saved, by {who}."))
    return found


def _of_flavors(found: Found, flavors: dict[str, Flavor | None]) -> list[Finding]:
    said = []
    if not found.model.flavors:
        said.append(Finding("error", "It has no flavors: nothing says how to load it."))
    for name, config in found.model.flavors.items():
        flavor = flavors.get(name)
        if flavor is None:
            said.append(
                Finding("note", f"The flavor '{name}' is not known here; it is kept as it is.")
            )
            continue
        try:
            reason = flavor.why_code(config)
        except InvalidValueError as error:
            said.append(Finding("error", str(error)))
            continue
        if name == PYFUNC and len(found.model.flavors) > 1:
            continue  # it loads by the library's own flavor
        if config.get("code"):
            said.append(Finding("warning", f"{name}: it brings code of its own."))
        if reason is not None:
            said.append(Finding("warning", f"{name}: loading it runs code: {reason}."))
    return said


def _of_files(found: Found) -> list[Finding]:
    said = []
    for name, config in found.model.flavors.items():
        for key in (
            "data",
            "model_path",
            "pickled_model",
            "python_model",
            "model_code_path",
            "code",
        ):
            value = config.get(key)
            if not isinstance(value, str):
                continue
            try:
                if not found.inside(value).exists():
                    said.append(
                        Finding("error", f"{name}: {key} names '{value}', which is not there.")
                    )
            except InvalidValueError as error:
                said.append(Finding("error", str(error)))
    said += [
        Finding("warning", f"There is no {file}.")
        for file in (environment.PIP, environment.PYTHON, environment.CONDA)
        if not (found.folder / file).is_file()
    ]
    return said + _of_requirements(found)


def _of_requirements(found: Found) -> list[Finding]:
    if not (found.folder / environment.PIP).is_file():
        return []
    lines = environment.read_pip(found.folder)
    loose = [line for line in lines if "==" not in line and not line.startswith("-")]
    loose = [line for line in loose if requirements.name_of(line) != line or "/" not in line]
    return [Finding("note", f"'{line}' is required without a version.") for line in loose]


def _of_example(found: Found) -> list[Finding]:
    if found.model.signature is None:
        return [Finding("warning", "It has no signature: its input is not checked.")]
    try:
        example.read_serving(found.folder, found.model.saved_input_example_info)
        found.model.load_input_example(found.folder)
    except (HeadraceError, OSError, ValueError, KeyError) as error:
        return [Finding("error", f"Its input example does not fit: {error}")]
    return []
