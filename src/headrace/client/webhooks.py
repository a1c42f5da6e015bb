"""Webhooks, as the explicit client offers them."""

from collections.abc import Sequence

from headrace.client.connection import Connected
from headrace.client.paging import PagedList
from headrace.entities import (
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookStatus,
    WebhookTestResult,
)
from headrace.wire import webhooks as w

Event = str | WebhookEvent
"""Such as ``model_version.created``."""


class Webhooks(Connected):
    """Makes, finds and tries webhooks: addresses that a server calls when something happens."""

    def create_webhook(
        self,
        name: str,
        url: str,
        events: Sequence[Event],
        description: str | None = None,
        secret: str | None = None,
        status: WebhookStatus | None = None,
    ) -> Webhook:
        """A new webhook; with a ``secret``, what it is sent is signed."""
        question = w.CreateWebhook(
            name, url, _events(events), description, secret, _status(status) or "ACTIVE"
        )
        return self._store.create_webhook(question).webhook

    def get_webhook(self, webhook_id: str) -> Webhook:
        """The webhook of this id."""
        return self._store.get_webhook(w.GetWebhook(webhook_id)).webhook

    def list_webhooks(
        self, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Webhook]:
        """A page of the webhooks, in the order in which they were made."""
        found = self._store.list_webhooks(w.ListWebhooks(max_results or 100, page_token))
        return PagedList(found.webhooks, found.next_page_token)

    def update_webhook(
        self,
        webhook_id: str,
        name: str | None = None,
        url: str | None = None,
        events: Sequence[Event] | None = None,
        description: str | None = None,
        secret: str | None = None,
        status: WebhookStatus | None = None,
    ) -> Webhook:
        """Change what is given."""
        question = w.UpdateWebhook(
            webhook_id, name, url, _events(events or ()), description, secret, _status(status)
        )
        return self._store.update_webhook(question).webhook

    def delete_webhook(self, webhook_id: str) -> None:
        """Remove it, with what waits to be sent to it."""
        self._store.delete_webhook(w.DeleteWebhook(webhook_id))

    def test_webhook(self, webhook_id: str, event: Event | None = None) -> WebhookTestResult:
        """Have an example sent now, and tell how it went."""
        tried = w.TestWebhook(webhook_id, _event(event) if event else None)
        return self._store.test_webhook(tried).result

    def list_webhook_deliveries(
        self,
        webhook_id: str,
        state: str | None = None,
        max_results: int = 100,
        page_token: str | None = None,
    ) -> PagedList[WebhookDelivery]:
        """What was sent, or is to be sent; ``state`` is ``waiting``, ``delivered`` or ``dead``."""
        question = w.ListDeliveries(webhook_id, state, max_results, page_token)
        found = self._store.list_deliveries(question)
        return PagedList(found.deliveries, found.next_page_token)

    def replay_webhook_delivery(self, webhook_id: str, delivery_id: str) -> None:
        """Have a message sent again, with the same id."""
        self._store.replay_delivery(w.ReplayDelivery(webhook_id, delivery_id))


def _event(event: Event) -> WebhookEvent:
    return WebhookEvent.from_str(str(event))


def _events(events: Sequence[Event]) -> list[WebhookEvent]:
    return [_event(event) for event in events]


def _status(status: WebhookStatus | None) -> WebhookStatus | None:
    return getattr(status, "value", status)
