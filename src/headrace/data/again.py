"""The data of a stored dataset, the same again: what its source gives now, if its digest is still that one."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import fsspec
import numpy as np

from headrace import entities, plugins
from headrace.artifacts import uris
from headrace.data.arrays import from_numpy
from headrace.data.dataset import Dataset
from headrace.data.delta import DeltaDataset, DeltaDatasetSource
from headrace.data.files import from_files
from headrace.data.huggingface import HuggingFaceDataset, HuggingFaceDatasetSource
from headrace.data.sources import (
    ArtifactDatasetSource,
    CodeDatasetSource,
    DatasetSource,
    from_stored,
)
from headrace.data.sql import SQLDatasetSource
from headrace.data.tables import PandasDataset, PolarsDataset, load
from headrace.errors import InvalidStateError, NotFoundError, UnavailableError, UnsupportedError

_log = logging.getLogger(__name__)

_ARRAYS = (".npy", ".npz")


class DataChangedError(InvalidStateError):
    """The source of a dataset holds other data than it did."""


def load_again(stored: entities.Dataset) -> Dataset:
    """The dataset that a run used, with its data (``.df``, ``.features``), checked by its digest.

    Raises `DataChangedError` where its source holds other data now, `UnsupportedError` where data cannot be
    had from such a source, and what reading it raises where it is away.
    """
    source = from_stored(stored.source_type, stored.source)
    if isinstance(source, CodeDatasetSource):
        made_by = source.tags.get("mlflow.source.name", "a program")
        raise UnsupportedError(
            f"The dataset '{stored.name}' was made by {made_by} and is kept nowhere. Give a source when it is "
            "described (from_pandas(frame, source='s3://...')), or run that program again."
        )
    others = []
    for make in _makers(source):
        try:
            found = make()
        except (NotFoundError, UnavailableError, OSError):
            raise
        except Exception as error:  # noqa: BLE001  (a reader for another kind of file: the next one is asked)
            _log.debug("%r did not read %s: %s", make, stored.source, error)
            continue
        if found.digest == stored.digest:
            return found
        others.append(found.digest)
    # A reader's digests are all of one length, which tells the one that is meant.
    now = next((digest for digest in others if len(digest) == len(stored.digest)), None)
    raise DataChangedError(
        f"The source of the dataset '{stored.name}' ({stored.source}) "
        f"{'cannot be read by what is installed here' if not others else 'holds other data now'}: a run used "
        f"the digest {stored.digest}{f', and this is {now}' if now else ''}. Either it was changed since, or "
        "the run changed it after it had read it."
    )


def _makers(source: DatasetSource) -> Iterator[Callable[[], Dataset]]:
    """The ways to make a dataset of what a source gives; which was used is not stored, but the digest tells."""
    if isinstance(source, DeltaDatasetSource) and source.path is not None:
        yield partial(DeltaDataset, source.path, source.delta_table_version)
    elif isinstance(source, SQLDatasetSource):
        yield lambda: PandasDataset(source.load(), source)
    elif isinstance(source, HuggingFaceDatasetSource):
        yield lambda: HuggingFaceDataset(source.load(), source)
    else:
        place = _place(source)
        if place.endswith(_ARRAYS):
            yield lambda: _arrays(place, source)
        else:
            yield partial(from_files, place)
            yield partial(load, place)
            yield lambda: _polars(place, source)


def _place(source: DatasetSource) -> str:
    """Where its files can be read: where they lie, if the readers know such places, else a copy here."""
    if isinstance(source, ArtifactDatasetSource):
        scheme = uris.scheme_of(source.uri)
        if scheme == "file":
            return str(uris.local_path(source.uri))
        if scheme in plugins.load("fsspec.registry:known_implementations"):
            return source.uri
    return str(source.load())


def _arrays(place: str, source: DatasetSource) -> Dataset:
    with fsspec.open(place) as file:
        found: Any = np.load(file, allow_pickle=False)
        return from_numpy(dict(found) if place.endswith(".npz") else found, source)


def _polars(place: str, source: DatasetSource) -> Dataset:
    read = plugins.load(f"polars:read_{PurePosixPath(place).suffix.lower().lstrip('.')}")
    return PolarsDataset(read(place), source)
