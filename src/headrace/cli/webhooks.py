"""``headrace webhooks``."""

from typing import Any

import click

from headrace.cli import output
from headrace.entities import WebhookEvent
from headrace.stores.base import TrackingStore
from headrace.wire import tracking as t
from headrace.wire import webhooks as w

_webhook_id = click.argument("webhook_id")
_event = click.Choice(sorted(w.EVENTS))


@click.group()
def webhooks() -> None:
    """Have addresses called when something happens."""


@webhooks.command()
@click.option("--name", "-n", required=True, help="What it is called.")
@click.option("--url", required=True, help="The address, which begins with https://.")
@click.option("--event", "events", type=_event, multiple=True, required=True, help="Repeatable.")
@click.option("--description", help="What it is for.")
@click.option(
    "--secret", envvar="HEADRACE_WEBHOOK_SECRET", help="Signs what is sent; better in the variable."
)
@output.gives(w.GotWebhook, output.says("Created webhook '{name}': {answer.webhook.webhook_id}"))
@output.on_store
def create(
    *,
    store: TrackingStore,
    name: str,
    url: str,
    events: tuple[str, ...],
    description: str | None,
    secret: str | None,
) -> w.GotWebhook:
    """Make a webhook. A server sends what happens from now on."""
    wanted = [WebhookEvent.from_str(event) for event in events]
    return store.create_webhook(w.CreateWebhook(name, url, wanted, description, secret))


def _list(found: w.FoundWebhooks, _given: dict[str, Any]) -> None:
    rows = [
        (one.webhook_id, one.name, one.status, one.url, ", ".join(map(str, one.events)))
        for one in found.webhooks
    ]
    made = output.table(
        ("webhook id", "name", "status", "url", "events"), rows, whole=("webhook id",)
    )
    output.print_table(made, nothing="There are no webhooks.")


@webhooks.command(name="list")
@output.gives(w.FoundWebhooks, _list)
@output.on_store
def list_(*, store: TrackingStore) -> w.FoundWebhooks:
    """List all webhooks."""
    found, token = [], None
    while True:
        page = store.list_webhooks(w.ListWebhooks(w.MOST_AT_ONCE, token))
        found += page.webhooks
        token = page.next_page_token
        if token is None:
            return w.FoundWebhooks(found)


@webhooks.command()
@_webhook_id
@output.gives(t.Nothing, output.says("Webhook {webhook_id} was removed."))
@output.on_store
def delete(*, store: TrackingStore, webhook_id: str) -> t.Nothing:
    """Remove a webhook, with what waits to be sent to it."""
    return store.delete_webhook(w.DeleteWebhook(webhook_id))


def _tested(answer: w.TestedWebhook, _given: dict[str, Any]) -> None:
    result = answer.result
    status = "" if result.response_status is None else f" (status {result.response_status})"
    click.echo(f"It arrived{status}." if result.success else f"It failed: {result.error_message}")


@webhooks.command()
@_webhook_id
@click.option("--event", type=_event, help="Which example is sent; the first that it hears of.")
@output.gives(w.TestedWebhook, _tested, wrong=lambda answer: not answer.result.success)
@output.on_store
def test(*, store: TrackingStore, webhook_id: str, event: str | None) -> w.TestedWebhook:
    """Have an example sent now; the exit code is 1 if it did not arrive."""
    wanted = WebhookEvent.from_str(event) if event else None
    return store.test_webhook(w.TestWebhook(webhook_id, wanted))


def _deliveries(found: w.FoundDeliveries, _given: dict[str, Any]) -> None:
    rows = [
        (
            one.delivery_id, one.event, output.moment(one.created_at), one.state, str(one.attempts),
            one.error_message or "",
        )
        for one in found.deliveries
    ]  # fmt: skip
    head = ("delivery id", "event", "created", "state", "attempts", "what went wrong")
    made = output.table(head, rows, whole=("delivery id", "created"))
    output.print_table(made, nothing="There are no such messages.")


@webhooks.command()
@_webhook_id
@click.option(
    "--state",
    type=click.Choice(["waiting", "delivered", "dead"]),
    help="Only those; dead are those that were given up.",
)
@click.option(
    "--max-results",
    type=click.IntRange(1, w.MOST_AT_ONCE),
    default=100,
    show_default=True,
    help="Not more than so many.",
)
@output.gives(w.FoundDeliveries, _deliveries)
@output.on_store
def deliveries(
    *, store: TrackingStore, webhook_id: str, state: str | None, max_results: int
) -> w.FoundDeliveries:
    """List what was sent, or waits to be, the newest first."""
    return store.list_deliveries(w.ListDeliveries(webhook_id, state, max_results))


@webhooks.command()
@_webhook_id
@click.argument("delivery_id")
@output.gives(t.Nothing, output.says("{delivery_id} is sent again."))
@output.on_store
def replay(*, store: TrackingStore, webhook_id: str, delivery_id: str) -> t.Nothing:
    """Send a message again, whether it had arrived or was given up."""
    return store.replay_delivery(w.ReplayDelivery(webhook_id, delivery_id))
