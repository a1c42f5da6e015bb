"""Runs: create, change, and write params, tags and metrics to."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, update

from headrace.entities import (
    PARENT_RUN_TAG,
    RUN_NAME_TAG,
    Metric,
    Param,
    RunTag,
)
from headrace.errors import ConflictError, InvalidStateError, InvalidValueError, NotFoundError
from headrace.stores.sql import experiments, folding, models, reading
from headrace.stores.sql.new_runs import NewRun, parent_in
from headrace.stores.sql.stages import CONDEMNED
from headrace.stores.sql.tables import (
    PARAM_KIND,
    STATUS_NUMBER,
    TAG_KIND,
    params,
    runs,
    tags,
)
from headrace.stores.sql.transaction import RunKey, Transaction
from headrace.wire import tracking as w

_ENDED = {"FINISHED", "FAILED", "KILLED"}
_LOG_MODEL_TAG = "mlflow.log-model.history"


def create(tx: Transaction, question: w.CreateRun) -> w.GotRun:
    """Make the run of the id that the question has; if it is there, that is the answer."""
    run_id = question.run_id or ""
    tx.lock_runs([run_id])
    if tx.has_run(run_id):
        run = tx.run(run_id)
        if str(run.experiment) != question.experiment_id:
            raise ConflictError(f"Run {run_id} exists in another experiment, {run.experiment}.")
        return w.GotRun(reading.load_runs(tx, [run.id])[0])
    location = tx.active_experiment(experiments.number_of(question.experiment_id))
    new = NewRun.of(question)
    tx.add_run(new.row, new.tags)
    return new.told(tx.place, location)


def change(tx: Transaction, question: w.UpdateRun) -> w.UpdatedRun:
    """Change what is given; a run that ends is packed for reading."""
    run = tx.active_run(question.run_id)
    values: dict[str, Any] = {}
    if question.status is not None:
        values["status"] = STATUS_NUMBER[question.status]
    if question.end_time is not None:
        values["end_time"] = question.end_time
    if question.run_name:
        values["name"] = question.run_name
        tx.write_values(tags, TAG_KIND, run, {RUN_NAME_TAG: question.run_name})
    if values:
        tx.change(update(runs).where(runs.c.id == run.id).values(values))
    if question.status in _ENDED:
        tx.flush()
        folding.finish(tx, run.id)
    return w.UpdatedRun(reading.load_infos(tx, [run.id])[0])


def remove(tx: Transaction, question: w.DeleteRun) -> w.Nothing:
    """Mark a run deleted."""
    return _move(tx, question.run_id, deleted=1)


def restore(tx: Transaction, question: w.RestoreRun) -> w.Nothing:
    """Mark a run active."""
    return _move(tx, question.run_id, deleted=0)


def _move(tx: Transaction, run_id: str, *, deleted: int) -> w.Nothing:
    run = tx.run(run_id)
    if run.deleted == CONDEMNED and not deleted:
        raise InvalidStateError(
            f"The run {run_id} is being removed for good; it cannot be restored."
        )
    if run.deleted == 1 - deleted:
        values = {"deleted": deleted, "deleted_time": tx.now if deleted else None}
        tx.change(update(runs).where(runs.c.id == run.id).values(values))
        tx.changed_run(run._replace(deleted=deleted))
    return w.Nothing()


# Params, tags, metrics


def log_batch(tx: Transaction, question: w.LogBatch) -> w.Nothing:
    """All of it or nothing."""
    run = tx.active_run(question.run_id)
    of_models = [metric for metric in question.metrics if metric.model_id]
    linked = models.numbers_of(tx, {metric.model_id for metric in of_models if metric.model_id})
    if question.params:
        write_params(tx, run, question.params)
    if question.metrics:
        tx.add_points(run, question.metrics)
    if of_models:
        models.write_metrics(tx, run.run_id, linked, of_models)
    if question.tags:
        set_tags(tx, run, question.tags)
    return w.Nothing()


def log_metric(tx: Transaction, question: w.LogMetric) -> w.Nothing:
    """One point."""
    return log_batch(tx, w.LogBatch(question.run_id, metrics=[_point(question)]))


def _point(question: w.LogMetric) -> Metric:
    return Metric(
        question.key, question.value, question.timestamp, question.step,
        question.model_id, question.dataset_name, question.dataset_digest,
    )  # fmt: skip


def points_only(question: Any) -> list[Metric] | None:
    """The points that a question adds to a run, if that is all it does."""
    if isinstance(question, w.LogMetric):
        return None if question.model_id else [_point(question)]
    if isinstance(question, w.LogBatch) and not question.params and not question.tags:
        return None if any(point.model_id for point in question.metrics) else question.metrics
    return None


def log_param(tx: Transaction, question: w.LogParam) -> w.Nothing:
    """One param."""
    return log_batch(tx, w.LogBatch(question.run_id, params=[Param(question.key, question.value)]))


def set_tag(tx: Transaction, question: w.SetTag) -> w.Nothing:
    """One tag."""
    return log_batch(tx, w.LogBatch(question.run_id, tags=[RunTag(question.key, question.value)]))


def delete_tag(tx: Transaction, question: w.DeleteTag) -> w.Nothing:
    """Remove one tag."""
    run = tx.active_run(question.run_id)
    number = tx.names.numbers_of(tx.connection, [question.key]).get(question.key)
    this = (tags.c.run == run.id) & (tags.c.key == (number if number is not None else -1))
    if not tx.change(delete(tags).where(this)).rowcount:
        raise NotFoundError(f"No tag with name: {question.key} in run with id {question.run_id}")
    if question.key == PARENT_RUN_TAG:
        tx.change(update(runs).where(runs.c.id == run.id).values(parent_run_id=None))
    return w.Nothing()


def log_model_record(tx: Transaction, question: w.LogModelRecord) -> w.Nothing:
    """Append to the history that clients of version 2 keep in a tag."""
    try:
        record = msgspec.json.decode(question.model_json, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidValueError(f"'model_json' must be a JSON object: {error}") from error
    run = tx.active_run(question.run_id)
    before = reading.load_runs(tx, [run.id])[0].data.tags.get(_LOG_MODEL_TAG, "[]")
    history = [*msgspec.json.decode(before, type=list[Any]), record]
    set_tags(tx, run, [RunTag(_LOG_MODEL_TAG, msgspec.json.encode(history).decode())])
    return w.Nothing()


def write_params(tx: Transaction, run: RunKey, given: Sequence[Param]) -> None:
    """Write new params; one that is there with another value refuses the whole batch."""
    values = {param.key: param.value for param in given}
    known = tx.names.numbers_of(tx.connection, list(values))
    pairs = [(run.id, known[key]) for key in values if key in known]
    stored = (
        {row[1]: whole(row) for row in tx.dialect.select_pairs(tx.cursor, params, pairs)}
        if pairs
        else {}
    )
    changed = [
        (key, stored[known[key]], value)
        for key, value in values.items()
        if key in known and stored.get(known[key], value) != value
    ]
    if changed:
        told = "; ".join(
            f"Param with key='{key}' was already logged with value='{old}' for run ID='{run.run_id}'. "
            f"Attempted logging new value '{new}'."
            for key, old, new in changed
        )
        raise InvalidValueError(f"Changing param values is not allowed. {told}")
    new = {key: value for key, value in values.items() if known.get(key) not in stored}
    tx.write_values(params, PARAM_KIND, run, new)


def whole(row: Sequence[Any]) -> str:
    """The text that a row of ``params`` or ``tags`` holds."""
    value, tail = row[3], row[5]
    return str(value if tail is None else value + tail)


def set_tags(tx: Transaction, run: RunKey, given: Iterable[RunTag]) -> None:
    """Write tags; those that name the run or its parent are kept with the run, too."""
    values = {tag.key: tag.value for tag in given}
    tx.write_values(tags, TAG_KIND, run, values)
    known: dict[str, str | None] = {}
    if RUN_NAME_TAG in values:
        known["name"] = values[RUN_NAME_TAG]
    if PARENT_RUN_TAG in values:
        known["parent_run_id"] = parent_in(values[PARENT_RUN_TAG])
    if known:
        tx.change(update(runs).where(runs.c.id == run.id).values(known))
