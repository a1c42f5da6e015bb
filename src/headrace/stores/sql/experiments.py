"""Experiments: create, find, change."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update

from headrace.entities import (
    DEFAULT_EXPERIMENT_ID,
    DEFAULT_EXPERIMENT_NAME,
    Experiment,
    ExperimentTag,
)
from headrace.errors import AlreadyExistsError, BadRequestError, InvalidValueError, NotFoundError
from headrace.naming import experiment_id_for
from headrace.stores.sql.stages import stage_name
from headrace.stores.sql.tables import (
    METRIC_KIND,
    PARAM_KIND,
    TAG_KIND,
    experiment_keys,
    experiment_tags,
    experiments,
    runs,
)
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import tracking as w
from headrace.wire.journal import NamedExperiment
from headrace.wire.limits import check


def number_of(experiment_id: str) -> int:
    """The number that an experiment id spells; `NotFoundError` for one that no experiment can have."""
    if not experiment_id.isascii() or not experiment_id.isdecimal() or len(experiment_id) > _DIGITS:
        raise NotFoundError(f"No Experiment with id={experiment_id} exists")
    return int(experiment_id)


_DIGITS = 18
_CAN_BE_ID = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


def numbers_of(experiment_ids: Iterable[str]) -> list[int]:
    """The numbers of ids; those that no experiment can have are left out."""
    return [
        int(one)
        for one in experiment_ids
        if one.isascii() and one.isdecimal() and len(one) <= _DIGITS
    ]


def create(tx: Transaction, question: w.CreateExperiment) -> w.CreatedExperiment:
    """Make an experiment whose id follows from its name, unless a free one is given."""
    taken = select(experiments.c.id).where(experiments.c.name == question.name)
    if tx.rows(taken):
        raise AlreadyExistsError(f"Experiment(name={question.name}) already exists.")
    if question.experiment_id is None:
        number = _free_number(tx, question.name)
    else:
        number = _given_number(tx, question.experiment_id)
    row = {
        "id": number,
        "name": question.name,
        "artifact_location": tx.place.of_new_experiment(number, question.artifact_location),
        "deleted": 0,
        "created": tx.now if question.creation_time is None else question.creation_time,
        "updated": tx.now if question.last_update_time is None else question.last_update_time,
    }
    tx.change(insert(experiments), row)
    tags = {tag.key: tag.value for tag in question.tags}
    _write_tags(tx, number, tags)
    return w.CreatedExperiment(str(number))


def ensure(tx: Transaction, named: NamedExperiment) -> str:
    """The id of an experiment that a journal names; it is made where there is none of this name."""
    number = number_of(named.experiment_id)
    if _exists(tx, number):
        return named.experiment_id
    rows = tx.rows(select(experiments.c.id).where(experiments.c.name == named.name))
    if rows:
        return str(rows[0].id)
    question = w.CreateExperiment(named.name, tags=named.tags)
    check(question)
    return create(tx, question).experiment_id


def _free_number(tx: Transaction, name: str) -> int:
    if name == DEFAULT_EXPERIMENT_NAME and not _exists(tx, int(DEFAULT_EXPERIMENT_ID)):
        return int(DEFAULT_EXPERIMENT_ID)
    attempt = 0
    while _exists(tx, number := int(experiment_id_for(name, attempt))):
        attempt += 1  # an experiment that had this name when it was made
    return number


def _given_number(tx: Transaction, experiment_id: str) -> int:
    if not _CAN_BE_ID.fullmatch(experiment_id):
        raise InvalidValueError(
            f"'{experiment_id}' cannot be the id of an experiment: it must be a whole number of at most "
            f"{_DIGITS} digits."
        )
    number = int(experiment_id)
    if _exists(tx, number):
        raise AlreadyExistsError(f"Experiment(experiment_id={experiment_id}) already exists.")
    return number


def _exists(tx: Transaction, number: int) -> bool:
    return bool(tx.rows(select(experiments.c.id).where(experiments.c.id == number)))


def get(view: View, question: w.GetExperiment) -> w.GotExperiment:
    """The experiment of an id."""
    found = load(view, [number_of(question.experiment_id)])
    if not found:
        raise NotFoundError(f"No Experiment with id={question.experiment_id} exists")
    return w.GotExperiment(found[0])


def get_by_name(view: View, question: w.GetExperimentByName) -> w.GotExperiment:
    """The experiment of a name."""
    query = select(experiments.c.id).where(experiments.c.name == question.experiment_name)
    rows = view.rows(query)
    if not rows:
        raise NotFoundError(f"Could not find experiment with name '{question.experiment_name}'")
    return w.GotExperiment(load(view, [rows[0].id])[0])


def load(view: View, numbers: Sequence[int]) -> list[Experiment]:
    """The experiments of these numbers, in their order."""
    rows = {
        row.id: row for row in view.rows(select(experiments).where(experiments.c.id.in_(numbers)))
    }
    tags: dict[int, list[ExperimentTag]] = {}
    query = select(experiment_tags).where(experiment_tags.c.experiment.in_(numbers))
    for row in view.rows(query.order_by(experiment_tags.c.key)):
        tags.setdefault(row.experiment, []).append(ExperimentTag(row.key, row.value))
    return [
        _entity(view, rows[number], tags.get(number, [])) for number in numbers if number in rows
    ]


def _entity(view: View, row: Any, tags: list[ExperimentTag]) -> Experiment:
    return Experiment(
        experiment_id=str(row.id),
        name=row.name,
        artifact_location=view.place.of_experiment(row.id, row.artifact_location),
        lifecycle_stage=stage_name(row.deleted),
        last_update_time=row.updated,
        creation_time=row.created,
        tag_list=tags,
        workspace="default",
    )


def active(tx: Transaction, experiment_id: str) -> int:
    """The number of an experiment that exists and is not deleted."""
    number = number_of(experiment_id)
    if _stage(tx, number, experiment_id):
        raise InvalidValueError(
            f"The experiment {experiment_id} must be in the 'active' state. Current state is deleted."
        )
    return number


def _stage(tx: Transaction, number: int, experiment_id: str) -> int:
    rows = tx.rows(
        select(experiments.c.deleted).where(experiments.c.id == number).with_for_update()
    )
    if not rows:
        raise NotFoundError(f"No Experiment with id={experiment_id} exists")
    return int(rows[0].deleted)


def rename(tx: Transaction, question: w.UpdateExperiment) -> w.Nothing:
    """Give an active experiment another name."""
    number = active(tx, question.experiment_id)
    rows = tx.rows(select(experiments.c.id).where(experiments.c.name == question.new_name))
    if rows and rows[0].id != number:
        raise BadRequestError(f"Experiment(name={question.new_name}) already exists.")
    change = {"name": question.new_name, "updated": tx.now}
    tx.change(update(experiments).where(experiments.c.id == number).values(change))
    return w.Nothing()


def delete(tx: Transaction, question: w.DeleteExperiment) -> w.Nothing:
    """Mark the experiment and its runs deleted."""
    return _move(tx, question.experiment_id, deleted=1)


def restore(tx: Transaction, question: w.RestoreExperiment) -> w.Nothing:
    """Mark the experiment and its runs active."""
    return _move(tx, question.experiment_id, deleted=0)


def _move(tx: Transaction, experiment_id: str, *, deleted: int) -> w.Nothing:
    number = number_of(experiment_id)
    if _stage(tx, number, experiment_id) != 1 - deleted:
        raise NotFoundError(f"No Experiment with id={experiment_id} is {stage_name(1 - deleted)}")
    stage = {"deleted": deleted, "updated": tx.now}
    tx.change(update(experiments).where(experiments.c.id == number).values(stage))
    of_runs = {"deleted": deleted, "deleted_time": tx.now if deleted else None}
    tx.forget_runs()
    tx.change(
        update(runs)
        .where(runs.c.experiment == number, runs.c.deleted == 1 - deleted)
        .values(of_runs)
    )
    return w.Nothing()


def set_tag(tx: Transaction, question: w.SetExperimentTag) -> w.Nothing:
    """Set one tag of an active experiment."""
    number = active(tx, question.experiment_id)
    _write_tags(tx, number, {question.key: question.value})
    return w.Nothing()


def _write_tags(tx: Transaction, number: int, tags: dict[str, str]) -> None:
    if tags:
        tx.writes += 1
        rows = [(number, key, value) for key, value in tags.items()]
        tx.dialect.upsert(tx.cursor, experiment_tags, rows)


def delete_tag(tx: Transaction, question: w.DeleteExperimentTag) -> w.Nothing:
    """Remove one tag of an active experiment."""
    number = active(tx, question.experiment_id)
    this = (experiment_tags.c.experiment == number) & (experiment_tags.c.key == question.key)
    if not tx.change(experiment_tags.delete().where(this)).rowcount:
        raise NotFoundError(
            f"No tag with key '{question.key}' in experiment with id {question.experiment_id}"
        )
    return w.Nothing()


def summarize(view: View, question: w.SummarizeExperiments) -> w.ExperimentSummaries:
    """How many active runs there are, how many of them run, and when the last began."""
    numbers = numbers_of(question.experiment_ids)
    active_runs = (runs.c.experiment.in_(numbers)) & (runs.c.deleted == 0)
    counts = (
        select(
            runs.c.experiment,
            func.count().label("runs"),
            func.max(runs.c.start_time).label("latest"),
        )
        .where(active_runs)
        .group_by(runs.c.experiment)
    )
    running = (
        select(runs.c.experiment, func.count())
        .where(active_runs, runs.c.status == 1)
        .group_by(runs.c.experiment)
    )
    busy: dict[int, int] = dict(view.rows(running))
    found = {row.experiment: row for row in view.rows(counts)}
    known = view.rows(select(experiments.c.id).where(experiments.c.id.in_(numbers)))
    return w.ExperimentSummaries(
        [
            w.ExperimentSummary(
                str(number),
                found[number].runs if number in found else 0,
                busy.get(number, 0),
                found[number].latest if number in found else None,
            )
            for (number,) in known
        ]
    )


def columns(view: View, question: w.ListColumns) -> w.Columns:
    """The keys that runs of the experiments have."""
    numbers = numbers_of(question.experiment_ids)
    query = select(experiment_keys.c.kind, experiment_keys.c.key).where(
        experiment_keys.c.experiment.in_(numbers)
    )
    rows = view.rows(query.distinct())
    names = view.names.of(view.connection, (key for _, key in rows))
    by_kind: dict[int, list[str]] = {PARAM_KIND: [], TAG_KIND: [], METRIC_KIND: []}
    for kind, key in rows:
        by_kind[kind].append(names[key])
    return w.Columns(*(sorted(by_kind[kind]) for kind in (METRIC_KIND, PARAM_KIND, TAG_KIND)))
