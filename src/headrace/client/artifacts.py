"""Files of runs and of logged models, as the explicit client offers them."""

from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import Any, NamedTuple, cast

from headrace import config, plugins
from headrace.artifacts import uris
from headrace.artifacts.base import ArtifactStore, Opening
from headrace.client import figures, images, transfer
from headrace.client.recording import Recording
from headrace.entities import FileInfo
from headrace.wire.tracking import GetLoggedModel, GetRun

_OPEN = "headrace.artifacts.resolve:open_artifacts"
_MAX_KNOWN = 1_000


class Artifacts(Recording):
    """Writes, lists and fetches files. A path is relative to the run's or the model's root, with ``/``."""

    def __init__(self, tracking_uri: str | Path | None = None) -> None:
        super().__init__(tracking_uri)
        self._known: dict[str, _Place] = {}

    def log_artifact(
        self, run_id: str, local_path: str | Path, artifact_path: str | None = None
    ) -> None:
        """Store a file, or a folder with all in it, in the folder ``artifact_path`` of the run."""
        transfer.upload(self._files_of_run(run_id), Path(local_path), artifact_path)

    def log_artifacts(
        self, run_id: str, local_dir: str | Path, artifact_path: str | None = None
    ) -> None:
        """Store what is in a folder in the folder ``artifact_path`` of the run."""
        transfer.upload_folder(self._files_of_run(run_id), Path(local_dir), artifact_path)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Store text as a file."""
        self._files_of_run(run_id).write(artifact_file, [text.encode()])

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Store a dict or a list as a JSON or YAML file, by the file's ending."""
        text = transfer.spelled(dictionary, artifact_file)
        self._files_of_run(run_id).write(artifact_file, [text.encode()])

    def log_stream(
        self, run_id: str, stream: BufferedIOBase | RawIOBase, artifact_file: str
    ) -> None:
        """Store what a stream gives, without holding it in memory."""
        self._files_of_run(run_id).write(artifact_file, transfer.chunks_of(stream))

    def log_figure(
        self,
        run_id: str,
        figure: Any,
        artifact_file: str,
        *,
        save_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Store a figure of Matplotlib or Plotly in the format of the file's ending."""
        data = figures.drawn(figure, artifact_file, save_kwargs or {})
        self._files_of_run(run_id).write(artifact_file, [data])

    def log_image(
        self,
        run_id: str,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,
    ) -> None:
        """Store an image: as a file, or as one of the series ``key`` at a step."""
        files = images.encoded(image, artifact_file, key, step, timestamp)

        def write() -> None:
            store = self._files_of_run(run_id)
            for path, data in files.items():
                store.write(path, [data])

        self._do(synchronous, write)
        if key is not None:
            self.set_tag(run_id, images.LOGGED_IMAGES_TAG, "True", synchronous)

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """The files and folders at ``path``, one level."""
        return self._files_of_run(run_id).list(path or "")

    def download_artifacts(self, run_id: str, path: str, dst_path: str | None = None) -> str:
        """Fetch a file or a folder; the answer is its local path.

        Without ``dst_path`` it is a folder of this process, or the file's own place if that is local.
        """
        return self._fetch(self._of_run(run_id), path, dst_path)

    def log_model_artifact(
        self, model_id: str, local_path: str, artifact_path: str | None = None
    ) -> None:
        """Store a file of a logged model."""
        transfer.upload(self._files_of_model(model_id), Path(local_path), artifact_path)

    def log_model_artifacts(
        self, model_id: str, local_dir: str, artifact_path: str | None = None
    ) -> None:
        """Store what is in a folder as files of a logged model."""
        transfer.upload_folder(self._files_of_model(model_id), Path(local_dir), artifact_path)

    def list_logged_model_artifacts(self, model_id: str, path: str | None = None) -> list[FileInfo]:
        """The files and folders of a logged model at ``path``, one level."""
        return self._files_of_model(model_id).list(path or "")

    def download_logged_model_artifacts(
        self, model_id: str, path: str = "", dst_path: str | None = None
    ) -> str:
        """Fetch files of a logged model, all of them by default; the answer is their local path.

        Without ``dst_path`` it is a folder of this process, or the files' own place if that is local.
        """
        return self._fetch(self._of_model(model_id), path, dst_path)

    def know_files(self, run_id: str, uri: str | None, files: ArtifactStore) -> None:
        """Spare a look into the store: the files of a run are at ``uri``, moved by ``files``."""
        self._learn(run_id, uri or "", files)

    def _files_of_run(self, run_id: str) -> ArtifactStore:
        return self._of_run(run_id).files

    def _files_of_model(self, model_id: str) -> ArtifactStore:
        return self._of_model(model_id).files

    def _of_run(self, run_id: str) -> "_Place":
        if run_id not in self._known:
            info = self._store.get_run(GetRun(run_id)).run.info
            uri = info.artifact_uri or ""
            self._learn(run_id, uri, open_files(uri, self.tracking_uri))
        return self._known[run_id]

    def _of_model(self, model_id: str) -> "_Place":
        if model_id not in self._known:
            model = self._store.get_logged_model(GetLoggedModel(model_id)).model
            uri = model.artifact_location
            self._learn(model_id, uri, open_files(uri, self.tracking_uri))
        return self._known[model_id]

    def _learn(self, owner: str, uri: str, files: ArtifactStore) -> None:
        while len(self._known) >= _MAX_KNOWN:
            self._known.pop(next(iter(self._known)), None)
        self._known[owner] = _Place(uri, files)

    def _fetch(self, place: "_Place", path: str, dst_path: str | None) -> str:
        if dst_path is None and place.uri and uris.scheme_of(place.uri) == "file":
            return str(transfer.at(uris.local_path(place.uri), path, place.files))
        return str(transfer.download(place.files, path, dst_path))


class _Place(NamedTuple):
    """Where the files of a run or a model are."""

    uri: str
    files: ArtifactStore


def open_files(uri: str, tracking_uri: str) -> ArtifactStore:
    """The backend of an artifact URI, for who asks the server at ``tracking_uri``."""
    return cast("ArtifactStore", plugins.load(_OPEN)(uri, opening_for(tracking_uri)))


def opening_for(tracking_uri: str) -> Opening:
    """What a backend is told about the server at ``tracking_uri``, if it is one."""
    if not tracking_uri.startswith(("http://", "https://")):
        return Opening()
    identity, given = "headrace.stores.identity", config.settings()
    return Opening(
        tracking_uri=plugins.load(f"{identity}:address")(tracking_uri),
        headers=plugins.load(f"{identity}:headers")(tracking_uri, given),
        options={"verify": plugins.load(f"{identity}:trust")(tracking_uri, given)},
    )
