"""Datasets: what a run was trained on and evaluated with, by name, digest, schema and place.

A dataset is described, never copied: what is stored is its name, a digest of its content, its columns or
shapes, and where it came from.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "headrace.data.again": "DataChangedError load_again",
    "headrace.data.arrays": "NumpyDataset from_numpy",
    "headrace.data.dataset": "Dataset MetaDataset get_source",
    "headrace.data.delta": "DeltaDataset DeltaDatasetSource from_delta",
    "headrace.data.files": "FileDataset from_files",
    "headrace.data.huggingface": "HuggingFaceDataset HuggingFaceDatasetSource from_huggingface",
    "headrace.data.sources": (
        "ArtifactDatasetSource CodeDatasetSource DatasetSource HTTPDatasetSource resolve_source"
    ),
    "headrace.data.spark": "SparkDatasetSource",
    "headrace.data.sql": "SQLDatasetSource from_sql",
    "headrace.data.tables": (
        "ArrowDataset PandasDataset PolarsDataset from_arrow from_pandas from_polars load"
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605  (it is one: sorted of names)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'headrace.data' has no attribute '{name}'")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return list(__all__)
