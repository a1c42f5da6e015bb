"""The nouns of the model registry and of its reviews."""

from typing import Literal

from msgspec import field

from headrace.entities.tracking import Entity


class RegisteredModelTag(Entity, frozen=True):
    key: str
    value: str = field(default_factory=str)


class ModelVersionTag(Entity, frozen=True):
    key: str
    value: str = field(default_factory=str)


class RegisteredModelAlias(Entity, frozen=True):
    alias: str
    version: str


class ModelVersion(Entity, frozen=True):
    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    current_stage: str
    source: str
    status: str = field(default_factory=lambda: "READY")
    description: str | None = None
    user_id: str | None = None
    run_id: str | None = None
    run_link: str | None = None
    status_message: str | None = None
    model_id: str | None = None
    tag_list: list[ModelVersionTag] = field(name="tags", default_factory=list)
    aliases: list[str] = field(default_factory=list)

    @property
    def tags(self) -> dict[str, str]:
        """The tags by key."""
        return {tag.key: tag.value for tag in self.tag_list}


class RegisteredModel(Entity, frozen=True):
    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str | None = None
    latest_versions: list[ModelVersion] = field(default_factory=list)
    """The highest version in each stage."""
    tag_list: list[RegisteredModelTag] = field(name="tags", default_factory=list)
    alias_list: list[RegisteredModelAlias] = field(name="aliases", default_factory=list)

    @property
    def tags(self) -> dict[str, str]:
        """The tags by key."""
        return {tag.key: tag.value for tag in self.tag_list}

    @property
    def aliases(self) -> dict[str, str]:
        """The version that each alias stands for."""
        return {each.alias: each.version for each in self.alias_list}


# Review


class MetricGate(Entity, frozen=True, forbid_unknown_fields=True):
    """What a metric of a version must be before it moves."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    better_than_current: float | None = None
    """By at least so much better than the version that is in the stage now; nothing is asked of the first."""
    higher_is_better: bool = True


class MoveRule(Entity, frozen=True, forbid_unknown_fields=True):
    """How versions come into a stage."""

    to: str
    from_: list[str] = field(name="from", default_factory=lambda: ["*"])
    """The stages that they may come from; ``*`` is any."""
    approvals: int = 0
    """How many must agree; with none of them a version moves without a request."""
    approvers: list[str] = field(default_factory=list)
    """Who may agree, and move without a request; anybody if it is empty."""
    author_may_approve: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    """Tags that the version must have, with their values; ``*`` is any."""
    metrics: list[MetricGate] = field(default_factory=list)
    archive_existing_versions: bool = False
    alias: str | None = None
    """An alias that stands for the version in the stage from then on."""
    expires_days: float = 14.0
    """After so long a request is no longer pending."""


class ModelPolicy(Entity, frozen=True, forbid_unknown_fields=True):
    """The life cycle of versions: the stages, and the moves between them. Without rules every move is allowed."""

    stages: list[str] = field(default_factory=lambda: ["None", "Staging", "Production", "Archived"])
    moves: list[MoveRule] = field(default_factory=list)


class Decision(Entity, frozen=True):
    user_id: str
    approved: bool
    creation_timestamp: int
    comment: str | None = None


class TransitionRequest(Entity, frozen=True):
    id: str
    name: str
    version: str
    to_stage: str
    user_id: str
    creation_timestamp: int
    status: Literal["pending", "approved", "rejected", "cancelled", "expired"]
    expires: int
    comment: str | None = None
    approvals_needed: int = 1
    decisions: list[Decision] = field(default_factory=list)


class ModelActivity(Entity, frozen=True):
    id: str
    name: str
    version: str
    activity_type: str
    """Such as ``APPLIED_TRANSITION`` or ``NEW_COMMENT``."""
    user_id: str
    creation_timestamp: int
    from_stage: str | None = None
    to_stage: str | None = None
    comment: str | None = None


class ModelComment(Entity, frozen=True):
    id: str
    name: str
    version: str
    user_id: str
    comment: str
    creation_timestamp: int
    last_updated_timestamp: int


class AuditRecord(Entity, frozen=True):
    """One change; ``hash`` is the SHA-256 over the hash before it and the other fields."""

    number: int
    timestamp: int
    user_id: str
    action: str
    subject: str
    details: str
    hash: str
