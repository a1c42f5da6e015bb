"""Moves of versions between stages, and the history of who made them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, insert, select, update

from headrace.entities import ModelActivity, ModelPolicy, MoveRule
from headrace.errors import BadRequestError, InvalidValueError, PermissionDeniedError
from headrace.stores import paging
from headrace.stores.sql import outbox
from headrace.stores.sql.registry import loading, models, policies
from headrace.stores.sql.registry.audit import NOBODY
from headrace.stores.sql.registry.loading import Key, model_row, version_key
from headrace.stores.sql.registry.review_tables import model_activities
from headrace.stores.sql.registry.tables import model_aliases, model_versions, registered_models
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import registry as r
from headrace.wire import review as v

APPLIED = "APPLIED_TRANSITION"
ARCHIVED = "SYSTEM_TRANSITION"
"""A version that made room for another."""
_ACTIVE = ("Staging", "Production")


def transition(tx: Transaction, question: r.TransitionStage) -> r.GotModelVersion:
    """Move a version at once, where its policy asks for nobody's approval."""
    model = model_row(tx, question.name, lock=True)
    key = version_key(tx, question.name, question.version)
    policy = policies.of(tx, model.id)
    stage = policies.stage_of(policy, question.stage)
    rule = allowed(policy, stage_now(tx, key), stage)
    if rule.approvals:
        raise PermissionDeniedError(
            f"A move to {stage} needs {rule.approvals} approval{'s' * (rule.approvals > 1)}: make a transition "
            "request."
        )
    require_approver(rule, question.user_id, "move versions")
    require_met(tx, key, rule)
    archive = question.archive_existing_versions
    if archive and policy == ModelPolicy() and stage not in _ACTIVE:
        raise InvalidValueError(
            f"archive_existing_versions goes with the stages {' and '.join(_ACTIVE)}, not with {stage}."
        )
    move(tx, key, rule, archive=archive, user_id=question.user_id)
    return r.GotModelVersion(loading.versions(tx, [key], aliases=True)[0])


def stage_now(view: View, key: Key) -> str:
    """The stage of a version."""
    query = select(model_versions.c.stage).where(
        model_versions.c.model == key.model, model_versions.c.version == key.version
    )
    return str(view.rows(query)[0].stage)


def allowed(policy: ModelPolicy, source: str, stage: str) -> MoveRule:
    """The rule for a move; `BadRequestError` if there is none."""
    rule = policies.rule_for(policy, source, stage)
    if rule is None:
        raise BadRequestError(f"The model's policy allows no move from {source} to {stage}.")
    return rule


def require_approver(rule: MoveRule, user_id: str | None, what: str) -> None:
    """Refuse who is not one of those that a rule names."""
    if rule.approvers and (user_id or NOBODY) not in rule.approvers:
        who = f"'{user_id}'" if user_id else "Somebody without a name"
        raise PermissionDeniedError(
            f"{who} may not {what} to {rule.to}; these may: {', '.join(rule.approvers)}."
        )


def require_met(view: View, key: Key, rule: MoveRule) -> None:
    """Refuse a version that lacks what a rule asks for; the error lists it all."""
    reasons = list(policies.unmet(view, key, rule))
    if reasons:
        raise BadRequestError(f"The version may not move to {rule.to} yet. {' '.join(reasons)}")


def move(tx: Transaction, key: Key, rule: MoveRule, *, archive: bool, user_id: str | None) -> None:
    """Move a version; what was in the stage is archived, and the rule's alias follows, in the same step."""
    source = stage_now(tx, key)
    if archive or rule.archive_existing_versions:
        _archive_others(tx, key, rule.to, user_id)
    this = (model_versions.c.model == key.model) & (model_versions.c.version == key.version)
    tx.change(update(model_versions).where(this).values(stage=rule.to, updated=tx.now))
    note(tx, [key], APPLIED, user_id, moved=(source, rule.to))
    models.touch(tx, key.model)
    if rule.alias:
        tx.dialect.upsert(tx.cursor, model_aliases, [(key.model, rule.alias, key.version)])
    told = {
        "name": _name(tx, key.model), "version": str(key.version), "from_stage": source,
        "to_stage": rule.to, "user_id": user_id,
    }  # fmt: skip
    outbox.tell(tx, "model_version.transitioned", [told])


def _archive_others(tx: Transaction, key: Key, stage: str, user_id: str | None) -> None:
    there = (
        (model_versions.c.model == key.model)
        & (model_versions.c.stage == stage)
        & (model_versions.c.version != key.version)
    )
    others = [
        Key(key.model, row.version)
        for row in tx.rows(select(model_versions.c.version).where(there))
    ]
    tx.change(update(model_versions).where(there).values(stage=r.ARCHIVED, updated=tx.now))
    note(tx, others, ARCHIVED, user_id, moved=(stage, r.ARCHIVED))


def _name(view: View, model: int) -> str:
    query = select(registered_models.c.name).where(registered_models.c.id == model)
    return str(view.rows(query)[0].name)


# History


def note(
    tx: Transaction,
    keys: Iterable[Key],
    kind: str,
    user_id: str | None,
    comment: str | None = None,
    moved: tuple[str | None, str | None] = (None, None),
) -> None:
    """Write what happened to versions into their history."""
    rows = [
        {
            "model": key.model, "version": key.version, "kind": kind, "user_id": user_id or NOBODY,
            "from_stage": moved[0], "to_stage": moved[1], "comment": comment, "created": tx.now,
        }
        for key in keys
    ]  # fmt: skip
    if rows:
        tx.change(insert(model_activities), rows)


def list_activities(view: View, question: v.ListActivities) -> v.Activities:
    """What happened to a model's versions, or to one of them; the newest first."""
    offset, size = paging.decode(question.page_token), question.max_results
    if not 1 <= size <= _MOST:
        raise InvalidValueError(f"'max_results' must be 1 to {_MOST:,}, not {size}.")
    query = select(model_activities).where(
        model_activities.c.model == model_row(view, question.name).id
    )
    if question.version is not None:
        key = version_key(view, question.name, question.version)
        query = query.where(model_activities.c.version == key.version)
    rows = view.rows(query.order_by(model_activities.c.id.desc()).offset(offset).limit(size + 1))
    return v.Activities(
        [told(question.name, row) for row in rows[:size]],
        paging.encode(offset + size) if len(rows) > size else None,
    )


_MOST = 10_000


def told(name: str, row: Any) -> ModelActivity:
    """An activity as it is told."""
    return ModelActivity(
        id=str(row.id), name=name, version=str(row.version), activity_type=row.kind,
        user_id=row.user_id, creation_timestamp=row.created, from_stage=row.from_stage,
        to_stage=row.to_stage, comment=row.comment,
    )  # fmt: skip


def latest(view: View, key: Key) -> Any:
    """The row of what last happened to a version."""
    query = select(model_activities).where(
        model_activities.c.model == key.model, model_activities.c.version == key.version
    )
    return view.rows(query.order_by(model_activities.c.id.desc()).limit(1))[0]


def find_in_stage(view: View, question: v.FindInStage) -> v.FoundInStage:
    """The versions that were in a stage at some moment: those whose last move before it led there."""
    model = model_row(view, question.name).id
    stage = policies.stage_of(policies.of(view, model), question.stage)
    moved = (model_activities.c.model == model) & model_activities.c.kind.in_((APPLIED, ARCHIVED))
    if question.at is not None:
        moved &= model_activities.c.created <= question.at
    last = select(func.max(model_activities.c.id)).where(moved).group_by(model_activities.c.version)
    query = select(model_activities.c.version).where(
        model_activities.c.id.in_(last), model_activities.c.to_stage == stage
    )
    rows = view.rows(query.order_by(model_activities.c.version.desc()))
    keys = [Key(model, row.version) for row in rows]
    return v.FoundInStage(
        [str(key.version) for key in keys], loading.versions(view, keys, aliases=True)
    )
