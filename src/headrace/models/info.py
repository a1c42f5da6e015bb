"""What is known of a model without loading it."""

from dataclasses import dataclass, field
from typing import Any

from headrace.entities import LoggedModel, Metric
from headrace.models.mlmodel import Model
from headrace.models.signature import ModelSignature


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """A model's description, where it is, and the logged model that it belongs to if there is one."""

    artifact_path: str | None
    flavors: dict[str, Any]
    model_uri: str
    model_uuid: str
    run_id: str | None
    saved_input_example_info: dict[str, Any] | None
    signature: ModelSignature | None
    utc_time_created: str
    mlflow_version: str | None
    metadata: dict[str, Any] | None = None
    registered_model_version: int | None = None
    env_vars: list[str] | None = None
    prompts: list[str] | None = None
    logged_model: LoggedModel | None = field(default=None, repr=False)

    @classmethod
    def of(cls, model: Model, uri: str, logged: LoggedModel | None) -> "ModelInfo":
        """Of a description that was read or written."""
        return cls(
            artifact_path=model.artifact_path,
            flavors=model.flavors,
            model_uri=uri,
            model_uuid=model.model_uuid,
            run_id=model.run_id,
            saved_input_example_info=model.saved_input_example_info,
            signature=model.signature,
            utc_time_created=model.utc_time_created,
            mlflow_version=model.mlflow_version,
            metadata=model.metadata,
            env_vars=model.env_vars,
            prompts=model.prompts,
            logged_model=logged,
        )

    @property
    def model_id(self) -> str | None:
        """The id of the logged model."""
        return self.logged_model.model_id if self.logged_model else None

    @property
    def name(self) -> str | None:
        """The name of the logged model."""
        return self.logged_model.name if self.logged_model else None

    @property
    def params(self) -> dict[str, str]:
        """The params of the logged model."""
        return self.logged_model.params if self.logged_model else {}

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the logged model."""
        return self.logged_model.tags if self.logged_model else {}

    @property
    def metrics(self) -> list[Metric]:
        """The metrics of the logged model."""
        return list(self.logged_model.data.metrics) if self.logged_model else []

    @property
    def creation_timestamp(self) -> int | None:
        """When the logged model was created, in milliseconds since 1970."""
        return self.logged_model.creation_timestamp if self.logged_model else None
