"""A dataset as a user holds it: the description that is stored, and the data itself beside it."""

import hashlib
import json
from functools import cached_property
from typing import Any

import msgspec

from headrace import entities
from headrace.data.sources import from_stored, resolve_source
from headrace.errors import InvalidValueError

DEFAULT_NAME = "dataset"


class Dataset:
    """What all kinds share; a kind says how digest, schema and profile are made from its data."""

    def __init__(
        self, source: Any = None, name: str | None = None, digest: str | None = None
    ) -> None:
        self._source = resolve_source(source)
        self._name, self._given_digest = name, digest

    @property
    def source(self) -> Any:
        """Where the data came from."""
        return self._source

    @property
    def name(self) -> str:
        """The name, ``dataset`` for one that got none."""
        return self._name or DEFAULT_NAME

    @cached_property
    def digest(self) -> str:
        """A short digest of the content: another one means other data."""
        return self._given_digest or self._digest()

    @property
    def schema(self) -> Any:
        """The columns or shapes, as they are stored."""
        return None

    @property
    def profile(self) -> Any:
        """Sizes, as they are stored."""
        return None

    def _digest(self) -> str:
        text = json.dumps([self.name, self.source.to_dict(), self.schema], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def to_dict(self) -> dict[str, str | None]:
        """What is stored of it."""
        return {
            "name": self.name,
            "digest": self.digest,
            "source": self.source.to_json(),
            "source_type": self.source._get_source_type(),  # noqa: SLF001  (MLflow's name for it)
            "schema": _json(self.schema),
            "profile": _json(self.profile),
        }

    def to_json(self) -> str:
        """What is stored of it, as text."""
        return json.dumps(self.to_dict())

    def to_entity(self) -> entities.Dataset:
        """What is stored of it, as a noun of the wire."""
        return msgspec.convert(self.to_dict(), entities.Dataset)

    def _to_mlflow_entity(self) -> entities.Dataset:
        return self.to_entity()  # what MLflow's own functions ask a dataset for

    def _require(self, column: str | None, columns: Any, role: str) -> None:
        if column is not None and column not in columns:
            known = ", ".join(map(str, list(columns)[:20]))
            raise InvalidValueError(
                f"There is no column '{column}' for the {role}. Columns: {known}."
            )


class MetaDataset(Dataset):
    """A dataset that is described only, because it is too large, or not here: ``schema`` is given."""

    def __init__(
        self,
        source: Any,
        name: str | None = None,
        digest: str | None = None,
        schema: Any = None,
    ) -> None:
        super().__init__(source, name, digest)
        self._schema = schema

    @property
    def schema(self) -> Any:
        return self._schema


def get_source(dataset: Any) -> Any:
    """Where a dataset came from: one that is held here, or one that a run's inputs name."""
    if isinstance(dataset, entities.DatasetInput):
        dataset = dataset.dataset
    if isinstance(dataset, entities.Dataset):
        return from_stored(dataset.source_type, dataset.source)
    if hasattr(dataset, "source"):
        return dataset.source
    raise InvalidValueError(f"A {type(dataset).__name__} is no dataset.")


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
