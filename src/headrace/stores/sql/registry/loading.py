"""Registered models and versions as they are told: a constant number of queries, however many they are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Select, Table, func, select, tuple_

from headrace.entities import (
    ModelPolicy,
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    RegisteredModelAlias,
    RegisteredModelTag,
)
from headrace.errors import NotFoundError
from headrace.stores.sql.reading import slices
from headrace.stores.sql.registry.review_tables import model_policies
from headrace.stores.sql.registry.tables import (
    model_aliases,
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)
from headrace.stores.sql.view import View
from headrace.wire.registry import STAGES


class Key(NamedTuple):
    """The number of a model, and of one of its versions."""

    model: int
    version: int


def model_row(view: View, name: str, *, lock: bool = False) -> Any:
    """The row of a registered model; `NotFoundError` without one."""
    query = select(registered_models).where(registered_models.c.name == name)
    rows = view.rows(query.with_for_update() if lock else query)
    if not rows:
        raise NotFoundError(f"Registered Model with name={name} not found")
    return rows[0]


def version_key(view: View, name: str, version: str) -> Key:
    """A version that exists; `NotFoundError` otherwise."""
    model, number = model_row(view, name).id, int(version)
    query = select(model_versions.c.version).where(
        model_versions.c.model == model, model_versions.c.version == number
    )
    if not view.rows(query):
        raise NotFoundError(f"Model Version (name={name}, version={version}) not found")
    return Key(model, number)


def models(view: View, numbers: Sequence[int]) -> list[RegisteredModel]:
    """The registered models of these numbers, in their order."""
    rows = {
        row.id: row
        for some in slices(numbers)
        for row in view.rows(select(registered_models).where(registered_models.c.id.in_(some)))
    }
    tags = _by_model(view, registered_model_tags, "key", numbers)
    aliases = _by_model(view, model_aliases, "alias", numbers)
    latest: dict[int, list[ModelVersion]] = defaultdict(list)
    keys = latest_keys(view, numbers, all_stages(view))
    for key, version in zip(keys, versions(view, keys, aliases=False), strict=True):
        latest[key.model].append(version)
    return [
        RegisteredModel(
            row.name,
            row.created,
            row.updated,
            row.description,
            latest[row.id],
            [RegisteredModelTag(tag.key, whole(tag)) for tag in tags[row.id]],
            [RegisteredModelAlias(each.alias, str(each.version)) for each in aliases[row.id]],
        )
        for row in (rows[number] for number in numbers if number in rows)
    ]


def all_stages(view: View) -> list[str]:
    """Every stage that a policy names, the protocol's own first."""
    texts = [row.policy for row in view.rows(select(model_policies.c.policy))]
    policies = [msgspec.json.decode(text, type=ModelPolicy) for text in texts]
    return list(dict.fromkeys([*STAGES, *(s for policy in policies for s in policy.stages)]))


def latest_keys(view: View, numbers: Sequence[int], stages: Sequence[str]) -> list[Key]:
    """The highest version of each model in each stage, by model and then as the stages are given.

    A look-up for each, for a model may have a million versions.
    """
    highest = [
        select(func.max(model_versions.c.version))
        .where(model_versions.c.model == registered_models.c.id, model_versions.c.stage == stage)
        .scalar_subquery()
        for stage in stages
    ]
    found = []
    for some in slices(numbers):
        query = select(registered_models.c.id, *highest).where(registered_models.c.id.in_(some))
        for model, *numbers_by_stage in view.rows(query):
            found += [Key(model, version) for version in numbers_by_stage if version is not None]
    return found


def versions(view: View, keys: Sequence[Key], *, aliases: bool) -> list[ModelVersion]:
    """The versions of these keys, in their order; with their aliases where these are asked for."""
    rows: dict[Key, Any] = {}
    tags: dict[Key, list[ModelVersionTag]] = defaultdict(list)
    named: dict[Key, list[str]] = defaultdict(list)
    for some in slices(keys):
        for row in view.rows(_of(model_versions, some).join_from(model_versions, registered_models)
                             .add_columns(registered_models.c.name)):  # fmt: skip
            rows[Key(row.model, row.version)] = row
        for row in view.rows(_of(model_version_tags, some).order_by(model_version_tags.c.key)):
            tags[Key(row.model, row.version)].append(ModelVersionTag(row.key, whole(row)))
        if aliases:
            for row in view.rows(_of(model_aliases, some).order_by(model_aliases.c.alias)):
                named[Key(row.model, row.version)].append(row.alias)
    return [_told(rows[key], tags[key], named[key]) for key in keys if key in rows]


def whole(row: Any) -> str:
    """The text of a value that is stored in two columns."""
    return str(row.value + (row.tail or ""))


def _of(table: Table, keys: Sequence[Key]) -> Select[Any]:
    pair = tuple_(table.c.model, table.c.version)
    return select(table).where(pair.in_([tuple(key) for key in keys]))


def _by_model(
    view: View, table: Table, order: str, numbers: Sequence[int]
) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for some in slices(numbers):
        query = select(table).where(table.c.model.in_(some)).order_by(table.c[order])
        for row in view.rows(query):
            found[row.model].append(row)
    return found


def _told(row: Any, tags: list[ModelVersionTag], aliases: list[str]) -> ModelVersion:
    return ModelVersion(
        name=row.name,
        version=str(row.version),
        creation_timestamp=row.created,
        last_updated_timestamp=row.updated,
        current_stage=row.stage,
        source=row.source,
        description=row.description,
        user_id=row.user_id,
        run_id=row.run_id,
        run_link=row.run_link,
        model_id=row.model_id,
        tag_list=tags,
        aliases=aliases,
    )
