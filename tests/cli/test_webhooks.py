"""Webhooks from the command line."""

from collections.abc import Callable
from typing import Any

import pytest

from cli_calls import Done
from headrace.config import settings

Ask = Callable[..., Any]
Tell = Callable[..., Done]
URL = "https://127.1/hook"
"""Looks like a name; where it leads to is found out when it is called."""


@pytest.fixture
def webhook(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("HEADRACE_WEBHOOK_SECRET", raising=False)
    created = ask(
        "webhooks", "create", "-n", "ci", "--url", URL, "--event", "model_version.created"
    )
    return str(created["webhook"]["webhook_id"])


def test_webhooks_are_made_listed_and_removed(ask: Ask, tell: Tell, webhook: str) -> None:
    listed = tell("webhooks", "list").out
    assert webhook in listed
    assert "model_version.created" in listed
    assert webhook in [one["webhook_id"] for one in ask("webhooks", "list")["webhooks"]]
    assert webhook in tell("webhooks", "delete", webhook).out
    assert webhook not in tell("webhooks", "list").out
    gone = tell("webhooks", "test", webhook)
    assert gone.code == 1
    assert webhook in gone.err


def test_a_trial_that_does_not_arrive_ends_with_1_and_says_why(tell: Tell, webhook: str) -> None:
    tried = tell("webhooks", "test", webhook)
    assert tried.code == 1
    assert "127.0.0.1, which is no address of the public Internet" in tried.out


def test_what_waits_is_listed_and_what_is_not_there_cannot_be_replayed(
    ask: Ask, tell: Tell, webhook: str
) -> None:
    assert ask("webhooks", "deliveries", webhook, "--state", "dead") == {"deliveries": []}
    assert "There are no such messages" in tell("webhooks", "deliveries", webhook).out
    replayed = tell("webhooks", "replay", webhook, "nothing")
    assert replayed.code == 1
    assert "no delivery" in replayed.err


def test_the_settings_are_those_of_mlflow() -> None:
    found = settings(
        {
            "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "https,http",
            "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
            "MLFLOW_WEBHOOK_REQUEST_TIMEOUT": "5",
            "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": "k" * 40,
        }
    )
    assert found.webhook_allowed_schemes == ("https", "http")
    assert (found.webhook_allow_private_ips, found.webhook_request_timeout) == (True, 5.0)
    assert found.secret_key == "k" * 40
