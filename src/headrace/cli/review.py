"""``headrace review``, ``gate``, ``promote`` and ``audit``: reviewers and CI at the command line."""

from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import Struct

from headrace.cli import output
from headrace.client.source import user
from headrace.entities import ModelPolicy
from headrace.errors import InvalidValueError
from headrace.models import safe_yaml
from headrace.stores.base import TrackingStore
from headrace.wire import registry as r
from headrace.wire import review as v

_model = click.argument("model", metavar="MODEL/VERSION")
_stage = click.option("--stage", "--to", "stage", required=True, help="The stage to move to.")
_comment = click.option("--comment", "-m", help="Why.")
_archive = click.option(
    "--archive-existing-versions", "archive", is_flag=True, help="Archive what is in the stage."
)


def _split(model: str) -> tuple[str, str]:
    name, _, version = model.rpartition("/")
    if not name or not version:
        raise InvalidValueError(
            f"'{model}' is no version of a model: NAME/VERSION, such as prices/3."
        )
    return name, version


def _policy(path: Path | None) -> ModelPolicy | None:
    if path is None:
        return None
    try:
        return msgspec.convert(safe_yaml.read(path), ModelPolicy)
    except msgspec.ValidationError as error:
        raise InvalidValueError(f"{path} is no policy: {error}") from error


_policy_file = click.Path(exists=True, dir_okay=False, path_type=Path)


# CI


def _gate(found: v.CheckedTransition, given: dict[str, Any]) -> None:
    for reason in found.reasons:
        click.echo(reason)
    if found.allowed:
        needs = f", after {found.approvals} approvals" if found.approvals else ""
        click.echo(f"{given['model']} may move to {given['stage']}{needs}.")


@click.command()
@_model
@_stage
@click.option(
    "--policy", "path", type=_policy_file, help="A policy in YAML, instead of the model's own."
)
@output.gives(v.CheckedTransition, _gate, wrong=lambda found: not found.allowed)
@output.on_store
def gate(*, store: TrackingStore, model: str, stage: str, path: Path | None) -> v.CheckedTransition:
    """Say whether a version may move to a stage; the exit code is 1, with the reasons, if it may not."""
    return store.check_transition(v.CheckTransition(*_split(model), stage, _policy(path)))


class Promoted(Struct, frozen=True):
    """What came of it: the version moved, or waits for approvals."""

    moved: bool
    approvals: int


def _promoted(found: Promoted, given: dict[str, Any]) -> None:
    if found.moved:
        click.echo(f"{given['model']} is in {given['stage']}.")
    else:
        click.echo(
            f"{given['model']} was requested for {given['stage']}: {found.approvals} to agree."
        )


@click.command()
@_model
@_stage
@_comment
@_archive
@output.gives(Promoted, _promoted)
@output.on_store
def promote(
    *, store: TrackingStore, model: str, stage: str, comment: str | None, archive: bool
) -> Promoted:
    """Move a version to a stage; where approvals are needed, request it."""
    name, version = _split(model)
    needed = store.check_transition(v.CheckTransition(name, version, stage)).approvals
    if needed:
        asked = v.CreateTransitionRequest(
            name=name, version=version, stage=stage, comment=comment, user_id=user()
        )
        store.create_transition_request(asked)
        return Promoted(moved=False, approvals=needed)
    question = r.TransitionStage(
        name, version, stage, archive_existing_versions=archive, user_id=user()
    )
    store.transition_model_version_stage(question)
    return Promoted(moved=True, approvals=0)


# People


@click.group()
def review() -> None:
    """Ask for moves of model versions, decide on them, and see what happened."""


def _requests(found: v.TransitionRequests, _given: dict[str, Any]) -> None:
    rows = [
        (
            f"{one.name}/{one.version}", one.to_stage, one.user_id,
            output.moment(one.creation_timestamp), one.status,
            f"{sum(each.approved for each in one.decisions)} of {one.approvals_needed}",
            one.comment or "",
        )
        for one in found.requests
    ]  # fmt: skip
    head = ("model/version", "to", "by", "since", "status", "approvals", "comment")
    made = output.table(head, rows, whole=("model/version", "since"))
    output.print_table(made, nothing="There are no such requests.")


@review.command(name="list")
@click.option("--model", "name", help="Only of this model.")
@click.option(
    "--status",
    type=click.Choice(["pending", "approved", "rejected", "cancelled", "expired", "all"]),
    default="pending",
    show_default=True,
    help="Only those.",
)
@output.gives(v.TransitionRequests, _requests)
@output.on_store
def list_(*, store: TrackingStore, name: str | None, status: str) -> v.TransitionRequests:
    """List requests, the newest first."""
    return store.list_transition_requests(v.ListTransitionRequests(name, None, status))


@review.command()
@_model
@_stage
@_comment
@output.gives(v.GotTransitionRequest, output.says("{model} was requested for {stage}."))
@output.on_store
def request(
    *, store: TrackingStore, model: str, stage: str, comment: str | None
) -> v.GotTransitionRequest:
    """Ask for a move."""
    name, version = _split(model)
    question = v.CreateTransitionRequest(
        name=name, version=version, stage=stage, comment=comment, user_id=user()
    )
    return store.create_transition_request(question)


def _decided(found: v.GotActivity, given: dict[str, Any]) -> None:
    moved = found.activity.activity_type == "APPLIED_TRANSITION"
    click.echo(f"{given['model']} is in {given['stage']}." if moved else "It is noted.")


@review.command()
@_model
@_stage
@_comment
@_archive
@output.gives(v.GotActivity, _decided)
@output.on_store
def approve(
    *, store: TrackingStore, model: str, stage: str, comment: str | None, archive: bool
) -> v.GotActivity:
    """Agree to a request; with the last approval that is needed the version moves."""
    name, version = _split(model)
    question = v.ApproveTransitionRequest(
        name=name, version=version, stage=stage, comment=comment, user_id=user(),
        archive_existing_versions=archive,
    )  # fmt: skip
    return store.approve_transition_request(question)


@review.command()
@_model
@_stage
@_comment
@output.gives(v.GotActivity, _decided)
@output.on_store
def reject(*, store: TrackingStore, model: str, stage: str, comment: str | None) -> v.GotActivity:
    """Refuse a request."""
    name, version = _split(model)
    question = v.RejectTransitionRequest(
        name=name, version=version, stage=stage, comment=comment, user_id=user()
    )
    return store.reject_transition_request(question)


def _history(found: v.Activities, _given: dict[str, Any]) -> None:
    rows = [
        (
            output.moment(one.creation_timestamp), one.version, one.activity_type, one.user_id,
            one.from_stage or "", one.to_stage or "", one.comment or "",
        )
        for one in found.activities
    ]  # fmt: skip
    head = ("when", "version", "what", "by", "from", "to", "comment")
    output.print_table(output.table(head, rows, whole=("when",)), nothing="Nothing happened yet.")


@review.command()
@click.argument("name")
@click.option("--version", help="Only of this version.")
@click.option(
    "--max-results",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="Not more than so many.",
)
@output.gives(v.Activities, _history)
@output.on_store
def history(
    *, store: TrackingStore, name: str, version: str | None, max_results: int
) -> v.Activities:
    """Show what happened to the versions of a model, the newest first."""
    return store.list_activities(v.ListActivities(name, version, max_results))


@review.command()
@click.option("--model", "name", help="Of this model; of all without one of their own if left out.")
@click.option("--file", "path", type=_policy_file, help="Set it to what is in this YAML file.")
@output.gives(
    v.GotModelPolicy, lambda found, _: click.echo(msgspec.json.format(output.in_json(found)))
)
@output.on_store
def policy(*, store: TrackingStore, name: str | None, path: Path | None) -> v.GotModelPolicy:
    """Show the policy that holds, or set it."""
    wanted = _policy(path)
    if wanted is not None:
        store.set_model_policy(v.SetModelPolicy(policy=wanted, name=name, user_id=user()))
    return store.get_model_policy(v.GetModelPolicy(name))


# Audit


@click.group()
def audit() -> None:
    """See who changed what of registered models, and check that the log is whole."""


def _verified(found: v.VerifiedAudit, _given: dict[str, Any]) -> None:
    if found.intact:
        click.echo(
            f"{found.records} records, whole and unchanged. The last has the hash {found.head}."
        )
    else:
        click.echo(
            f"The log was changed: record {found.first_wrong} is the first that does not fit."
        )


@audit.command()
@output.gives(v.VerifiedAudit, _verified, wrong=lambda found: not found.intact)
@output.on_store
def verify(*, store: TrackingStore) -> v.VerifiedAudit:
    """Compute the chain of hashes again; the exit code is 1 where it breaks."""
    return store.verify_audit(v.VerifyAudit())


def _records(found: v.AuditRecords, _given: dict[str, Any]) -> None:
    rows = [
        (str(one.number), output.moment(one.timestamp), one.user_id, one.action, one.subject)
        for one in found.records
    ]
    made = output.table(("number", "when", "by", "what", "of"), rows, whole=("when",))
    output.print_table(made, nothing="There are no such records.")


@audit.command(name="list")
@click.option("--after", default=0, help="Only those after the record of this number.")
@click.option(
    "--max-results",
    type=click.IntRange(1, 10_000),
    default=1000,
    show_default=True,
    help="Not more than so many.",
)
@output.gives(v.AuditRecords, _records)
@output.on_store
def list_audit(*, store: TrackingStore, after: int, max_results: int) -> v.AuditRecords:
    """List records, the oldest first."""
    return store.list_audit(v.ListAudit(after, max_results))
