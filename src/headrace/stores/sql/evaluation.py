"""Evaluation datasets: create, find, change; their tags, and the experiments that have them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Select, delete, select, update

from headrace.entities import USER_TAG, EvaluationDataset
from headrace.errors import NotFoundError
from headrace.naming import new_evaluation_dataset_id
from headrace.stores.sql import experiments
from headrace.stores.sql.reading import slices
from headrace.stores.sql.tables import (
    evaluation_dataset_experiments,
    evaluation_dataset_records,
    evaluation_dataset_tags,
    evaluation_datasets,
)
from headrace.stores.sql.tables import experiments as experiment_table
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import evaluation as e
from headrace.wire.limits import NAME_LENGTH, check_length
from headrace.wire.records import read_tags
from headrace.wire.tracking import Nothing


class NewDataset(NamedTuple):
    """A dataset to make, with an id from before it is queued, so that doing it again adds nothing."""

    dataset_id: str
    name: str
    experiment_ids: Sequence[str]
    tags: Mapping[str, str | None]


def prepared(question: e.CreateEvaluationDataset) -> NewDataset:
    """What is to be made; `InvalidValueError` for tags that cannot be."""
    tags = read_tags(question.tags or "{}")
    check_length(tags.get(USER_TAG), f"tags.{USER_TAG}", NAME_LENGTH)
    return NewDataset(new_evaluation_dataset_id(), question.name, question.experiment_ids, tags)


def create(tx: Transaction, new: NewDataset) -> e.GotEvaluationDataset:
    """Make a dataset; the same id again answers the dataset that is there."""
    there = tx.rows(_one(new.dataset_id))
    if there:
        return _got(tx, there[0].id)
    having = _existing(tx, new.experiment_ids)
    user = new.tags.get(USER_TAG)
    row = {
        "dataset_id": new.dataset_id,
        "name": new.name,
        "digest": next_digest("", new.dataset_id),
        "records": 0,
        "positions": 0,
        "created": tx.now,
        "updated": tx.now,
        "created_by": user,
        "last_updated_by": user,
    }
    tx.writes += 1
    number = tx.dialect.insert_one(tx.cursor, evaluation_datasets, row)
    _write_tags(tx, number, new.tags)
    _link(tx, number, having)
    return _got(tx, number)


def get(view: View, question: e.GetEvaluationDataset) -> e.GotEvaluationDataset:
    """One dataset, without its records."""
    return _got(view, found(view, question.dataset_id).id)


def remove(tx: Transaction, question: e.DeleteEvaluationDataset) -> Nothing:
    """Remove a dataset and all that is in it."""
    for row in tx.rows(_one(question.dataset_id).with_for_update()):
        for table in (
            evaluation_dataset_records,
            evaluation_dataset_tags,
            evaluation_dataset_experiments,
        ):
            tx.change(delete(table).where(table.c.dataset == row.id))
        tx.change(delete(evaluation_datasets).where(evaluation_datasets.c.id == row.id))
    return Nothing()


def _one(dataset_id: str) -> Select[Any]:
    return select(evaluation_datasets).where(evaluation_datasets.c.dataset_id == dataset_id)


def found(view: View, dataset_id: str) -> Any:
    """The row of a dataset; `NotFoundError` without one."""
    return _only(view.rows(_one(dataset_id)), dataset_id)


def locked(tx: Transaction, dataset_id: str) -> Any:
    """The row of a dataset that no other writer changes before this transaction ends."""
    return _only(tx.rows(_one(dataset_id).with_for_update()), dataset_id)


def _only(rows: Sequence[Any], dataset_id: str) -> Any:
    if not rows:
        raise NotFoundError(f"No evaluation dataset with id '{dataset_id}' exists.")
    return rows[0]


def touch(tx: Transaction, number: int, **values: Any) -> None:
    """Note that a dataset changes now, and what of it."""
    change = {"updated": tx.now, **values}
    tx.change(update(evaluation_datasets).where(evaluation_datasets.c.id == number).values(change))


def next_digest(before: str, change: str) -> str:
    """The digest of a dataset after a change; no two datasets share one."""
    return hashlib.sha256(f"{before}\0{change}".encode()).hexdigest()[:8]


# Tags


def set_tags(tx: Transaction, question: e.SetEvaluationDatasetTags) -> Nothing:
    """Set those tags that have a value."""
    tags = read_tags(question.tags)
    number = found(tx, question.dataset_id).id
    _write_tags(tx, number, {key: value for key, value in tags.items() if value is not None})
    return Nothing()


def _write_tags(tx: Transaction, number: int, tags: Mapping[str, str | None]) -> None:
    if tags:
        tx.writes += 1
        rows = [(number, key, value) for key, value in tags.items()]
        tx.dialect.upsert(tx.cursor, evaluation_dataset_tags, rows)


def delete_tag(tx: Transaction, question: e.DeleteEvaluationDatasetTag) -> Nothing:
    """Remove one tag, if it is there."""
    table = evaluation_dataset_tags
    number = found(tx, question.dataset_id).id
    tx.change(delete(table).where(table.c.dataset == number, table.c.key == question.key))
    return Nothing()


# Experiments


def add_experiments(
    tx: Transaction, question: e.AddEvaluationDatasetExperiments
) -> e.GotEvaluationDataset:
    """Have further experiments share a dataset."""
    number = locked(tx, question.dataset_id).id
    new = set(_existing(tx, question.experiment_ids)).difference(*_having(tx, [number]).values())
    if new:
        _link(tx, number, new)
        touch(tx, number)
    return _got(tx, number)


def remove_experiments(
    tx: Transaction, question: e.RemoveEvaluationDatasetExperiments
) -> e.GotEvaluationDataset:
    """Take a dataset from experiments."""
    number = locked(tx, question.dataset_id).id
    table = evaluation_dataset_experiments
    gone = experiments.numbers_of(question.experiment_ids)
    these = (table.c.dataset == number) & table.c.experiment.in_(gone)
    if tx.change(delete(table).where(these)).rowcount:
        touch(tx, number)
    return _got(tx, number)


def get_experiments(
    view: View, question: e.GetEvaluationDatasetExperiments
) -> e.EvaluationDatasetExperiments:
    """The experiments that have a dataset."""
    number = found(view, question.dataset_id).id
    return e.EvaluationDatasetExperiments([str(one) for one in _having(view, [number])[number]])


def _existing(tx: Transaction, experiment_ids: Iterable[str]) -> list[int]:
    """The numbers of experiments that there are, deleted ones included; each once."""
    wanted = {experiments.number_of(one): one for one in experiment_ids}
    query = select(experiment_table.c.id).where(experiment_table.c.id.in_(wanted))
    there = {row.id for row in tx.rows(query)}
    for number, experiment_id in wanted.items():
        if number not in there:
            raise NotFoundError(f"No Experiment with id={experiment_id} exists")
    return list(wanted)


def _link(tx: Transaction, number: int, having: Iterable[int]) -> None:
    rows = [(number, experiment) for experiment in having]
    if rows:
        tx.writes += 1
        table = evaluation_dataset_experiments
        tx.dialect.insert_missing(tx.cursor, table, "dataset experiment", rows)


# Reading


def _got(view: View, number: int) -> e.GotEvaluationDataset:
    return e.GotEvaluationDataset(load(view, [number])[0])


def load(view: View, numbers: Sequence[int]) -> list[EvaluationDataset]:
    """Datasets without their records, in the order of their numbers."""
    table = evaluation_datasets
    rows = {
        row.id: row
        for some in slices(numbers)
        for row in view.rows(select(table).where(table.c.id.in_(some)))
    }
    tags, having = _tags(view, numbers), _having(view, numbers)
    return [
        _entity(rows[number], tags[number], having[number]) for number in numbers if number in rows
    ]


def _entity(row: Any, tags: Mapping[str, str | None], having: Sequence[int]) -> EvaluationDataset:
    return EvaluationDataset(
        dataset_id=row.dataset_id,
        name=row.name,
        tags_text=msgspec.json.encode(tags).decode(),
        digest=row.digest,
        created_time=row.created,
        last_update_time=row.updated,
        schema=row.schema,
        profile=None if row.schema is None else f'{{"num_records": {row.records:d}}}',
        created_by=row.created_by,
        last_updated_by=row.last_updated_by,
        experiment_ids=[str(one) for one in having],
    )


def _tags(view: View, numbers: Sequence[int]) -> defaultdict[int, dict[str, str | None]]:
    tags: defaultdict[int, dict[str, str | None]] = defaultdict(dict)
    table = evaluation_dataset_tags
    for some in slices(numbers):
        query = select(table).where(table.c.dataset.in_(some)).order_by(table.c.key)
        for number, key, value in view.rows(query):
            tags[number][key] = value
    return tags


def _having(view: View, numbers: Sequence[int]) -> defaultdict[int, list[int]]:
    having: defaultdict[int, list[int]] = defaultdict(list)
    table = evaluation_dataset_experiments
    for some in slices(numbers):
        query = select(table).where(table.c.dataset.in_(some)).order_by(table.c.experiment)
        for number, experiment in view.rows(query):
            having[number].append(experiment)
    return having
