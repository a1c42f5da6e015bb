"""Which stages versions pass through, which moves are allowed, and what must be true before one."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select

from headrace.entities import MetricGate, ModelPolicy, MoveRule
from headrace.errors import InvalidValueError
from headrace.stores.sql.registry.loading import Key, model_row, version_key, versions
from headrace.stores.sql.registry.review_tables import model_policies
from headrace.stores.sql.registry.tables import model_versions
from headrace.stores.sql.tables import (
    keys,
    logged_model_metrics,
    logged_models,
    metric_series,
    runs,
)
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import review as v
from headrace.wire.registry import STAGES
from headrace.wire.tracking import Nothing

_OF_ALL = 0
_ANY = "*"


def set_policy(tx: Transaction, question: v.SetModelPolicy) -> v.GotModelPolicy:
    """Set the policy of a model, or of all that have none of their own."""
    check(question.policy)
    number = model_row(tx, question.name).id if question.name else _OF_ALL
    tx.writes += 1
    text = msgspec.json.encode(question.policy).decode()
    tx.dialect.upsert(tx.cursor, model_policies, [(number, text, tx.now)])
    return v.GotModelPolicy(question.policy)


def get_policy(view: View, question: v.GetModelPolicy) -> v.GotModelPolicy:
    """The policy that holds for a model, or for all that have none of their own."""
    return v.GotModelPolicy(of(view, model_row(view, question.name).id if question.name else 0))


def delete_policy(tx: Transaction, question: v.DeleteModelPolicy) -> Nothing:
    """Remove a policy, if there is one."""
    number = model_row(tx, question.name).id if question.name else _OF_ALL
    tx.change(delete(model_policies).where(model_policies.c.model == number))
    return Nothing()


def of(view: View, model: int) -> ModelPolicy:
    """The policy of a model: its own, else that of all, else one that allows everything."""
    query = select(model_policies).where(model_policies.c.model.in_([model, _OF_ALL]))
    rows = {row.model: row.policy for row in view.rows(query)}
    text = rows.get(model) or rows.get(_OF_ALL)
    return msgspec.json.decode(text, type=ModelPolicy) if text else ModelPolicy()


def check(policy: ModelPolicy) -> None:
    """Raise `InvalidValueError` for a policy that contradicts itself; it names the place."""
    folded = [stage.lower() for stage in policy.stages]
    if policy.stages[:1] != [STAGES[0]]:
        raise InvalidValueError(
            f"policy.stages must begin with '{STAGES[0]}', where versions start."
        )
    if len(set(folded)) < len(folded) or any(not s.strip() or len(s) > 64 for s in policy.stages):
        raise InvalidValueError("policy.stages must be different names of at most 64 characters.")
    for i, rule in enumerate(policy.moves):
        for name in (rule.to, *(stage for stage in rule.from_ if stage != _ANY)):
            if name not in policy.stages:
                raise InvalidValueError(
                    f"policy.moves[{i}] names the stage '{name}', which is none of {', '.join(policy.stages)}."
                )
        if rule.approvals < 0 or rule.expires_days <= 0:
            raise InvalidValueError(
                f"policy.moves[{i}]: approvals must not be negative, and expires_days more than 0."
            )
        if rule.archive_existing_versions and "Archived" not in policy.stages:
            raise InvalidValueError(
                f"policy.moves[{i}] archives, and there is no stage 'Archived'."
            )


def stage_of(policy: ModelPolicy, text: str) -> str:
    """The stage in its own spelling; `InvalidValueError` without one."""
    for stage in policy.stages:
        if stage.lower() == text.lower():
            return stage
    raise InvalidValueError(
        f"Invalid Model Version stage: {text}. Value must be one of {', '.join(policy.stages)}."
    )


def rule_for(policy: ModelPolicy, source: str, stage: str) -> MoveRule | None:
    """The first rule for a move; one that asks for nothing where there are no rules; ``None`` if it is barred."""
    if not policy.moves:
        return MoveRule(stage)
    for rule in policy.moves:
        if rule.to == stage and (_ANY in rule.from_ or source in rule.from_):
            return rule
    return None


def check_transition(view: View, question: v.CheckTransition) -> v.CheckedTransition:
    """Whether a version may move, and what stands in the way."""
    key = version_key(view, question.name, question.version)
    if question.policy is not None:
        check(question.policy)
    policy = question.policy or of(view, key.model)
    stage = stage_of(policy, question.stage)
    (version,) = versions(view, [key], aliases=False)
    rule = rule_for(policy, version.current_stage, stage)
    if rule is None:
        why = f"The policy allows no move from {version.current_stage} to {stage}."
        return v.CheckedTransition(allowed=False, reasons=[why])
    reasons = list(unmet(view, key, rule))
    return v.CheckedTransition(not reasons, rule.approvals, reasons)


def unmet(view: View, key: Key, rule: MoveRule) -> Iterator[str]:
    """What a version lacks for a move."""
    (version,) = versions(view, [key], aliases=False)
    for name, wanted in rule.tags.items():
        value = version.tags.get(name)
        if value is None:
            yield f"The tag '{name}' is missing."
        elif wanted not in (_ANY, value):
            yield f"The tag '{name}' is '{value}' and must be '{wanted}'."
    if rule.metrics:
        current = _current(view, key, rule.to)
        for gate in rule.metrics:
            yield from _unmet_by_metric(view, key, gate, current)


def _current(view: View, key: Key, stage: str) -> Key | None:
    """The highest other version in a stage."""
    query = select(model_versions.c.version).where(
        model_versions.c.model == key.model,
        model_versions.c.stage == stage,
        model_versions.c.version != key.version,
    )
    rows = view.rows(query.order_by(model_versions.c.version.desc()).limit(1))
    return Key(key.model, rows[0].version) if rows else None


def _unmet_by_metric(view: View, key: Key, gate: MetricGate, current: Key | None) -> Iterator[str]:
    value = metric_of(view, key, gate.metric)
    if value is None:
        yield f"The metric '{gate.metric}' is missing."
        return
    if gate.at_least is not None and not value >= gate.at_least:
        yield f"The metric '{gate.metric}' is {value:g} and must be at least {gate.at_least:g}."
    if gate.at_most is not None and not value <= gate.at_most:
        yield f"The metric '{gate.metric}' is {value:g} and must be at most {gate.at_most:g}."
    if gate.better_than_current is None or current is None:
        return
    now = metric_of(view, current, gate.metric)
    if now is None:
        return
    gain = value - now if gate.higher_is_better else now - value
    if not gain >= gate.better_than_current:
        yield (
            f"The metric '{gate.metric}' is {value:g}; version {current.version}, which is there now, has "
            f"{now:g}, and it must be better by {gate.better_than_current:g}."
        )


def metric_of(view: View, key: Key, name: str) -> float | None:
    """The latest value of a metric: of the logged model behind a version, else of its run."""
    query = select(model_versions.c.run_id, model_versions.c.model_id).where(
        model_versions.c.model == key.model, model_versions.c.version == key.version
    )
    (row,) = view.rows(query)
    of_model = (
        select(logged_model_metrics.c.value)
        .join(logged_models, logged_models.c.id == logged_model_metrics.c.model)
        .where(logged_models.c.model_id == row.model_id, logged_model_metrics.c.key == name)
        .order_by(logged_model_metrics.c.time.desc(), logged_model_metrics.c.step.desc())
    )
    of_run = (
        select(metric_series.c.last_value)
        .join(runs, runs.c.id == metric_series.c.run)
        .join(keys, keys.c.id == metric_series.c.key)
        .where(runs.c.run_id == row.run_id, keys.c.name == name)
    )
    for given, found in ((row.model_id, of_model), (row.run_id, of_run)):
        rows: Sequence[Any] = view.rows(found.limit(1)) if given else ()
        if rows and rows[0][0] is not None:
            return float(rows[0][0])
    return None
