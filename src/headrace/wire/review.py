"""Questions and answers about the review of model versions: requests, comments, policies, history, audit.

Requests and comments have the shapes of Databricks' model registry, where these are public.
"""

from msgspec import field

from headrace.entities import (
    AuditRecord,
    ModelActivity,
    ModelComment,
    ModelPolicy,
    ModelVersion,
    TransitionRequest,
)
from headrace.wire.tracking import Answer, Question


class Acting(Question, frozen=True, kw_only=True):
    """A change that somebody is answerable for; a server with accounts fills in who has signed in."""

    user_id: str | None = None


# Requests


class CreateTransitionRequest(Acting, frozen=True, kw_only=True):
    name: str
    version: str
    stage: str
    comment: str | None = None


class GotTransitionRequest(Answer, frozen=True):
    request: TransitionRequest


class ListTransitionRequests(Question, frozen=True):
    name: str | None = None
    """Of one model; of all without one."""
    version: str | None = None
    status: str = "pending"
    """``pending``, ``approved``, ``rejected``, ``cancelled``, ``expired`` or ``all``."""


class TransitionRequests(Answer, frozen=True):
    requests: list[TransitionRequest] = field(default_factory=list)


class ApproveTransitionRequest(Acting, frozen=True, kw_only=True):
    name: str
    version: str
    stage: str
    archive_existing_versions: bool = False
    comment: str | None = None


class RejectTransitionRequest(Acting, frozen=True, kw_only=True):
    name: str
    version: str
    stage: str
    comment: str | None = None


class DeleteTransitionRequest(Acting, frozen=True, kw_only=True):
    name: str
    version: str
    stage: str
    comment: str | None = None


class GotActivity(Answer, frozen=True):
    activity: ModelActivity


class ListActivities(Question, frozen=True):
    name: str
    version: str | None = None
    max_results: int = 1000
    page_token: str | None = None


class Activities(Answer, frozen=True):
    """The newest first."""

    activities: list[ModelActivity] = field(default_factory=list)
    next_page_token: str | None = None


class FindInStage(Question, frozen=True):
    name: str
    stage: str
    at: int | None = None
    """Milliseconds since 1970; now without it."""


class FoundInStage(Answer, frozen=True):
    """Versions that are gone by now are numbers only."""

    versions: list[str] = field(default_factory=list)
    model_versions: list[ModelVersion] = field(default_factory=list)


# Comments


class CreateComment(Acting, frozen=True, kw_only=True):
    name: str
    version: str
    comment: str


class UpdateComment(Acting, frozen=True, kw_only=True):
    id: str
    comment: str


class DeleteComment(Acting, frozen=True, kw_only=True):
    id: str


class GotComment(Answer, frozen=True):
    comment: ModelComment


# Policies


class SetModelPolicy(Acting, frozen=True, kw_only=True):
    policy: ModelPolicy
    name: str | None = None
    """Of one model; that of all models without one of their own, if left out."""


class GetModelPolicy(Question, frozen=True):
    name: str | None = None


class DeleteModelPolicy(Acting, frozen=True, kw_only=True):
    name: str | None = None


class GotModelPolicy(Answer, frozen=True):
    policy: ModelPolicy


class CheckTransition(Question, frozen=True):
    name: str
    version: str
    stage: str
    policy: ModelPolicy | None = None
    """Another one than that of the model."""


class CheckedTransition(Answer, frozen=True):
    """Whether a version may move to a stage, by itself or after approvals, and what stands in the way."""

    allowed: bool
    approvals: int = 0
    reasons: list[str] = field(default_factory=list)


# Audit


class ListAudit(Question, frozen=True):
    after: int = 0
    """The number of the last record that is known."""
    max_results: int = 1000


class AuditRecords(Answer, frozen=True):
    """The oldest first."""

    records: list[AuditRecord] = field(default_factory=list)


class VerifyAudit(Question, frozen=True):
    pass


class VerifiedAudit(Answer, frozen=True):
    """Whether the chain holds; ``first_wrong`` is the number of the first record that does not."""

    intact: bool
    records: int
    head: str = ""
    """The hash of the last record; keep it elsewhere, and a shortened log shows."""
    first_wrong: int | None = None
