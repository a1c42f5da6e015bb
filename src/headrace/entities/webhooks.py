"""The nouns of webhooks."""

from typing import Literal, Self

from headrace.entities.tracking import Entity

WebhookStatus = Literal["ACTIVE", "DISABLED"]


class WebhookEvent(Entity, frozen=True):
    """What a webhook hears of: of which kind of thing, and what happens to it."""

    entity: str
    action: str

    @classmethod
    def from_str(cls, text: str) -> Self:
        """The event that e.g. ``model_version.created`` names."""
        entity, _, action = text.upper().partition(".")
        return cls(entity, action)

    def __str__(self) -> str:
        return f"{self.entity}.{self.action}".lower()


class Webhook(Entity, frozen=True):
    webhook_id: str
    name: str
    url: str
    events: list[WebhookEvent]
    creation_timestamp: int
    last_updated_timestamp: int
    description: str | None = None
    status: WebhookStatus = "ACTIVE"


class WebhookTestResult(Entity, frozen=True):
    success: bool
    response_status: int | None = None
    response_body: str | None = None
    """Always ``None``: what a server says to ours is given to nobody."""
    error_message: str | None = None


class WebhookDelivery(Entity, frozen=True):
    """A message to a webhook's address, and how far it has got."""

    delivery_id: str
    webhook_id: str
    event: str
    created_at: int
    state: Literal["waiting", "delivered", "dead"]
    attempts: int = 0
    response_status: int | None = None
    error_message: str | None = None
    next_attempt_at: int | None = None
