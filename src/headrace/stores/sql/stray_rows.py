"""Rows that refer to what is not there, and what else a database says of itself."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Executable,
    Table,
    delete,
    exists,
    func,
    select,
    text,
    update,
)

from headrace.stores.keeping import Examined, ExamineRows, Finding
from headrace.stores.sql.tables import (
    datasets,
    evaluation_dataset_experiments,
    evaluation_dataset_records,
    evaluation_dataset_tags,
    evaluation_datasets,
    experiment_tags,
    experiments,
    keys,
    logged_model_metrics,
    logged_model_params,
    logged_model_tags,
    logged_models,
    metadata,
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
from headrace.stores.sql.view import View

_MOST_TOLD = 20


_Reference = tuple[Column[Any], Table]
"""A column that names a row of another table."""

_OF_RUNS = (params, tags, metric_series, metric_batches, metric_chunks, run_datasets, run_models)
_OF_MODELS = (logged_model_params, logged_model_tags, logged_model_metrics)
_OF_DATASETS = (
    evaluation_dataset_tags,
    evaluation_dataset_experiments,
    evaluation_dataset_records,
)
# Rows that nobody can reach without what they refer to.
_REMOVABLE: tuple[_Reference, ...] = (
    *((table.c.run, runs) for table in _OF_RUNS),
    *((table.c.model, logged_models) for table in _OF_MODELS),
    *((table.c.dataset, evaluation_datasets) for table in _OF_DATASETS),
    (run_datasets.c.dataset, datasets),
    (experiment_tags.c.experiment, experiments),
    (evaluation_dataset_experiments.c.experiment, experiments),
)
# Whole runs, models and datasets, and values whose name is lost: a person has to look at these.
_LASTING: tuple[_Reference, ...] = (
    *((table.c.experiment, experiments) for table in (runs, datasets, logged_models)),
    *((table.c.key, keys) for table in (params, tags, metric_series, metric_chunks)),
)


def examine(view: View, question: ExamineRows) -> Examined:
    """The database's own check, then its rows, table by table."""
    tx = view if question.repair and isinstance(view, Transaction) else None
    findings = [*_of_database(view), *_strays(view, tx), *_misplaced(view, tx)]
    looked_at = sum(
        int(view.connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    )
    return Examined(looked_at, findings)


def _of_database(view: View) -> Iterator[Finding]:
    if view.dialect.name != "sqlite":
        return
    rows = view.rows(text(f"PRAGMA integrity_check({_MOST_TOLD})"))
    for (problem,) in rows:
        if problem != "ok":
            yield Finding("database", "the file", problem, "damaged")


def _strays(view: View, tx: Transaction | None) -> Iterator[Finding]:
    for number, (column, target) in enumerate((*_REMOVABLE, *_LASTING)):
        table, is_stray = column.table, ~exists().where(target.c.id == column)
        count = _count(view, table, is_stray)
        if not count:
            continue
        problem = f"{count} refer to {target.name} that are not there"
        if number >= len(_REMOVABLE):
            yield Finding("rows", table.name, problem, "damaged", count)
        else:
            yield _repaired(tx, delete(table).where(is_stray), table, problem, count)


def _misplaced(view: View, tx: Transaction | None) -> Iterator[Finding]:
    """What search reads repeats the experiment of the run."""
    for table in (params, tags, metric_series):
        of_run = select(runs.c.experiment).where(runs.c.id == table.c.run).scalar_subquery()
        is_misplaced = exists().where(
            runs.c.id == table.c.run, runs.c.experiment != table.c.experiment
        )
        count = _count(view, table, is_misplaced)
        if count:
            problem = f"{count} name another experiment than their run is in"
            change = update(table).where(is_misplaced).values(experiment=of_run)
            yield _repaired(tx, change, table, problem, count)


def _repaired(
    tx: Transaction | None, change: Executable, table: Any, problem: str, count: int
) -> Finding:
    if tx is not None:
        tx.change(change)
    return Finding("rows", table.name, problem, "repaired" if tx else "repairable", count)


def _count(view: View, table: Any, condition: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(condition)
    return int(view.connection.execute(query).scalar_one())
