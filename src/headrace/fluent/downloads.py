"""Files by their URI: ``runs:/ID/path``, ``models:/ID/path``, or where they really are."""

import json
import re
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.artifacts import uris
from headrace.client import transfer
from headrace.client.artifacts import open_files
from headrace.client.connection import get_tracking_uri, resolved
from headrace.client.tracking import MlflowClient
from headrace.entities import FileInfo, LoggedModel
from headrace.errors import InvalidValueError, NotFoundError, UnsupportedError

_OWNED = re.compile(r"(?P<scheme>runs|models):/+(?P<owner>[^/]+)/?(?P<path>.*)")


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: str | None = None,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> str:
    """Fetch a file or a folder; the answer is its local path.

    It is named by its URI, or by a run and a path in it. Without ``dst_path`` it is a folder of this
    process, or the file's own place if that is local.
    """
    client = MlflowClient(tracking_uri, registry_uri)
    owner = _owner(artifact_uri, run_id, artifact_path)
    if isinstance(owner, tuple):
        return _fetch(client, *owner, dst_path)
    if uris.scheme_of(owner) == "file":
        owner = str(uris.local_path(owner))
    folder, _, name = owner.rstrip("/").rpartition("/")
    store = open_files(folder, client.tracking_uri)
    if dst_path is None and uris.scheme_of(owner) == "file":
        return str(transfer.at(uris.local_path(folder or "/"), name, store))
    return str(transfer.download(store, name, dst_path))


def list_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: str | None = None,
) -> list[FileInfo]:
    """The files and folders at a URI, or at a path of a run, one level."""
    client = MlflowClient(tracking_uri)
    owner = _owner(artifact_uri, run_id, artifact_path)
    if not isinstance(owner, tuple):
        return open_files(owner, resolved(tracking_uri or get_tracking_uri())).list()
    scheme, owner_id, path = owner
    if scheme == "runs":
        return client.list_artifacts(owner_id, path)
    return client.list_logged_model_artifacts(_model_id(owner_id), path)


def load_text(artifact_uri: str) -> str:
    """A text file."""
    return Path(download_artifacts(artifact_uri)).read_text(encoding="utf-8")


def load_dict(artifact_uri: str) -> dict[str, Any]:
    """What is in a JSON file."""
    try:
        found: dict[str, Any] = json.loads(load_text(artifact_uri))
    except ValueError as error:
        raise InvalidValueError(f"'{artifact_uri}' is not a JSON file: {error}.") from error
    return found


def load_image(artifact_uri: str) -> Any:
    """An image file as a picture of Pillow."""
    with plugins.load("PIL.Image:open")(download_artifacts(artifact_uri)) as opened:
        return opened.copy()


def _owner(
    artifact_uri: str | None, run_id: str | None, artifact_path: str | None
) -> tuple[str, str, str] | str:
    """Scheme, id and path of what belongs to a run or a model; else the URI of the place."""
    if (artifact_uri is None) == (run_id is None):
        raise InvalidValueError("Give artifact_uri or run_id, and not both.")
    if artifact_uri is None:
        return "runs", str(run_id), artifact_path or ""
    if artifact_path is not None:
        raise InvalidValueError("artifact_path goes with run_id; put it into artifact_uri.")
    found = _OWNED.fullmatch(str(artifact_uri))
    return str(artifact_uri) if found is None else (found["scheme"], found["owner"], found["path"])


def _fetch(client: MlflowClient, scheme: str, owner: str, path: str, dst_path: str | None) -> str:
    if scheme == "models":
        model = client.get_logged_model(_model_id(owner))
        return client.download_logged_model_artifacts(model.model_id, path, dst_path)
    try:
        return client.download_artifacts(owner, path, dst_path)
    except NotFoundError:
        made = _made_by(client, owner, path.partition("/")[0])
        if made is None:
            raise
        inner = path.partition("/")[2]
        return client.download_logged_model_artifacts(made.model_id, inner, dst_path)


def _made_by(client: MlflowClient, run_id: str, name: str) -> LoggedModel | None:
    """The latest model of this name that a run made: its files are not the run's."""
    if not name or "'" in name:
        return None
    experiment = client.get_run(run_id).info.experiment_id
    wanted = f"name = '{name}' AND source_run_id = '{run_id}'"
    found = client.search_logged_models([experiment], wanted, max_results=1)
    return found[0] if found else None


def _model_id(owner: str) -> str:
    if not owner.startswith("m-"):
        raise UnsupportedError(
            f"'models:/{owner}' names a registered model; there is no registry yet. "
            "A logged model is models:/m-..."
        )
    return owner
