"""What one run records, called on the run itself: for loops that are handed their run."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.artifacts.paths import checked
from headrace.client import datasets, figures, images, transfer, values
from headrace.client.recording import batches
from headrace.client.tracking import MlflowClient
from headrace.entities import DatasetInput, Metric, Param, RunInfo, RunTag

if TYPE_CHECKING:
    from headrace.wire.tracking import LogBatch


class RunLogger:
    """Logs to one run, from any thread or task, whichever run is the current one.

    A bad value is refused at the call. A store that is away is not an error: what is logged waits.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        info: RunInfo

    def _client(self) -> MlflowClient:
        raise NotImplementedError

    def _record(self, batch: "LogBatch") -> None:
        raise NotImplementedError

    def _use(self, used: DatasetInput) -> None:
        raise NotImplementedError

    def _store(self, name: str, act: Callable[[], object], *, again: bool = True) -> None:
        """Write something beside the values; told, not raised, where the store is away."""
        raise NotImplementedError

    def log_metric(
        self, key: str, value: float, step: int | None = None, timestamp: int | None = None
    ) -> None:
        """One point of a series, at step 0 and now unless told otherwise."""
        self.log_metrics({key: value}, step, timestamp)

    def log_metrics(
        self,
        metrics: Mapping[str, float],
        step: int | None = None,
        timestamp: int | None = None,
        dataset: Any = None,
    ) -> None:
        """A point of several series, all at one step and one time."""
        self._log(metrics=values.points(metrics, step, timestamp, dataset=dataset))

    def log_param(self, key: str, value: Any) -> None:
        """A param; it is written once."""
        self.log_params({key: value})

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Params; each is written once."""
        self._log(params=values.params(params))

    def set_tag(self, key: str, value: Any) -> None:
        """A tag; the last value wins."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Tags; the last values win."""
        self._log(tags=values.tags(tags, RunTag))

    def log_input(
        self, dataset: Any, context: str | None = None, tags: dict[str, str] | None = None
    ) -> None:
        """A dataset that the run used."""
        self._use(datasets.input_of(dataset, context, tags))

    def log_artifact(self, local_path: str | Path, artifact_path: str | None = None) -> None:
        """Store a file, or a folder with all in it, in the folder ``artifact_path``."""
        transfer.require(Path(local_path), artifact_path)
        self._store(
            str(local_path),
            lambda: self._client().log_artifact(self.info.run_id, local_path, artifact_path),
        )

    def log_text(self, text: str, artifact_file: str) -> None:
        """Store text as a file."""
        self._write(artifact_file, text.encode())

    def log_dict(self, dictionary: Any, artifact_file: str) -> None:
        """Store a dict or a list as a JSON or YAML file, by the file's ending."""
        self._write(artifact_file, transfer.spelled(dictionary, artifact_file).encode())

    def log_figure(self, figure: Any, artifact_file: str, **save_options: Any) -> None:
        """Store a figure of Matplotlib or Plotly in the format of the file's ending."""
        self._write(artifact_file, figures.drawn(figure, artifact_file, save_options))

    def log_image(
        self,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
    ) -> None:
        """Store an image: as a file, or as one of the series ``key`` at a step."""
        for path, data in images.encoded(image, artifact_file, key, step, None).items():
            self._write(path, data)
        if key is not None:
            self.set_tag(images.LOGGED_IMAGES_TAG, "True")

    def log_table(self, data: Any, artifact_file: str) -> None:
        """Store a table, or add rows to one that is there."""
        self._store(
            artifact_file,
            lambda: self._client().log_table(self.info.run_id, data, artifact_file),
            again=False,
        )

    def _log(
        self,
        metrics: list[Metric] | None = None,
        params: list[Param] | None = None,
        tags: list[RunTag] | None = None,
    ) -> None:
        for batch in batches(self.info.run_id, metrics or (), params or (), tags or ()):
            self._record(batch)

    def _write(self, path: str, data: bytes) -> None:
        checked(path)
        self._store(path, lambda: self._client().log_stream(self.info.run_id, BytesIO(data), path))
