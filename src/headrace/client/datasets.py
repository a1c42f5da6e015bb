"""Datasets as a run's inputs: whatever describes data becomes what is stored of it."""

from typing import Any

from headrace.client import values
from headrace.entities import CONTEXT_TAG, Dataset, DatasetInput, InputTag
from headrace.errors import InvalidValueError


def entity_of(dataset: Any) -> Dataset:
    """What is stored of a dataset: of `headrace.data`, of MLflow, or one that is described already."""
    describe = getattr(dataset, "_to_mlflow_entity", None)
    if isinstance(dataset, Dataset):
        return dataset
    if describe is None:
        raise InvalidValueError(
            f"A dataset must be made by headrace.data, such as by from_pandas, not be a "
            f"{type(dataset).__name__}."
        )
    given = describe()
    return (
        given
        if isinstance(given, Dataset)
        else Dataset(
            given.name, given.digest, given.source_type, given.source, given.schema, given.profile
        )
    )


def input_of(dataset: Any, context: str | None, tags: dict[str, str] | None) -> DatasetInput:
    """A dataset as an input, with what it was used for and further tags."""
    entry = dataset if isinstance(dataset, DatasetInput) else DatasetInput(entity_of(dataset))
    noted = values.tags(tags, InputTag) + ([InputTag(CONTEXT_TAG, context)] if context else [])
    return DatasetInput(entry.dataset, [*entry.tags, *noted])
