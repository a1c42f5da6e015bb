"""What webhooks are to hear: written down with the change itself, sent until it arrives or is given up.

A message is a row that is committed with what it tells of, so that none is lost and none tells of what did
not happen. Whoever sends takes some for a while; should it die, they are due again. So a message may arrive
twice, with the same id in its headers.
"""

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import delete, select, update

from headrace.entities import WebhookDelivery
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.sql.courier import Message, Outcome
from headrace.stores.sql.tables import webhook_deliveries, webhooks
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.stores.sql.webhooks import found, listening, next_token, page_of
from headrace.wire import webhooks as w
from headrace.wire.tracking import Nothing

WAITING, DELIVERED, DEAD = range(3)
_STATES = ("waiting", "delivered", "dead")

FIRST_DELAY_S = 5.0
FACTOR = 3.0
MOST_ATTEMPTS = 10
"""5 s, 15 s, 45 s ...: the last is about fourteen hours after the first."""
KEPT_MS = 7 * 86_400_000
"""How long a message is kept after it has arrived."""


def tell(tx: Transaction, event: str, data: Iterable[Mapping[str, Any]]) -> None:
    """Write messages of ``event`` (such as ``model_version.created``) for all who listen."""
    listeners = [number for number, events in listening(tx).items() if event in events]
    if not listeners:
        return
    bodies = [body_of(event, one, tx.now) for one in data]
    rows = [
        (str(uuid4()), number, event, body, tx.now, WAITING, 0, tx.now)
        for body in bodies
        for number in listeners
    ]
    tx.writes += 1
    columns = "delivery_id webhook event body created state attempts due"
    tx.dialect.insert(tx.cursor, webhook_deliveries, columns, rows)


def body_of(event: str, data: Mapping[str, Any], now_ms: int) -> str:
    """The text that is sent."""
    entity, _, action = event.partition(".")
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat()
    body = {"entity": entity, "action": action, "timestamp": moment, "data": data}
    return msgspec.json.encode(body).decode()


def are_due(view: View, now_ms: int) -> bool:
    """Whether a message waits to be sent."""
    query = "SELECT 1 FROM webhook_deliveries WHERE state = {} AND due <= {} LIMIT 1"
    return bool(view.fetch(query.format(WAITING, int(now_ms))))


def take(tx: Transaction, question: tuple[int, int]) -> list[Message]:
    """Take up to ``most`` messages that are due, for ``lease_ms``; others do not get them meanwhile."""
    most, lease_ms = question
    old = (webhook_deliveries.c.state == DELIVERED) & (webhook_deliveries.c.due < tx.now - KEPT_MS)
    tx.change(delete(webhook_deliveries).where(old))
    due = (
        select(webhook_deliveries.c.id)
        .where(webhook_deliveries.c.state == WAITING, webhook_deliveries.c.due <= tx.now)
        .order_by(webhook_deliveries.c.due)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = webhook_deliveries.c.id.in_([row.id for row in tx.rows(due)])
    tx.change(update(webhook_deliveries).where(taken).values(due=tx.now + lease_ms))
    rows = tx.rows(
        select(webhook_deliveries, webhooks.c.webhook_id, webhooks.c.url, webhooks.c.secret)
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook)
        .where(taken, webhooks.c.active == 1)
    )
    return [
        Message(
            row.id, row.delivery_id, row.webhook_id, row.url, row.secret, row.body, row.attempts
        )
        for row in rows
    ]


def settle(tx: Transaction, outcomes: list[Outcome]) -> None:
    """Note what became of messages."""
    for outcome in outcomes:
        attempts = outcome.attempts + 1
        state, due = DELIVERED, tx.now
        if outcome.error is not None:
            state = DEAD if attempts >= MOST_ATTEMPTS else WAITING
            due = tx.now + (pause_ms(attempts) if state == WAITING else 0)
        values = {
            "state": state, "attempts": attempts, "due": due, "status": outcome.status,
            "error": outcome.error,
        }  # fmt: skip
        tx.change(
            update(webhook_deliveries)
            .where(webhook_deliveries.c.id == outcome.id, webhook_deliveries.c.state == WAITING)
            .values(values)
        )


def pause_ms(attempts: int) -> int:
    """How long after so many attempts the next one comes, spread so that not all come at once."""
    seconds = FIRST_DELAY_S * FACTOR ** (attempts - 1)
    return int(1000 * seconds * random.uniform(0.8, 1.2))  # noqa: S311


def find(view: View, question: w.ListDeliveries) -> w.FoundDeliveries:
    """What was sent, or is to be sent, to one webhook; the newest first."""
    row, (size, offset) = found(view, question.webhook_id), page_of(question)
    query = select(webhook_deliveries).where(webhook_deliveries.c.webhook == row.id)
    if question.state is not None:
        query = query.where(webhook_deliveries.c.state == state_of(question.state))
    query = query.order_by(webhook_deliveries.c.id.desc()).offset(offset)
    rows = view.rows(query.limit(size + 1))
    told = [_told(question.webhook_id, one) for one in rows[:size]]
    return w.FoundDeliveries(told, next_token(rows, size, offset))


def replay(tx: Transaction, question: w.ReplayDelivery) -> Nothing:
    """Send a message again, now, as if it were new; its id stays."""
    row = found(tx, question.webhook_id)
    done = tx.change(
        update(webhook_deliveries)
        .where(
            webhook_deliveries.c.webhook == row.id,
            webhook_deliveries.c.delivery_id == question.delivery_id,
        )
        .values(state=WAITING, attempts=0, due=tx.now)
    )
    if not done.rowcount:
        raise NotFoundError(f"The webhook has no delivery with the id {question.delivery_id}.")
    return Nothing()


def state_of(name: str) -> int:
    """The number of a state; `InvalidValueError` for a word that is none."""
    if name not in _STATES:
        raise InvalidValueError(f"No state '{name}' of a delivery. Known: {', '.join(_STATES)}.")
    return _STATES.index(name)


def _told(webhook_id: str, row: Any) -> WebhookDelivery:
    return WebhookDelivery(
        row.delivery_id,
        webhook_id,
        row.event,
        row.created,
        _STATES[row.state],  # type: ignore[arg-type]
        row.attempts,
        row.status,
        row.error,
        row.due if row.state == WAITING else None,
    )


EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "registered_model": {"name": "example", "tags": {}, "description": "An example."},
    "model_version": {
        "name": "example", "version": "1", "source": "models:/m-1", "run_id": None, "tags": {},
        "description": "An example.",
    },
    "model_version_tag": {"name": "example", "version": "1", "key": "key", "value": "value"},
    "model_version_alias": {"name": "example", "alias": "champion", "version": "1"},
}  # fmt: skip
"""What a trial sends, by the kind of thing that an event is about."""


def example_of(event: str, now_ms: int) -> str:
    """The body that a trial of ``event`` sends."""
    return body_of(event, EXAMPLES.get(event.partition(".")[0], {"name": "example"}), now_ms)
