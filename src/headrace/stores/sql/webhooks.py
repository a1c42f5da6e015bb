"""Webhooks: who hears of what."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import delete, insert, select, update

from headrace.entities import Webhook, WebhookEvent
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores import paging
from headrace.stores.sql.courier import Courier
from headrace.stores.sql.tables import webhook_deliveries, webhooks
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import webhooks as w
from headrace.wire.tracking import Nothing

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)
_URL_LENGTH = 2_048


class Wanted(NamedTuple):
    """A webhook to make or to change, looked at and with its secret sealed before it is queued."""

    webhook_id: str
    values: Mapping[str, Any]


def prepared(courier: Courier, question: w.CreateWebhook | w.UpdateWebhook) -> Wanted:
    """What is to be stored of what is given; `InvalidValueError` names what cannot be."""
    new = isinstance(question, w.CreateWebhook)
    webhook_id = str(uuid4()) if isinstance(question, w.CreateWebhook) else question.webhook_id
    values: dict[str, Any] = {"name": question.name, "description": question.description}
    if question.name is not None and not _NAME.fullmatch(question.name):
        raise InvalidValueError(
            f"The name '{question.name[:80]}' of a webhook must have 1 to 63 letters, digits, '.', '_' and "
            "'-', the first and the last of them a letter or a digit."
        )
    if question.url is not None:
        if len(question.url) > _URL_LENGTH:
            raise InvalidValueError(f"The URL of a webhook has at most {_URL_LENGTH:,} characters.")
        courier.egress.check(question.url)
        values["url"] = question.url
    if new or question.events:
        values["events"] = _text_of(question.events)
    if question.status is not None:
        values["active"] = int(question.status == "ACTIVE")
    if question.secret:
        values["secret"] = courier.seal.close(question.secret, webhook_id)
    return Wanted(webhook_id, {name: value for name, value in values.items() if value is not None})


def create(tx: Transaction, wanted: Wanted) -> w.GotWebhook:
    """Make a webhook; names may repeat."""
    row = {**wanted.values, "webhook_id": wanted.webhook_id, "created": tx.now, "updated": tx.now}
    tx.change(insert(webhooks), row)
    return w.GotWebhook(_told(found(tx, wanted.webhook_id)))


def get(view: View, question: w.GetWebhook) -> w.GotWebhook:
    """One webhook, without its secret."""
    return w.GotWebhook(_told(found(view, question.webhook_id)))


def find(view: View, question: w.ListWebhooks) -> w.FoundWebhooks:
    """The webhooks in the order in which they were made."""
    size, offset = page_of(question)
    query = select(webhooks).order_by(webhooks.c.id).offset(offset)
    rows = view.rows(query.limit(size + 1))
    return w.FoundWebhooks([_told(row) for row in rows[:size]], next_token(rows, size, offset))


def page_of(question: w.ListWebhooks | w.ListDeliveries) -> tuple[int, int]:
    """The size of a page and where it starts."""
    if not 1 <= question.max_results <= w.MOST_AT_ONCE:
        raise InvalidValueError(
            f"'max_results' must be 1 to {w.MOST_AT_ONCE:,}, not {question.max_results}."
        )
    return question.max_results, paging.decode(question.page_token)


def next_token(rows: Sequence[Any], size: int, offset: int) -> str | None:
    """The token of the next page, if one row more than a page was found."""
    return paging.encode(offset + size) if len(rows) > size else None


def change(tx: Transaction, wanted: Wanted) -> w.GotWebhook:
    """Change what is given."""
    row = found(tx, wanted.webhook_id)
    changed = update(webhooks).where(webhooks.c.id == row.id)
    tx.change(changed.values(updated=tx.now, **wanted.values))
    return w.GotWebhook(_told(found(tx, wanted.webhook_id)))


def remove(tx: Transaction, question: w.DeleteWebhook) -> Nothing:
    """Remove a webhook and what waits for it."""
    row = found(tx, question.webhook_id)
    tx.change(delete(webhook_deliveries).where(webhook_deliveries.c.webhook == row.id))
    tx.change(delete(webhooks).where(webhooks.c.id == row.id))
    return Nothing()


def found(view: View, webhook_id: str) -> Any:
    """The row of a webhook; `NotFoundError` without one."""
    rows = view.rows(select(webhooks).where(webhooks.c.webhook_id == webhook_id))
    if not rows:
        raise NotFoundError(f"Webhook with ID {webhook_id} not found.")
    return rows[0]


def listening(view: View) -> Mapping[int, frozenset[str]]:
    """What each active webhook hears of, by its number."""
    rows = view.fetch("SELECT id, events FROM webhooks WHERE active = 1")
    return {number: frozenset(events.splitlines()) for number, events in rows}


def _text_of(events: Sequence[WebhookEvent]) -> str:
    names = {str(event) for event in events}
    if not names or not names <= w.EVENTS:
        wrong = ", ".join(sorted(names - w.EVENTS)) or "none"
        raise InvalidValueError(
            f"A webhook hears of at least one of these events: {', '.join(sorted(w.EVENTS))}. Given: {wrong}."
        )
    return "\n".join(sorted(names))


def _told(row: Any) -> Webhook:
    return Webhook(
        row.webhook_id,
        row.name,
        row.url,
        [WebhookEvent.from_str(event) for event in row.events.splitlines()],
        row.created,
        row.updated,
        row.description,
        "ACTIVE" if row.active else "DISABLED",
    )
