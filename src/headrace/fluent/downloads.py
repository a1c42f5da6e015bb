"""Files by their URI: ``runs:/ID/path``, ``models:/...``, or where they really are."""

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
from headrace.errors import InvalidValueError, NotFoundError
from headrace.fluent import model_uris

_OF_RUN = re.compile(r"runs:/+(?P<run>[^/]+)/?(?P<path>.*)", re.DOTALL)


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
    uri = _uri(artifact_uri, run_id, artifact_path)
    model = model_uris.parse(uri)
    if model is not None and model.is_logged:
        return client.download_logged_model_artifacts(model.name, model.path, dst_path)
    if model is not None:
        place = model_uris.place_of(client, model)
        return _from_place(client, place, model.path, dst_path)
    run = _OF_RUN.fullmatch(uri)
    if run is not None:
        return _of_run(client, run["run"], run["path"], dst_path)
    if uris.scheme_of(uri) == "file":
        uri = str(uris.local_path(uri))
    folder, _, name = uri.rstrip("/").rpartition("/")
    return _from_place(client, folder, name, dst_path)


def _from_place(client: MlflowClient, place: str, path: str, dst_path: str | None) -> str:
    """A file or a folder below a place, whatever it belongs to."""
    store = open_files(place, client.tracking_uri)
    if dst_path is None and uris.scheme_of(place) == "file":
        return str(transfer.at(uris.local_path(place or "/"), path, store))
    return str(transfer.download(store, path, dst_path))


def list_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: str | None = None,
) -> list[FileInfo]:
    """The files and folders at a URI, or at a path of a run, one level."""
    client = MlflowClient(tracking_uri)
    uri = _uri(artifact_uri, run_id, artifact_path)
    model, run = model_uris.parse(uri), _OF_RUN.fullmatch(uri)
    if run is not None:
        return client.list_artifacts(run["run"], run["path"])
    if model is None:
        return open_files(uri, resolved(tracking_uri or get_tracking_uri())).list()
    if model.is_logged:
        return client.list_logged_model_artifacts(model.name, model.path)
    return open_files(model_uris.place_of(client, model), client.tracking_uri).list(model.path)


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


def _uri(artifact_uri: str | None, run_id: str | None, artifact_path: str | None) -> str:
    if (artifact_uri is None) == (run_id is None):
        raise InvalidValueError("Give artifact_uri or run_id, and not both.")
    if artifact_uri is None:
        return f"runs:/{run_id}/{artifact_path or ''}"
    if artifact_path is not None:
        raise InvalidValueError("artifact_path goes with run_id; put it into artifact_uri.")
    return str(artifact_uri)


def _of_run(client: MlflowClient, run_id: str, path: str, dst_path: str | None) -> str:
    try:
        return client.download_artifacts(run_id, path, dst_path)
    except NotFoundError:
        made = made_by(client, run_id, path.partition("/")[0])
        if made is None:
            raise
        inner = path.partition("/")[2]
        return client.download_logged_model_artifacts(made.model_id, inner, dst_path)


def made_by(client: MlflowClient, run_id: str, name: str) -> LoggedModel | None:
    """The latest model of this name that a run made: its files are not the run's."""
    if not name or "'" in name:
        return None
    experiment = client.get_run(run_id).info.experiment_id
    wanted = f"name = '{name}' AND source_run_id = '{run_id}'"
    found = client.search_logged_models([experiment], wanted, max_results=1)
    return found[0] if found else None
