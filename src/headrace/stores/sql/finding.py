"""Pages of what a filter finds: experiments, runs, logged models, evaluation datasets."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import func, select

from headrace.search.fields import EVALUATION_DATASETS, EXPERIMENTS, LOGGED_MODELS, RUNS
from headrace.search.parser import parse_field, parse_filter, parse_order
from headrace.stores import paging
from headrace.stores.sql import cells, evaluation, experiments, models, reading, search
from headrace.stores.sql.stages import STAGES, stage_name
from headrace.stores.sql.tables import STATUS_NAME, runs
from headrace.wire import evaluation as e
from headrace.wire import tracking as w

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.search.tree import Field
    from headrace.stores.sql.view import View


def _run_search(
    question: w.SearchRuns | w.TabulateRuns, offset: int, limit: int
) -> search.RunSearch:
    return search.RunSearch(
        experiments=experiments.numbers_of(question.experiment_ids),
        node=parse_filter(question.filter, RUNS),
        orders=parse_order(question.order_by, RUNS),
        stages=STAGES[question.run_view_type],
        offset=offset,
        limit=limit,
    )


def search_runs(view: View, question: w.SearchRuns) -> w.FoundRuns:
    """A page of whole runs."""
    offset = paging.decode(question.page_token)
    wanted = _run_search(question, offset, question.max_results + 1)
    numbers = search.find_runs(view, wanted)
    more = len(numbers) > question.max_results
    found = reading.load_runs(view, numbers[: question.max_results])
    return w.FoundRuns(found, paging.encode(offset + question.max_results) if more else None)


def tabulate_runs(view: View, question: w.TabulateRuns) -> w.RunTable:
    """A page of a table, and how many rows it has in all."""
    wanted = _run_search(question, question.offset, question.max_results)
    fields = [parse_field(column, RUNS) for column in question.columns]
    if not question.count:
        return w.RunTable(_table_rows(view, search.find_runs(view, wanted), fields))
    found = search.find_and_count_runs(view, wanted)
    return w.RunTable(_table_rows(view, found.numbers, fields), found.total)


def _table_rows(view: View, numbers: Sequence[int], fields: Sequence[Field]) -> list[w.RunRow]:
    by_number = {row["id"]: row for row in reading.run_rows(view, numbers)}
    columns = cells.of(view, fields, by_number)
    children = _children(view, [row["run_id"] for row in by_number.values()])
    return [
        w.RunRow(
            run_id=row["run_id"],
            experiment_id=str(row["experiment"]),
            run_name=row["name"],
            status=cast("Any", STATUS_NAME[row["status"]]),
            lifecycle_stage=stage_name(row["deleted"]),
            user_id=row["user_id"],
            start_time=row["start_time"],
            end_time=row["end_time"],
            parent_run_id=row["parent_run_id"],
            children=children.get(row["run_id"], 0),
            values=[column.get(row["id"]) for column in columns],
        )
        for row in (by_number[number] for number in numbers if number in by_number)
    ]


def _children(view: View, run_ids: Sequence[str]) -> dict[str, int]:
    """How many active children each of the runs has."""
    found: dict[str, int] = {}
    for some in reading.slices(run_ids):
        query = (
            select(runs.c.parent_run_id, func.count())
            .where(runs.c.parent_run_id.in_(some), runs.c.deleted == 0)
            .group_by(runs.c.parent_run_id)
        )
        found.update(view.rows(query))
    return found


def search_experiments(view: View, question: w.SearchExperiments) -> w.FoundExperiments:
    """A page of experiments."""
    offset = paging.decode(question.page_token)
    wanted = search.ExperimentSearch(
        node=parse_filter(question.filter, EXPERIMENTS),
        orders=parse_order(question.order_by, EXPERIMENTS),
        stages=STAGES[question.view_type],
        offset=offset,
        limit=question.max_results + 1,
    )
    numbers = search.find_experiments(view, wanted)
    more = len(numbers) > question.max_results
    found = experiments.load(view, numbers[: question.max_results])
    return w.FoundExperiments(found, paging.encode(offset + question.max_results) if more else None)


def search_models(view: View, question: w.SearchLoggedModels) -> w.FoundLoggedModels:
    """A page of active logged models."""
    of = hashlib.sha256(
        msgspec.json.encode(msgspec.structs.replace(question, page_token=None, max_results=None))
    )
    offset = paging.decode(question.page_token, of.hexdigest()[:16])
    limit = question.max_results or _MODELS_A_PAGE
    numbers = search.find_models(
        view,
        search.ModelSearch(
            experiments=experiments.numbers_of(question.experiment_ids),
            node=parse_filter(question.filter, LOGGED_MODELS),
            orders=_model_orders(question.order_by),
            datasets=[(one.dataset_name, one.dataset_digest) for one in question.datasets],
            offset=offset,
            limit=limit + 1,
        ),
    )
    token = paging.encode(offset + limit, of.hexdigest()[:16]) if len(numbers) > limit else None
    return w.FoundLoggedModels(models.load(view, numbers[:limit]), token)


_MODELS_A_PAGE = 50


def _model_orders(given: Sequence[w.ModelOrderBy]) -> list[search.ModelOrder]:
    return [
        search.ModelOrder(
            parse_field(one.field_name, LOGGED_MODELS),
            one.ascending,
            one.dataset_name,
            one.dataset_digest,
        )
        for one in given
    ]


def search_evaluation_datasets(
    view: View, question: e.SearchEvaluationDatasets
) -> e.FoundEvaluationDatasets:
    """A page of evaluation datasets, without their records."""
    offset = paging.decode(question.page_token)
    having = question.experiment_ids
    wanted = search.EvaluationSearch(
        experiments=experiments.numbers_of(having) if having else None,
        node=parse_filter(question.filter_string, EVALUATION_DATASETS),
        orders=parse_order(question.order_by, EVALUATION_DATASETS),
        offset=offset,
        limit=question.max_results + 1,
    )
    numbers = search.find_evaluation_datasets(view, wanted)
    more = len(numbers) > question.max_results
    return e.FoundEvaluationDatasets(
        evaluation.load(view, numbers[: question.max_results]),
        paging.encode(offset + question.max_results) if more else None,
    )
