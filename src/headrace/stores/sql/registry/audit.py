"""The log of changes: written with each of them, chained by hashes, and changed by nothing.

Record n has the SHA-256 over the hash of n - 1 and its own fields. Who alters, drops or inserts one must
alter all that follow, and the hash of the last, which others may have kept.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select

from headrace.entities import AuditRecord
from headrace.stores.sql.registry.review_tables import audit_head, audit_log
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import review as v

Q = TypeVar("Q")
A = TypeVar("A")

NOBODY = ""
"""Who did it, where nobody said."""
_MOST_DETAILS = 8_192
_AT_ONCE = 10_000
_START = "0" * 64


def audited(action: str, act: Callable[[Transaction, Q], A]) -> Callable[[Transaction, Q], A]:
    """A change that leaves a record, in the transaction that makes it."""

    def acting(tx: Transaction, question: Q) -> A:
        answer = act(tx, question)
        asked: Any = question
        record(tx, action, _subject(asked), _details(asked), getattr(asked, "user_id", None))
        return answer

    return acting


def record(tx: Transaction, action: str, subject: str, details: str, user_id: str | None) -> None:
    """Have a record written at the end of the transaction."""
    tx.audited.append((tx.now, user_id or NOBODY, action, subject, details))
    tx.at_end(flush)


def _subject(question: Any) -> str:
    name = getattr(question, "name", None) or ""
    version = getattr(question, "version", None)
    return f"{name}/{version}" if version else name


def _details(question: Any) -> str:
    text = msgspec.json.encode(question).decode()
    if len(text) <= _MOST_DETAILS:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return msgspec.json.encode({"sha256": digest, "bytes": len(text.encode())}).decode()


def flush(tx: Transaction) -> None:
    """Write the records that were gathered, in their order."""
    given, tx.audited = tx.audited, []
    if not given:
        return
    number, before = _head(tx, len(given))
    rows = []
    for fields in given:
        number += 1
        before = hash_of(before, number, *fields)
        rows.append((number, *fields, before))
    tx.dialect.insert(tx.cursor, audit_log, "number time user_id action subject details hash", rows)
    tx.dialect.upsert(tx.cursor, audit_head, [(1, number, before)])


def _head(tx: Transaction, count: int) -> tuple[int, str]:
    """The number and the hash of the last record; other writers wait until this transaction is over."""
    mark = tx.dialect.mark
    tx.cursor.execute(f"UPDATE audit_head SET number = number + {mark} WHERE id = 1", (count,))
    rows = tx.rows(select(audit_head.c.number, audit_head.c.hash))
    return (rows[0].number - count, rows[0].hash) if rows else (0, _START)


def hash_of(before: str, number: int, *fields: Any) -> str:
    """The hash of a record."""
    return hashlib.sha256(msgspec.json.encode([before, number, *fields])).hexdigest()


def find(view: View, question: v.ListAudit) -> v.AuditRecords:
    """Records after one that is known."""
    return v.AuditRecords(_records(view, question.after, question.max_results))


def _records(view: View, after: int, count: int) -> list[AuditRecord]:
    query = select(audit_log).where(audit_log.c.number > after).order_by(audit_log.c.number)
    return [AuditRecord(*row) for row in view.rows(query.limit(count))]


def verify(view: View, question: v.VerifyAudit) -> v.VerifiedAudit:  # noqa: ARG001  (all of it)
    """Compute the chain again."""
    number, before = 0, _START
    while records := _records(view, number, _AT_ONCE):
        wrong = _first_wrong(records, number, before)
        if wrong is not None:
            return v.VerifiedAudit(intact=False, records=number, head=before, first_wrong=wrong)
        number, before = records[-1].number, records[-1].hash
    rows = view.rows(select(audit_head.c.number, audit_head.c.hash))
    head = (rows[0].number, rows[0].hash) if rows else (0, _START)
    if head != (number, before):
        return v.VerifiedAudit(
            intact=False, records=number, head=before, first_wrong=min(head[0], number) + 1
        )
    return v.VerifiedAudit(intact=True, records=number, head=before)


def _first_wrong(records: Sequence[AuditRecord], number: int, before: str) -> int | None:
    for one in records:
        number += 1
        fields = (one.timestamp, one.user_id, one.action, one.subject, one.details)
        if one.number != number or one.hash != hash_of(before, number, *fields):
            return number
        before = one.hash
    return None
