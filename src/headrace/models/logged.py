"""Models saved into the store: each becomes a logged model with files, an output of the run that made it."""

import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from headrace.client.tracking import MlflowClient
from headrace.entities import LoggedModel, LoggedModelOutput
from headrace.errors import AWAY, InvalidValueError, UnsupportedError
from headrace.fluent import artifacts, current, registry
from headrace.fluent import models as entities
from headrace.fluent.current import OpenRun
from headrace.fluent.recording import log_outputs
from headrace.models import manifest
from headrace.models.info import ModelInfo
from headrace.models.mlmodel import Model
from headrace.stores import offline

_log = logging.getLogger(__name__)

DEFAULT_NAME = "model"
IGNORED = ("await_registration_for",)
"""Arguments of MLflow that say nothing here."""

Save = Callable[[Path, Model], Model]
"""Saves the model as this folder, with this description to fill in."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is said about the logged model, beside what is in its folder."""

    name: str | None = None
    artifact_path: str | None = None
    """What `name` was called before models were entities."""
    registered_model_name: str | None = None
    params: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] | None = None
    model_type: str | None = None
    step: int = 0
    model_id: str | None = None
    run_id: str | None = None

    @property
    def chosen(self) -> str | None:
        """The name, however it was said; the store makes one up where none was."""
        name = self.name if self.name is not None else self.artifact_path
        if name is None:
            return None
        if not name or any(letter in name for letter in "/:.%\"'"):
            raise InvalidValueError(
                f"A model cannot be called '{name}': a name is not empty and has none of / : . % \" '."
            )
        return name


def log(save: Save, entry: Entry) -> ModelInfo:
    """Save a model and keep it in the store, as an output of the current run if there is one.

    A model whose files could not be saved or stored is FAILED. In an offline folder, which has no models,
    its files become those of the run, from where `runs:/ID/NAME` loads it.
    """
    name = entry.chosen or DEFAULT_NAME
    opened = current.top()
    client = current.client()
    with tempfile.TemporaryDirectory(prefix="headrace-model-") as scratch:
        folder = Path(scratch) / "model"
        if client.tracking_uri.startswith(offline.SCHEME):
            if entry.registered_model_name:
                raise UnsupportedError(
                    "registered_model_name: an offline folder registers nothing. Leave it out, and register the "
                    "model when it is synced."
                )
            return _into_run(save, folder, name, opened)
        return _into_model(save, folder, entry, client)


def log_by_module(module: Any, given: dict[str, Any]) -> ModelInfo:
    """Keep a model that a module written for MLflow saves, by its ``save_model``."""
    names = {one.name for one in fields(Entry)}
    entry = Entry(**{key: value for key, value in given.items() if key in names})
    rest = {key: value for key, value in given.items() if key not in {*names, *IGNORED}}

    def save(folder: Path, described: Model) -> Model:
        module.save_model(path=str(folder), mlflow_model=described, **rest)
        manifest.write(folder)
        return Model.load(folder)

    return log(save, entry)


def _into_model(save: Save, folder: Path, entry: Entry, client: MlflowClient) -> ModelInfo:
    opened = current.top()
    try:
        model = _entity(entry, client)
    except AWAY as error:
        if opened is None or entry.model_id is not None:
            raise
        _log.error("The model is kept as files of the run: %s", error)
        return _into_run(save, folder, entry.chosen or DEFAULT_NAME, opened)
    start = Model(
        artifact_path=model.artifact_location,
        run_id=model.source_run_id,
        model_id=model.model_id,
    )
    try:
        described = save(folder, start)
        client.log_model_artifacts(model.model_id, str(folder))
    except BaseException:
        client.finalize_logged_model(model.model_id, "FAILED")
        raise
    model = client.finalize_logged_model(model.model_id, "READY")
    if opened is not None and opened.run_id == model.source_run_id:
        log_outputs([LoggedModelOutput(model.model_id, entry.step)])
    info = ModelInfo.of(described, model.model_uri, model)
    if not entry.registered_model_name:
        return info
    version = registry.register_model(model.model_uri, entry.registered_model_name)
    return replace(info, registered_model_version=int(version.version))


def _entity(entry: Entry, client: MlflowClient) -> LoggedModel:
    """The logged model to fill: a new one, or the one that was named."""
    if entry.model_id is not None:
        model = client.get_logged_model(entry.model_id)
        if entry.params:
            texts = {key: str(value) for key, value in entry.params.items()}
            client.log_model_params(entry.model_id, texts)
        if entry.tags:
            client.set_logged_model_tags(entry.model_id, dict(entry.tags))
        return model
    opened = current.top()
    run_id = entry.run_id or (opened.run_id if opened else None)
    params = {**_params_of(run_id, client), **(entry.params or {})}
    return entities.initialize_logged_model(
        entry.chosen,
        source_run_id=run_id,
        tags={key: str(value) for key, value in (entry.tags or {}).items()},
        params={key: str(value) for key, value in params.items()},
        model_type=entry.model_type,
    )


def _params_of(run_id: str | None, client: MlflowClient) -> dict[str, str]:
    """What the run was made with is what the model was made with."""
    return {} if run_id is None else client.get_run(run_id).data.params


def _into_run(save: Save, folder: Path, name: str, opened: OpenRun | None) -> ModelInfo:
    if opened is None:
        raise UnsupportedError(
            "An offline folder keeps models as files of runs, and no run is open: start one."
        )
    described = save(folder, Model(artifact_path=name, run_id=opened.run_id))
    artifacts.log_artifacts(folder, name)
    return ModelInfo.of(described, f"runs:/{opened.run_id}/{name}", None)
