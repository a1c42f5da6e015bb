"""Logged models: create, find, change, and the metrics that name them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select, update

from headrace.entities import (
    LoggedModel,
    LoggedModelData,
    LoggedModelInfo,
    LoggedModelParameter,
    LoggedModelTag,
    Metric,
)
from headrace.errors import BadRequestError, ConflictError, NotFoundError
from headrace.naming import new_model_id, random_name
from headrace.stores.points import from_bits, searchable, to_bits
from headrace.stores.sql import experiments
from headrace.stores.sql.reading import floats, slices
from headrace.stores.sql.tables import experiments as experiment_table
from headrace.stores.sql.tables import (
    logged_model_metrics,
    logged_model_params,
    logged_model_tags,
    logged_models,
)
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import tracking as w

STATUS_NUMBER = {
    "LOGGED_MODEL_STATUS_UNSPECIFIED": 0,
    "LOGGED_MODEL_PENDING": 1,
    "LOGGED_MODEL_READY": 2,
    "LOGGED_MODEL_UPLOAD_FAILED": 3,
}
_STATUS_NAME = {number: name for name, number in STATUS_NUMBER.items()}


def create(tx: Transaction, question: w.CreateLoggedModel) -> w.GotLoggedModel:
    """Make a model that is PENDING until it is finalized; the same id again answers the one that is there."""
    experiment = experiments.active(tx, question.experiment_id)
    if question.model_id is not None and (there := _with_id(tx, question.model_id)):
        if there.experiment != experiment:
            raise ConflictError(
                f"Logged model {question.model_id} exists in another experiment, {there.experiment}."
            )
        return w.GotLoggedModel(load(tx, [there.id])[0])
    created, updated = question.creation_timestamp_ms, question.last_updated_timestamp_ms
    row = {
        "model_id": question.model_id or new_model_id(),
        "experiment": experiment,
        "name": question.name or random_name(),
        "deleted": 0,
        "status": STATUS_NUMBER[question.status or "LOGGED_MODEL_PENDING"],
        "model_type": question.model_type or "",
        "source_run_id": question.source_run_id or "",
        "status_message": question.status_message,
        "created": tx.now if created is None else created,
        "updated": tx.now if updated is None else updated,
    }
    tx.writes += 1
    number = tx.dialect.insert_one(tx.cursor, logged_models, row)
    _add_params(tx, number, question.params)
    _set_tags(tx, number, question.tags)
    return w.GotLoggedModel(load(tx, [number])[0])


def get(view: View, question: w.GetLoggedModel) -> w.GotLoggedModel:
    """One model, whole."""
    row = _row(view, question.model_id)
    if row.deleted and not question.allow_deleted:
        raise NotFoundError(f"Logged model with ID '{question.model_id}' not found.")
    return w.GotLoggedModel(load(view, [row.id])[0])


def _row(view: View, model_id: str) -> Any:
    found = _with_id(view, model_id)
    if found is None:
        raise NotFoundError(f"Logged model with ID '{model_id}' not found.")
    return found


def _with_id(view: View, model_id: str) -> Any:
    query = select(logged_models.c.id, logged_models.c.deleted, logged_models.c.experiment).where(
        logged_models.c.model_id == model_id
    )
    return next(iter(view.rows(query)), None)


def _active(tx: Transaction, model_id: str) -> int:
    row = _row(tx, model_id)
    if row.deleted:
        raise NotFoundError(f"Logged model with ID '{model_id}' not found.")
    return int(row.id)


def finalize(tx: Transaction, question: w.FinalizeLoggedModel) -> w.GotLoggedModel:
    """Set the status."""
    number = _active(tx, question.model_id)
    _touch(tx, number, status=STATUS_NUMBER[question.status])
    return w.GotLoggedModel(load(tx, [number])[0])


def remove(tx: Transaction, question: w.DeleteLoggedModel) -> w.Nothing:
    """Mark a model deleted."""
    _touch(tx, int(_row(tx, question.model_id).id), deleted=1)
    return w.Nothing()


def add_params(tx: Transaction, question: w.LogLoggedModelParams) -> w.Nothing:
    """Write further params of a model."""
    number = _active(tx, question.model_id)
    stored = _texts(tx, logged_model_params, [number]).get(number, {})
    for param in question.params:
        if param.key in stored and stored[param.key] != param.value:
            raise BadRequestError(
                f"Param '{param.key}' of logged model {question.model_id} is already '{stored[param.key]}'; "
                f"a param is written once, got '{param.value}'."
            )
    _add_params(tx, number, [param for param in question.params if param.key not in stored])
    return w.Nothing()


def set_tags(tx: Transaction, question: w.SetLoggedModelTags) -> w.GotLoggedModel:
    """Set tags of a model."""
    number = _active(tx, question.model_id)
    _set_tags(tx, number, question.tags)
    _touch(tx, number)
    return w.GotLoggedModel(load(tx, [number])[0])


def delete_tag(tx: Transaction, question: w.DeleteLoggedModelTag) -> w.Nothing:
    """Remove one tag of a model."""
    number = _active(tx, question.model_id)
    this = (logged_model_tags.c.model == number) & (logged_model_tags.c.key == question.tag_key)
    if not tx.change(delete(logged_model_tags).where(this)).rowcount:
        raise NotFoundError(
            f"No tag with key '{question.tag_key}' in logged model {question.model_id}"
        )
    _touch(tx, number)
    return w.Nothing()


def _touch(tx: Transaction, number: int, **values: int) -> None:
    change = {"updated": tx.now, **values}
    tx.change(update(logged_models).where(logged_models.c.id == number).values(change))


def _add_params(tx: Transaction, number: int, given: Sequence[LoggedModelParameter]) -> None:
    _upsert(tx, logged_model_params, number, {param.key: param.value for param in given})


def _set_tags(tx: Transaction, number: int, given: Sequence[LoggedModelTag]) -> None:
    _upsert(tx, logged_model_tags, number, {tag.key: tag.value for tag in given})


def _upsert(tx: Transaction, table: Table, number: int, values: Mapping[str, str]) -> None:
    if values:
        tx.writes += 1
        tx.dialect.upsert(tx.cursor, table, [(number, key, value) for key, value in values.items()])


# Metrics of models


def numbers_of(tx: Transaction, model_ids: Iterable[str]) -> dict[str, int]:
    """The numbers of models that a metric names; an unknown one is a `BadRequestError`."""
    wanted = list(model_ids)
    if not wanted:
        return {}
    query = select(logged_models.c.model_id, logged_models.c.id).where(
        logged_models.c.model_id.in_(wanted)
    )
    found: dict[str, int] = dict(tx.rows(query))
    for model_id in wanted:
        if model_id not in found:
            raise BadRequestError(
                f"Logged model with ID '{model_id}' not found; the metric names it."
            )
    return found


def write_metrics(
    tx: Transaction, run_id: str, numbers: Mapping[str, int], metrics: Sequence[Metric]
) -> None:
    """Keep the latest point of each (model, metric, dataset) that the run logs."""
    stored = _stored_metrics(tx, run_id, numbers.values())
    latest: dict[tuple[Any, ...], Metric] = {}
    for metric in metrics:
        assert metric.model_id is not None
        where = (numbers[metric.model_id], metric.key, metric.dataset_name, metric.dataset_digest)
        if where not in latest or _place(metric) >= _place(latest[where]):
            latest[where] = metric
    table = logged_model_metrics
    for where, metric in latest.items():
        values = {"step": metric.step, "time": metric.timestamp, **_value(metric.value)}
        old = stored.get(where)
        if old is None:
            model, key, name, digest = where
            row = {
                "model": model,
                "key": key,
                "run_id": run_id,
                "dataset_name": name,
                "dataset_digest": digest,
            }
            tx.change(insert(table), {**row, **values})
        elif _order(old.step, old.time, old.bits) <= _place(metric):
            tx.change(update(table).where(table.c.id == old.id).values(values))


def _stored_metrics(
    tx: Transaction, run_id: str, numbers: Iterable[int]
) -> dict[tuple[Any, ...], Any]:
    table = logged_model_metrics
    query = select(table).where(table.c.model.in_(list(numbers)), table.c.run_id == run_id)
    return {
        (row.model, row.key, row.dataset_name, row.dataset_digest): row for row in tx.rows(query)
    }


def _place(metric: Metric) -> tuple[int, int, float, int]:
    return _order(metric.step, metric.timestamp, to_bits(metric.value))


def _order(step: int, time: int, bits: int) -> tuple[int, int, float, int]:
    """What decides which point is the latest: a NaN counts as 0, among equal values the bits decide."""
    value = from_bits(bits)
    return (step, time, 0.0 if value != value else value, bits)


def _value(value: float) -> dict[str, Any]:
    return {"value": searchable(value), "bits": to_bits(value)}


# Reading


def load(view: View, numbers: Sequence[int]) -> list[LoggedModel]:
    """Whole models, in the order of their numbers."""
    rows = {row.id: row for some in slices(numbers) for row in _rows(view, some)}
    params = _texts(view, logged_model_params, numbers)
    tags = _texts(view, logged_model_tags, numbers)
    metrics = _metrics(view, numbers)
    return [
        LoggedModel(
            _info(view, rows[number], tags.get(number, {})),
            LoggedModelData(
                [LoggedModelParameter(*pair) for pair in params.get(number, {}).items()],
                metrics.get(number, []),
            ),
        )
        for number in numbers
        if number in rows
    ]


def _rows(view: View, numbers: Sequence[int]) -> list[Any]:
    query = select(logged_models, experiment_table.c.artifact_location).join(experiment_table)
    return view.rows(query.where(logged_models.c.id.in_(numbers)))


def _info(view: View, row: Any, tags: Mapping[str, str]) -> LoggedModelInfo:
    return LoggedModelInfo(
        model_id=row.model_id,
        experiment_id=str(row.experiment),
        name=row.name,
        creation_timestamp_ms=row.created,
        last_updated_timestamp_ms=row.updated,
        artifact_uri=view.place.of_model(row.experiment, row.artifact_location, row.model_id),
        status=cast("Any", _STATUS_NAME[row.status]),
        model_type=row.model_type,
        source_run_id=row.source_run_id,
        status_message=row.status_message,
        tags=[LoggedModelTag(*pair) for pair in tags.items()],
    )


def _texts(view: View, table: Table, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for some in slices(numbers):
        for number, key, value in view.rows(
            select(table).where(table.c.model.in_(some)).order_by(table.c.key)
        ):
            found[number][key] = value
    return found


def _metrics(view: View, numbers: Sequence[int]) -> dict[int, list[Metric]]:
    found: dict[int, list[Metric]] = defaultdict(list)
    table = logged_model_metrics
    query = select(table, logged_models.c.model_id).join(logged_models)
    rows = [
        row
        for some in slices(numbers)
        for row in view.rows(query.where(table.c.model.in_(some)).order_by(table.c.key, table.c.id))
    ]
    for row, value in zip(rows, floats([row.bits for row in rows]), strict=True):
        found[row.model].append(
            Metric(
                row.key,
                value,
                row.time,
                row.step,
                row.model_id,
                row.dataset_name,
                row.dataset_digest,
                row.run_id,
            )
        )
    return found
