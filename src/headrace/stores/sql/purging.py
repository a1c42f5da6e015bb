"""Removing deleted things for good: condemned first, then their rows, some at a time."""

from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, func, select, update

from headrace.errors import InvalidStateError
from headrace.stores.keeping import Condemn, Condemned, FindDeleted, Purge, Purged
from headrace.stores.sql import binned
from headrace.stores.sql.experiments import numbers_of
from headrace.stores.sql.stages import CONDEMNED
from headrace.stores.sql.tables import (
    datasets,
    evaluation_dataset_experiments,
    experiment_tags,
    experiments,
    logged_model_metrics,
    logged_model_params,
    logged_model_tags,
    logged_models,
    metric_batches,
    metric_chunks,
    metric_series,
    params,
    run_datasets,
    run_models,
    runs,
    tags,
)
from headrace.stores.sql.transaction import Transaction

_AT_ONCE = 200
"""Rows with points that are removed in one transaction: others want to write, too."""


def condemn(tx: Transaction, question: Condemn) -> Condemned:
    """Mark those that may go."""
    tx.settle_runs()  # one of them may be nested in what is to go
    if question.kind == "run":
        tx.lock_runs(question.ids)
    asked = FindDeleted(question.kind, question.ids, before=question.before)
    found = binned.may_go(binned.find(tx, asked).items)
    ids = [item.id for item in found if not item.holds]
    table, name = _NAMES[question.kind]
    wanted: list[Any] = numbers_of(ids) if question.kind == "experiment" else ids
    if wanted:
        tx.change(update(table).where(name.in_(wanted)).values(deleted=CONDEMNED))
    if question.kind == "run":
        for run in [run for run in tx.known_runs() if run.run_id in ids]:
            tx.changed_run(run._replace(deleted=CONDEMNED))
    return Condemned(ids)


def purge(tx: Transaction, question: Purge) -> Purged:
    """Remove rows of a condemned thing."""
    table, name = _NAMES[question.kind]
    if question.kind == "run":
        tx.lock_runs([question.id])
    wanted = numbers_of([question.id]) if question.kind == "experiment" else [question.id]
    rows = tx.rows(select(table.c.id, table.c.deleted).where(name.in_(wanted)))
    if not rows:
        return Purged(done=True)
    if rows[0].deleted != CONDEMNED:
        raise InvalidStateError(f"The {question.kind} {question.id} is not condemned; it stays.")
    number = int(rows[0].id)
    rest = {"run": _purge_run, "logged_model": _purge_model, "experiment": _purge_experiment}
    if not rest[question.kind](tx, number, question.id):
        return Purged(done=False)
    tx.change(delete(table).where(table.c.id == number))
    return Purged(done=True)


_NAMES: dict[str, tuple[Table, ColumnElement[Any]]] = {
    "run": (runs, runs.c.run_id),
    "logged_model": (logged_models, logged_models.c.model_id),
    "experiment": (experiments, experiments.c.id),
}


def _purge_run(tx: Transaction, run: int, _run_id: str) -> bool:
    for table in (metric_chunks, metric_batches):
        if not _purge_points(tx, table, run):
            return False
    links = select(run_datasets.c.dataset).where(run_datasets.c.run == run)
    used = [number for (number,) in tx.rows(links)]
    for table in (metric_series, params, tags, run_datasets, run_models):
        tx.change(delete(table).where(table.c.run == run))
    if used:
        unused = ~exists().where(run_datasets.c.dataset == datasets.c.id)
        tx.change(delete(datasets).where(datasets.c.id.in_(used), unused))
    return True


def _purge_points(tx: Transaction, table: Table, run: int) -> bool:
    """Remove some rows of a run; whether that was all of them."""
    query = select(table.c.id, func.length(table.c.data)).where(table.c.run == run).limit(_AT_ONCE)
    rows = tx.rows(query)
    if rows:
        tx.change(delete(table).where(table.c.id.in_([number for number, _ in rows])))
        tx.folded += sum(size for _, size in rows)
    return len(rows) < _AT_ONCE


def _purge_model(tx: Transaction, model: int, model_id: str) -> bool:
    for table in (logged_model_params, logged_model_tags, logged_model_metrics):
        tx.change(delete(table).where(table.c.model == model))
    tx.change(delete(run_models).where(run_models.c.model_id == model_id))
    return True


def _purge_experiment(tx: Transaction, experiment: int, _experiment_id: str) -> bool:
    """Its keys stay: every process remembers which it has written, and the same name has the same id."""
    for table in (experiment_tags, evaluation_dataset_experiments, datasets):
        tx.change(delete(table).where(table.c.experiment == experiment))
    return True
