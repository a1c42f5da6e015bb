"""What was deleted, and which of it must stay because something active leads to it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true

from headrace.entities import DEFAULT_EXPERIMENT_ID
from headrace.stores.keeping import Deleted, FindDeleted, FoundDeleted
from headrace.stores.sql.experiments import numbers_of
from headrace.stores.sql.reading import slices
from headrace.stores.sql.registry.tables import model_versions, registered_models
from headrace.stores.sql.stages import ACTIVE, CONDEMNED, DELETED
from headrace.stores.sql.tables import experiments, logged_models, run_models, runs
from headrace.stores.sql.view import View

_OUTPUT = 1
_NOT_DELETED = "it is not deleted"
_TOO_YOUNG = "it was deleted too lately"


def find(view: View, question: FindDeleted) -> FoundDeleted:
    """A page of deleted things."""
    page = {"run": _runs, "logged_model": _models, "experiment": _experiments}[question.kind]
    numbers, items = page(view, question)
    more = len(numbers) == question.max_results
    known = {item.id for item in items}
    missing = [] if question.after >= 0 else [one for one in question.ids or [] if one not in known]
    items += [Deleted(question.kind, one, kept="there is no such thing") for one in missing]
    return FoundDeleted(items, numbers[-1] if more else None)


# Runs


def _runs(view: View, question: FindDeleted) -> tuple[list[int], list[Deleted]]:
    query = select(runs, experiments.c.artifact_location).join(
        experiments, experiments.c.id == runs.c.experiment
    )
    old = _old(runs.c.deleted_time, question.before)
    rows = view.rows(_page(query, question, runs.c.id, runs.c.run_id, runs, old))
    kept = reasons_to_keep(view, [row.run_id for row in rows if row.deleted == DELETED])
    return [row.id for row in rows], [
        Deleted(
            "run",
            row.run_id,
            row.name,
            str(row.experiment),
            row.deleted_time,
            view.place.of_run(row.experiment, row.artifact_location, row.run_id),
            _why(row.deleted, row.deleted_time, question.before) or kept.get(row.run_id),
        )
        for row in rows
    ]


def reasons_to_keep(view: View, run_ids: Sequence[str]) -> dict[str, str]:
    """Why runs must stay, for those that must: what active or kept thing leads to each."""
    family = _descendants(view, run_ids)
    everyone = list(dict.fromkeys([*run_ids, *family]))
    reasons = _kept_by_models(view, everyone) | _kept_by_versions(
        view, everyone, model_versions.c.run_id
    )
    reasons |= {
        parent: f"run {child}, nested in it, is active"
        for child, (parent, deleted) in family.items()
        if deleted == ACTIVE
    }
    for run_id in list(reasons):
        child = run_id
        while child in family and (parent := family[child][0]) not in reasons:
            reasons[parent] = f"run {child}, nested in it, stays"
            child = parent
    return {run_id: reasons[run_id] for run_id in run_ids if run_id in reasons}


def _descendants(view: View, run_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """The runs nested in these at any depth, with their parents and stages, those above first."""
    found: dict[str, tuple[str, int]] = {}
    asked, frontier = set(run_ids), list(run_ids)
    while frontier:
        below = []
        for some in slices(frontier):
            query = select(runs.c.run_id, runs.c.parent_run_id, runs.c.deleted)
            for child, parent, deleted in view.rows(query.where(runs.c.parent_run_id.in_(some))):
                found[child] = (parent, deleted)
                if child not in asked:
                    below.append(child)
        asked.update(below)
        frontier = below
    return found


def _kept_by_models(view: View, run_ids: Sequence[str]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    stays = _staying_models()
    for some in slices(run_ids):
        of_source = select(logged_models.c.source_run_id, logged_models.c.model_id)
        of_output = (
            select(runs.c.run_id, logged_models.c.model_id)
            .join(run_models, and_(run_models.c.run == runs.c.id, run_models.c.output == _OUTPUT))
            .join(logged_models, logged_models.c.model_id == run_models.c.model_id)
            .where(runs.c.run_id.in_(some))
        )
        rows = view.rows(of_source.where(logged_models.c.source_run_id.in_(some), stays))
        for run_id, model_id in [*rows, *view.rows(of_output.where(stays))]:
            reasons[run_id] = f"its logged model {model_id} is active"
    return reasons


def _kept_by_versions(view: View, ids: Sequence[str], column: ColumnElement[Any]) -> dict[str, str]:
    """Why runs or logged models stay that versions of registered models come from."""
    reasons: dict[str, str] = {}
    for some in slices(ids):
        query = (
            select(column.label("origin"), registered_models.c.name, model_versions.c.version)
            .join(registered_models, registered_models.c.id == model_versions.c.model)
            .where(column.in_(some))
        )
        for row in view.rows(query):
            reasons[row.origin] = f"version {row.version} of '{row.name}' comes from it"
    return reasons


# Logged models


def _staying_models() -> ColumnElement[bool]:
    """Models that nobody deleted: those of active experiments, and those that an active run refers to."""
    of_active = exists().where(
        experiments.c.id == logged_models.c.experiment, experiments.c.deleted == ACTIVE
    )
    return and_(logged_models.c.deleted == ACTIVE, or_(of_active, _used_by_active_run()))


def _used_by_active_run() -> ColumnElement[bool]:
    user = runs.alias("user_run")
    return exists(
        select(user.c.id)
        .join(run_models, run_models.c.run == user.c.id)
        .where(run_models.c.model_id == logged_models.c.model_id, user.c.deleted == ACTIVE)
    )


def _models(view: View, question: FindDeleted) -> tuple[list[int], list[Deleted]]:
    gone_with = experiments.c.deleted != ACTIVE
    query = select(
        logged_models,
        experiments.c.artifact_location,
        experiments.c.deleted.label("gone_with"),
        experiments.c.updated.label("gone_with_time"),
        _used_by_active_run().label("used"),
    ).join(experiments, experiments.c.id == logged_models.c.experiment)
    old = or_(
        and_(logged_models.c.deleted == DELETED, _old(logged_models.c.updated, question.before)),
        and_(logged_models.c.deleted == ACTIVE, _old(experiments.c.updated, question.before)),
    )
    wanted = _page(
        query, question, logged_models.c.id, logged_models.c.model_id, logged_models, old, gone_with
    )
    rows = view.rows(wanted)
    ids = [row.model_id for row in rows if row.deleted != CONDEMNED]
    versions = _kept_by_versions(view, ids, model_versions.c.model_id)
    return [row.id for row in rows], [
        _deleted_model(view, row, question.before, versions.get(row.model_id)) for row in rows
    ]


def _deleted_model(view: View, row: Any, before: int | None, version: str | None) -> Deleted:
    time = row.updated if row.deleted else row.gone_with_time if row.gone_with else None
    kept = _why(row.deleted or row.gone_with, time, before)
    if not row.deleted and row.used:
        kept = kept or "an active run refers to it"
    kept = kept or version
    uri = view.place.of_model(row.experiment, row.artifact_location, row.model_id)
    return Deleted("logged_model", row.model_id, row.name, str(row.experiment), time, uri, kept)


# Experiments


def _experiments(view: View, question: FindDeleted) -> tuple[list[int], list[Deleted]]:
    held = [
        select(func.count()).where(table.c.experiment == experiments.c.id).scalar_subquery()
        for table in (runs, logged_models)
    ]
    query = select(experiments, (held[0] + held[1]).label("holds"))
    if question.ids is not None:
        query = query.where(experiments.c.id.in_(numbers_of(question.ids)))
    else:
        old = _old(experiments.c.updated, question.before)
        query = query.where(_gone(experiments, old))
    query = query.where(experiments.c.id > question.after).order_by(experiments.c.id)
    rows = view.rows(query.limit(question.max_results))
    return [row.id for row in rows], [
        Deleted(
            "experiment",
            str(row.id),
            row.name,
            str(row.id),
            row.updated,
            "" if row.artifact_location else view.place.of_experiment(row.id, None),
            _why_experiment(row, question.before),
            row.holds,
        )
        for row in rows
    ]


def _why_experiment(row: Any, before: int | None) -> str | None:
    if str(row.id) == DEFAULT_EXPERIMENT_ID:
        return "runs that name no experiment go there"
    return _why(row.deleted, row.updated, before)


# What all of them share


def _page(  # noqa: PLR0913  (what differs between the kinds)
    query: Select[Any],
    question: FindDeleted,
    number: ColumnElement[int],
    name: ColumnElement[str],
    table: Any,
    old: ColumnElement[bool],
    gone_with: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """The rows that the question asks for: by id whatever their stage is, else those that may go."""
    if question.ids is not None:
        query = query.where(name.in_(question.ids))
    else:
        query = query.where(_gone(table, old, gone_with))
    if question.experiment_ids is not None:
        query = query.where(table.c.experiment.in_(numbers_of(question.experiment_ids)))
    return query.where(number > question.after).order_by(number).limit(question.max_results)


def _gone(
    table: Any, old: ColumnElement[bool], gone_with: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    deleted = table.c.deleted == DELETED
    if gone_with is not None:
        deleted = or_(deleted, gone_with)
    return or_(table.c.deleted == CONDEMNED, and_(deleted, old))


def _old(time: ColumnElement[int], before: int | None) -> ColumnElement[bool]:
    return time < before if before is not None else true()


def _why(deleted: int, time: int | None, before: int | None) -> str | None:
    """Why a row's own stage keeps it, if it does."""
    if deleted == ACTIVE:
        return _NOT_DELETED
    if deleted == DELETED and before is not None and (time is None or time >= before):
        return _TOO_YOUNG
    return None


def may_go(items: Iterable[Deleted]) -> list[Deleted]:
    """Those that nothing keeps."""
    return [item for item in items if item.kept is None]
