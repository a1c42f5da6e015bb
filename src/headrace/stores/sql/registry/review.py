"""Requests for moves, their approvals and rejections; comments on versions."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from headrace.entities import Decision, ModelComment, MoveRule, TransitionRequest
from headrace.errors import (
    AlreadyExistsError,
    BadRequestError,
    InvalidValueError,
    NotFoundError,
    PermissionDeniedError,
)
from headrace.stores.sql import outbox
from headrace.stores.sql.registry import policies, staging
from headrace.stores.sql.registry.audit import NOBODY
from headrace.stores.sql.registry.loading import Key, model_row, version_key
from headrace.stores.sql.registry.review_tables import (
    model_comments,
    transition_decisions,
    transition_requests,
)
from headrace.stores.sql.registry.tables import registered_models
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import review as v
from headrace.wire.limits import check_length
from headrace.wire.tracking import Nothing

PENDING, APPROVED, REJECTED, CANCELLED = range(4)
_STATUSES = ("pending", "approved", "rejected", "cancelled")
_EXPIRED, _ALL = "expired", "all"
_DAY_MS = 86_400_000
_COMMENT_LENGTH = 65_535


def create(tx: Transaction, question: v.CreateTransitionRequest) -> v.GotTransitionRequest:
    """Ask for a move that others decide on."""
    check_length(question.comment, "comment", _COMMENT_LENGTH)
    key = version_key(tx, question.name, question.version)
    policy = policies.of(tx, key.model)
    stage = policies.stage_of(policy, question.stage)
    now = staging.stage_now(tx, key)
    if now == stage:
        raise BadRequestError(f"Version {question.version} of '{question.name}' is in {stage}.")
    rule = staging.allowed(policy, now, stage)
    if _pending(tx, key, stage):
        raise AlreadyExistsError(
            f"A request for version {question.version} of '{question.name}' to {stage} is pending."
        )
    row = {
        "model": key.model, "version": key.version, "stage": stage, "status": PENDING,
        "user_id": question.user_id or NOBODY, "comment": question.comment,
        "approvals": max(1, rule.approvals), "created": tx.now,
        "expires": tx.now + int(rule.expires_days * _DAY_MS),
    }  # fmt: skip
    tx.writes += 1
    number = tx.dialect.insert_one(tx.cursor, transition_requests, row)
    staging.note(tx, [key], "REQUESTED_TRANSITION", question.user_id, question.comment, (now, None))
    _tell(tx, "created", question, stage)
    return v.GotTransitionRequest(_request(tx, number))


def find(view: View, question: v.ListTransitionRequests) -> v.TransitionRequests:
    """Requests, the newest first."""
    known = (*_STATUSES, _EXPIRED, _ALL)
    if question.status not in known:
        raise InvalidValueError(
            f"No status '{question.status}' of a request. Known: {', '.join(known)}."
        )
    query = select(transition_requests.c.id).order_by(transition_requests.c.id.desc()).limit(1000)
    if question.name is not None:
        model = model_row(view, question.name).id
        query = query.where(transition_requests.c.model == model)
    if question.version is not None:
        if question.name is None:
            raise InvalidValueError("'version' goes with 'name'.")
        key = version_key(view, question.name, question.version)
        query = query.where(transition_requests.c.version == key.version)
    if question.status in _STATUSES:
        query = query.where(transition_requests.c.status == _STATUSES.index(question.status))
    if question.status == _EXPIRED:
        query = query.where(transition_requests.c.status == PENDING)
    found = _requests(view, [row.id for row in view.rows(query)])
    wanted = [one for one in found if question.status in (_ALL, one.status)]
    return v.TransitionRequests(wanted)


def approve(tx: Transaction, question: v.ApproveTransitionRequest) -> v.GotActivity:
    """Agree to a request; with the last approval that it needs the version moves, in the same step."""
    key, row, rule = _decided(tx, question)
    user = question.user_id or NOBODY
    if user == row.user_id and not rule.author_may_approve and rule.approvals:
        raise PermissionDeniedError(
            "Who has made a request may not approve it; another one has to."
        )
    _decide(tx, row.id, user, question.comment, approved=True)
    agreed = [
        one
        for one in tx.rows(_decisions([row.id]))
        if one.approved and (not rule.approvers or one.user_id in rule.approvers)
    ]
    now = staging.stage_now(tx, key)
    staging.note(tx, [key], "APPROVED_REQUEST", question.user_id, question.comment, (now, None))
    if len(agreed) >= row.approvals:
        staging.require_met(tx, key, rule)
        staging.move(
            tx, key, rule, archive=question.archive_existing_versions, user_id=question.user_id
        )
        _close(tx, row.id, APPROVED)
        _tell(tx, "approved", question, row.stage)
    return v.GotActivity(staging.told(question.name, staging.latest(tx, key)))


def reject(tx: Transaction, question: v.RejectTransitionRequest) -> v.GotActivity:
    """Refuse a request: it is closed."""
    key, row, _ = _decided(tx, question)
    _decide(tx, row.id, question.user_id or NOBODY, question.comment, approved=False)
    return _closed(tx, question, key, row, REJECTED)


def cancel(tx: Transaction, question: v.DeleteTransitionRequest) -> v.GotActivity:
    """Take a request back, by who has made it."""
    key = version_key(tx, question.name, question.version)
    row = _require_pending(tx, question, key)
    if (question.user_id or NOBODY) != row.user_id:
        raise PermissionDeniedError(
            f"Only '{row.user_id}', who has made the request, takes it back."
        )
    return _closed(tx, question, key, row, CANCELLED)


_Deciding = v.ApproveTransitionRequest | v.RejectTransitionRequest
_Closing = v.RejectTransitionRequest | v.DeleteTransitionRequest
_Asking = _Deciding | v.CreateTransitionRequest | v.DeleteTransitionRequest


def _decided(tx: Transaction, question: _Deciding) -> tuple[Key, Any, MoveRule]:
    """The version, the pending request and the rule, for who may decide on it."""
    check_length(question.comment, "comment", _COMMENT_LENGTH)
    model_row(tx, question.name, lock=True)
    key = version_key(tx, question.name, question.version)
    row = _require_pending(tx, question, key)
    rule = staging.allowed(policies.of(tx, key.model), staging.stage_now(tx, key), row.stage)
    staging.require_approver(rule, question.user_id, "decide on moves")
    return key, row, rule


def _require_pending(tx: Transaction, question: _Asking, key: Key) -> Any:
    stage = policies.stage_of(policies.of(tx, key.model), question.stage)
    rows = _pending(tx, key, stage)
    if not rows:
        raise NotFoundError(
            f"No request for version {question.version} of '{question.name}' to {stage} is pending."
        )
    return rows[0]


def _pending(tx: Transaction, key: Key, stage: str) -> Sequence[Any]:
    query = select(transition_requests).where(
        transition_requests.c.model == key.model,
        transition_requests.c.version == key.version,
        transition_requests.c.stage == stage,
        transition_requests.c.status == PENDING,
        transition_requests.c.expires > tx.now,
    )
    return tx.rows(query)


def _decide(
    tx: Transaction, request: int, user: str, comment: str | None, *, approved: bool
) -> None:
    if any(row.user_id == user for row in tx.rows(_decisions([request]))):
        raise AlreadyExistsError(f"'{user}' has decided on this request already.")
    row = {
        "request": request, "user_id": user, "approved": int(approved), "comment": comment,
        "created": tx.now,
    }  # fmt: skip
    tx.change(insert(transition_decisions), row)


def _closed(tx: Transaction, question: _Closing, key: Key, row: Any, status: int) -> v.GotActivity:
    _close(tx, row.id, status)
    kind = {REJECTED: "REJECTED_REQUEST", CANCELLED: "CANCELLED_REQUEST"}[status]
    now = staging.stage_now(tx, key)
    staging.note(tx, [key], kind, question.user_id, question.comment, (now, None))
    _tell(tx, _STATUSES[status], question, row.stage)
    return v.GotActivity(staging.told(question.name, staging.latest(tx, key)))


def _close(tx: Transaction, request: int, status: int) -> None:
    this = transition_requests.c.id == request
    tx.change(update(transition_requests).where(this).values(status=status))


def _tell(tx: Transaction, action: str, question: _Asking, stage: str) -> None:
    told = {
        "name": question.name, "version": question.version, "to_stage": stage,
        "user_id": question.user_id, "comment": question.comment,
    }  # fmt: skip
    outbox.tell(tx, f"transition_request.{action}", [told])


def _decisions(requests: Sequence[int]) -> Any:
    return (
        select(transition_decisions)
        .where(transition_decisions.c.request.in_(requests))
        .order_by(transition_decisions.c.created)
    )


def _request(view: View, number: int) -> TransitionRequest:
    return _requests(view, [number])[0]


def _requests(view: View, numbers: Sequence[int]) -> list[TransitionRequest]:
    decided: dict[int, list[Decision]] = defaultdict(list)
    for one in view.rows(_decisions(numbers)):
        decision = Decision(one.user_id, bool(one.approved), one.created, one.comment)
        decided[one.request].append(decision)
    query = (
        select(transition_requests, registered_models.c.name)
        .join(registered_models, registered_models.c.id == transition_requests.c.model)
        .where(transition_requests.c.id.in_(numbers))
        .order_by(transition_requests.c.id.desc())
    )
    return [_told(view, row, decided[row.id]) for row in view.rows(query)]


def _told(view: View, row: Any, decisions: list[Decision]) -> TransitionRequest:
    status: Any = _STATUSES[row.status]
    if row.status == PENDING and row.expires <= view.now:
        status = _EXPIRED
    return TransitionRequest(
        id=str(row.id), name=row.name, version=str(row.version), to_stage=row.stage,
        user_id=row.user_id, creation_timestamp=row.created, status=status, expires=row.expires,
        comment=row.comment, approvals_needed=row.approvals, decisions=decisions,
    )  # fmt: skip


# Comments


def comment(tx: Transaction, question: v.CreateComment) -> v.GotComment:
    """Say something about a version."""
    _check_comment(question.comment)
    key = version_key(tx, question.name, question.version)
    row = {
        "model": key.model, "version": key.version, "user_id": question.user_id or NOBODY,
        "comment": question.comment, "created": tx.now, "updated": tx.now,
    }  # fmt: skip
    tx.writes += 1
    number = tx.dialect.insert_one(tx.cursor, model_comments, row)
    staging.note(tx, [key], "NEW_COMMENT", question.user_id, question.comment)
    return _comment(tx, number)


def change_comment(tx: Transaction, question: v.UpdateComment) -> v.GotComment:
    """Say it differently, by who has said it."""
    _check_comment(question.comment)
    row = _own(tx, question)
    changed = {"comment": question.comment, "updated": tx.now}
    tx.change(update(model_comments).where(model_comments.c.id == row.id).values(changed))
    return _comment(tx, row.id)


def delete_comment(tx: Transaction, question: v.DeleteComment) -> Nothing:
    """Take it back, by who has said it."""
    row = _own(tx, question)
    tx.change(delete(model_comments).where(model_comments.c.id == row.id))
    return Nothing()


def _check_comment(text: str) -> None:
    if not text.strip():
        raise InvalidValueError("A comment says something.")
    check_length(text, "comment", _COMMENT_LENGTH)


def _own(tx: Transaction, question: v.UpdateComment | v.DeleteComment) -> Any:
    number = int(question.id) if question.id.isascii() and question.id.isdecimal() else 0
    rows = tx.rows(select(model_comments).where(model_comments.c.id == number))
    if not rows:
        raise NotFoundError(f"No comment with the id {question.id}.")
    if rows[0].user_id != (question.user_id or NOBODY):
        raise PermissionDeniedError(f"The comment is of '{rows[0].user_id}'.")
    return rows[0]


def _comment(view: View, number: int) -> v.GotComment:
    query = (
        select(model_comments, registered_models.c.name)
        .join(registered_models, registered_models.c.id == model_comments.c.model)
        .where(model_comments.c.id == number)
    )
    (row,) = view.rows(query)
    return v.GotComment(
        ModelComment(
            str(row.id), row.name, str(row.version), row.user_id, row.comment, row.created,
            row.updated,
        )
    )  # fmt: skip
