"""The nouns of tracking: experiments, runs, metrics, datasets, logged models."""

from collections.abc import Iterator
from typing import Any, Literal, Self

import msgspec
from msgspec import Struct, field

from headrace import plugins

RunStatus = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
LifecycleStage = Literal["active", "deleted"]
ModelStatus = Literal[
    "LOGGED_MODEL_STATUS_UNSPECIFIED",
    "LOGGED_MODEL_PENDING",
    "LOGGED_MODEL_READY",
    "LOGGED_MODEL_UPLOAD_FAILED",
]

DEFAULT_EXPERIMENT_ID = "0"
DEFAULT_EXPERIMENT_NAME = "Default"

RUN_NAME_TAG = "mlflow.runName"
PARENT_RUN_TAG = "mlflow.parentRunId"
CONTEXT_TAG = "mlflow.data.context"
USER_TAG = "mlflow.user"


class ViewType:
    """Which lifecycle stages a search takes in (numbers of the wire's enum)."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3


class NonFinite(float):
    """A NaN or an infinity on its way to JSON, where it is written as a string.

    It is a float for all who read it; the codec knows it by its type.
    """

    __slots__ = ()


class Entity(Struct, frozen=True, omit_defaults=True, kw_only=False):
    """What all nouns share: the plain-dict form that MLflow's entities have."""

    def to_dictionary(self) -> dict[str, Any]:
        """The fields as plain dicts, lists and scalars, named as on the wire."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def from_dictionary(cls, value: dict[str, Any]) -> Self:
        """The entity that `to_dictionary` gave ``value`` for."""
        return msgspec.convert(value, cls, strict=False)


class Metric(Entity, frozen=True, gc=False):
    key: str
    value: float
    timestamp: int
    step: int = field(default_factory=int)  # a factory, so that 0 is written to the wire too
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None


class Param(Entity, frozen=True, gc=False):
    key: str
    value: str = field(default_factory=str)


class RunTag(Entity, frozen=True, gc=False):
    key: str
    value: str = field(default_factory=str)


class ExperimentTag(RunTag, frozen=True):
    """A key and a value on an experiment."""


class InputTag(RunTag, frozen=True):
    """A key and a value on the link between a run and a dataset."""


class LoggedModelTag(RunTag, frozen=True):
    """A key and a value on a logged model."""


class LoggedModelParameter(Param, frozen=True):
    """A parameter of a logged model."""


class Experiment(Entity, frozen=True):
    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: LifecycleStage
    last_update_time: int | None = None
    creation_time: int | None = None
    tag_list: list[ExperimentTag] = field(name="tags", default_factory=list)
    workspace: str | None = None

    @property
    def tags(self) -> dict[str, str]:
        """The tags by key."""
        return {tag.key: tag.value for tag in self.tag_list}


class RunInfo(Entity, frozen=True, gc=False):
    run_id: str
    run_uuid: str
    experiment_id: str
    status: RunStatus
    start_time: int
    lifecycle_stage: LifecycleStage
    run_name: str | None = None
    user_id: str = field(default_factory=str)
    end_time: int | None = None
    artifact_uri: str | None = None


class RunData(Entity, frozen=True, gc=False):
    metric_list: list[Metric] = field(name="metrics", default_factory=list)
    param_list: list[Param] = field(name="params", default_factory=list)
    tag_list: list[RunTag] = field(name="tags", default_factory=list)

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return {metric.key: float(metric.value) for metric in self.metric_list}

    @property
    def params(self) -> dict[str, str]:
        """The parameters by key."""
        return {param.key: param.value for param in self.param_list}

    @property
    def tags(self) -> dict[str, str]:
        """The tags by key."""
        return {tag.key: tag.value for tag in self.tag_list}


class Dataset(Entity, frozen=True):
    name: str = field(default_factory=str)
    digest: str = field(default_factory=str)
    source_type: str = field(default_factory=str)
    source: str = field(default_factory=str)
    schema: str | None = None
    profile: str | None = None


class DatasetInput(Entity, frozen=True):
    dataset: Dataset
    tags: list[InputTag] = field(default_factory=list)

    def load(self) -> Any:
        """The dataset with its data, the same again; see `headrace.data.load_again`."""
        return plugins.load("headrace.data.again:load_again")(self.dataset)


class LoggedModelInput(Entity, frozen=True, gc=False):
    model_id: str


class LoggedModelOutput(Entity, frozen=True, gc=False):
    model_id: str
    step: int = field(default_factory=int)


class RunInputs(Entity, frozen=True, gc=False):
    dataset_inputs: list[DatasetInput] = field(default_factory=list)
    model_inputs: list[LoggedModelInput] = field(default_factory=list)

    def __getitem__(self, number: int) -> DatasetInput:
        return self.dataset_inputs[number]

    def __iter__(self) -> Iterator[DatasetInput]:
        return iter(self.dataset_inputs)


class RunOutputs(Entity, frozen=True, gc=False):
    model_outputs: list[LoggedModelOutput] = field(default_factory=list)


class Run(Entity, frozen=True, gc=False):
    info: RunInfo
    data: RunData
    inputs: RunInputs | None = None
    outputs: RunOutputs | None = None


class LoggedModelInfo(Entity, frozen=True):
    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: int
    last_updated_timestamp_ms: int
    artifact_uri: str
    status: ModelStatus
    model_type: str = field(default_factory=str)
    source_run_id: str = field(default_factory=str)
    status_message: str | None = None
    tags: list[LoggedModelTag] = field(default_factory=list)


class LoggedModelData(Entity, frozen=True):
    params: list[LoggedModelParameter] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)


class LoggedModel(Entity, frozen=True):
    info: LoggedModelInfo
    data: LoggedModelData = field(default_factory=LoggedModelData)

    @property
    def model_id(self) -> str:
        """The id, ``m-`` and 32 hex digits."""
        return self.info.model_id

    @property
    def experiment_id(self) -> str:
        """The experiment that the model belongs to."""
        return self.info.experiment_id

    @property
    def name(self) -> str:
        """The name, not unique."""
        return self.info.name

    @property
    def artifact_location(self) -> str:
        """Where the model's files are."""
        return self.info.artifact_uri

    @property
    def creation_timestamp(self) -> int:
        """When it was created."""
        return self.info.creation_timestamp_ms

    @property
    def last_updated_timestamp(self) -> int:
        """When it last changed."""
        return self.info.last_updated_timestamp_ms

    @property
    def model_type(self) -> str | None:
        """What kind of model its author says it is."""
        return self.info.model_type or None

    @property
    def source_run_id(self) -> str | None:
        """The run that made it."""
        return self.info.source_run_id or None

    @property
    def status(self) -> str:
        """UNSPECIFIED, PENDING, READY or FAILED."""
        return _SHORT_STATUS[self.info.status]

    @property
    def status_message(self) -> str | None:
        """Why it failed, where it did."""
        return self.info.status_message

    @property
    def model_uri(self) -> str:
        """The URI that loads it."""
        return f"models:/{self.info.model_id}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags by key."""
        return {tag.key: tag.value for tag in self.info.tags}

    @property
    def params(self) -> dict[str, str]:
        """The parameters by key."""
        return {param.key: param.value for param in self.data.params}

    @property
    def metrics(self) -> list[Metric]:
        """The latest point of each metric and dataset."""
        return self.data.metrics


_SHORT_STATUS = {
    "LOGGED_MODEL_STATUS_UNSPECIFIED": "UNSPECIFIED",
    "LOGGED_MODEL_PENDING": "PENDING",
    "LOGGED_MODEL_READY": "READY",
    "LOGGED_MODEL_UPLOAD_FAILED": "FAILED",
}
WIRE_MODEL_STATUS: dict[str, ModelStatus] = {
    short: wire  # type: ignore[misc]
    for wire, short in _SHORT_STATUS.items()
}


class FileInfo(Entity, frozen=True):
    path: str
    is_dir: bool = field(default_factory=bool)
    file_size: int | None = None


class DatasetSummary(Entity, frozen=True):
    experiment_id: str
    name: str
    digest: str
    context: str | None = None


class EvaluationDataset(Entity, frozen=True):
    dataset_id: str
    name: str
    tags_text: str = field(name="tags")
    """A JSON object, as the wire has it; ``tags`` is what it says."""
    digest: str
    created_time: int
    last_update_time: int
    schema: str | None = None
    """JSON: the keys of the records and their types; ``None`` while there has been no record."""
    profile: str | None = None
    """JSON: how many records there are."""
    created_by: str | None = None
    last_updated_by: str | None = None
    experiment_ids: list[str] = field(default_factory=list)

    @property
    def tags(self) -> dict[str, str | None]:
        """The tags by key."""
        return msgspec.json.decode(self.tags_text, type=dict[str, str | None])
