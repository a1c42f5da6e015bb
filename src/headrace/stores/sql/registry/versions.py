"""Versions of registered models: made one or many at a time, found, staged, tagged, removed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update

from headrace.search.fields import MODEL_VERSIONS
from headrace.search.parser import parse_filter, parse_order
from headrace.stores import paging
from headrace.stores.sql import outbox
from headrace.stores.sql.registry import loading, models, origins, policies
from headrace.stores.sql.registry.listing import ModelVersions
from headrace.stores.sql.registry.loading import Key, model_row, version_key
from headrace.stores.sql.registry.tables import (
    model_aliases,
    model_version_tags,
    model_versions,
    registered_models,
)
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import registry as r
from headrace.wire.tracking import Nothing

_NAME = registered_models.c.keys().index("name")
_COLUMNS = (
    "model version prompt stage created updated description user_id source origin run_id run_link "
    "model_id"
)


def create(tx: Transaction, question: r.CreateModelVersion) -> r.GotModelVersion:
    """Make the next version of a model that is there."""
    model_row(tx, question.name)
    (key,) = _make(tx, [question])
    return r.GotModelVersion(loading.versions(tx, [key], aliases=True)[0])


def register(tx: Transaction, question: r.RegisterModels) -> r.RegisteredVersions:
    """Make many versions; the models that are not there are made first."""
    names = dict.fromkeys(version.name for version in question.versions)
    there = tx.dialect.select_texts(tx.cursor, registered_models, "name", list(names))
    known = {row[_NAME] for row in there}
    new = [r.CreateRegisteredModel(name) for name in names if name not in known]
    if new:
        models.make(tx, new)
    keys = _make(tx, question.versions)
    return r.RegisteredVersions(
        [
            r.RegisteredVersion(given.name, str(key.version))
            for given, key in zip(question.versions, keys, strict=True)
        ]
    )


def _make(tx: Transaction, wanted: Sequence[r.CreateModelVersion]) -> list[Key]:
    """Give each its number, the next of its model, and store them together."""
    sources = [origins.of(tx, one) for one in wanted]
    counters = _counted(tx, Counter(one.name for one in wanted))
    keys, rows = [], []
    for one, source in zip(wanted, sources, strict=True):
        counter = counters[one.name]
        key = Key(counter[0], counter[1])
        counter[1] += 1
        keys.append(key)
        rows.append(
            (
                *key, counter[2], r.STAGES[0], tx.now, tx.now, one.description, one.user_id,
                one.source, source.origin, source.run_id, one.run_link, source.model_id,
            )
        )  # fmt: skip
    tx.writes += 1
    tx.dialect.insert(tx.cursor, model_versions, _COLUMNS, rows)
    tags = [{tag.key: tag.value for tag in one.tags} for one in wanted]
    models.write_tags(tx, model_version_tags, zip(keys, tags, strict=True))
    told = [
        {
            "name": one.name, "version": str(key.version), "source": one.source,
            "run_id": source.run_id, "tags": given, "description": one.description,
        }
        for one, key, source, given in zip(wanted, keys, sources, tags, strict=True)
    ]  # fmt: skip
    outbox.tell(tx, "model_version.created", told)
    origins.note(tx, wanted, keys)
    return keys


def _counted(tx: Transaction, names: Counter[str]) -> dict[str, list[int]]:
    """By name: the model's number, the first of as many numbers as are wanted, and whether it is a prompt.

    The update locks the models, so that no two servers give the same number.
    """
    mark = tx.dialect.mark
    text = (
        f"UPDATE registered_models SET last_version = last_version + {mark}, updated = {mark} "
        f"WHERE name = {mark}"
    )
    # One order for all writers: no deadlock.
    tx.cursor.executemany(text, [(count, tx.now, name) for name, count in sorted(names.items())])
    found = {}
    for row in tx.dialect.select_texts(tx.cursor, registered_models, "name", list(names)):
        model = dict(zip(registered_models.c.keys(), row, strict=True))
        first = model["last_version"] - names[model["name"]] + 1
        found[model["name"]] = [model["id"], first, model["prompt"]]
    return found


def get(view: View, question: r.GetModelVersion) -> r.GotModelVersion:
    """One version, with its aliases."""
    return _got(view, version_key(view, question.name, question.version))


def _got(view: View, key: Key) -> r.GotModelVersion:
    return r.GotModelVersion(loading.versions(view, [key], aliases=True)[0])


def change(tx: Transaction, question: r.UpdateModelVersion) -> r.GotModelVersion:
    """Replace the description."""
    key = version_key(tx, question.name, question.version)
    _touch(tx, [key], description=question.description)
    return _got(tx, key)


def remove(tx: Transaction, question: r.DeleteModelVersion) -> Nothing:
    """Remove a version with its aliases; its number is not given again."""
    key = version_key(tx, question.name, question.version)
    for table in (model_aliases, model_version_tags, model_versions):
        tx.change(delete(table).where(table.c.model == key.model, table.c.version == key.version))
    models.touch(tx, key.model)
    return Nothing()


def find(view: View, question: r.SearchModelVersions) -> r.FoundModelVersions:
    """A page of versions, the last changed first unless ordered otherwise."""
    offset, found = paging.decode(question.page_token), ModelVersions(view)
    where = found.where(parse_filter(question.filter, MODEL_VERSIONS))
    orders = [
        found.sorted_by(order.field, ascending=order.ascending)
        for order in parse_order(question.order_by, MODEL_VERSIONS)
    ]
    keys = [Key(*row) for row in found.keys(where, orders, offset, question.max_results + 1)]
    more = len(keys) > question.max_results
    return r.FoundModelVersions(
        loading.versions(view, keys[: question.max_results], aliases=False),
        paging.encode(offset + question.max_results) if more else None,
    )


def get_latest(view: View, question: r.GetLatestVersions) -> r.ModelVersions:
    """The highest version in each stage, or in those that are named."""
    model = model_row(view, question.name).id
    policy = policies.of(view, model)
    stages = [policies.stage_of(policy, stage) for stage in question.stages] or policy.stages
    keys = loading.latest_keys(view, [model], stages)
    return r.ModelVersions(loading.versions(view, keys, aliases=True))


def get_download_uri(view: View, question: r.GetDownloadUri) -> r.DownloadUri:
    """Where the files of a version are."""
    key = version_key(view, question.name, question.version)
    query = select(model_versions.c.origin).where(
        model_versions.c.model == key.model, model_versions.c.version == key.version
    )
    return r.DownloadUri(origins.place_of(view, view.rows(query)[0].origin))


def _touch(tx: Transaction, keys: Sequence[Key], **values: Any) -> None:
    for key in keys:
        this = (model_versions.c.model == key.model) & (model_versions.c.version == key.version)
        tx.change(update(model_versions).where(this).values(updated=tx.now, **values))


# Tags


def set_tag(tx: Transaction, question: r.SetModelVersionTag) -> Nothing:
    """Set one tag; the last value wins."""
    key = version_key(tx, question.name, question.version)
    models.write_tags(tx, model_version_tags, [(key, {question.key: question.value})])
    told = {
        "name": question.name, "version": question.version, "key": question.key,
        "value": question.value,
    }  # fmt: skip
    outbox.tell(tx, "model_version_tag.set", [told])
    return Nothing()


def delete_tag(tx: Transaction, question: r.DeleteModelVersionTag) -> Nothing:
    """Remove one tag, if it is there."""
    key = version_key(tx, question.name, question.version)
    this = (model_version_tags.c.model == key.model) & (model_version_tags.c.version == key.version)
    gone = tx.change(
        delete(model_version_tags).where(this, model_version_tags.c.key == question.key)
    )
    if gone.rowcount:
        told = {"name": question.name, "version": question.version, "key": question.key}
        outbox.tell(tx, "model_version_tag.deleted", [told])
    return Nothing()
