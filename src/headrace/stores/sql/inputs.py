"""What goes into a run and comes out of it: datasets and logged models."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from headrace.entities import CONTEXT_TAG, DatasetInput, DatasetSummary
from headrace.stores.sql import experiments
from headrace.stores.sql.tables import datasets, run_datasets, run_models, runs
from headrace.stores.sql.transaction import RunKey, Transaction
from headrace.stores.sql.view import View
from headrace.wire import tracking as w

_MOST_SUMMARIES = 1000


def log_inputs(tx: Transaction, question: w.LogInputs) -> w.Nothing:
    """Link datasets and models that a run reads."""
    run = tx.active_run(question.run_id)
    for given in question.datasets:
        _link(tx, run, given)
    _link_models(tx, run, 0, [(model.model_id, 0) for model in question.models])
    return w.Nothing()


def log_outputs(tx: Transaction, question: w.LogOutputs) -> w.Nothing:
    """Link models that a run made."""
    run = tx.active_run(question.run_id)
    _link_models(tx, run, 1, [(model.model_id, model.step) for model in question.models])
    return w.Nothing()


def _link(tx: Transaction, run: RunKey, given: DatasetInput) -> None:
    number = _number(tx, run.experiment, given)
    context = next((tag.value for tag in given.tags if tag.key == CONTEXT_TAG), None)
    row = (run.id, number, context, msgspec.json.encode(given.tags).decode())
    tx.writes += 1
    tx.dialect.insert_missing(tx.cursor, run_datasets, "run dataset context tags", [row])


def _number(tx: Transaction, experiment: int, given: DatasetInput) -> int:
    dataset = given.dataset
    query = select(datasets.c.id).where(
        datasets.c.experiment == experiment,
        datasets.c.name == dataset.name,
        datasets.c.digest == dataset.digest,
    )
    rows = tx.rows(query)
    if rows:
        return int(rows[0].id)
    row = {"experiment": experiment, **msgspec.structs.asdict(dataset)}
    tx.writes += 1
    return tx.dialect.insert_one(tx.cursor, datasets, row)


def _link_models(
    tx: Transaction, run: RunKey, output: int, models: Sequence[tuple[str, int]]
) -> None:
    if models:
        tx.writes += 1
        rows = [(run.id, output, model_id, step) for model_id, step in models]
        tx.dialect.insert_missing(tx.cursor, run_models, "run output model_id step", rows)


def search_datasets(view: View, question: w.SearchDatasets) -> w.FoundDatasets:
    """The datasets of active runs, each with each context that it was used in."""
    numbers = experiments.numbers_of(question.experiment_ids)
    query = (
        select(datasets.c.experiment, datasets.c.name, datasets.c.digest, run_datasets.c.context)
        .join(run_datasets, run_datasets.c.dataset == datasets.c.id)
        .join(runs, runs.c.id == run_datasets.c.run)
        .where(datasets.c.experiment.in_(numbers), runs.c.deleted == 0)
        .distinct()
        .order_by(datasets.c.experiment, datasets.c.name, datasets.c.digest, run_datasets.c.context)
        .limit(_MOST_SUMMARIES)
    )
    return w.FoundDatasets(
        [
            DatasetSummary(str(experiment), name, digest, context)
            for experiment, name, digest, context in view.rows(query)
        ]
    )
