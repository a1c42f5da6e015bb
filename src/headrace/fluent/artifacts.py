"""Files of the current run."""

from collections.abc import Callable
from io import BufferedIOBase, BytesIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.artifacts.paths import checked, joined
from headrace.client import figures, transfer
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
    transfer.require(Path(local_path), artifact_path)
    _store(
        run_id,
        str(local_path),
        lambda client, target: client.log_artifact(target, local_path, artifact_path),
    )


def log_artifacts(
    local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None
) -> None:
    """Store what is in a folder in the folder ``artifact_path`` of the run."""
    transfer.require(Path(local_dir), artifact_path)
    _store(
        run_id,
        str(local_dir),
        lambda client, target: client.log_artifacts(target, local_dir, artifact_path),
    )


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Store text as a file."""
    _store_bytes(run_id, artifact_file, text.encode())


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Store a dict or a list as a JSON or YAML file, by the file's ending."""
    _store_bytes(run_id, artifact_file, transfer.spelled(dictionary, artifact_file).encode())


def log_figure(
    figure: Any, artifact_file: str, *, save_kwargs: dict[str, Any] | None = None
) -> None:
    """Store a figure of Matplotlib or Plotly in the format of the file's ending."""
    _store_bytes(None, artifact_file, figures.drawn(figure, artifact_file, save_kwargs or {}))


def log_stream(
    stream: BufferedIOBase | RawIOBase, artifact_file: str, run_id: str | None = None
) -> None:
    """Store what a stream gives, without holding it in memory."""
    _store(
        run_id,
        artifact_file,
        lambda client, target: client.log_stream(target, stream, artifact_file),
        again=False,
    )


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,
) -> None:
    """Store an image: as a file, or as one of the series ``key`` at a step."""
    _store(
        None,
        artifact_file or str(key),
        lambda client, target: client.log_image(
            target, image, artifact_file, key, step, timestamp, synchronous
        ),
        again=False,
    )


def log_table(
    data: "dict[str, Any] | pd.DataFrame", artifact_file: str, run_id: str | None = None
) -> None:
    """Store a table, or add rows to one that is there."""
    _store(
        run_id,
        artifact_file,
        lambda client, target: client.log_table(target, data, artifact_file),
        again=False,
    )


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


def _store_bytes(run_id: str | None, path: str, data: bytes) -> None:
    checked(path)
    # The bytes are made now: what they were made from may be another thing when the run ends.
    _store(run_id, path, lambda client, target: client.log_stream(target, BytesIO(data), path))


def _store(
    run_id: str | None, name: str, act: Callable[[MlflowClient, str], object], *, again: bool = True
) -> None:
    """Store files of a run. A bad name or file is refused here; a store that is away is not an error."""
    opened = current_run() if run_id is None else current.top()
    if opened is None:
        act(current.client(), str(run_id))
        return
    target = run_id or opened.run_id
    current.now_or_kept(name, lambda: act(opened.client, target), again=again)
