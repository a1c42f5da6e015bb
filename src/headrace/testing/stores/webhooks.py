"""Webhooks: made, found, changed; nothing of their secrets comes back."""

from typing import Any

import msgspec
import pytest

from headrace.entities import WebhookEvent
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given
from headrace.wire import webhooks as w

_CREATED = WebhookEvent("MODEL_VERSION", "CREATED")
_TAGGED = WebhookEvent("MODEL_VERSION_TAG", "SET")
_URL = "https://hooks.invalid/models"
_SECRET = "hush"  # noqa: S105


def _new(store: TrackingStore, **given: Any) -> str:
    question = w.CreateWebhook("ci", _URL, [_CREATED])
    made = store.create_webhook(msgspec.structs.replace(question, **given))
    return made.webhook.webhook_id


class WebhookContract(Given):
    """The promises about webhooks."""

    def test_a_webhook_is_made_and_found(self, store: TrackingStore) -> None:
        webhook_id = _new(
            store, name="Deploy.1", description="tells CI", secret=_SECRET, status="DISABLED"
        )
        found = store.get_webhook(w.GetWebhook(webhook_id)).webhook
        assert (found.name, found.url, found.description) == ("Deploy.1", _URL, "tells CI")
        assert (found.status, found.events) == ("DISABLED", [_CREATED])
        assert found.creation_timestamp == found.last_updated_timestamp > 0
        assert _SECRET not in msgspec.json.encode(found).decode()

    def test_only_what_is_given_changes(self, store: TrackingStore) -> None:
        webhook_id = _new(store, description="before")
        store.update_webhook(w.UpdateWebhook(webhook_id, events=[_TAGGED, _CREATED, _TAGGED]))
        changed = store.update_webhook(w.UpdateWebhook(webhook_id, status="DISABLED")).webhook
        assert (changed.name, changed.description) == ("ci", "before")
        assert (changed.events, changed.status) == ([_CREATED, _TAGGED], "DISABLED")

    def test_pages_hold_each_webhook_once(self, store: TrackingStore) -> None:
        made = [_new(store, name=f"hook-{number}") for number in range(5)]
        found, token = [], None
        while True:
            page = store.list_webhooks(w.ListWebhooks(2, token))
            assert len(page.webhooks) <= 2
            found += [webhook.webhook_id for webhook in page.webhooks]
            token = page.next_page_token
            if token is None:
                break
        assert found[-5:] == made
        assert len(found) == len(set(found))

    def test_one_that_was_removed_is_gone(self, store: TrackingStore) -> None:
        webhook_id = _new(store)
        store.delete_webhook(w.DeleteWebhook(webhook_id))
        for act in (
            lambda: store.get_webhook(w.GetWebhook(webhook_id)),
            lambda: store.delete_webhook(w.DeleteWebhook(webhook_id)),
            lambda: store.update_webhook(w.UpdateWebhook(webhook_id, name="other")),
            lambda: store.test_webhook(w.TestWebhook(webhook_id)),
            lambda: store.list_deliveries(w.ListDeliveries(webhook_id)),
            lambda: store.replay_delivery(w.ReplayDelivery(webhook_id, "d")),
        ):
            with pytest.raises(NotFoundError, match=webhook_id):
                act()

    @pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "a" * 64, "ä", "a/b"])
    def test_names_that_are_none_are_refused(self, store: TrackingStore, name: str) -> None:
        with pytest.raises(InvalidValueError, match="1 to 63 letters"):
            _new(store, name=name)

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("http://hooks.invalid/", "must begin with"),
            ("file:///etc/passwd", "must begin with"),
            ("hooks.invalid", "must begin with"),
            ("https://", "no host"),
            ("https://me:word@hooks.invalid/", "no password"),
            ("https://127.0.0.1/", "public Internet"),
            ("https://[::ffff:10.0.0.1]/", "public Internet"),
            ("https://169.254.169.254/latest", "public Internet"),
            ("https://hooks.invalid/" + "a" * 2048, "2,048"),
            ("https://hooks.invalid:port/", "no URL"),
        ],
    )
    def test_urls_that_are_not_called_are_refused(
        self, store: TrackingStore, url: str, why: str
    ) -> None:
        with pytest.raises(InvalidValueError, match=why):
            _new(store, url=url)
        webhook_id = _new(store)
        with pytest.raises(InvalidValueError, match=why):
            store.update_webhook(w.UpdateWebhook(webhook_id, url=url))
        assert store.get_webhook(w.GetWebhook(webhook_id)).webhook.url == _URL

    def test_events_that_nobody_knows_are_refused(self, store: TrackingStore) -> None:
        for events in ([], [WebhookEvent("MODEL_VERSION", "EATEN")]):
            with pytest.raises(InvalidValueError, match=r"model_version\.created"):
                _new(store, events=events)

    def test_sizes_of_pages_and_states_are_checked(self, store: TrackingStore) -> None:
        webhook_id = _new(store)
        for size in (0, 1001):
            with pytest.raises(InvalidValueError, match="max_results"):
                store.list_webhooks(w.ListWebhooks(size))
            with pytest.raises(InvalidValueError, match="max_results"):
                store.list_deliveries(w.ListDeliveries(webhook_id, max_results=size))
        with pytest.raises(InvalidValueError, match="waiting, delivered, dead"):
            store.list_deliveries(w.ListDeliveries(webhook_id, state="lost"))
        assert store.list_deliveries(w.ListDeliveries(webhook_id)).deliveries == []
        with pytest.raises(NotFoundError, match="no delivery"):
            store.replay_delivery(w.ReplayDelivery(webhook_id, "nothing"))
