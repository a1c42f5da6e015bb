"""Sends messages to webhooks, signed, and says what became of each."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid4

from headrace.clock import now_ms
from headrace.egress import Egress
from headrace.entities import WebhookTestResult
from headrace.errors import HeadraceError
from headrace.stores.sql.sealing import Seal

_AT_ONCE = 10


class Message(NamedTuple):
    """One to be sent now."""

    id: int
    delivery_id: str
    webhook_id: str
    url: str
    secret: bytes | None
    body: str
    attempts: int


class Outcome(NamedTuple):
    """What became of a message; it arrived where ``error`` is ``None``."""

    id: int
    attempts: int
    status: int | None
    error: str | None


@dataclass(frozen=True)
class Courier:
    """Calls the addresses of webhooks, with what it needs for it."""

    egress: Egress = field(default_factory=Egress)
    seal: Seal = field(default_factory=Seal)

    @property
    def lease_ms(self) -> int:
        """How long sending some messages may take at most."""
        return int(2000 * self.egress.timeout_s)

    @property
    def most(self) -> int:
        """How many are sent at once."""
        return _AT_ONCE

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send messages side by side."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="headrace-webhook") as pool:
            return list(pool.map(self._send, messages))

    def trial(
        self, url: str, secret: bytes | None, webhook_id: str, body: str
    ) -> WebhookTestResult:
        """Send one message that is not kept."""
        message = Message(0, str(uuid4()), webhook_id, url, secret, body, 0)
        outcome = self._send(message)
        return WebhookTestResult(outcome.error is None, outcome.status, error_message=outcome.error)

    def _send(self, message: Message) -> Outcome:
        try:
            headers = self._headers(message)
            status = self.egress.post(message.url, message.body.encode(), headers)
        except HeadraceError as error:
            return Outcome(message.id, message.attempts, None, error.message)
        arrived = 200 <= status < 300
        wrong = None if arrived else f"The address answered with the status {status}."
        return Outcome(message.id, message.attempts, status, wrong)

    def _headers(self, message: Message) -> dict[str, str]:
        moment = str(now_ms() // 1000)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "headrace",
            "X-MLflow-Delivery-Id": message.delivery_id,
            "X-MLflow-Timestamp": moment,
        }
        if message.secret is not None:
            secret = self.seal.open(message.secret, message.webhook_id)
            headers["X-MLflow-Signature"] = signature(
                secret, message.delivery_id, moment, message.body
            )
        return headers


def signature(secret: str, delivery_id: str, timestamp: str, body: str) -> str:
    """What proves that a message is ours: HMAC-SHA256 of id, time and body, as MLflow writes it."""
    signed = f"{delivery_id}.{timestamp}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
