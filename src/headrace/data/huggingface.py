"""Datasets of the Hugging Face library."""

from typing import Any

from headrace import plugins
from headrace.data import digests, schemas
from headrace.data.dataset import Dataset
from headrace.data.sources import DatasetSource


class HuggingFaceDatasetSource(DatasetSource):
    """A dataset of the hub, or a folder that the library reads."""

    kind = "hugging_face"

    def __init__(self, path: str, **details: Any) -> None:
        self.path = path
        names = ("config_name", "data_dir", "data_files", "split", "revision")
        self._details = {name: details.get(name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        split = self._details["split"]
        return {"path": self.path, **self._details, "split": None if split is None else str(split)}

    def load(self, dst_path: str | None = None) -> Any:
        """The dataset, by the library's own ``load_dataset``; ``dst_path`` is where it keeps its cache."""
        details = {key: value for key, value in self.to_dict().items() if value is not None}
        path, name = details.pop("path"), details.pop("config_name", None)
        return plugins.load("datasets:load_dataset")(path, name, cache_dir=dst_path, **details)


class HuggingFaceDataset(Dataset):
    """A ``datasets.Dataset``; its digest and schema are those of its first ten thousand rows in pandas."""

    def __init__(
        self,
        ds: Any,
        source: Any = None,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        super().__init__(source, name, digest)
        self.ds, self.targets = ds, targets
        self._require(targets, ds.column_names, "targets")

    @property
    def schema(self) -> Any:
        return schemas.of_pandas(self._head())

    @property
    def profile(self) -> dict[str, Any]:
        """Rows and bytes, as far as the library knows them."""
        return {
            "num_rows": self.ds.num_rows,
            "dataset_size": self.ds.dataset_size,
            "size_in_bytes": self.ds.size_in_bytes,
        }

    def _digest(self) -> str:
        return digests.of_frame(self._head())

    def _head(self) -> Any:
        return self.ds.select(range(min(digests.MAX_ROWS, len(self.ds)))).to_pandas()


def from_huggingface(
    ds: Any,
    path: str | None = None,
    targets: str | None = None,
    data_dir: str | None = None,
    data_files: Any = None,
    revision: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    trust_remote_code: bool | None = None,  # noqa: ARG001  (the library has no such thing any more)
    source: Any = None,
) -> HuggingFaceDataset:
    """A dataset of the Hugging Face library; ``path`` is what it was loaded by."""
    if path is not None and source is None:
        source = HuggingFaceDatasetSource(
            path,
            config_name=ds.config_name,
            data_dir=data_dir,
            data_files=data_files,
            split=ds.split,
            revision=revision,
        )
    return HuggingFaceDataset(ds, source, targets, name, digest)
