"""Versions of Delta Lake tables as datasets (https://github.com/delta-io/delta/blob/master/PROTOCOL.md)."""

import hashlib
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from headrace import plugins
from headrace.data import schemas
from headrace.data.dataset import Dataset
from headrace.data.sources import DatasetSource
from headrace.errors import InvalidValueError, NotFoundError, UnsupportedError


class DeltaDatasetSource(DatasetSource):
    """One version of a table; MLflow's fields, so that its client takes it."""

    kind = "delta_table"

    def __init__(
        self,
        path: str | None = None,
        delta_table_name: str | None = None,
        delta_table_version: int | None = None,
        delta_table_id: str | None = None,
    ) -> None:
        self.path = path
        self.delta_table_name = delta_table_name
        self.delta_table_version = delta_table_version
        self.delta_table_id = delta_table_id

    def to_dict(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if value is not None}

    @classmethod
    def from_dict(cls, source_dict: dict[str, Any]) -> "DeltaDatasetSource":
        known = ("path", "delta_table_name", "delta_table_version", "delta_table_id")
        return cls(**{key: source_dict[key] for key in known if key in source_dict})

    def load(self, dst_path: str | None = None) -> Any:  # noqa: ARG002  (nothing is copied)
        """The table at that version, as a ``deltalake.DeltaTable``."""
        if self.path is None:
            raise UnsupportedError(
                f"The table '{self.delta_table_name}' is known to a catalog only; without its path it cannot "
                "be opened here."
            )
        return _opened(self.path, self.delta_table_version)


class DeltaDataset(Dataset):
    """One version of a table; digest and counts are taken from its log, not from its rows."""

    def __init__(
        self,
        path: str,
        version: int | None = None,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        self._table = _opened(path, version)
        self.targets, self.version = targets, self._table.version()
        self._id = str(self._table.metadata().id)
        source = DeltaDatasetSource(path, None, self.version, self._id)
        super().__init__(source, name or PurePosixPath(path.rstrip("/")).name, digest)
        self._require(targets, self.df.schema.names, "targets")

    @cached_property
    def df(self) -> Any:
        """The version as a ``pyarrow.dataset.Dataset``, which reads what it is asked for."""
        return self._table.to_pyarrow_dataset()

    @property
    def schema(self) -> Any:
        return schemas.of_arrow(self.df.schema)

    @property
    def profile(self) -> dict[str, int]:
        """Rows, files, and the time of the version in milliseconds since 1970."""
        history = self._table.history(1)
        found = {"num_rows": self._table.count(), "num_files": len(self._table.file_uris())}
        return found | {"timestamp": int(history[0]["timestamp"])} if history else found

    def _digest(self) -> str:
        return hashlib.sha256(f"{self._id} {self.version}".encode()).hexdigest()[:16]


def from_delta(
    path: str,
    version: int | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
) -> DeltaDataset:
    """A version of a Delta Lake table, the latest unless one is named; ``path`` is a folder or a URL.

    Raises `NotFoundError` where there is no such table or version.
    """
    return DeltaDataset(str(path), version, targets, name, digest)


def _opened(path: str, version: int | None) -> Any:
    missing = plugins.load("deltalake.exceptions:TableNotFoundError")
    refused = plugins.load("deltalake.exceptions:DeltaError")
    try:
        return plugins.load("deltalake:DeltaTable")(path, version=version)
    except missing as error:
        raise NotFoundError(f"There is no Delta Lake table at '{path}'.") from error
    except refused as error:
        if version is None:
            raise InvalidValueError(f"The table at '{path}' cannot be read: {error}") from error
        raise NotFoundError(
            f"The table at '{path}' has no version {version} (any more): {error}"
        ) from error
