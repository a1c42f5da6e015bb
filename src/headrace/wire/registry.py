"""Questions and answers about registered models, their versions, aliases and stages."""

from msgspec import field

from headrace.entities import ModelVersion, ModelVersionTag, RegisteredModel, RegisteredModelTag
from headrace.wire.tracking import Answer, Question

STAGES = ("None", "Staging", "Production", "Archived")
"""The stages that every model has, in the protocol's spelling."""
ARCHIVED = "Archived"
IS_PROMPT = "mlflow.prompt.is_prompt"
"""The tag that keeps an entry out of searches for models."""

# Registered models


class CreateRegisteredModel(Question, frozen=True):
    name: str
    tags: list[RegisteredModelTag] = field(default_factory=list)
    description: str | None = None


class GotRegisteredModel(Answer, frozen=True):
    registered_model: RegisteredModel


class GetRegisteredModel(Question, frozen=True):
    name: str


class RenameRegisteredModel(Question, frozen=True):
    name: str
    new_name: str


class UpdateRegisteredModel(Question, frozen=True):
    name: str
    description: str | None = None


class DeleteRegisteredModel(Question, frozen=True):
    name: str


class SearchRegisteredModels(Question, frozen=True):
    filter: str | None = None
    max_results: int = 100
    order_by: list[str] = field(default_factory=list)
    page_token: str | None = None


class FoundRegisteredModels(Answer, frozen=True):
    registered_models: list[RegisteredModel] = field(default_factory=list)
    next_page_token: str | None = None


class SetRegisteredModelTag(Question, frozen=True):
    name: str
    key: str
    value: str = ""


class DeleteRegisteredModelTag(Question, frozen=True):
    name: str
    key: str


class GetLatestVersions(Question, frozen=True):
    name: str
    stages: list[str] = field(default_factory=list)


class ModelVersions(Answer, frozen=True):
    model_versions: list[ModelVersion] = field(default_factory=list)


# Aliases


class SetAlias(Question, frozen=True):
    name: str
    alias: str
    version: str


class DeleteAlias(Question, frozen=True):
    name: str
    alias: str


class GetByAlias(Question, frozen=True):
    name: str
    alias: str


# Versions


class CreateModelVersion(Question, frozen=True):
    name: str
    source: str
    run_id: str | None = None
    tags: list[ModelVersionTag] = field(default_factory=list)
    run_link: str | None = None
    description: str | None = None
    model_id: str | None = None
    user_id: str | None = None
    """Who makes it; of Headrace."""


class GotModelVersion(Answer, frozen=True):
    model_version: ModelVersion


class RegisterModels(Question, frozen=True):
    """Many versions at once; registered models that are not there are made."""

    versions: list[CreateModelVersion]


class RegisteredVersion(Answer, frozen=True):
    name: str
    version: str


class RegisteredVersions(Answer, frozen=True):
    """In the order of the question."""

    versions: list[RegisteredVersion] = field(default_factory=list)


class GetModelVersion(Question, frozen=True):
    name: str
    version: str


class UpdateModelVersion(Question, frozen=True):
    name: str
    version: str
    description: str | None = None


class DeleteModelVersion(Question, frozen=True):
    name: str
    version: str


class SearchModelVersions(Question, frozen=True):
    filter: str | None = None
    max_results: int = 10_000
    order_by: list[str] = field(default_factory=list)
    page_token: str | None = None


class FoundModelVersions(Answer, frozen=True):
    model_versions: list[ModelVersion] = field(default_factory=list)
    next_page_token: str | None = None


class SetModelVersionTag(Question, frozen=True):
    name: str
    version: str
    key: str
    value: str = ""


class DeleteModelVersionTag(Question, frozen=True):
    name: str
    version: str
    key: str


class TransitionStage(Question, frozen=True):
    name: str
    version: str
    stage: str
    archive_existing_versions: bool = False
    user_id: str | None = None
    """Who moves it; of Headrace. A server with accounts fills in who has signed in."""


class GetDownloadUri(Question, frozen=True):
    name: str
    version: str


class DownloadUri(Answer, frozen=True):
    artifact_uri: str
