"""Reviewers and CI at the command line."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli_calls import Done
from headrace import MlflowClient

Ask = Callable[..., Any]
Tell = Callable[..., Done]

POLICY = """
stages: [None, Staging, Production, Archived]
moves:
  - to: Production
    approvals: {approvals}
    author_may_approve: true
    alias: live
    tags: {{gdpr: passed}}
  - to: Staging
"""


@pytest.fixture
def version(uri: str) -> str:
    """A version of a new model."""
    client, name = MlflowClient(uri), f"prices-{uuid.uuid4().hex}"
    client.create_registered_model(name)
    client.create_model_version(name, "s3://models/prices")
    return f"{name}/1"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.format(approvals=1))
    return path


def test_a_gate_ends_with_1_and_says_why(
    ask: Ask, tell: Tell, uri: str, version: str, policy: Path
) -> None:
    barred = tell("gate", version, "--to", "Production", "--policy", str(policy))
    assert (barred.code, barred.out) == (1, "The tag 'gdpr' is missing.\n")
    MlflowClient(uri).set_model_version_tag(*version.split("/"), "gdpr", "passed")
    passed = tell("gate", version, "--to", "production", "--policy", str(policy))
    assert (passed.code, passed.out) == (
        0,
        f"{version} may move to production, after 1 approvals.\n",
    )
    assert ask("gate", version, "--to", "Production")["allowed"]


def test_a_version_is_requested_approved_and_promoted(
    ask: Ask, tell: Tell, uri: str, version: str, policy: Path
) -> None:
    name, number = version.split("/")
    assert tell("promote", version, "--to", "Staging").out == f"{version} is in Staging.\n"
    shown = tell("review", "policy", "--model", name, "--file", str(policy))
    assert '"alias": "live"' in shown.out
    MlflowClient(uri).set_model_version_tag(name, number, "gdpr", "passed")
    asked = tell("promote", version, "--to", "Production", "-m", "better")
    assert asked.out == f"{version} was requested for Production: 1 to agree.\n"
    assert "better" in tell("review", "list", "--model", name).out
    rejected = tell("review", "reject", version, "--to", "Production", "-m", "why?")
    assert rejected.out == "It is noted.\n"
    assert tell("review", "list", "--model", name).out == "There are no such requests.\n"
    tell("review", "request", version, "--to", "Production")
    approved = tell("review", "approve", version, "--to", "Production")
    assert approved.out == f"{version} is in Production.\n"
    history = tell("review", "history", name).out
    assert "REJECTED_REQUEST" in history
    assert "why?" in history
    assert MlflowClient(uri).get_registered_model(name).aliases == {"live": number}
    assert [
        one["status"]
        for one in ask("review", "list", "--status", "all", "--model", name)["requests"]
    ] == [
        "approved",
        "rejected",
    ]


def test_the_log_of_changes_is_checked(ask: Ask, tell: Tell, version: str) -> None:
    checked = tell("audit", "verify")
    assert checked.code == 0
    assert "whole and unchanged" in checked.out
    records = ask("audit", "list", "--max-results", "10000")["records"]
    assert records[-1]["action"] == "create_model_version"
    assert records[-1]["subject"] == version.split("/")[0]
    assert version.split("/")[0] in tell("audit", "list", "--max-results", "10000").out


def test_what_cannot_be_read_is_told(tell: Tell, version: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("moves: [{to: Production, aprovals: 2}]")
    wrong = tell("gate", version, "--to", "Staging", "--policy", str(tmp_path / "p.yaml"))
    assert wrong.code == 1
    assert "is no policy" in wrong.err
    assert "aprovals" in wrong.err
    assert "NAME/VERSION" in tell("gate", "prices", "--to", "Staging").err
