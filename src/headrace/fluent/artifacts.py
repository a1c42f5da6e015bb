"""Files of the current run."""

from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.artifacts.paths import joined
from headrace.client.tracking import MlflowClient
from headrace.fluent import current
from headrace.fluent.experiments import current_experiment_id
from headrace.fluent.recording import current_run

if TYPE_CHECKING:
    import pandas as pd


def log_artifact(
    local_path: str | Path, artifact_path: str | None = None, run_id: str | None = None
) -> None:
    """Store a file, or a folder with all in it, in the folder ``artifact_path`` of the run."""
    client, target = _target(run_id)
    client.log_artifact(target, local_path, artifact_path)


def log_artifacts(
    local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None
) -> None:
    """Store what is in a folder in the folder ``artifact_path`` of the run."""
    client, target = _target(run_id)
    client.log_artifacts(target, local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Store text as a file."""
    client, target = _target(run_id)
    client.log_text(target, text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Store a dict or a list as a JSON or YAML file, by the file's ending."""
    client, target = _target(run_id)
    client.log_dict(target, dictionary, artifact_file)


def log_stream(
    stream: BufferedIOBase | RawIOBase, artifact_file: str, run_id: str | None = None
) -> None:
    """Store what a stream gives, without holding it in memory."""
    client, target = _target(run_id)
    client.log_stream(target, stream, artifact_file)


def log_figure(
    figure: Any, artifact_file: str, *, save_kwargs: dict[str, Any] | None = None
) -> None:
    """Store a figure of Matplotlib or Plotly in the format of the file's ending."""
    client, target = _target(None)
    client.log_figure(target, figure, artifact_file, save_kwargs=save_kwargs)


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,
) -> None:
    """Store an image: as a file, or as one of the series ``key`` at a step."""
    client, target = _target(None)
    client.log_image(target, image, artifact_file, key, step, timestamp, synchronous)


def log_table(
    data: "dict[str, Any] | pd.DataFrame", artifact_file: str, run_id: str | None = None
) -> None:
    """Store a table, or add rows to one that is there."""
    client, target = _target(run_id)
    client.log_table(target, data, artifact_file)


def load_table(
    artifact_file: str,
    run_ids: list[str] | None = None,
    extra_columns: list[str] | None = None,
) -> "pd.DataFrame":
    """The table of all runs of the current experiment that logged it, or of ``run_ids``."""
    experiment = "" if run_ids else current_experiment_id()
    return current.client().load_table(experiment, artifact_file, run_ids, extra_columns)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Where the current run's files are, or one of them."""
    opened = current_run()
    root = opened.run.info.artifact_uri or ""
    return f"{root.rstrip('/')}/{joined(artifact_path)}" if artifact_path else root


def _target(run_id: str | None) -> tuple[MlflowClient, str]:
    if run_id is not None:
        return current.client(), run_id
    opened = current_run()
    return opened.client, opened.run_id
