"""Registered models: made, found, renamed, tagged, removed; and what their aliases stand for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, select, update

from headrace.errors import AlreadyExistsError, InvalidValueError, NotFoundError
from headrace.search.fields import REGISTERED_MODELS
from headrace.search.parser import parse_filter, parse_order
from headrace.stores import paging
from headrace.stores.sql import outbox
from headrace.stores.sql.registry import loading
from headrace.stores.sql.registry.listing import RegisteredModels
from headrace.stores.sql.registry.loading import Key, model_row, version_key
from headrace.stores.sql.registry.review_tables import (
    model_activities,
    model_comments,
    model_policies,
    transition_decisions,
    transition_requests,
)
from headrace.stores.sql.registry.tables import (
    model_aliases,
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)
from headrace.stores.sql.transaction import Transaction, stored_value
from headrace.stores.sql.view import View
from headrace.wire import registry as r
from headrace.wire.tracking import Nothing


def create(tx: Transaction, question: r.CreateRegisteredModel) -> r.GotRegisteredModel:
    """Make a model without versions."""
    if tx.rows(_named(question.name)):
        raise AlreadyExistsError(f"Registered Model (name={question.name}) already exists.")
    (number,) = make(tx, [question])
    return _got(tx, number)


def make(tx: Transaction, wanted: Sequence[r.CreateRegisteredModel]) -> list[int]:
    """The numbers of new models; there must be none of these names."""
    tags = [{tag.key: tag.value for tag in one.tags} for one in wanted]
    rows = [
        {
            "name": one.name,
            "description": one.description,
            "prompt": int(given.get(r.IS_PROMPT) == "true"),
            "last_version": 0,
            "created": tx.now,
            "updated": tx.now,
        }
        for one, given in zip(wanted, tags, strict=True)
    ]
    tx.writes += 1
    by_name = tx.dialect.insert_numbered(tx.cursor, registered_models, rows, "name")
    numbers = [int(by_name[one.name]) for one in wanted]
    write_tags(tx, registered_model_tags, zip(((number,) for number in numbers), tags, strict=True))
    for prompt, event in enumerate(("registered_model.created", "prompt.created")):
        told = [
            {"name": row["name"], "tags": given, "description": row["description"]}
            for row, given in zip(rows, tags, strict=True)
            if row["prompt"] == prompt
        ]
        outbox.tell(tx, event, told)
    return numbers


def _named(name: str) -> Any:
    return select(registered_models.c.id).where(registered_models.c.name == name)


def get(view: View, question: r.GetRegisteredModel) -> r.GotRegisteredModel:
    """One model, with its latest versions."""
    return _got(view, model_row(view, question.name).id)


def _got(view: View, number: int) -> r.GotRegisteredModel:
    return r.GotRegisteredModel(loading.models(view, [number])[0])


def rename(tx: Transaction, question: r.RenameRegisteredModel) -> r.GotRegisteredModel:
    """Give a model another name; all its versions change with it."""
    row = model_row(tx, question.name, lock=True)
    taken = tx.rows(_named(question.new_name))
    if taken and taken[0].id != row.id:
        raise AlreadyExistsError(f"Registered Model (name={question.new_name}) already exists.")
    touch(tx, row.id, name=question.new_name)
    of_model = model_versions.c.model == row.id
    tx.change(update(model_versions).where(of_model).values(updated=tx.now))
    return _got(tx, row.id)


def change(tx: Transaction, question: r.UpdateRegisteredModel) -> r.GotRegisteredModel:
    """Replace the description."""
    number = model_row(tx, question.name).id
    touch(tx, number, description=question.description)
    return _got(tx, number)


def touch(tx: Transaction, number: int, **values: Any) -> None:
    """Note that a model changes now, and what of it."""
    change = {"updated": tx.now, **values}
    tx.change(update(registered_models).where(registered_models.c.id == number).values(change))


def remove(tx: Transaction, question: r.DeleteRegisteredModel) -> Nothing:
    """Remove a model with all its versions; its name is free again."""
    number = model_row(tx, question.name, lock=True).id
    requests = select(transition_requests.c.id).where(transition_requests.c.model == number)
    tx.change(delete(transition_decisions).where(transition_decisions.c.request.in_(requests)))
    for table in _OF_MODEL:
        tx.change(delete(table).where(table.c.model == number))
    tx.change(delete(registered_models).where(registered_models.c.id == number))
    return Nothing()


_OF_MODEL = (
    model_aliases,
    model_version_tags,
    model_versions,
    registered_model_tags,
    transition_requests,
    model_comments,
    model_activities,
    model_policies,
)


def find(view: View, question: r.SearchRegisteredModels) -> r.FoundRegisteredModels:
    """A page of models, by name unless ordered otherwise."""
    offset, found = paging.decode(question.page_token), RegisteredModels(view)
    where = found.where(parse_filter(question.filter, REGISTERED_MODELS))
    orders = [
        found.sorted_by(order.field, ascending=order.ascending)
        for order in parse_order(question.order_by, REGISTERED_MODELS)
    ]
    numbers = found.page(where, orders, offset, question.max_results + 1)
    more = len(numbers) > question.max_results
    return r.FoundRegisteredModels(
        loading.models(view, numbers[: question.max_results]),
        paging.encode(offset + question.max_results) if more else None,
    )


# Tags


def set_tag(tx: Transaction, question: r.SetRegisteredModelTag) -> Nothing:
    """Set one tag; the last value wins."""
    number = model_row(tx, question.name).id
    write_tags(tx, registered_model_tags, [((number,), {question.key: question.value})])
    return Nothing()


def delete_tag(tx: Transaction, question: r.DeleteRegisteredModelTag) -> Nothing:
    """Remove one tag, if it is there."""
    number = model_row(tx, question.name).id
    this = registered_model_tags.c.model == number
    tx.change(
        delete(registered_model_tags).where(this, registered_model_tags.c.key == question.key)
    )
    return Nothing()


def write_tags(
    tx: Transaction,
    table: Table,
    given: Iterable[tuple[tuple[int, ...], Mapping[str, str]]],
) -> None:
    """Write tags of models or versions, each after what it is known by."""
    rows = [
        (*owner, key, *stored_value(value)) for owner, tags in given for key, value in tags.items()
    ]
    if rows:
        tx.writes += 1
        tx.dialect.upsert(tx.cursor, table, rows)


# Aliases


def set_alias(tx: Transaction, question: r.SetAlias) -> Nothing:
    """Have an alias stand for a version from now on."""
    key = version_key(tx, question.name, question.version)
    tx.writes += 1
    tx.dialect.upsert(tx.cursor, model_aliases, [(key.model, question.alias, key.version)])
    told = {"name": question.name, "alias": question.alias, "version": question.version}
    outbox.tell(tx, f"{_alias_of(tx, key.model)}.created", [told])
    return Nothing()


def delete_alias(tx: Transaction, question: r.DeleteAlias) -> Nothing:
    """Remove an alias, if it is there."""
    number = model_row(tx, question.name).id
    this = (model_aliases.c.model == number) & (model_aliases.c.alias == question.alias)
    if tx.change(delete(model_aliases).where(this)).rowcount:
        told = {"name": question.name, "alias": question.alias}
        outbox.tell(tx, f"{_alias_of(tx, number)}.deleted", [told])
    return Nothing()


def _alias_of(view: View, model: int) -> str:
    query = select(registered_models.c.prompt).where(registered_models.c.id == model)
    return "prompt_alias" if view.rows(query)[0].prompt else "model_version_alias"


def get_by_alias(view: View, question: r.GetByAlias) -> r.GotModelVersion:
    """The version that an alias stands for; ``latest`` is the highest there is."""
    key = key_by_alias(view, question.name, question.alias)
    return r.GotModelVersion(loading.versions(view, [key], aliases=True)[0])


def key_by_alias(view: View, name: str, alias: str) -> Key:
    """The version that an alias stands for.

    Raises `NotFoundError` without the model, `InvalidValueError` without the alias, as MLflow does.
    """
    model = model_row(view, name).id
    if alias.lower() == "latest":
        return latest_key(view, model, name)
    query = select(model_aliases.c.version)
    rows = view.rows(query.where(model_aliases.c.model == model, model_aliases.c.alias == alias))
    if not rows:
        raise InvalidValueError(f"Registered model alias {alias} not found.")
    return Key(model, rows[0].version)


def latest_key(view: View, model: int, name: str) -> Key:
    """The highest version of a model; `NotFoundError` if it has none."""
    query = select(model_versions.c.version).where(model_versions.c.model == model)
    rows = view.rows(query.order_by(model_versions.c.version.desc()).limit(1))
    if not rows:
        raise NotFoundError(f"Registered Model with name={name} has no version.")
    return Key(model, rows[0].version)
