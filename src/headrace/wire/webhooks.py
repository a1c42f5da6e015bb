"""Questions and answers about webhooks: addresses that hear of what happens, and what was sent to them."""

from msgspec import field

from headrace.entities import (
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookStatus,
    WebhookTestResult,
)
from headrace.wire.tracking import Answer, Question

MOST_AT_ONCE = 1_000
EVENTS = frozenset(
    [
        "registered_model.created",
        "model_version.created",
        "model_version_tag.set",
        "model_version_tag.deleted",
        "model_version_alias.created",
        "model_version_alias.deleted",
        "prompt.created",
        "prompt_version.created",
        "prompt_tag.set",
        "prompt_tag.deleted",
        "prompt_version_tag.set",
        "prompt_version_tag.deleted",
        "prompt_alias.created",
        "prompt_alias.deleted",
        "budget_policy.exceeded",
    ]
)
"""What may be asked for. MLflow's clients know all but the last five; of budgets nothing happens here."""


class CreateWebhook(Question, frozen=True):
    name: str
    url: str
    events: list[WebhookEvent]
    description: str | None = None
    secret: str | None = None
    status: WebhookStatus = "ACTIVE"


class GotWebhook(Answer, frozen=True):
    webhook: Webhook


class GetWebhook(Question, frozen=True):
    webhook_id: str


class ListWebhooks(Question, frozen=True):
    max_results: int = 100
    page_token: str | None = None


class FoundWebhooks(Answer, frozen=True):
    webhooks: list[Webhook] = field(default_factory=list)
    next_page_token: str | None = None


class UpdateWebhook(Question, frozen=True):
    webhook_id: str
    name: str | None = None
    url: str | None = None
    events: list[WebhookEvent] = field(default_factory=list)
    description: str | None = None
    secret: str | None = None
    status: WebhookStatus | None = None


class DeleteWebhook(Question, frozen=True):
    webhook_id: str


class TestWebhook(Question, frozen=True):
    webhook_id: str
    event: WebhookEvent | None = None


class TestedWebhook(Answer, frozen=True):
    result: WebhookTestResult


class ListDeliveries(Question, frozen=True):
    webhook_id: str
    state: str | None = None
    """``waiting``, ``delivered`` or ``dead``."""
    max_results: int = 100
    page_token: str | None = None


class FoundDeliveries(Answer, frozen=True):
    deliveries: list[WebhookDelivery] = field(default_factory=list)
    next_page_token: str | None = None


class ReplayDelivery(Question, frozen=True):
    webhook_id: str
    delivery_id: str
