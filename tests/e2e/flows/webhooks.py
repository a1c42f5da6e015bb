"""Webhooks through the client."""

import pytest
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent, WebhookStatus

URL = "https://93.184.215.14/hook"


@pytest.fixture
def webhook(client, unique):
    made = client.create_webhook(
        unique("ci"), URL, ["model_version.created"], description="tells CI", secret=None
    )
    yield made
    client.delete_webhook(made.webhook_id)


def test_a_webhook_is_made_found_and_changed(client, webhook):
    assert webhook.url == URL
    assert webhook.status == WebhookStatus.ACTIVE
    assert webhook.description == "tells CI"
    assert [str(event) for event in webhook.events] == ["model_version.created"]
    assert webhook.creation_timestamp > 0
    found = client.get_webhook(webhook.webhook_id)
    assert (found.name, found.url, found.secret) == (webhook.name, URL, None)
    event = WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.CREATED)
    changed = client.update_webhook(webhook.webhook_id, events=[event], status="DISABLED")
    assert changed.status == WebhookStatus.DISABLED
    assert [str(event) for event in changed.events] == ["model_version_alias.created"]
    assert changed.description == "tells CI"


def test_webhooks_are_listed_page_by_page(client, unique, webhook):
    other = client.create_webhook(unique("ci"), URL, ["registered_model.created"])
    try:
        found, token = [], None
        while True:
            page = client.list_webhooks(max_results=1, page_token=token)
            assert len(page) <= 1
            found += [each.webhook_id for each in page]
            token = page.token
            if not token:
                break
        assert {webhook.webhook_id, other.webhook_id} <= set(found)
        assert len(found) == len(set(found))
    finally:
        client.delete_webhook(other.webhook_id)


def test_one_that_is_gone_is_not_found(client, unique, refused):
    made = client.create_webhook(unique("ci"), URL, ["model_version.created"])
    client.delete_webhook(made.webhook_id)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_webhook, made.webhook_id)


@pytest.mark.parametrize("url", ["http://93.184.215.14/", "https://127.0.0.1/", "ftp://host/"])
def test_addresses_that_are_not_called_are_refused(client, unique, refused, url):
    refused(
        "INVALID_PARAMETER_VALUE", 400,
        client.create_webhook, unique("ci"), url, ["model_version.created"],
    )  # fmt: skip
