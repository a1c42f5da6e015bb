"""Everything that a client reads from a store, as plain values: by the real mlflow, and by Headrace."""

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

Client = Any
Fetch = Callable[[str], str | Path]
"""From the URI of artifacts to a local folder that holds them."""

_ALL = 3


def told(client: Client, fetch: Fetch) -> dict[str, Any]:
    """Experiments by name, with their runs and models by id."""
    return {
        experiment.name: {
            "experiment_id": experiment.experiment_id,
            "stage": experiment.lifecycle_stage,
            "created": experiment.creation_time,
            "tags": dict(experiment.tags),
            "runs": _runs(client, fetch, experiment.experiment_id),
            "models": _models(client, fetch, experiment.experiment_id),
        }
        for experiment in client.search_experiments(view_type=_ALL)
    }


def _runs(client: Client, fetch: Fetch, experiment_id: str) -> dict[str, Any]:
    found = client.search_runs([experiment_id], "", _ALL)
    return {run.info.run_id: _run(client, fetch, run.info.run_id) for run in found}


def _run(client: Client, fetch: Fetch, run_id: str) -> dict[str, Any]:
    run = client.get_run(run_id)
    info = run.info
    outputs = getattr(run, "outputs", None)
    return {
        "name": info.run_name,
        "status": info.status,
        "times": [info.start_time, info.end_time],
        "stage": info.lifecycle_stage,
        "user": info.user_id or "",
        "params": dict(run.data.params),
        "tags": dict(run.data.tags),
        "metrics": {key: _history(client, run_id, key) for key in run.data.metrics},
        "latest": {key: exact(value) for key, value in run.data.metrics.items()},
        "datasets": [
            [
                one.dataset.name,
                one.dataset.digest,
                one.dataset.source_type,
                one.dataset.source,
                one.dataset.schema,
                one.dataset.profile,
                {tag.key: tag.value for tag in one.tags},
            ]
            for one in run.inputs.dataset_inputs
        ],
        "model_inputs": [one.model_id for one in getattr(run.inputs, "model_inputs", ())],
        "model_outputs": [
            [one.model_id, one.step] for one in (outputs.model_outputs if outputs else ())
        ],
        "files": _files(lambda path: client.list_artifacts(run_id, path), fetch, info.artifact_uri),
    }


def _models(client: Client, fetch: Fetch, experiment_id: str) -> dict[str, Any]:
    if not hasattr(client, "search_logged_models"):
        return {}  # MLflow 2
    found = client.search_logged_models([experiment_id])
    return {model.model_id: _model(client, fetch, model) for model in found}


def _model(client: Client, fetch: Fetch, model: Any) -> dict[str, Any]:
    metrics = [
        [one.key, exact(one.value), one.step, one.timestamp, one.dataset_name, one.run_id]
        for one in model.metrics or ()
    ]

    def listed(path: str | None) -> Any:
        return client.list_logged_model_artifacts(model.model_id, path)

    return {
        "name": model.name,
        "status": str(model.status).rpartition(".")[2],
        "type": model.model_type or "",
        "run": model.source_run_id or "",
        "times": [model.creation_timestamp, model.last_updated_timestamp],
        "params": dict(model.params),
        "tags": dict(model.tags),
        "metrics": sorted(metrics, key=str),
        "files": _files(listed, fetch, model.artifact_location),
    }


def _history(client: Client, run_id: str, key: str) -> list[list[Any]]:
    found = client.get_metric_history(run_id, key)
    return sorted([one.step, one.timestamp, exact(one.value)] for one in found)


def exact(value: float) -> str:
    """The eight bytes of a number; a NaN is a NaN."""
    return "nan" if value != value else struct.pack(">d", value).hex()


def _files(listed: Callable[[str | None], Any], fetch: Fetch, uri: str) -> dict[str, str]:
    paths, waiting = [], [None]
    while waiting:
        for info in listed(waiting.pop()):
            (waiting if info.is_dir else paths).append(info.path)
    if not paths:
        return {}
    folder = Path(fetch(uri))
    return {
        path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in sorted(paths)
    }
