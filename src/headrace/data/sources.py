"""Where a dataset came from, as it is stored beside it: a kind and a JSON text."""

import json
import tempfile
from pathlib import Path
from typing import Any, ClassVar, Self

from headrace import plugins
from headrace.artifacts import uris
from headrace.artifacts.resolve import open_artifacts
from headrace.artifacts.transfer import download
from headrace.client.secrets import masked_text
from headrace.client.source import source_tags
from headrace.errors import InvalidValueError, UnsupportedError

_CODE_TAGS = ("mlflow.user", "mlflow.source.", "mlflow.parentRunId")


class DatasetSource:
    """A place that data came from."""

    kind: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """What is stored of it."""
        raise NotImplementedError

    def to_json(self) -> str:
        """What is stored of it, as text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, source_dict: dict[str, Any]) -> Self:
        """The source that `to_dict` described."""
        return cls(**source_dict)

    @classmethod
    def from_json(cls, source_json: str) -> Self:
        """The source that `to_json` described."""
        return cls.from_dict(json.loads(source_json))

    def load(self, dst_path: str | None = None) -> Any:  # noqa: ARG002
        """Fetch it into a folder, a new one unless it is given; the local path of what came."""
        raise UnsupportedError(
            f"A source of the kind '{self._get_source_type()}' cannot be loaded."
        )

    def _get_source_type(self) -> str:
        # Named as in MLflow, so that its client takes a source of ours, and we one of its.
        return self.kind

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.to_json())


class CodeDatasetSource(DatasetSource):
    """The program itself made the data; what is known is which one."""

    kind = "code"

    def __init__(self, tags: dict[str, str]) -> None:
        self.tags = tags

    def to_dict(self) -> dict[str, Any]:
        return {"tags": self.tags}

    @classmethod
    def here(cls) -> Self:
        """This program."""
        return cls(
            {key: value for key, value in source_tags().items() if key.startswith(_CODE_TAGS)}
        )


class ArtifactDatasetSource(DatasetSource):
    """A file or a folder: on this machine, or in any object store that artifacts can be kept in."""

    def __init__(self, uri: str, kind: str | None = None) -> None:
        self.uri = uri
        scheme = uris.scheme_of(uri)
        self._kind = kind or ("local" if scheme == "file" else scheme)

    def to_dict(self) -> dict[str, Any]:
        return {"uri": self.uri}

    def load(self, dst_path: str | None = None) -> str:
        folder, _, name = self.uri.rstrip("/").rpartition("/")
        if self._kind == "local":
            place = uris.local_path(self.uri)
            folder, name = str(place.parent), place.name
        return str(download(open_artifacts(folder), name, _target(dst_path)))

    def _get_source_type(self) -> str:
        return self._kind


class HTTPDatasetSource(DatasetSource):
    """A file on a web server. A password in its URL is not stored."""

    kind = "http"

    def __init__(self, url: str) -> None:
        self.url = url

    def to_dict(self) -> dict[str, Any]:
        return {"url": masked_text(self.url)}

    def load(self, dst_path: str | None = None) -> str:
        folder, _, name = self.url.partition("?")[0].rpartition("/")
        return str(download(open_artifacts(folder), name, _target(dst_path)))


def resolve_source(raw: Any) -> Any:
    """The source that a user means: one that is made, a path, a URL; the program itself for ``None``."""
    if raw is None:
        return CodeDatasetSource.here()
    if hasattr(raw, "to_json") and hasattr(raw, "_get_source_type"):
        return raw
    if not isinstance(raw, str | Path):
        raise InvalidValueError(
            f"A source must be a path, a URL or a DatasetSource, not {type(raw).__name__}."
        )
    uri = str(raw)
    if uris.scheme_of(uri) in ("http", "https"):
        return HTTPDatasetSource(uri)
    return ArtifactDatasetSource(uri)


def from_stored(source_type: str, source: str) -> DatasetSource:
    """The source that is stored with a dataset; `InvalidValueError` for a kind that nobody knows."""
    try:
        given = json.loads(source)
    except ValueError:
        given = {"uri": source}  # written by hand, or by another tool
    kind = _KINDS.get(source_type)
    if kind is not None and set(given) != {"uri"}:
        found: DatasetSource = plugins.load(kind).from_dict(given)
        return found
    if "uri" in given:
        return ArtifactDatasetSource(given["uri"], source_type)
    raise InvalidValueError(
        f"A source of the kind '{source_type}' cannot be read here: {source[:200]}"
    )


_KINDS = {
    "code": "headrace.data.sources:CodeDatasetSource",
    "http": "headrace.data.sources:HTTPDatasetSource",
    "hugging_face": "headrace.data.huggingface:HuggingFaceDatasetSource",
    "delta_table": "headrace.data.delta:DeltaDatasetSource",
    "spark": "headrace.data.spark:SparkDatasetSource",
    "sql": "headrace.data.sql:SQLDatasetSource",
}


def _target(folder: str | None) -> Path:
    return Path(folder or tempfile.mkdtemp(prefix="headrace-")).absolute()
