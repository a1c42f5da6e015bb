"""Models changed after they were saved: their signature and what they require."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from headrace.artifacts import uris
from headrace.client.artifacts import open_files
from headrace.client.tracking import MlflowClient
from headrace.errors import InvalidValueError
from headrace.models import environment, loading, manifest, requirements
from headrace.models.mlmodel import MLMODEL
from headrace.models.signature import ModelSignature

_DESCRIBING = (MLMODEL, environment.PIP, environment.CONDA, manifest.NAME)


def set_signature(model_uri: str, signature: ModelSignature) -> None:
    """Give a model another signature, where it is kept."""
    found = loading.find(model_uri)
    found.model.signature = signature
    found.model.save(found.folder)
    _keep(model_uri, found)


def update_model_requirements(
    model_uri: str, operation: Literal["add", "remove"], requirement_list: Sequence[str]
) -> None:
    """Have a model require more, or less, where it is kept."""
    if operation not in ("add", "remove"):
        raise InvalidValueError(f"operation is 'add' or 'remove', not '{operation}'.")
    found = loading.find(model_uri)
    there = environment.read_pip(found.folder)
    if operation == "add":
        lines = requirements.merged(there, list(requirement_list))
    else:
        gone = {requirements.name_of(line) for line in requirement_list}
        lines = [line for line in there if requirements.name_of(line) not in gone]
    environment.change_pip(found.folder, lines)
    _keep(model_uri, found)


def seal(folder: Path) -> None:
    """Write the manifest anew: what is in the folder now is the model."""
    loading.read(folder)
    manifest.write(folder)


def _keep(model_uri: str, found: loading.Found) -> None:
    """Seal what was changed, and bring it to where it came from."""
    manifest.write(found.folder)
    uri = str(model_uri)
    if uris.scheme_of(uri) == "file":
        return
    client = MlflowClient()
    if found.model.model_id is not None:
        where = client.get_logged_model(found.model.model_id).artifact_location
    elif uri.startswith("runs:/"):
        run_id, _, path = uri.removeprefix("runs:/").lstrip("/").partition("/")
        where = f"{client.get_run(run_id).info.artifact_uri}/{path}"
    else:
        where = uri
    files = open_files(where, client.tracking_uri)
    for name in _DESCRIBING:
        if (found.folder / name).is_file():
            files.write(name, [(found.folder / name).read_bytes()])
